"""The standing picture: territory, works, hazard places and the storm, as GeoJSON and JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import shapely
from fastapi import APIRouter
from sqlalchemy import select

from anlan import forecast
from anlan.access.desk import DeskHere, PhoneUser, Viewer
from anlan.chain import newest_runs
from anlan.city import Fix, HazardPlace, Line, Polder
from anlan.observe import people, storm
from anlan.observe.people import Standing
from anlan.store import schema

router = APIRouter(tags=["picture"])
TOLD_WITHIN = timedelta(hours=6)


def _feature(geometry: object, properties: dict[str, object]) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(features: list[dict[str, object]]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": features}


def _point(lon: float, lat: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [lon, lat]}


@router.get("/territory")
def territory(desk: DeskHere, caller: PhoneUser) -> dict[str, object]:
    """City outline and town areas (as far as known) and village points."""
    known = desk.city.territory
    return _collection(
        [
            _feature(
                _point(unit.lon, unit.lat)
                if unit.polygon is None
                else shapely.geometry.mapping(unit.polygon),
                {
                    "code": unit.code,
                    "name": unit.name,
                    "name_en": unit.name_en,
                    "level": unit.level,
                    "parent": unit.parent,
                    "population": unit.population,
                    "old_houses": unit.old_houses,
                    "approximate": unit.approximate,
                    "synthetic": unit.synthetic,
                    "lon": unit.lon,
                    "lat": unit.lat,
                },
            )
            for unit in [known.root, *known.towns(), *known.villages()]
        ]
    )


@router.get("/layers")
def layers(desk: DeskHere, caller: Viewer) -> dict[str, object]:
    """Rivers, dikes, roads, polders, pumps, gates, shelters and teams."""
    city = desk.city
    drawn: list[tuple[str, Line | Polder]] = [(line.kind, line) for line in city.lines]
    drawn += [("polder", polder) for polder in city.polders]
    features = [
        _feature(
            shapely.geometry.mapping(item.geometry),
            {"kind": kind, "name": item.name, "synthetic": item.synthetic},
        )
        for kind, item in drawn
    ]
    features += [
        _feature(
            _point(work.from_lon, work.from_lat),
            {
                "kind": work.kind,
                "name": work.name,
                "capacity_m3s": work.capacity_m3s,
                "synthetic": work.synthetic,
            },
        )
        for work in city.structures
    ]
    features += [
        _feature(
            _point(shelter.lon, shelter.lat),
            {
                "kind": "shelter",
                "name": shelter.name,
                "capacity": shelter.capacity,
                "synthetic": shelter.synthetic,
            },
        )
        for shelter in city.shelters.values()
    ]
    for team in city.teams.values():
        home = city.territory.unit(team.territory)
        features.append(
            _feature(
                _point(home.lon, home.lat),
                {
                    "kind": "team",
                    "name": team.name,
                    "team_kind": team.kind,
                    "strength": team.strength,
                    "synthetic": team.synthetic,
                },
            )
        )
    return _collection(features)


def _reported(place: HazardPlace, told: list[Standing]) -> dict[str, object] | None:
    near = [
        each
        for each in told
        if each.trust >= people.TRUSTED
        and people.metres(place.lon, place.lat, each.report.lon, each.report.lat) <= people.NEAR_M
    ]
    if not near:
        return None
    deepest = max(near, key=lambda each: (each.report.depth.low, each.trust))
    return {
        "id": deepest.report.id,
        "depth_class": deepest.report.depth_class,
        "low_m": deepest.report.depth.low,
        "high_m": deepest.report.depth.high,
        "trust": deepest.trust,
        "seen_at": deepest.report.seen_at,
    }


@router.get("/places")
def places(desk: DeskHere, caller: PhoneUser) -> dict[str, object]:
    """Hazard places; for the desk also what assessment and people nearby say of them.

    ``reported``: the deepest trusted report within 300 m of the last hours, if there is one.
    """
    city = desk.city
    hazards: dict[str, Any] = {}
    told: list[Standing] = []
    with desk.store.read() as conn:
        for run_id in newest_runs(conn, 1) if "view" in caller.rights else ():
            content = conn.execute(
                select(schema.assessment.c.content).where(schema.assessment.c.run == run_id)
            ).scalar_one()
            hazards = {place["id"]: place for place in content["places"]}
        if "view" in caller.rights:
            now = desk.clock.now()
            told = people.reports(conn, now - TOLD_WITHIN, now)
    features = []
    for place in city.places.values():
        found = hazards.get(place.id)
        features.append(
            _feature(
                _point(place.lon, place.lat),
                {
                    "id": place.id,
                    "name": place.name,
                    "name_en": place.name_en,
                    "kind": place.kind,
                    "territory": place.territory,
                    "town": city.territory.unit(place.territory).parent,
                    "department": place.department,
                    "attention_m": place.attention_m,
                    "danger_m": place.danger_m,
                    "residents": place.residents,
                    "old_houses": place.old_houses,
                    "synthetic": place.synthetic,
                    "reported": _reported(place, told),
                    "hazard": None
                    if found is None
                    else {
                        "probability_attention": found["attention"]["probability"],
                        "probability_danger": found["danger"]["probability"],
                        "onset": found["attention"]["onset"],
                        "peak_p50": found["peak_m"]["p50"],
                    },
                },
            )
        )
    return _collection(features)


def _fix_view(fix: Fix | storm.Fix) -> dict[str, object]:
    return {
        "time": fix.time,
        "lon": fix.lon,
        "lat": fix.lat,
        "pressure_hpa": fix.pressure_hpa,
        "wind_ms": fix.wind_ms,
        "r7": fix.r7,
        "r10": fix.r10,
        "r12": fix.r12,
    }


@router.get("/track")
def track(desk: DeskHere, caller: Viewer) -> dict[str, object]:
    """The storm as known by now, what agencies forecast, and where the newest run takes it."""
    event = desk.event
    now = desk.clock.now()
    cone = None
    live = None
    with desk.store.read() as conn:
        if event is None:
            root = desk.city.territory.root
            found = storm.storms(conn, now, timedelta(hours=forecast.STORM_AGE_HOURS))
            live = storm.nearest(found, root.lon, root.lat)
        newest = newest_runs(conn, 1)
    if live is None and (event is None or not event.track):
        return {"storm": None, "fixes": [], "forecast": None, "agencies": []}
    if newest:
        with forecast.Products.open(desk.store.data_dir / "runs" / newest[0]) as products:
            cone = forecast.track_view(products)
    if live is not None:
        return {
            "storm": {"name": live.name or live.name_en, "name_en": live.name_en},
            "fixes": [_fix_view(fix) for fix in live.fixes],
            "forecast": cone,
            "agencies": [
                {
                    "agency": each.agency,
                    "base": each.base,
                    "fixes": [_fix_view(fix) for fix in each.fixes],
                }
                for each in live.forecasts
            ],
        }
    assert event is not None
    return {
        "storm": {"name": event.name, "name_en": event.name_en},
        "fixes": [_fix_view(fix) for fix in event.track if fix.time <= now],
        "forecast": cone,
        "agencies": [],
    }
