"""What somebody on the street needs of the picture: water now and soon, shelters, what people saw.

Small enough to be kept on a phone: the water of a run comes in one piece, coarsened to at most
`MOST_CELLS` cells, each as deep as the deepest spot in it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from fastapi import APIRouter, Response
from numpy.typing import NDArray
from sqlalchemy import select

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.chain import newest_runs
from anlan.city import City
from anlan.city.terrain import Terrain
from anlan.forecast.encoding import depth_bytes
from anlan.forecast.products import Products
from anlan.forecast.routes import IMMUTABLE, published
from anlan.observe import people
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(prefix="/street", tags=["picture"])
MOST_CELLS = 40_000
TOLD_WITHIN = timedelta(hours=6)
# of the public; the others are sent out, and see the water wherever they are sent
PUBLIC_ROLES = ("resident", "firm")
WATER = "waterlogging"
ABOUT_M = 0.0003  # degrees, some 30 m: lines are drawn no finer on a phone


def may_see_water(city: City, caller: Caller) -> bool:
    """Whether the forecast's water may be shown: to the public only what `authority` grants."""
    granted = (city.settings.get("authority") or {}).get("public", ())
    return caller.role not in PUBLIC_ROLES or WATER in granted


@router.get("")
def street(desk: DeskHere, caller: PhoneUser) -> dict[str, object]:
    """Shelters with places left, trusted reports of depth, rivers and roads, and the water's run.

    ``water``: run, issue time, hours of its frames (UTC), corners SW, SE, NE, NW (lon, lat) and
    size of its grid; null when there is no run, or none that the caller may see (``withheld``).
    ``approved`` is false: this is no standard map (非标准地图).
    """
    city, now = desk.city, desk.clock.now()
    shown = may_see_water(city, caller)
    with desk.store.read() as conn:
        runs = newest_runs(conn, 1) if shown else []
        told = people.reports(conn, now - TOLD_WITHIN, now)
        used = {row.id: row for row in conn.execute(select(schema.shelter_use))}
    return {
        "as_of": now,
        "approved": False,
        "synthetic": list(city.synthetic),
        "withheld": not shown,
        "water": _water(desk, runs[0]) if runs else None,
        "shelters": [
            {
                "id": shelter.id,
                "name": shelter.name,
                "lon": shelter.lon,
                "lat": shelter.lat,
                "capacity": shelter.capacity,
                # nobody keeps count of a shelter that the store does not know yet
                "taken": used[shelter.id].taken if shelter.id in used else None,
                "open": bool(used[shelter.id].open) if shelter.id in used else None,
                "synthetic": shelter.synthetic,
            }
            for shelter in city.shelters.values()
        ],
        "reports": [
            {
                # a report may come from somebody's door: about where is enough
                "lon": round(each.report.lon, 3),
                "lat": round(each.report.lat, 3),
                "low_m": each.report.depth.low,
                "high_m": each.report.depth.high,
                "seen_at": each.report.seen_at,
            }
            for each in told
            if each.trust >= people.TRUSTED
        ],
        "lines": _lines(city),
    }


@router.get("/water/{run_id}.u8")
def water(run_id: str, desk: DeskHere, caller: PhoneUser) -> Response:
    """All hourly frames of a run one after the other (likely depth, p50; see `encoding`)."""
    if not may_see_water(desk.city, caller):
        raise Refusal(
            f"run {run_id} is not for the public: {desk.city.name} does not grant it",
            field="run",
            value=run_id,
            remedy="the warnings and shelters of /api/v1/street",
            kind="forbidden",
        )
    row = published(desk, run_id)
    content = _frames(desk.city, str(desk.store.data_dir / "runs" / row.path))
    return Response(content, media_type="application/octet-stream", headers=IMMUTABLE)


def _water(desk: Desk, run_id: str) -> dict[str, object]:
    row = published(desk, run_id)
    with Products.open(desk.store.data_dir / "runs" / row.path) as products:
        terrain, times = desk.city.terrain(products.resolution_m), list(products.times)
    ny, nx = terrain.shape
    step = coarser(ny, nx)
    return {
        "run": run_id,
        "issued": row.issued_at,
        "frames": times,
        "grid": {
            "corners": _corners(terrain, step),
            "nx": -(-nx // step),
            "ny": -(-ny // step),
        },
    }


def coarser(ny: int, nx: int) -> int:
    """How many cells each way make one, for at most `MOST_CELLS`."""
    step = 1
    while -(-ny // step) * -(-nx // step) > MOST_CELLS:
        step += 1
    return step


def _corners(terrain: Terrain, step: int) -> list[list[float]]:
    """Corners SW, SE, NE, NW (lon, lat) of the coarser grid, which may reach beyond the finer."""
    ny, nx = terrain.shape
    east = terrain.x0 + -(-nx // step) * step * terrain.dx
    north = terrain.y0 + -(-ny // step) * step * terrain.dx
    corners = [
        (terrain.x0, terrain.y0),
        (east, terrain.y0),
        (east, north),
        (terrain.x0, north),
    ]
    return [list(terrain.projection.to_lonlat(x, y)) for x, y in corners]


def deepest(depth: NDArray[np.floating[Any]], step: int) -> NDArray[np.floating[Any]]:
    """(ny, nx) depths, row 0 south, with ``step`` cells each way as one, its deepest; NaN dry."""
    ny, nx = depth.shape
    padded = np.pad(np.nan_to_num(depth, nan=0.0), ((0, -ny % step), (0, -nx % step)))
    rows, columns = padded.shape[0] // step, padded.shape[1] // step
    blocks: NDArray[np.floating[Any]] = padded.reshape(rows, step, columns, step).max((1, 3))
    return blocks


@lru_cache(maxsize=2)
def _frames(city: City, folder: str) -> bytes:
    """The frames of a run, whose products never change."""
    with Products(Path(folder)) as products:
        terrain = city.terrain(products.resolution_m)
        inside = terrain.unit >= 0
        step = coarser(*terrain.shape)
        return b"".join(
            depth_bytes(deepest(np.where(inside, frame, 0.0), step))
            for frame in products.frames("p50")
        )


def _lines(city: City) -> dict[str, object]:
    drawn = [line for line in city.lines if line.kind in ("river", "road", "sea_dike")]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(line.geometry.simplify(ABOUT_M)),
                "properties": {"kind": line.kind, "name": line.name},
            }
            for line in drawn
        ],
    }
