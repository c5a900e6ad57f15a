"""The service without HTTP: what MQTT and HTTP both stand on.

`read` answers what GET would; `write` does what POST, PATCH, PUT and DELETE do; `entity_json`
shows one entity by its path. All are for a caller, and show and change only what is his.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from anlan.access.desk import Desk
from anlan.access.rights import Caller
from anlan.city import City
from anlan.journal import Act
from anlan.observe import actions
from anlan.observe.reading import RefusedRow
from anlan.observe.sta import kept
from anlan.observe.sta.answer import Answer, answer, locate
from anlan.observe.sta.bounded import bounded
from anlan.observe.sta.catalogue import Entity
from anlan.observe.sta.change import Changer
from anlan.observe.sta.kept import Register
from anlan.observe.sta.model import KINDS, OBSERVATIONS, Kind, bad
from anlan.observe.sta.observations import Archive
from anlan.observe.sta.path import Resource, read_path
from anlan.observe.sta.seen import Seen
from anlan.observe.sta.take import SHOWN, Draft, Outcome, take
from anlan.observe.sta.view import View, etag
from anlan.refusal import Refusal

METHODS = ("POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True)
class Written:
    """What a change did: the status, and the address of what was made or changed."""

    status: int
    location: str = ""


class StateChanged(Exception):  # noqa: N818  an answer, not a malfunction
    """If-Match named another state than there is now."""


def may_read(caller: Caller) -> None:
    """Refuse whoever may neither look at the picture nor hand in readings."""
    if caller.station is None or "ingest" not in caller.rights:
        caller.require("view")


def view(desk: Desk, caller: Caller, conn: Connection, root: str) -> View:
    """What a caller may see, on a connection."""
    may_read(caller)
    now = desk.clock.now()
    seen = kept.catalogue(conn, desk.city).seen_by(caller)
    return View(desk.city, Archive(conn, seen, now), seen, root, now)


def read(
    desk: Desk, caller: Caller, path: str, options: Iterable[tuple[str, str]], root: str
) -> Answer:
    """The answer to GET; `Refusal` for what is wrong or not there."""
    with desk.store.read() as conn, bounded(conn):
        return answer(view(desk, caller, conn, root), path, options)


def write(
    act: Act, desk: Desk, caller: Caller, method: str, path: str, body: Any, *, match: str = ""
) -> tuple[Written, Refusal | None]:
    """Carry out POST, PATCH, PUT or DELETE within an act.

    ``match``: the ETag that the state must still have; `StateChanged` if it has not.

    A refused observation comes back, to be answered after the act: it lies in quarantine by then.
    Everything else that is refused raises `Refusal`, and nothing of it may be kept.
    """
    caller.require("ingest")
    resource = read_path(path)
    changer = Changer(act, Register(act, desk.city), caller)
    here = view(desk, caller, act.tx, "")
    if resource.property or resource.ending:
        raise bad("path", path[:80], "address an entity or a set")
    if method == "POST":
        if resource.single:
            raise bad("path", path[:80], "POST goes to a set; PATCH changes an entity")
        return _post(changer, here, resource, body)
    if not resource.single:
        raise bad("path", path[:80], f"{method} goes to one entity")
    found = locate(here, resource)
    assert isinstance(found, (Entity, Seen))
    if match and match != "*" and etag(found) not in [each.strip() for each in match.split(",")]:
        raise StateChanged
    if isinstance(found, Seen):
        if method == "DELETE":
            changer.delete(found)
        else:
            changer.correct(found, body, whole=method == "PUT")
    elif method == "DELETE":
        changer.withdraw(found)
    else:
        changer.change(found, body, whole=method == "PUT")
    return Written(200, here.address(resource.kind.name, found.id)), None


def _post(
    changer: Changer, here: View, resource: Resource, body: Any
) -> tuple[Written, Refusal | None]:
    given = _given(here, resource)
    if resource.kind.name == OBSERVATIONS:
        outcome = take_all(changer, [(body, given)])[0]
        if outcome.refusal is not None:
            if changer.made:  # a Datastream that came inline goes too: all, or nothing
                raise outcome.refusal
            return Written(400), outcome.refusal
        return Written(201, here.address(OBSERVATIONS, outcome.id)), None
    id = changer.make(resource.kind, body, given)
    return Written(201, here.address(resource.kind.name, id)), None


def _given(here: View, resource: Resource) -> dict[str, str]:
    """The link that a navigation path sets: POST Datastreams('x')/Observations."""
    if len(resource.steps) == 1:
        return {}
    before = Resource(resource.steps[:-1], _kind_before(resource), True)
    owner = locate(here, before)
    assert isinstance(owner, (Entity, Seen))
    relation = before.kind.relations[resource.steps[-1].name]
    return {relation.inverse: owner.id}


def _kind_before(resource: Resource) -> Kind:
    kind = KINDS[resource.steps[0].name]
    for step in resource.steps[1:-1]:
        kind = KINDS[kind.relations[step.name].kind]
    return kind


def create_observations(
    act: Act, desk: Desk, caller: Caller, bodies: Iterable[Any], datastream: str = ""
) -> list[Outcome]:
    """Observations as JSON bodies, each for itself; ``datastream``: whose they all are."""
    changer = Changer(act, Register(act, desk.city), caller)
    given = {"Datastream": datastream} if datastream else {}
    return take_all(changer, [(body, given) for body in bodies])


def take_all(changer: Changer, sent: Iterable[tuple[Any, Mapping[str, str]]]) -> list[Outcome]:
    """Observations with the links that their place in the request sets, in order."""
    outcomes: list[Outcome | None] = []
    drafts: list[Draft] = []
    for body, given in sent:
        try:
            drafts.append(changer.draft(body, given))
            outcomes.append(None)
        except Refusal as refusal:
            outcomes.append(Outcome(refusal=refusal))
            if refusal.kind == "invalid":
                set_aside(changer.act, changer.register.city, body, refusal)
    taken = iter(take(changer.act, changer.register, changer.caller, drafts) if drafts else ())
    return [next(taken) if each is None else each for each in outcomes]


def set_aside(act: Act, city: City, body: Any, refusal: Refusal) -> None:
    """What cannot be taken lies in quarantine, with its reason."""
    actions.record(act, city, [], [RefusedRow(1, str(body)[:SHOWN], refusal)])


def entity_json(desk: Desk, caller: Caller, path: str, root: str) -> dict[str, Any] | None:
    """One entity or observation by its path; None where there is none for this caller."""
    try:
        found = read(desk, caller, path, (), root).body
    except Refusal as refusal:
        if refusal.kind == "not_found":
            return None
        raise
    return found if isinstance(found, dict) else None
