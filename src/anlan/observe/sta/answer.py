"""Reading: what a resource path leads to, and its answer (OGC 18-088, clauses 9.2 and 9.3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anlan.observe.sta.catalogue import Entity
from anlan.observe.sta.model import BY_MQTT, CONFORMANCE, ID, KINDS, OBSERVATIONS, SELF, not_there
from anlan.observe.sta.paging import Scope
from anlan.observe.sta.path import REF, VALUE, Resource, Step, read_path
from anlan.observe.sta.query import Query, read_query
from anlan.observe.sta.seen import Seen, key_of
from anlan.observe.sta.view import View, etag, observed

Found = Entity | Seen | Scope | list[Entity]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status, its JSON (or text, where it is the value of a property)."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: bool = False


def root_document(root: str, exercise: bool, brokers: Sequence[str] = ()) -> dict[str, Any]:
    """The entity sets, and what of the standard is met (clause 9.2.1).

    ``brokers``: addresses of those that take observations (clause 14).
    """
    settings: dict[str, Any] = {"conformance": list(CONFORMANCE)}
    if brokers:
        settings["conformance"].append(BY_MQTT)
        settings[BY_MQTT] = {"endpoints": list(brokers)}
    return {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in KINDS],
        "serverSettings": settings,
        # readings of a replay or drill are nobody's present
        "anlan": {"exercise": exercise},
    }


def answer(view: View, path: str, options: Iterable[tuple[str, str]]) -> Answer:
    """The answer to GET ``path`` with query options, all decoded.

    Raises `Refusal`: ``not_found`` for what is not there, or not for this caller.
    """
    resource = read_path(path)
    query = read_query(options, resource.kind, single=resource.single)
    found = locate(view, resource)
    at = address(view, resource)
    if resource.property:
        return _property(view, found, resource)
    if resource.ending == REF:
        return Answer(200, _references(view, found, query, at))
    if isinstance(found, Scope):
        return Answer(200, view.observations(found, query, at))
    if isinstance(found, list):
        return Answer(200, view.entities(found, query, at))
    shown = (
        view.entity(found, query)
        if isinstance(found, Entity)
        else view.observation(view.single(found, query), query)
    )
    return Answer(200, shown, {"ETag": etag(found)})


def address(view: View, resource: Resource) -> str:
    """The address of a resource, with its ids quoted."""
    at = view.root
    for step in resource.steps:
        at = (
            f"{at}/{step.name}"
            if step.id is None
            else view.address(step.name, step.id).replace(view.root, at, 1)
        )
    return at + (f"/{REF}" if resource.ending == REF else "")


def locate(view: View, resource: Resource) -> Found:
    """What a path leads to. Raises `Refusal` (``not_found``) where a step leads nowhere."""
    found: Found = _first(view, resource.steps[0])
    for step in resource.steps[1:]:
        assert isinstance(found, (Entity, Seen))
        found = _next(view, found, step)
    return found


def _first(view: View, step: Step) -> Found:
    if step.name == OBSERVATIONS:
        everything = Scope(list(view.catalogue.streams.values()))
        return everything if step.id is None else _observation(view, everything, step.id)
    if step.id is None:
        return list(view.catalogue.entities[step.name].values())
    return _existing(view.catalogue.get(step.name, step.id), step)


def _next(view: View, found: Entity | Seen, step: Step) -> Found:
    if isinstance(found, Seen):
        return _existing(view.of_observation(found, step.name), step)
    if KINDS[found.kind].relations[step.name].kind == OBSERVATIONS:
        scope = view.archive.scope(found)
        return scope if step.id is None else _observation(view, scope, step.id)
    related = view.catalogue.related(found, step.name)
    if not KINDS[found.kind].relations[step.name].many:
        return _existing(related[0] if related else None, step)
    if step.id is None:
        return related
    return _existing(next((each for each in related if each.id == step.id), None), step)


def _observation(view: View, scope: Scope, id: str) -> Seen:
    key = key_of(id)
    for stream in scope.streams if key is not None else ():
        if key is not None and stream.series == key[0]:
            seen = view.archive.one(stream, key[1])
            if seen is not None and scope.feature in (None, seen.feature):
                return seen
    raise not_there(f"Observations('{id}')")


def _existing(entity: Entity | None, step: Step) -> Entity:
    if entity is None:
        raise not_there(step.name if step.id is None else f"{step.name}('{step.id}')")
    return entity


def _property(view: View, found: Found, resource: Resource) -> Answer:
    assert isinstance(found, (Entity, Seen))
    first, *rest = resource.property
    kind = resource.kind.name
    if first in ("id", ID):
        value: Any = found.id
    elif first == SELF:
        value = view.address(kind, found.id)
    elif isinstance(found, Entity):
        value = view.property(found, first)
    else:
        value = observed(view.single(found, Query()), first)
    for name in rest:
        if not isinstance(value, dict) or name not in value:
            raise not_there("/".join(resource.property))
        value = value[name]
    if value is None:
        return Answer(204)
    if resource.ending == VALUE:
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return Answer(200, plain, text=True)
    return Answer(200, {resource.property[-1]: value})


def _references(view: View, found: Found, query: Query, at: str) -> dict[str, Any]:
    """The selfLinks alone (clause 9.2.8)."""
    plain = Query(
        query.filter,
        query.order,
        query.top,
        query.skip,
        query.token,
        query.count,
        frozenset({ID, SELF}),
        raw=query.raw,
    )
    if isinstance(found, (Entity, Seen)):
        kind = found.kind if isinstance(found, Entity) else OBSERVATIONS
        return {SELF: view.address(kind, found.id)}
    whole = (
        view.observations(found, plain, at)
        if isinstance(found, Scope)
        else view.entities(found, plain, at)
    )
    whole["value"] = [{SELF: each[SELF]} for each in whole["value"]]
    return whole
