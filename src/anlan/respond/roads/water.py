"""Forecast water on roads: depth on every edge at every output time of a run, at a quantile.

The quantile is taken of the depth at each cell by itself, as in `anlan.forecast.Products`: "p50"
is the middle of the members, "p90" the depth that nine of ten stay below. An edge is as deep as
the deepest cell it runs through, less what its carriageway is raised; an underpass as deep as
its own local model says, at the same quantile over the members.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from anlan.assess.places import place_water
from anlan.city import City, Terrain
from anlan.forecast import Products
from anlan.refusal import Refusal
from anlan.respond.roads.network import Edge, Network
from anlan.store import schema

Floats = NDArray[np.float64]
QUANTILES = {"p50": 0.5, "p90": 0.9}
LAYERS = (*QUANTILES, "dry")


@dataclass(frozen=True, eq=False)
class RoadWater:
    """Depths on a network's edges.

    Attributes:
        run: id of the run, None where no forecast speaks: then every road is dry.
        layer: ``p50``, ``p90`` or ``dry``.
        issued: when the run was issued, UTC.
        times: (T,) output times, UTC; one time where all is dry.
        depth: (E, T) m.
    """

    run: str | None
    layer: str
    issued: datetime | None
    times: tuple[datetime, ...]
    depth: Floats

    @property
    def seconds(self) -> list[float]:
        """(T,) times as seconds since the first of them."""
        return [(moment - self.times[0]).total_seconds() for moment in self.times]

    def held(self) -> Floats:
        """(E, T) the depth to count with from each time to the next: the greater of the two."""
        later = np.concatenate([self.depth[:, 1:], self.depth[:, -1:]], axis=1)
        return np.asarray(np.maximum(self.depth, later))

    def at(self, edge: int, second: float) -> float:
        """Depth to count with on an edge at a second since the first time, m."""
        k = int(np.searchsorted(self.seconds, second, side="right")) - 1
        return float(self.held()[edge, max(0, k)])


def known_layer(layer: str) -> str:
    """``layer`` itself; raises `Refusal` for a word that is none."""
    if layer not in LAYERS:
        raise Refusal(
            f"water '{layer}' is not a layer; use {', '.join(LAYERS)}",
            field="water",
            value=layer,
            remedy=", ".join(LAYERS),
        )
    return layer


def dry(network: Network, now: datetime) -> RoadWater:
    """No water anywhere: where no forecast speaks, or to compare with."""
    return RoadWater(None, "dry", None, (now,), np.zeros((len(network.edges), 1)))


def newest(conn: Connection, now: datetime) -> tuple[str, str] | None:
    """Id and path of the newest published run that still reaches beyond ``now``."""
    R = schema.run
    row = conn.execute(
        select(R.c.id, R.c.path)
        .where(R.c.state == "published", R.c.to_at > now)
        .order_by(R.c.issued_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.id, row.path)


def on_roads(
    city: City, network: Network, runs: Path, run: tuple[str, str], layer: str
) -> RoadWater:
    """The water of a run on a network; ``runs``: the run store's folder, ``run``: id and path."""
    with Products.open(runs / run[1]) as products:
        terrain = city.terrain(products.resolution_m)
        frames = np.nan_to_num(np.asarray(products.frames(layer), dtype=np.float64))
        times = tuple(products.times)
        depth = np.zeros((len(network.edges), len(times)))
        done: dict[int, int] = {}
        for k, edge in enumerate(network.edges):
            if edge.twin is not None and edge.twin in done:
                depth[k] = depth[edge.twin]
                continue
            done[k] = k
            rows, columns = _cells(city, terrain, edge)
            if rows.size:
                depth[k] = frames[:, rows, columns].max(axis=1) - edge.road.raised_m
        if any(edge.road.place for edge in network.edges):
            _underpasses(city, network, products, QUANTILES[layer], depth)
        return RoadWater(run[0], layer, products.issued, times, np.maximum(depth, 0.0))


def _cells(city: City, terrain: Terrain, edge: Edge) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the land cells that an edge runs through.

    A river under a bridge does not wet the road, and the sea is not driven over.
    """
    metres = np.column_stack(city.to_xy(edge.line[:, 0], edge.line[:, 1]))
    dense = shapely.get_coordinates(
        shapely.segmentize(shapely.LineString(metres), terrain.dx / 4.0)
    )
    i = ((dense[:, 0] - terrain.x0) // terrain.dx).astype(np.int64)
    j = ((dense[:, 1] - terrain.y0) // terrain.dx).astype(np.int64)
    ny, nx = terrain.shape
    held = (i >= 0) & (i < nx) & (j >= 0) & (j < ny)
    j, i = np.unique(np.column_stack([j[held], i[held]]), axis=0).T
    land = ~terrain.river[j, i] & ~terrain.sea[j, i]
    return j[land], i[land]


def _underpasses(
    city: City, network: Network, products: Products, quantile: float, depth: Floats
) -> None:
    water = place_water(city, products)
    order = {place.id: n for n, place in enumerate(water.places)}
    for k, edge in enumerate(network.edges):
        n = order.get(edge.road.place)
        if n is not None:
            own = np.quantile(water.depth[:, :, n], quantile, axis=0)
            depth[k] = np.maximum(depth[k], own)
