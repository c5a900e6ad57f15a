"""Resources as the desk, the phone and the API show them. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond.records import C, T, get_case
from anlan.respond.resources.assets import STATES
from anlan.respond.resources.custody import one
from anlan.respond.resources.stock import Lot, parts
from anlan.store import schema

L, A, S = schema.stock_lot, schema.asset, schema.shelter_use
R, F, N = schema.resource_request, schema.resource_fill, schema.note
View = dict[str, Any]
MOST = 300


def picture(conn: Connection, city: City, now: datetime) -> View:
    """Everything there is: depots with their lots, items in all, things, shelters."""
    lots = [_lot(row, now) for row in conn.execute(select(L).order_by(L.c.item, L.c.id))]
    items: dict[str, View] = {}
    for lot in lots:
        total = items.setdefault(
            lot["item"],
            {
                "item": lot["item"],
                "unit": lot["unit"],
                "quantity": 0.0,
                "expired": 0.0,
                "soon": 0.0,
            },
        )
        total["expired" if lot["expiry"] == "expired" else "quantity"] += lot["quantity"]
        if lot["expiry"] == "soon":
            total["soon"] += lot["quantity"]
    synthetic = any(lot["synthetic"] for lot in lots)
    return {
        "depots": [
            {
                "id": depot.id,
                "name": depot.name,
                "lon": depot.lon,
                "lat": depot.lat,
                "territory": depot.territory,
                "department": depot.department,
                "synthetic": depot.synthetic,
                "lots": [lot for lot in lots if lot["depot"] == depot.id],
            }
            for depot in city.stores.depots.values()
        ],
        "items": list(items.values()),
        "assets": assets(conn, city),
        "shelters": shelters(conn, city),
        "synthetic": synthetic,
    }


def _lot(row: Any, now: datetime) -> View:
    lot = Lot(row.id, row.depot, row.quantity, row.expires_at)
    return {
        "id": row.id,
        "depot": row.depot,
        "item": row.item,
        "unit": row.unit,
        "quantity": row.quantity,
        "expires_at": row.expires_at,
        "expiry": "expired" if lot.expired(now) else "soon" if lot.expires_soon(now) else "good",
        "synthetic": row.synthetic,
    }


def assets(conn: Connection, city: City) -> list[View]:
    """Teams and equipment with their states; ``task_state`` of the task that one is out for."""
    rows = conn.execute(
        select(
            A,
            T.c.state.label("task_state"),
            C.c.title.label("case_title"),
            C.c.territory.label("case_territory"),
        )
        .join(T, T.c.id == A.c.task_id, isouter=True)
        .join(C, C.c.id == A.c.case_id, isouter=True)
        .order_by(A.c.kind, A.c.id)
    )
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "name": row.name,
            "territory": row.territory,
            "territory_name": city.territory.unit(row.territory).name,
            "department": row.department,
            "account": row.account,
            "vehicle": row.vehicle,
            "lon": row.lon,
            "lat": row.lat,
            "capacity": row.capacity,
            "unit": row.unit,
            "skills": row.skills,
            "state": row.state,
            "state_zh": STATES[row.state],
            "case": row.case_id,
            "case_title": row.case_title,
            "case_territory": row.case_territory,
            "task": row.task_id,
            "task_state": row.task_state,
            "fill": row.fill,
            "since": row.since,
            "synthetic": row.synthetic,
        }
        for row in rows
    ]


def shelters(conn: Connection, city: City) -> list[View]:
    """Shelters of the city folder with places taken."""
    used = {row.id: row for row in conn.execute(select(S))}
    return [
        {
            "id": each.id,
            "name": each.name,
            "lon": each.lon,
            "lat": each.lat,
            "territory": each.territory,
            "territory_name": city.territory.unit(each.territory).name,
            "capacity": used[each.id].capacity,
            "taken": used[each.id].taken,
            "open": used[each.id].open,
            "synthetic": each.synthetic,
        }
        for each in city.shelters.values()
        if each.id in used
    ]


def requests(conn: Connection, city: City, case_id: str | None = None) -> list[View]:
    """Requests, those still wanting something first, then the newest; with what was sent."""
    query = select(R, C.c.title, C.c.lon, C.c.lat).join(C, C.c.id == R.c.case_id)
    if case_id is not None:
        query = query.where(R.c.case_id == case_id)
    ended = R.c.state.in_(("filled", "cancelled"))
    rows = conn.execute(query.order_by(ended, R.c.id.desc()).limit(MOST)).all()
    notes = {
        row.digest: row.body
        for row in conn.execute(
            select(N.c.digest, N.c.body).where(N.c.digest.in_([r.note for r in rows if r.note]))
        )
    }
    fills: dict[str, list[View]] = {}
    sent = select(F).where(F.c.request.in_([row.id for row in rows])).order_by(F.c.id)
    names = {row.id: row.name for row in conn.execute(select(A.c.id, A.c.name))}
    for row in conn.execute(sent):
        fills.setdefault(row.request, []).append(_fill(row, city, names))
    return [
        {
            "id": row.id,
            "case": row.case_id,
            "case_title": row.title,
            "item": row.item,
            "unit": row.unit,
            "quantity": row.quantity,
            "filled": row.filled,
            "state": row.state,
            "territory": row.territory,
            "territory_name": city.territory.unit(row.territory).name,
            "department": row.department,
            "requested_by": row.requested_by,
            "requested_at": row.requested_at,
            "note": notes.get(row.note),
            "fills": fills.get(row.id, []),
        }
        for row in rows
    ]


def _fill(row: Any, city: City, names: Mapping[str, str]) -> View:
    depot = city.stores.depots.get(row.depot)
    return {
        "id": row.id,
        "source": row.source,
        "source_name": names.get(row.source) or (depot.name if depot else row.depot),
        "quantity": row.quantity,
        "returned": row.returned,
        "consumed": row.consumed,
        "state": row.state,
        "sent_by": row.sent_by,
        "sent_at": row.sent_at,
        "received_at": row.received_at,
        "closed_at": row.closed_at,
        "thing": row.source_kind == "asset",
    }


def offers(conn: Connection, city: City, request_id: str, now: datetime) -> View:
    """What could fill a request now: lots or things, the nearest first, and which make it up.

    ``suggested``: how much of each lot, within a depot the first to expire first.
    """
    wanted = one(conn, R, request_id, "request")
    case = get_case(conn, wanted.case_id)
    home = city.territory.unit(case.territory)
    lon, lat = (home.lon, home.lat) if case.lon is None else (case.lon, case.lat)
    x, y = city.to_xy(lon, lat)

    def far(at_lon: float, at_lat: float) -> float:
        ax, ay = city.to_xy(at_lon, at_lat)
        return round(float(((ax - x) ** 2 + (ay - y) ** 2) ** 0.5))

    left = wanted.quantity - wanted.filled
    things = [
        {**thing, "distance_m": far(thing["lon"], thing["lat"])}
        for thing in assets(conn, city)
        if thing["kind"] == wanted.item and thing["state"] == "ready"
    ]
    things.sort(key=lambda thing: (thing["distance_m"], thing["id"]))
    near = {depot.id: far(depot.lon, depot.lat) for depot in city.stores.depots.values()}
    rows = conn.execute(select(L).where(L.c.item == wanted.item, L.c.quantity > 0)).all()
    chosen = {
        part.lot: part.quantity
        for part in parts(
            [Lot(r.id, r.depot, r.quantity, r.expires_at) for r in rows], left, near, now
        )
    }
    lots = [
        {
            **_lot(row, now),
            "depot_name": city.stores.depots[row.depot].name
            if row.depot in city.stores.depots
            else row.depot,
            "distance_m": near.get(row.depot),
            "suggested": chosen.get(row.id, 0.0),
        }
        for row in rows
    ]
    lots.sort(key=lambda lot: (lot["distance_m"] or 0, lot["expires_at"] is None, lot["id"]))
    return {"request": request_id, "wanted": left, "lots": lots, "assets": things[:20]}
