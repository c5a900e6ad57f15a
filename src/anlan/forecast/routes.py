"""HTTP for forecast runs: what was computed, its fields as frames, its fans as series."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from fastapi import APIRouter, Response
from sqlalchemy import Row, select

from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.forecast.encoding import Field, depth_bytes, probability_bytes
from anlan.forecast.products import Products
from anlan.observe.routes import thresholds
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(prefix="/runs", tags=["forecast"])
R = schema.run
IMMUTABLE = {"cache-control": "private, max-age=31536000, immutable"}
QUANTILES = {"min": 0.0, "p10": 0.1, "p50": 0.5, "p90": 0.9, "max": 1.0}
THRESHOLDS = (0.15, 0.30, 0.50)


def _view(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "issued": row.issued_at,
        "visible_at": row.visible_at,
        "from": row.from_at,
        "to": row.to_at,
        "members": row.members,
        "state": row.state,
        "wall_s": row.wall_s,
        "input_hash": row.input_hash,
        "settings": row.settings,
    }


def published(desk: Desk, run_id: str) -> Row[Any]:
    """The row of a run that may be seen; `Refusal` (not_found) otherwise."""
    with desk.store.read() as conn:
        row = conn.execute(select(R).where(R.c.id == run_id, R.c.state == "published")).first()
    if row is None:
        raise Refusal(
            f"run {run_id} is not published; /api/v1/runs lists those that are",
            field="run",
            value=run_id,
            remedy="a run of /api/v1/runs",
            kind="not_found",
        )
    return row


def products_of(desk: Desk, run_id: str) -> Products:
    """The products of a run that may be seen."""
    return Products.open(desk.store.data_dir / "runs" / published(desk, run_id).path)


@router.get("")
def runs(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """Runs, newest first; those being computed too, but not those not visible yet."""
    now = desk.clock.now()
    with desk.store.read() as conn:
        rows = conn.execute(
            select(R).where(R.c.issued_at <= now).order_by(R.c.issued_at.desc()).limit(100)
        ).all()
    return [_view(row) for row in rows]


@router.get("/{run_id}")
def run(run_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """One run: grid, frames, layers, settings."""
    row = published(desk, run_id)
    with Products.open(desk.store.data_dir / "runs" / row.path) as products:
        terrain = desk.city.terrain(products.resolution_m)
        ny, nx = terrain.z.shape
        return _view(row) | {
            "resolution_m": products.resolution_m,
            "grid": {"corners": terrain.corners_lonlat(), "nx": nx, "ny": ny},
            "frames": list(products.times),
            "layers": ["p50", "p90"],
            "probabilities": [f"{threshold:.2f}" for threshold in THRESHOLDS],
            "synthetic": list(desk.city.synthetic),
        }


def _within(desk: Desk, products: Products, field: Field, outside: float) -> Field:
    """``field`` inside the city only: the model's margin beyond it is no forecast for anybody."""
    inside = desk.city.terrain(products.resolution_m).unit >= 0
    return np.where(inside, field, outside)


@router.get("/{run_id}/depth/{layer}/{index}.u8")
def depth(run_id: str, layer: str, index: int, desk: DeskHere, caller: Viewer) -> Response:
    """One frame of depth at a quantile of the members (see `encoding`)."""
    with products_of(desk, run_id) as products:
        if layer not in ("p50", "p90") or not 0 <= index < len(products.times):
            raise Refusal(
                f"frame {layer}/{index} does not exist; layers are p50 and p90, "
                f"frames 0 to {len(products.times) - 1}",
                field="frame",
                value=f"{layer}/{index}",
                remedy="a frame of the run",
                kind="not_found",
            )
        content = depth_bytes(_within(desk, products, products.frame(layer, index), 0.0))
    return Response(content, media_type="application/octet-stream", headers=IMMUTABLE)


@router.get("/{run_id}/probability/{threshold}.u8")
def probability(run_id: str, threshold: float, desk: DeskHere, caller: Viewer) -> Response:
    """Share of members whose greatest depth exceeds a threshold (see `encoding`)."""
    if threshold not in THRESHOLDS:
        raise Refusal(
            f"threshold {threshold} was not computed; take one of {THRESHOLDS}",
            field="threshold",
            value=threshold,
            remedy="0.15, 0.30 or 0.50",
            kind="not_found",
        )
    with products_of(desk, run_id) as products:
        field = products.probability(threshold)
        content = probability_bytes(_within(desk, products, field, np.nan))
    return Response(content, media_type="application/octet-stream", headers=IMMUTABLE)


def fan(values: Any) -> dict[str, list[float | None]]:
    """Quantiles over members of (M, T) values, as lists; None where no member has a value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a time at which every member is dry
        return {
            name: [
                None if np.isnan(v) else round(float(v), 3) for v in np.nanquantile(values, q, 0)
            ]
            for name, q in QUANTILES.items()
        }


@router.get("/{run_id}/series/{station_id}")
def series(run_id: str, station_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The ensemble's fan at a tide or level station, m on the city's datum."""
    with products_of(desk, run_id) as products:
        if products.tide is not None and station_id == products.tide_station:
            times, values = list(products.fine_times), products.tide
        elif station_id in products.station_ids:
            column = list(products.station_ids).index(station_id)
            times, values = list(products.times), products.station_level[:, :, column]
        else:
            raise Refusal(
                f"run {run_id} says nothing about station {station_id}",
                field="station",
                value=station_id,
                remedy="a tide or level station",
                kind="not_found",
            )
        return {
            "times": times,
            "unit": "m",
            "datum": desk.city.datum,
            "thresholds": thresholds(desk.city.stations[station_id]),
            **fan(values),
        }
