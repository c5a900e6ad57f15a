"""Sub-grid tables as a run holds them: levels of cells, areas and roughness of faces, looked up.

A cell's depth above its lowest fine bed is kept at volumes V_k = brim (k / K)^2, k = 0 ... K,
linear in volume between them and rising by the open share above the brim: narrow channels fill
first and get fine steps. The same polyline serves both ways, so the volume of a level and the
level of that volume agree. A face keeps, at K + 1 even levels between its lowest and its highest
fine bed, the area of flow per unit cell width and the Manning coefficient N with which that
area, spread over the whole face, has the face's conveyance: k = A^(5/3) / N. Momentum across a
face is then that of plain ground with A for the depth and N for the roughness.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload

from anlan.hydraulics.numerics import (
    Array,
    from_ordered_bits,
    ordered_bits,
    part,
    piece,
    widest,
)
from anlan.hydraulics.physics import ONE, TWO, WALL, ZERO


class Faces(NamedTuple):
    """The faces of one axis, of the run's real type; tables of two dimensions in float32."""

    low: Array  # (NY, NX) lowest fine bed, m over the run's zero; WALL where all is blocked
    span: Array  # (NY, NX) highest less lowest fine bed, m
    per: Array  # (NY, NX) K / span, 1/m; 0 where the face is flat
    open: Array  # (NY, NX) share of the width that is not blocked
    area: Array  # (K + 1, NY NX) area of flow per unit cell width at each level, m
    manning: Array  # (K + 1, NY NX) N, s m^-1/3


class Tables(NamedTuple):
    """What a run with sub-grid tables holds besides its ground; ``depth`` in float32."""

    brim: Array  # (NY, NX) volume per cell area at which the highest fine bed is reached, m
    per: Array  # (NY, NX) K^2 / brim, 1/m; 0 where the cell is flat
    spread: Array  # (NY, NX) rise of the level per metre of water above the brim
    depth: Array  # (K + 1, NY NX) depth above the cell's lowest fine bed, m
    x: Faces
    y: Faces
    toward: Any  # share of the way between centres at which the bed beside a face is known


class TabledGround(NamedTuple):
    """Ground of a run with tables; see ``arrays.Ground``. ``z`` is the lowest bed of a cell."""

    z: Array
    n: Array
    tables: Tables


def tables_of(ground: Any) -> Any:
    """Tables of a ground that has them, else none; the compiler leaves out what is not meant."""
    return getattr(ground, "tables", None)


@overload(tables_of)
def _tables_of(ground: Any) -> Callable[[Any], Any]:
    def present(ground: Any) -> Any:
        return ground.tables

    def absent(ground: Any) -> Any:
        return None

    return present if "tables" in getattr(ground, "fields", ()) else absent


@part
def depth_of(tables: Any, cell: int, h: float) -> float:
    """Depth above the lowest bed of a cell (flat index) that holds ``h`` metres, float64."""
    if tables is None:
        return h
    return float(_depth_of(tables, cell, h))


@part
def surface_of(tables: Any, cell: int, h: float) -> float:
    """Share of a cell's area that rises with its level."""
    if tables is None:
        return 1.0
    return float(_surface_of(tables, cell, h))


@part
def held_at(tables: Any, cell: int, depth: float) -> float:
    """Metres of water in a cell that stands ``depth`` above its lowest bed: the way back."""
    if tables is None:
        return max(depth, 0.0)
    return float(_held_at(tables, cell, depth))


@piece
def _depth_of(tables: Tables, cell: int, h: float) -> float:
    v = np.float64(h)
    top = np.float64(tables.brim.reshape(-1)[cell])
    held = max(min(v, top), 0.0)
    y = held * np.float64(tables.per.reshape(-1)[cell])
    k = min(int(math.sqrt(y)), tables.depth.shape[0] - 2)
    low = np.float64(tables.depth[k, cell])
    rise = (np.float64(tables.depth[k + 1, cell]) - low) / (2.0 * k + 1.0)
    over = (v - held) * np.float64(tables.spread.reshape(-1)[cell])
    return float(low + (y - k * k) * rise + over)


@piece
def _surface_of(tables: Tables, cell: int, h: float) -> float:
    per = np.float64(tables.per.reshape(-1)[cell])
    if h >= np.float64(tables.brim.reshape(-1)[cell]):
        return 1.0 / np.float64(tables.spread.reshape(-1)[cell])
    k = min(int(math.sqrt(max(h, 0.0) * per)), tables.depth.shape[0] - 2)
    rise = np.float64(tables.depth[k + 1, cell]) - np.float64(tables.depth[k, cell])
    return float((2.0 * k + 1.0) / max(rise * per, 1e-12))


@piece
def _held_at(tables: Tables, cell: int, depth: float) -> float:
    if depth <= 0.0:
        return 0.0
    last = tables.depth.shape[0] - 1
    brim = np.float64(tables.brim.reshape(-1)[cell])
    above = depth - np.float64(tables.depth[last, cell])
    if above >= 0.0:
        return brim + above / np.float64(tables.spread.reshape(-1)[cell])
    k = 0
    while np.float64(tables.depth[k + 1, cell]) <= depth:
        k += 1
    low = np.float64(tables.depth[k, cell])
    share = (depth - low) / (np.float64(tables.depth[k + 1, cell]) - low)
    return (k * k + share * (2.0 * k + 1.0)) / np.float64(tables.per.reshape(-1)[cell])


@piece
def face_of(faces: Faces, face: int, depth: float) -> tuple[float, float]:
    """Area of flow and N of a face (flat index) whose lowest bed lies ``depth`` under water."""
    last = faces.area.shape[0] - 1
    over = max(depth, 0.0)
    x = min(over * np.float64(faces.per.reshape(-1)[face]), np.float64(last))
    k = min(int(x), last - 1)
    share = x - k
    a = np.float64(faces.area[k, face])
    n = np.float64(faces.manning[k, face])
    a += share * (np.float64(faces.area[k + 1, face]) - a)
    n += share * (np.float64(faces.manning[k + 1, face]) - n)
    excess = max(over - np.float64(faces.span.reshape(-1)[face]), 0.0)
    return a + excess * np.float64(faces.open.reshape(-1)[face]), n


@piece
def level_row(
    depth: Array,
    slope: Array,
    h: Array,
    brim: Array,
    per: Array,
    spread: Array,
    table: Array,
    first: int,
) -> None:
    """Depth above the lowest fine bed [m] of a row of cells, and its rise per metre of water.

    ``table`` (K + 1, NY NX) is read from its column ``first``.
    """
    last = np.int32(table.shape[0] - 2)
    _bins_of_cells(slope, h, brim, per, last)
    _gather_cells(depth, slope, table, first)
    _interpolate_levels(depth, slope, h, brim, per, spread, last)


@part
def _bin(v: Any, brim: Any, per: Any, last: Any) -> tuple[Any, Any, Any]:
    """Bin of a cell, (k in units of volume, k^2 at its start) and what stands above the brim."""
    held = v if v < brim else brim
    y = held * per
    k = np.int32(math.sqrt(y))
    k = k if k < last else last
    return y, k, v - held


@part
def _bins_of_cells(bins: Array, h: Array, brim: Array, per: Array, last: Any) -> None:
    widest()
    for i in range(bins.shape[0]):
        _, k, _ = _bin(h[i], brim[i], per[i], last)
        bins[i] = k


@part
def _gather_cells(depth: Array, slope: Array, table: Array, first: int) -> None:
    """Value and rise of the bins in ``slope``. Plain: loads at will cannot be packed here."""
    flat = table.reshape(-1)
    size = np.uint64(table.shape[1])
    for i in range(depth.shape[0]):
        at = np.uint64(slope[i]) * size + np.uint64(first + i)
        depth[i] = flat[at]
        slope[i] = depth.dtype.type(flat[at + size]) - depth[i]


@part
def _interpolate_levels(
    depth: Array,
    slope: Array,
    h: Array,
    brim: Array,
    per: Array,
    spread: Array,
    last: Any,
) -> None:
    real = depth.dtype.type
    widest()
    for i in range(depth.shape[0]):
        y, k, over = _bin(h[i], brim[i], per[i], last)
        whole = real(k)
        rise = slope[i] / (TWO * whole + ONE)
        depth[i] = depth[i] + (y - whole * whole) * rise + over * spread[i]
        slope[i] = rise * per[i] if h[i] < brim[i] else spread[i]


@piece
def face_row(
    area: Array,
    manning: Array,
    pace: Array,
    t_a: Array,
    t_b: Array,
    z_a: Array,
    z_b: Array,
    slope_a: Array,
    slope_b: Array,
    low: Array,
    span: Array,
    per: Array,
    open_: Array,
    areas: Array,
    mannings: Array,
    first: int,
    toward: Any,
    reach: Any,
) -> Any:
    """Area of flow, N and pace of one row of faces; returns the greatest depth found.

    The level is that of the higher cell, brought from its centre to the fine bed beside the face.
    ``pace`` slows the momentum of faces between cells with so little surface for so much area
    that their waves would outrun the step: explicit steps are stable while
    dt^2 g A (1/w_a + 1/w_b) <= ``reach`` g = theta dx^2, w the surface per cell area (Gershgorin's
    bound of the wave operator's eigenvalues), and inertia alone is scaled, so steady flow stays
    what it is.
    """
    deepest = _bins_of_faces(
        area,
        pace,
        t_a,
        t_b,
        z_a,
        z_b,
        low,
        span,
        per,
        toward,
        area.dtype.type(areas.shape[0] - 1),
    )
    _gather_faces(area, manning, areas, mannings, first)
    widest()
    for i in range(area.shape[0]):
        a = area[i] + pace[i] * open_[i]
        area[i] = a
        fast = a * (slope_a[i] + slope_b[i])
        pace[i] = reach / fast if fast > reach else ONE
    return deepest


@part
def _bins_of_faces(
    bins: Array,
    excess: Array,
    t_a: Array,
    t_b: Array,
    z_a: Array,
    z_b: Array,
    low: Array,
    span: Array,
    per: Array,
    toward: Any,
    most: Any,
) -> Any:
    """Level of each face in its table, 0 ... K, and what stands above it; the greatest depth."""
    deepest = ordered_bits(bins.dtype.type(0.0))
    widest()
    for i in range(bins.shape[0]):
        depth, over = over_face(t_a[i], t_b[i], z_a[i], z_b[i], low[i], toward)
        x = over * per[i]
        bins[i] = x if x < most else most
        above = over - span[i]
        excess[i] = above if above > ZERO else ZERO
        bits = ordered_bits(depth)
        deepest = bits if bits > deepest else deepest
    return from_ordered_bits(deepest, bins.dtype.type(0.0))


@part
def over_face(t_a: Any, t_b: Any, z_a: Any, z_b: Any, low: Any, toward: Any) -> tuple[Any, Any]:
    """Depth over the lowest bed of a face, of the higher cell's level and of that at the face."""
    eta_a = t_a + z_a
    eta_b = t_b + z_b
    higher = eta_a if eta_a > eta_b else eta_b
    depth = higher - low
    inside = (z_a < WALL) & (z_b < WALL) & (depth > ZERO)
    depth = depth if inside else ZERO
    drop = abs(eta_a - eta_b)
    drop = drop if drop < depth else depth
    return depth, depth - toward * drop


@part
def _gather_faces(area: Array, manning: Array, areas: Array, mannings: Array, first: int) -> None:
    """Area and N at the places in ``area``. Plain: loads at will cannot be packed here."""
    a = areas.reshape(-1)
    n = mannings.reshape(-1)
    size = np.uint64(areas.shape[1])
    last = np.int64(areas.shape[0] - 2)
    for i in range(area.shape[0]):
        k = min(np.int64(area[i]), last)
        share = area[i] - area.dtype.type(k)
        at = np.uint64(k) * size + np.uint64(first + i)
        low = area.dtype.type(a[at])
        area[i] = low + share * (a[at + size] - low)
        rough = area.dtype.type(n[at])
        manning[i] = rough + share * (n[at + size] - rough)
