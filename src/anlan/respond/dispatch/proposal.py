"""A proposal: what each open case needs, who can be there when, who should go, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.dispatch.assign import PREFERRED_S, Assignment, Offer, Wanted, assign
from anlan.respond.dispatch.needs import Need, Rules
from anlan.respond.evacuation.proposal import accepted
from anlan.respond.records import AnyRow, C, T
from anlan.respond.roads.route import STOPS, Traffic, route
from anlan.store import schema

A, X = schema.asset, schema.dispatch_refusal
MOST_CASES = 60
ALTERNATIVES = 3
FAR_S = 6 * 3600.0
Roads = Callable[[str], Traffic]
"""Roads as forecast now, for a class of vehicle."""


@dataclass(frozen=True)
class Spot:
    """A case with what it needs and where it is (lon, lat)."""

    row: AnyRow
    need: Need
    wants: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Picture:
    """All that a proposal is made from; refused: pairs of case and asset that people refused."""

    spots: tuple[Spot, ...]
    assets: tuple[AnyRow, ...]
    refused: frozenset[tuple[str, str]]


def look(
    conn: Connection,
    city: City,
    rules: Rules,
    sees: Callable[[str], bool],
    holds: Callable[[AnyRow], bool],
) -> Picture:
    """The open cases that still need somebody, and what is ready to be sent.

    ``sees``: whether a territory is the asker's; ``holds``: whether the asker has a say over
    an asset.
    """
    rows: Sequence[AnyRow] = conn.execute(
        select(C)
        .where(C.c.state.not_in([*cases.SETTLED, "draft"]))
        .order_by(C.c.priority, C.c.due_at.nulls_last(), C.c.id)
    ).all()
    out: dict[str, int] = {}
    sent = (
        select(A.c.case_id, A.c.kind)
        .join(T, T.c.id == A.c.task_id, isouter=True)
        .where(A.c.state == "out", (T.c.id.is_(None)) | (T.c.state.not_in(tasks.ENDED)))
    )
    kinds_out: dict[str, list[str]] = {}
    for thing in conn.execute(sent):
        kinds_out.setdefault(thing.case_id, []).append(thing.kind)
    plan = accepted(conn)
    moving = set() if plan is None else set(plan.content["opened"])
    spots: list[Spot] = []
    for row in rows:
        place = city.places.get(row.place or "")
        need = rules.of(row.kind, place.kind if place else None)
        # people who are moved to shelters are not what the place itself needs
        if need is None or not sees(row.territory) or row.id in moving:
            continue
        out[row.id] = sum(kind in need.assets for kind in kinds_out.get(row.id, []))
        wants = need.count - out[row.id]
        if wants <= 0:
            continue
        unit = city.territory.unit(row.territory)
        lon, lat = (unit.lon, unit.lat) if row.lon is None else (row.lon, row.lat)
        spots.append(Spot(row, need, wants, lon, lat))
        if len(spots) == MOST_CASES:
            break
    ready = conn.execute(select(A).where(A.c.state == "ready").order_by(A.c.id)).all()
    useful = {kind for spot in spots for kind in spot.need.assets}
    refused = conn.execute(select(X.c.case_id, X.c.asset)).all()
    return Picture(
        tuple(spots),
        tuple(row for row in ready if row.kind in useful and row.account and holds(row)),
        frozenset((row.case_id, row.asset) for row in refused),
    )


def reach(
    city: City, picture: Picture, roads: Roads, now: datetime
) -> tuple[list[Offer], dict[tuple[str, str], float]]:
    """Who can be at which case in how long; without a road in time there is no offer.

    Returns the offers without those refused by people, and all travel times, s, by case and
    asset.
    """
    travel: dict[tuple[str, str], float] = {}
    offers: list[Offer] = []
    goals: dict[str, int] = {}
    for asset in picture.assets:
        known = roads(asset.vehicle)
        start = _node(city, known, asset.lon, asset.lat)
        if start is None:
            continue
        found = known.from_(start, now, minutes=FAR_S / 60)
        began = known.second(now)
        for spot in picture.spots:
            if asset.kind not in spot.need.assets:
                continue
            if spot.row.id not in goals:
                goal = _node(city, known, spot.lon, spot.lat)
                goals[spot.row.id] = -1 if goal is None else goal
            arrival = found.arrival.get(goals[spot.row.id])
            if arrival is None:
                continue
            pair = (spot.row.id, asset.id)
            travel[pair] = arrival - began
            if pair not in picture.refused:
                less = PREFERRED_S * spot.need.assets.index(asset.kind)
                offers.append(Offer(*pair, arrival - began, less))
    return offers, travel


def _node(city: City, known: Traffic, lon: float, lat: float) -> int | None:
    try:
        return known.network.nearest(*city.to_xy(lon, lat))[0]
    except Refusal:
        return None


def propose(city: City, picture: Picture, roads: Roads, now: datetime) -> dict[str, Any]:
    """The proposal as JSON: lines with reasons and alternatives, and cases left without."""
    offers, travel = reach(city, picture, roads, now)
    wanted = [
        Wanted(
            spot.row.id,
            spot.row.priority,
            spot.wants,
            spot.row.due_at.timestamp() if spot.row.due_at else 9e9,
        )
        for spot in picture.spots
    ]
    found = assign(wanted, offers)
    assets = {asset.id: asset for asset in picture.assets}
    spots = {spot.row.id: spot for spot in picture.spots}
    goes = {offer.asset: offer.case for offer in found.chosen}
    lines = [
        _line(city, spots[offer.case], assets, offer, offers, goes, travel, roads, now)
        for offer in found.chosen
    ]
    lines.sort(key=lambda line: (line["priority"], line["travel_min"], line["case"]))
    return {
        "method": found.method,
        "cost_min": round(found.cost / 60),
        "lines": lines,
        "without": _without(picture, found, offers, travel),
        "ready": len(picture.assets),
    }


def _brief(asset: AnyRow) -> dict[str, Any]:
    return {
        "asset": asset.id,
        "name": asset.name,
        "kind": asset.kind,
        "vehicle": asset.vehicle,
        "department": asset.department,
        "lon": asset.lon,
        "lat": asset.lat,
    }


def _line(
    city: City,
    spot: Spot,
    assets: Mapping[str, AnyRow],
    offer: Offer,
    offers: Sequence[Offer],
    goes: Mapping[str, str],
    travel: Mapping[tuple[str, str], float],
    roads: Roads,
    now: datetime,
) -> dict[str, Any]:
    asset = assets[offer.asset]
    ranked = sorted((o for o in offers if o.case == offer.case), key=lambda o: (o.cost_s, o.asset))
    others = [o for o in ranked if o.asset != offer.asset]
    nearer = [o for o in others if o.cost_s < offer.cost_s]
    return {
        "case": spot.row.id,
        "case_title": spot.row.title,
        "priority": spot.row.priority,
        "due_at": spot.row.due_at,
        "need": spot.need.id,
        "need_title": spot.need.title,
        "need_title_en": spot.need.title_en,
        "to": [spot.lon, spot.lat],
        **_brief(asset),
        "travel_min": round(offer.travel_s / 60, 1),
        "rank": 1 + len(nearer),
        "able": len(ranked),
        "nearer": [
            {"name": assets[o.asset].name, "goes": goes.get(o.asset)} for o in nearer[:ALTERNATIVES]
        ],
        "preferred": spot.need.assets.index(asset.kind) == 0,
        "late": spot.row.due_at is not None
        and offer.travel_s > (spot.row.due_at - now).total_seconds(),
        "avoided": _avoided(city, roads(asset.vehicle), asset, spot, now),
        "alternatives": [
            {
                **_brief(assets[o.asset]),
                "travel_min": round(travel[o.case, o.asset] / 60, 1),
                "goes": goes.get(o.asset),
            }
            for o in others[:ALTERNATIVES]
        ],
    }


def _avoided(
    city: City, known: Traffic, asset: AnyRow, spot: Spot, now: datetime
) -> list[dict[str, Any]]:
    try:
        way = route(known, city.to_xy(asset.lon, asset.lat), city.to_xy(spot.lon, spot.lat), now)
    except Refusal:
        return []
    return [
        {"name": each.name, "depth_m": round(each.depth_m, 2), "effect": each.effect}
        for each in way.avoided
        if each.effect in STOPS
    ][:3]


def _without(
    picture: Picture,
    found: Assignment,
    offers: Sequence[Offer],
    travel: Mapping[tuple[str, str], float],
) -> list[dict[str, Any]]:
    """Cases that get fewer than they want, and why: ``none_ready``, ``no_road``, ``refused`` or
    ``all_elsewhere`` (those able go where they are needed more)."""
    sent: dict[str, int] = {}
    for offer in found.chosen:
        sent[offer.case] = sent.get(offer.case, 0) + 1
    left = []
    for spot in picture.spots:
        name = spot.row.id
        if sent.get(name, 0) >= spot.wants:
            continue
        if not any(asset.kind in spot.need.assets for asset in picture.assets):
            why = "none_ready"
        elif not any(case == name for case, _ in travel):
            why = "no_road"
        elif not any(offer.case == name for offer in offers):
            why = "refused"
        else:
            why = "all_elsewhere"
        left.append(
            {
                "case": name,
                "case_title": spot.row.title,
                "priority": spot.row.priority,
                "need_title": spot.need.title,
                "need_title_en": spot.need.title_en,
                "wants": spot.wants,
                "gets": sent.get(name, 0),
                "why": why,
                "assets": list(spot.need.assets),
            }
        )
    return left
