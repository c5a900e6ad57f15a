"""Barriers, bridges and boundaries of a run, laid out as ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics import way_laws
from anlan.hydraulics.arrays import PAD
from anlan.hydraulics.edge_values import Edges
from anlan.hydraulics.edges import SIDES, Boundary, Breach, Series, per_member
from anlan.hydraulics.layout import Layout
from anlan.hydraulics.movers import Table
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.way_laws import Ways
from anlan.hydraulics.works import Bridge, pack_bridges

KINDS = {
    "open": way_laws.OPEN,
    "level": way_laws.LEVEL,
    "discharge": way_laws.DISCHARGE,
    "normal_depth": way_laws.NORMAL_DEPTH,
}
# A crest at or above this lets nothing over.
NEVER = 1e5
# Cells within which a level on a face along the other axis makes a corner of the edge.
NEAR = 2


@dataclass
class _Face:
    """One way before it is sorted in."""

    kind: int
    inward: int = 0
    bridge: int = -1
    value: list[float] = field(default_factory=list)


def table(series: Sequence[Series], zero: Sequence[float]) -> Table:
    """Series laid end to end; ``zero`` is taken from the values of each."""
    return Table(
        first=np.cumsum([0, *(len(s.times) for s in series)]).astype(np.int64),
        time=np.concatenate([s.times for s in series]) if series else np.zeros(0),
        value=np.concatenate([s.values - z for s, z in zip(series, zero, strict=True)])
        if series
        else np.zeros(0),
    )


def lay_ways(
    layout: Layout,
    bed: NDArray[np.float64],
    active: NDArray[np.bool_],
    crest_x: Array,
    crest_y: Array,
    breaches: Sequence[Breach],
    bridges: Sequence[Bridge],
    boundaries: Sequence[Boundary],
    manning: Array,
    zero: float,
    real: Any,
) -> tuple[Ways, Edges]:
    """All faces with a law of their own.

    Args:
        layout: of the run.
        bed: (ny, nx) relative to ``zero``, m.
        active: (ny, nx).
        crest_x: (ny, nx + 1) crests relative to ``zero``, m; -inf for none.
        crest_y: (ny + 1, nx).
        breaches, bridges, boundaries: as the user gave them, levels on the user's datum.
        manning: (ny, nx).
        zero: level that the run counts from, m.
        real: type of the run's numbers.

    Raises:
        ValueError: a breach or boundary that does not fit the grid, a face claimed twice.
    """
    members = layout.members
    found: dict[tuple[int, int, int], _Face] = {}
    for axis, crest in ((0, crest_x), (1, crest_y)):
        for row, column in np.argwhere(crest > -np.inf):
            beds = _beds(bed, active, axis, int(row), int(column))
            level = float(crest[row, column])
            if beds is None or level <= max(beds):
                continue
            kind = way_laws.CLOSED if level >= NEVER else way_laws.BARRIER
            found[axis, int(row), int(column)] = _Face(kind, value=[min(level, NEVER)] * members)
    breaking = []
    for breach in breaches:
        for name, row, column in breach.faces:
            axis = 0 if name == "x" else 1
            beds = _beds(bed, active, axis, row, column)
            if beds is None:
                raise ValueError(
                    f"a breach names the face {(name, row, column)}, which does not lie between "
                    "two active cells"
                )
            key = (axis, row, column)
            face = found.setdefault(key, _Face(way_laws.BARRIER, value=[max(beds)] * members))
            face.kind = way_laws.BARRIER
            breaking.append((key, face.value[0], max(breach.crest - zero, max(beds)), breach))
    packed_bridges = pack_bridges(bridges, zero, members)
    for k in range(len(packed_bridges.axis)):
        key = (
            int(packed_bridges.axis[k]),
            int(packed_bridges.row[k]),
            int(packed_bridges.column[k]),
        )
        if key in found:
            raise ValueError(f"face {_name(key)} has a bridge and a barrier; keep one of them")
        found[key] = _Face(way_laws.BRIDGE, bridge=k, value=[0.0] * members)
    stretches = [_claim(b, found, active, manning, members) for b in boundaries]
    keys = sorted(found, key=lambda key: (key[0], key[1], key[2]))
    order = {key: k for k, key in enumerate(keys)}
    faces = [found[key] for key in keys]
    padded_rows = np.array([key[1] + PAD for key in keys], np.int64)
    axes = np.array([key[0] for key in keys], np.int64)
    inward = np.array([f.inward for f in faces], np.int64)
    at_x = int((axes == 0).sum())

    def starts(rows: Array, offset: int) -> Array:
        edges = np.searchsorted(rows, np.arange(layout.shape[0] + 1))
        return np.asarray(edges + offset, np.int64)

    changing = {key for key, *_ in breaking}
    over = _under_crests(
        {key: face for key, face in found.items() if key not in changing}, order, bed, active, real
    )
    laid = Ways(
        start_x=starts(padded_rows[:at_x], 0),
        start_y=starts(padded_rows[at_x:], at_x),
        edge=_edge_rows(padded_rows, axes, inward, layout.shape[0]),
        row=padded_rows,
        column=np.array([key[2] + PAD for key in keys], np.int64),
        kind=np.array([f.kind for f in faces], np.int64),
        inward=inward,
        corner=_corners(stretches, boundaries, order, (layout.ny, layout.nx)),
        bridge=np.array([f.bridge for f in faces], np.int64),
        value=np.array([f.value for f in faces], np.float64).reshape(len(faces), members).T.copy(),
        over_a=over[0],
        over_b=over[1],
        bridges=packed_bridges,
        came=np.zeros((members, len(faces))),
        went=np.zeros((members, len(faces))),
    )
    return laid, _edges(boundaries, stretches, breaking, order, members, zero)


def _under_crests(
    found: dict[tuple[int, int, int], _Face],
    order: dict[tuple[int, int, int], int],
    bed: NDArray[np.float64],
    active: NDArray[np.bool_],
    real: Any,
) -> tuple[Array, Array]:
    """Depth on both sides of each way up to the crest of a barrier, m; 0 for other ways."""
    over = np.zeros((2, len(order)), real)
    for key, face in found.items():
        beds = _beds(bed, active, *key)
        if face.kind == way_laws.BARRIER and beds is not None:
            over[:, order[key]] = [face.value[0] - z for z in beds]
    return over[0].copy(), over[1].copy()


def _edge_rows(rows: Array, axes: Array, inward: Array, count: int) -> Array:
    """Which of ``count`` rows of cells have an edge of the domain on one of their sides."""
    edge = np.zeros(count, np.bool_)
    edge[rows[inward != 0]] = True
    edge[rows[(inward != 0) & (axes == 1)] - 1] = True
    return edge


def _corners(
    stretches: Sequence[list[tuple[tuple[int, int, int], tuple[int, int]]]],
    boundaries: Sequence[Boundary],
    order: dict[tuple[int, int, int], int],
    shape: tuple[int, int],
) -> Array:
    """Which faces with a level lie near one along the other axis, see ``kept_from_rest``."""
    near = np.zeros((2, shape[0] + 2 * NEAR, shape[1] + 2 * NEAR), np.bool_)
    levels = [
        entry
        for stretch, boundary in zip(stretches, boundaries, strict=True)
        if boundary.kind == "level"
        for entry in stretch
    ]
    for (axis, *_), (row, column) in levels:
        near[axis, row : row + 2 * NEAR + 1, column : column + 2 * NEAR + 1] = True
    corner = np.zeros(len(order), np.uint8)
    for key, (row, column) in levels:
        corner[order[key]] = near[1 - key[0], row + NEAR, column + NEAR]
    return corner


def _edges(
    boundaries: Sequence[Boundary],
    stretches: Sequence[list[tuple[tuple[int, int, int], tuple[int, int]]]],
    breaking: Sequence[tuple[tuple[int, int, int], float, float, Breach]],
    order: dict[tuple[int, int, int], int],
    members: int,
    zero: float,
) -> Edges:
    entries = [entry for stretch in stretches for entry in stretch]
    series: list[Series] = []
    zeros: list[float] = []
    for b in boundaries:
        series += per_member(b.value, members, f"the {b.kind} boundary {b.name!r}")
        zeros += [zero if b.kind == "level" else 0.0] * members
    return Edges(
        first=np.cumsum([0, *(len(s) for s in stretches)]).astype(np.int64),
        way=np.array([order[key] for key, _ in entries], np.int64),
        row=np.array([cell[0] + PAD for _, cell in entries], np.int64),
        column=np.array([cell[1] + PAD for _, cell in entries], np.int64),
        kind=np.array([KINDS[b.kind] for b in boundaries], np.int64),
        series=table(series, zeros),
        breach_way=np.array([order[key] for key, *_ in breaking], np.int64),
        breach_from=np.array([a for _, a, _, _ in breaking], np.float64),
        breach_to=np.array([b for _, _, b, _ in breaking], np.float64),
        breach_time=np.array([b.time for *_, b in breaking], np.float64),
        breach_duration=np.array([b.duration for *_, b in breaking], np.float64),
    )


def _claim(
    boundary: Boundary,
    found: dict[tuple[int, int, int], _Face],
    active: NDArray[np.bool_],
    manning: Array,
    members: int,
) -> list[tuple[tuple[int, int, int], tuple[int, int]]]:
    """Enter the faces of a boundary; returns each with its cell."""
    ny, nx = active.shape
    entries = []
    what = f"the {boundary.kind} boundary {boundary.name!r}"
    for faces in boundary.stretches:
        dj, di = SIDES[faces.side]
        for row, column in zip(faces.rows.tolist(), faces.columns.tolist(), strict=True):
            if not (0 <= row < ny and 0 <= column < nx and active[row, column]):
                raise ValueError(f"{what} names the cell {(row, column)}, which is not active")
            j, i = row + dj, column + di
            if 0 <= j < ny and 0 <= i < nx and active[j, i]:
                raise ValueError(
                    f"{what} names the {faces.side} side of {(row, column)}, where the domain "
                    "goes on; a boundary acts at its edge"
                )
            if boundary.kind == "normal_depth" and not manning[row, column] > 0.0:
                raise ValueError(
                    f"{what}: cell {(row, column)} has Manning 0, where no uniform flow exists; "
                    'give it roughness or choose kind "open"'
                )
            axis = 0 if di else 1
            key = (axis, row + (dj > 0), column + (di > 0))
            if key in found:
                raise ValueError(f"{what} claims the face {_name(key)}, which is taken already")
            inward = 1 if dj + di < 0 else -1
            value = boundary.slope if boundary.kind == "normal_depth" else 0.0
            found[key] = _Face(KINDS[boundary.kind], inward, value=[value] * members)
            entries.append((key, (row, column)))
    return entries


def _beds(
    bed: Array, active: NDArray[np.bool_], axis: int, row: int, column: int
) -> tuple[float, float] | None:
    """Beds on both sides of a face, or none if it does not lie between two active cells."""
    ny, nx = bed.shape
    j, i = (row, column - 1) if axis == 0 else (row - 1, column)
    inside = j >= 0 and i >= 0 and row < ny and column < nx
    if not (inside and active[j, i] and active[row, column]):
        return None
    return float(bed[j, i]), float(bed[row, column])


def _name(key: tuple[int, int, int]) -> Any:
    return ("xy"[key[0]], key[1], key[2])
