"""The polygon where the newest run expects water, for a warning written by hand."""

from __future__ import annotations

import json
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query
from sqlalchemy import select

from anlan.access.desk import DeskHere, Viewer
from anlan.forecast import Products
from anlan.store import schema
from anlan.warn.water import expected_water

router = APIRouter()
R = schema.run


@router.get("/water-outline")
def outline(
    area: str,
    desk: DeskHere,
    caller: Viewer,
    depth: float = 0.15,
    share: Annotated[float, Query(gt=0, le=1)] = 0.3,
) -> dict[str, Any]:
    """Where the newest run expects more than ``depth`` (m) with at least this probability.

    ``polygon`` is GeoJSON (lon, lat), null where no such water is expected or no run is there.
    """
    desk.city.territory.unit(area)
    with desk.store.read() as conn:
        row = conn.execute(
            select(R.c.id, R.c.path, R.c.issued_at)
            .where(R.c.state == "published", R.c.visible_at <= desk.clock.now())
            .order_by(R.c.issued_at.desc())
            .limit(1)
        ).first()
    if row is None:
        return {"run": None, "issued": None, "polygon": None}
    with Products.open(desk.store.data_dir / "runs" / row.path) as products:
        field = products.probability(depth)
        terrain = desk.city.terrain(products.resolution_m)
    found = expected_water(desk.city, terrain, field, share, area)
    return {
        "run": row.id,
        "issued": row.issued_at,
        "polygon": None if found is None else json.loads(shapely.to_geojson(found)),
    }
