"""The test town with a depot in each town and some things, ready to be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from anlan.city import City, Depot, Equipment, Stores, Supply
from anlan.respond import actions
from anlan.respond.resources import seed
from tests.respond.town import EAST, EAST_ONE, ROOT, START, WEST, Desk


def depot(name: str, lon: float, territory: str, keeper: str) -> Depot:
    return Depot(name, f"{name}仓库", lon, 30.7, territory, "", keeper, True)


def supply(name: str, where: str, item: str, quantity: float, days: float | None = None) -> Supply:
    expires = None if days is None else START + timedelta(days=days)
    return Supply(name, where, item, "只", quantity, expires, True)


def pump(name: str, territory: str = ROOT, department: str = "建设") -> Equipment:
    return Equipment(
        name, f"{name}号泵", "pump", "truck", 800, "m3/h", (), 121.0, 30.7, territory, department,
        "", True,
    )  # fmt: skip


def kept(city: City) -> City:
    """The town with stores: sandbags east and west, water that expires, two pumps."""
    depots = [depot("DE", 121.1, EAST, "town-east"), depot("DW", 120.9, WEST, "town-west")]
    supplies = [
        supply("bags-e", "DE", "编织袋", 100),
        supply("bags-w", "DW", "编织袋", 60),
        supply("water-old", "DE", "瓶装水", 20, days=-1),
        supply("water-new", "DE", "瓶装水", 30, days=10),
    ]
    things = [pump("P1"), pump("P2")]
    stores = Stores(
        {each.id: each for each in depots},
        {each.id: each for each in supplies},
        {each.id: each for each in things},
    )
    return replace(city, stores=stores)


def begin(desk: Desk) -> str:
    """Load the stores and open a case in the east; returns its id."""
    desk.city = kept(desk.city)
    seed(desk.as_("system"), desk.city)
    return actions.open_case(
        desk.as_("system"), desk.city, "resident_report", territory=EAST_ONE, text="积水"
    )
