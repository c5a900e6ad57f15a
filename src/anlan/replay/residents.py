"""Replay residents: who stands in water reports it from the phone, once per flood."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from anlan import respond
from anlan.city import City, Person
from anlan.observe import people as people_
from anlan.replay.attempt import attempt
from anlan.replay.chance import HALF_TICK, Chance
from anlan.replay.habits import People
from anlan.replay.officers import ReplayedAct
from anlan.replay.world import World
from anlan.store import schema

C = schema.case_item
KIND = "resident_report"
PHONE_M = 20.0  # how well a telephone in the open knows its position


def reporters(city: City) -> list[Person]:
    """Residents with an account of their own, by id."""
    found = [p for p in city.people if p.role == "resident" and p.account]
    return sorted(found, key=lambda p: p.id)


def as_seen(depth: float) -> people_.DepthClass:
    """A depth (m) as a resident puts it."""
    classes = list(people_.CLASSES.values())
    return next((each for each in classes if depth <= each.high), classes[-1])


def report_water(
    tx: Connection, now: datetime, city: City, world: World, people: People, chance: Chance
) -> list[str]:
    """Open a case for each resident who has stood in water long enough to say so.

    Returns the cases opened. One report per person and flood: a case since the water came over
    their ankles is that report.
    """
    opened = []
    for person in reporters(city):
        since = world.wet_since(person, people.report_depth_m, now)
        if since is None:
            continue
        name = (person.id, since.isoformat())
        if not chance.happens(people.report_share, "reports", *name):
            continue
        if since + chance.delay(people.report_min, "report", *name) > now + HALF_TICK:
            continue
        known = tx.execute(
            select(C.c.id).where(
                C.c.kind == KIND, C.c.reporter == person.account, C.c.opened_at >= since
            )
        ).first()
        if known is not None:
            continue
        depth = world.depth_at(person, now)
        with attempt(tx, person.account, person.id):
            act = ReplayedAct(tx, now, person.account)
            case = respond.actions.open_case(
                act,
                city,
                KIND,
                lon=person.lon,
                lat=person.lat,
                text=f"门口{as_seen(depth).words}，请派人来看看。",
                source="phone",
                reporter=person.account,
            )
            where = people_.Where(lon=person.lon, lat=person.lat, accuracy_m=PHONE_M)
            people_.record(act, city, person.role, as_seen(depth).name, where, case=case)
            opened.append(case)
    return opened
