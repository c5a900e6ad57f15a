"""HTTP for dispatch: the proposal, and a person's yes, change or no."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from anlan.access import Caller
from anlan.access.desk import Commander, Desk, DeskHere
from anlan.access.repeats import Key, once
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.dispatch import actions
from anlan.respond.dispatch.actions import Sending
from anlan.respond.dispatch.needs import load
from anlan.respond.dispatch.proposal import look, propose
from anlan.respond.resources.custody import one
from anlan.respond.roads.route import STOPS, Route, route
from anlan.respond.routes.roads import said_of, traffic_now, water_now
from anlan.store import schema

router = APIRouter(prefix="/dispatch", tags=["dispatch"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Line(_Body):
    """One asset to one case."""

    case: str = Field(max_length=40)
    asset: str = Field(max_length=40)


class Lines(_Body):
    """What is accepted, as proposed or changed by a person; ``water``: of the routes told."""

    lines: list[Line] = Field(max_length=actions.MOST_LINES)
    water: str = "p90"


class Refused(Line):
    """And why not."""

    reason: str = Field("", max_length=500)


@router.get("/proposal")
def proposal(desk: DeskHere, caller: Commander, water: str = "p90") -> dict[str, Any]:
    """Who should go where by the roads as forecast, with reasons, costs and alternatives.

    For the cases in the caller's part of the city and what the caller may send. Nothing is
    decided or kept by asking. ``method``: optimal, feasible (the solver's limit was reached) or
    greedy.
    """
    city, now = desk.city, desk.clock.now()
    rules = load(city.folder)
    with desk.store.read() as conn:
        act = Act(conn, now, caller.id)
        picture = look(
            conn,
            city,
            rules,
            lambda territory: caller.sees(city, territory),
            lambda row: actions.may_hold(act, city, row),
        )
    found = propose(city, picture, lambda vehicle: traffic_now(desk, water, vehicle), now)
    return {
        **found,
        "rules": bool(rules.need),
        "made_at": now,
        **said_of(water_now(desk, water), city),
    }


@router.post("/accept")
def accept(given: Lines, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """Send them: all of these lines or none. Each crew gets a task with its route."""
    run = water_now(desk, given.water).run
    sendings = [_sending(desk, caller, line, given.water) for line in given.lines]

    def do(act: Act) -> dict[str, object]:
        return {"sent": actions.accept(act, desk.city, sendings, run)}

    return once(desk, caller, key, do)


def _sending(desk: Desk, caller: Caller, line: Line, water: str) -> Sending:
    """The line with its route in words; who may decide about it is asked when it is done."""
    with desk.store.read() as conn:
        asset = one(conn, schema.asset, line.asset, "asset")
        C = schema.case_item
        case = conn.execute(C.select().where(C.c.id == line.case)).first()
    if case is None:
        return Sending(line.case, line.asset)  # refused as any foreign case is
    unit = desk.city.territory.unit(case.territory)
    lon, lat = (unit.lon, unit.lat) if case.lon is None else (case.lon, case.lat)
    try:
        way = route(
            traffic_now(desk, water, asset.vehicle),
            desk.city.to_xy(asset.lon, asset.lat),
            desk.city.to_xy(lon, lat),
            desk.clock.now(),
        )
    except Refusal:
        return Sending(line.case, line.asset, "按预报没有可通行的道路，出发前与值班室确认路线。")
    return Sending(line.case, line.asset, _words(desk.city, way))


def _words(city: City, way: Route) -> str:
    names = list(dict.fromkeys(leg.name for leg in way.legs))
    shown = "、".join(names[:6]) + ("等" if len(names) > 6 else "")
    shut = list(dict.fromkeys(each.name for each in way.avoided if each.effect in STOPS))
    arrive = way.arrive.astimezone(city.zone)
    words = f"路线：{shown}；预计 {arrive:%H:%M} 到达，{way.length_m / 1000:.1f} 公里。"
    return words + (f"不要走：{'、'.join(shut[:4])}（积水或封闭）。" if shut else "")


@router.post("/refuse")
def refuse(given: Refused, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """Not this one to this case: it is not proposed again."""

    def do(act: Act) -> dict[str, object]:
        actions.refuse(act, desk.city, given.case, given.asset, given.reason)
        return {"refused": True}

    return once(desk, caller, key, do)


@router.post("/allow")
def allow(given: Line, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """After all: it may be proposed again."""

    def do(act: Act) -> dict[str, object]:
        actions.forget_refusal(act, desk.city, given.case, given.asset)
        return {"refused": False}

    return once(desk, caller, key, do)
