"""HTTP for evacuation: the plan as proposed, accepting it, and lists for a village."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from anlan.access import Caller
from anlan.access.desk import Commander, Decider, Desk, DeskHere, Viewer
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.city import City
from anlan.forecast import Products
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.dispatch.needs import load
from anlan.respond.evacuation import actions, people, proposal
from anlan.respond.evacuation.withdrawing import needless
from anlan.respond.routes.roads import said_of, traffic_now, water_now
from anlan.respond.routes.seeing import no_such

router = APIRouter(prefix="/evacuation", tags=["evacuation"])


class Accepted(BaseModel):
    """The plan that was looked at, by its digest."""

    model_config = ConfigDict(extra="forbid")
    seen: str = Field(max_length=80)
    water: str = "p90"


class Purpose(BaseModel):
    """What names and numbers are opened for."""

    model_config = ConfigDict(extra="forbid")
    purpose: str = Field(max_length=500)


@lru_cache(maxsize=4)
def _depths(city: City, runs: Path, run: str) -> dict[str, float]:
    with Products.open(runs / run) as products:
        return proposal.depth_at_shelters(city, products)


def _proposed(desk: Desk, conn: Connection, water: str) -> dict[str, Any]:
    """The plan as it would be now, with what it changes in the one in force."""
    city, rules = desk.city, load(desk.city.folder).evacuation
    known = traffic_now(desk, water, rules.vehicle)
    # with no water on the roads the question who is in reach is still the forecast's
    run = known.water.run or water_now(desk, "p90").run
    document = proposal.assessed(conn, run)
    last = proposal.accepted(conn)
    found = proposal.propose(
        city,
        rules,
        [] if document is None else proposal.in_reach(city, document, rules.probability),
        proposal.used_shelters(conn),
        {} if run is None else _depths(city, desk.store.data_dir / "runs", run),
        known,
        desk.clock.now(),
        None if last is None else last.content,
    )
    over = [] if last is None else needless(conn, last.content, found["groups"], found["changes"])
    return {
        **found,
        "withdrawals": over,
        "rules": rules.model_dump(),
        "run_of_people": run,
        "accepted": None
        if last is None
        else {
            "id": last.id,
            "run": last.run,
            "at": last.accepted_at,
            "by": last.accepted_by,
            "cases": last.content["cases"],
            "persons": last.content["persons"],
            "moved": last.content["moved"],
            "older_run": run is not None and last.run != run,
        },
        **said_of(known.water, city),
    }


@router.get("")
def plan(desk: DeskHere, caller: Viewer, water: str = "p90") -> dict[str, Any]:
    """Who is in reach of forecast water, and to which shelter; what has changed since accepted.

    For the caller's part of the city; nothing is kept by asking.
    """
    with desk.store.read() as conn:
        found = _proposed(desk, conn, water)
    return _own(desk, caller, found)


def _own(desk: Desk, caller: Caller, found: dict[str, Any]) -> dict[str, Any]:
    """Only the groups in the caller's part of the city."""
    groups = [each for each in found["groups"] if caller.sees(desk.city, each["village"])]
    kept = {each["id"] for each in groups}
    seen = {
        place
        for place in {each["group"] for each in found["changes"]}
        if place in kept
        or (place in desk.city.places and caller.sees(desk.city, desk.city.places[place].territory))
    }
    last = found["accepted"]
    return {
        **found,
        "groups": groups,
        "persons": sum(each["persons"] for each in groups),
        "moved": sum(move["persons"] for each in groups for move in each["moves"]),
        "accepted": last
        and {**last, "cases": {k: v for k, v in last["cases"].items() if k in kept}},
        "changes": [each for each in found["changes"] if each["group"] in seen],
        "withdrawals": [each for each in found["withdrawals"] if each["group"] in seen],
    }


@router.post("/accept")
def accept(given: Accepted, desk: DeskHere, caller: Decider, key: Key = None) -> dict[str, object]:
    """Accept the plan that was shown: it is kept, villages get their tasks, and what it makes
    needless is withdrawn."""

    def do(act: Act) -> dict[str, object]:
        found = _proposed(desk, act.tx, given.water)
        rules = load(desk.city.folder).evacuation
        return actions.accept(act, desk.city, rules, found, found["run_of_people"], given.seen)

    return once(desk, caller, key, do)


def _places(desk: Desk, caller: Caller, conn: Connection, village: str) -> list[str]:
    """Places of the plan in a village; `Refusal` (not_found) for one that is not the caller's."""
    if caller.role == "liaison":
        raise Refusal(
            "departments get counts, not names; the village, its town or the city's desk has them",
            field="people",
            value=caller.role,
            remedy="ask the village or the duty officer",
            kind="forbidden",
        )
    if village not in desk.city.territory or not caller.sees(desk.city, village):
        raise no_such("village", village)
    groups = _proposed(desk, conn, "p90")["groups"]
    last = proposal.accepted(conn)
    groups += last.content["groups"] if last is not None else []
    return sorted({each["id"] for each in groups if each["village"] == village})


@router.get("/villages/{village}/people")
def listed(village: str, desk: DeskHere, caller: Commander) -> list[dict[str, Any]]:
    """The people on file who are to be moved from a village, names masked."""
    vault = Vault.of(desk.store)
    with desk.store.read() as conn:
        places = _places(desk, caller, conn, village)
        return people.masked(conn, desk.city, village, places, vault)


@router.post("/villages/{village}/people")
def opened(village: str, given: Purpose, desk: DeskHere, caller: Commander) -> list[dict[str, Any]]:
    """The same in clear, with telephone numbers; logged with its purpose."""
    vault = Vault.of(desk.store)
    with desk.act(caller) as act:
        places = _places(desk, caller, act.tx, village)
        return people.opened(act, desk.city, village, places, vault, given.purpose, desk.wall.now())
