"""The test town with roads, two pumps and a rule that underpasses want one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anlan.city import City, Equipment, Stores
from anlan.respond import actions
from anlan.respond.dispatch.needs import load
from anlan.respond.dispatch.proposal import look, propose
from anlan.respond.resources import seed
from anlan.respond.roads.network import Network, build
from anlan.respond.roads.route import Traffic, traffic
from anlan.respond.roads.vehicle import VEHICLES
from anlan.respond.roads.water import dry
from tests.respond.roads.small import ROADS, START, A, B, C, water
from tests.respond.town import EAST_ONE, ROOT, Desk

RULES = """
[[need]]
id = "pumping"
title = "强排"
title_en = "Pumping"
kinds = ["resident_report"]
assets = ["pump"]
"""


def pump(name: str, at: tuple[float, float], account: str = "crew-build") -> Equipment:
    return Equipment(
        name, f"{name}号泵", "pump", "car", 800, "m3/h", (), *at, ROOT, "建设", account, True
    )


def equip(desk: Desk, *pumps: Equipment) -> None:
    things = {each.id: each for each in pumps}
    desk.city = replace(desk.city, stores=Stores({}, {}, things), roads=ROADS)
    (desk.city.folder / "dispatch.toml").write_text(RULES, "utf-8")
    desk.now = START
    seed(desk.as_("system"), desk.city)


def report(desk: Desk, at: tuple[float, float]) -> str:
    return actions.open_case(
        desk.as_("system"), desk.city, "resident_report", territory=EAST_ONE, lon=at[0], lat=at[1]
    )


def net(city: City) -> Network:
    return build(city, ROADS)


def proposed(desk: Desk, short: list[float] | None = None) -> dict[str, Any]:
    """The proposal with this depth on the short road, hour by hour (dry, if not given)."""
    roads = net(desk.city)
    known = traffic(
        roads, dry(roads, START) if short is None else water(roads, short), VEHICLES["car"]
    )

    def of(_: str) -> Traffic:
        return known

    picture = look(desk.tx, desk.city, load(desk.city.folder), lambda _: True, lambda _: True)
    return propose(desk.city, picture, of, desk.now)


__all__ = ["A", "B", "C", "equip", "proposed", "pump", "report"]
