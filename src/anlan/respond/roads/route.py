"""A route round forecast water, with the reason why each road on the dry way was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from anlan.refusal import Refusal
from anlan.respond.roads import search
from anlan.respond.roads.by_hand import ByHand
from anlan.respond.roads.network import Network
from anlan.respond.roads.search import Arc, Found, Passing
from anlan.respond.roads.vehicle import Vehicle, speed
from anlan.respond.roads.water import RoadWater

WET_M = 0.01
"""Water less deep than this is a wet road, m."""
STOPS = ("blocked", "closed")
"""Effects that nobody of the class drives through."""


@dataclass(frozen=True)
class Leg:
    """One road driven without a break; ``depth_m``: the greatest forecast depth met on it.

    ``opened``: why a person opened it against the forecast; empty where nobody did.
    """

    road: str
    name: str
    name_en: str
    kind: str
    length_m: float
    enter: datetime
    leave: datetime
    waits_s: float
    depth_m: float
    line: list[tuple[float, float]]
    synthetic: bool
    opened: str = ""


@dataclass(frozen=True)
class Avoided:
    """A road of the dry way that is not taken, or only slowly.

    ``effect`` is ``closed`` (by a person, for the reason ``why``), ``blocked``, ``slow`` or
    ``later`` (passable when one would be there, but a road behind it is not); ``at``: when one
    would be there on the dry way.
    """

    road: str
    name: str
    name_en: str
    at: datetime
    depth_m: float
    limit_m: float
    effect: str
    line: list[tuple[float, float]]
    why: str = ""


@dataclass(frozen=True)
class Route:
    """A way through the water as forecast.

    Attributes:
        dry_s: how long the dry way would take, s.
        beyond: part of the way is driven after the last time of the forecast, whose depth is
            then held.
        off_road_m: from the start to the first node and from the last one to the goal, m.
    """

    depart: datetime
    arrive: datetime
    length_m: float
    dry_s: float
    legs: tuple[Leg, ...]
    avoided: tuple[Avoided, ...]
    beyond: bool
    off_road_m: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Traffic:
    """A network under water for one vehicle: what every search of it shares.

    ``times``: s since the first time of the water, where speeds change: at the water's own times,
    and where an order of ``by_hand`` (the older first) begins or ends.
    """

    network: Network
    water: RoadWater
    vehicle: Vehicle
    arcs: tuple[Arc, ...]
    dry_arcs: tuple[Arc, ...]
    times: tuple[float, ...]
    by_hand: tuple[ByHand, ...] = ()

    def said_of(self, arc: int, second: float) -> ByHand | None:
        """The newest order about an edge at a second, if any."""
        for each in reversed(self.by_hand):
            if arc in each.edges and self.second(each.begins) <= second < self.second(each.ends):
                return each
        return None

    def second(self, moment: datetime) -> float:
        """A moment as seconds since the first time of the water."""
        return (moment - self.water.times[0]).total_seconds()

    def moment(self, second: float) -> datetime:
        """Back from `second`, to the second."""
        return self.water.times[0] + timedelta(seconds=round(second))

    def from_(
        self, start: int, depart: datetime, targets: Sequence[int] = (), minutes: float = np.inf
    ) -> Found:
        """Earliest arrivals from a node."""
        at = self.second(depart)
        return search.earliest(
            self.arcs, self.network.out, self.times, start, at, targets, at + 60.0 * minutes
        )


def traffic(
    network: Network, water: RoadWater, vehicle: Vehicle, by_hand: Sequence[ByHand] = ()
) -> Traffic:
    """Speeds of a vehicle class on every edge, interval by interval.

    What people closed or opened (``by_hand``, the older first) stands above the water.
    """
    free = np.array([edge.road.speed_kmh for edge in network.edges])
    wet = speed(vehicle, free[:, None], water.held())
    bare = speed(vehicle, free, 0.0)
    spans = [
        (each, (each.begins - water.times[0]).total_seconds(),
         (each.ends - water.times[0]).total_seconds())
        for each in by_hand
    ]  # fmt: skip
    times = np.array(sorted({*water.seconds, *(at for _, *ends in spans for at in ends)}))
    if spans:
        wet = wet[:, np.maximum(np.searchsorted(water.seconds, times, side="right") - 1, 0)]
    for each, begins, ends in spans:
        when = (times >= begins) & (times < ends)
        for k in each.edges:
            wet[k, when] = 0.0 if each.effect == "closed" else bare[k]
    arcs = tuple(
        Arc(edge.start, edge.end, edge.length_m, row)
        for edge, row in zip(network.edges, wet.tolist(), strict=True)
    )
    dry_arcs = tuple(
        Arc(edge.start, edge.end, edge.length_m, [pace])
        for edge, pace in zip(network.edges, bare.tolist(), strict=True)
    )
    return Traffic(network, water, vehicle, arcs, dry_arcs, tuple(times.tolist()), tuple(by_hand))


def route(
    known: Traffic,
    start: tuple[float, float],
    goal: tuple[float, float],
    depart: datetime,
) -> Route:
    """The way that arrives first, from ``start`` to ``goal`` (x, y in m), left at ``depart``.

    Raises:
        Refusal: ``conflict`` when no road is passable, naming what stops the dry way.
    """
    first, off_start = known.network.nearest(*start)
    last, off_goal = known.network.nearest(*goal)
    at = known.second(depart)
    bare = search.earliest(known.dry_arcs, known.network.out, (0.0,), first, at, [last])
    dry_way = bare.way(known.dry_arcs, last)
    if dry_way is None:
        raise Refusal(
            "the roads do not join these two points even when dry; choose others, or look "
            "at the road layer",
            field="to",
            value=f"{goal[0]:.0f}, {goal[1]:.0f}",
            remedy="points on one network",
            kind="not_found",
        )
    found = known.from_(first, depart, [last])
    way = found.way(known.arcs, last)
    if way is None:
        blocked = _avoided(known, dry_way, frozenset())
        named = "、".join(
            f"{each.name} closed by hand 人工封闭" if each.effect == "closed"
            else f"{each.name} {each.depth_m:.2f} m"
            for each in blocked
            if each.effect in STOPS
        )  # fmt: skip
        raise Refusal(
            f"no road is passable for {known.vehicle.name} ({known.vehicle.name_en}, "
            f"limit {known.vehicle.limit_m:.2f} m); on the dry way: {named or 'a road further on'}",
            field="vehicle",
            value=known.vehicle.id,
            remedy="a vehicle that wades deeper, a boat, or another time",
            kind="conflict",
        )
    legs = _legs(known, way)
    return Route(
        depart=depart,
        arrive=known.moment(found.arrival[last]),
        length_m=sum(known.arcs[arc].length_m for arc, _ in way),
        dry_s=bare.arrival[last] - at,
        legs=legs,
        avoided=_avoided(known, dry_way, frozenset(arc for arc, _ in way)),
        beyond=known.water.run is not None and found.arrival[last] > known.water.seconds[-1],
        off_road_m=(off_start, off_goal),
    )


def _lonlat(known: Traffic, arc: int) -> list[tuple[float, float]]:
    return [(float(lon), float(lat)) for lon, lat in known.network.edges[arc].line]


def _legs(known: Traffic, way: Sequence[tuple[int, Passing]]) -> tuple[Leg, ...]:
    """Edges of one name after another as one leg."""
    legs: list[Leg] = []
    ready = None
    for arc, passing in way:
        edge = known.network.edges[arc]
        waits = passing.enter - ready if ready is not None else 0.0
        ready = passing.leave
        depth = known.water.at(arc, passing.enter)
        road = edge.road
        said = known.said_of(arc, passing.enter)
        opened = said.reason if said is not None and said.effect == "open" else ""
        before = legs[-1] if legs else None
        if before is not None and (before.name, before.opened) == (road.name, opened) and not waits:
            legs[-1] = Leg(
                before.road, road.name, road.name_en, road.kind,
                before.length_m + edge.length_m, before.enter, known.moment(passing.leave),
                before.waits_s, max(before.depth_m, depth),
                before.line + _lonlat(known, arc)[1:], before.synthetic or road.synthetic, opened,
            )  # fmt: skip
        else:
            legs.append(
                Leg(
                    road.id,
                    road.name,
                    road.name_en,
                    road.kind,
                    edge.length_m,
                    known.moment(passing.enter),
                    known.moment(passing.leave),
                    waits,
                    depth,
                    _lonlat(known, arc),
                    road.synthetic,
                    opened,
                )
            )
    return tuple(legs)


def _avoided(
    known: Traffic, dry_way: Sequence[tuple[int, Passing]], taken: frozenset[int]
) -> tuple[Avoided, ...]:
    """What water, or a person, does to each road of the dry way; neighbours of one name, effect
    and reason together."""
    found: list[Avoided] = []
    for arc, passing in dry_way:
        edge = known.network.edges[arc]
        depth = known.water.at(arc, passing.enter)
        k = max(0, int(np.searchsorted(known.times, passing.enter, side="right")) - 1)
        pace, bare = known.arcs[arc].speeds[k], known.dry_arcs[arc].speeds[0]
        said = known.said_of(arc, passing.enter)
        why = said.reason if said is not None and said.effect == "closed" else ""
        if said is not None and said.effect == "closed":
            effect = "closed"
        elif pace <= 0:
            effect = "blocked"
        elif depth > WET_M and pace < bare:
            effect = "slow"
        elif arc not in taken:
            effect = "later"
        else:
            continue
        road = edge.road
        last = found[-1] if found else None
        if last is not None and (last.name, last.effect, last.why) == (road.name, effect, why):
            found[-1] = Avoided(
                last.road, last.name, last.name_en, last.at, max(last.depth_m, depth),
                last.limit_m, effect, last.line + _lonlat(known, arc)[1:], why,
            )  # fmt: skip
        else:
            found.append(
                Avoided(
                    road.id,
                    road.name,
                    road.name_en,
                    known.moment(passing.enter),
                    depth,
                    known.vehicle.limit_m,
                    effect,
                    _lonlat(known, arc),
                    why,
                )
            )
    return tuple(found)
