"""What a user says of the edges of the domain, of points of inflow and of dikes that break."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Side = Literal["west", "east", "south", "north"]
SIDES: dict[str, tuple[int, int]] = {
    "west": (0, -1),
    "east": (0, 1),
    "south": (-1, 0),
    "north": (1, 0),
}
"""Row and column step to the neighbour on a side; south is towards row 0, west to column 0."""


class Series:
    """A value in time: linear between its points, constant before and after.

    Args:
        times: (k,) s, increasing.
        values: (k,).

    Raises:
        ValueError: not one value per time, times that do not increase, or numbers not finite.
    """

    def __init__(self, times: ArrayLike, values: ArrayLike) -> None:
        self.times = np.array(times, np.float64)
        self.values = np.array(values, np.float64)
        if self.times.ndim != 1 or self.times.shape != self.values.shape or not self.times.size:
            raise ValueError(
                f"a series has {self.times.shape} times and {self.values.shape} values; "
                "give one value for each time, at least one"
            )
        if not (np.isfinite(self.times).all() and np.isfinite(self.values).all()):
            raise ValueError("a series holds numbers that are not finite")
        late = np.flatnonzero(np.diff(self.times) <= 0.0)
        if late.size:
            k = int(late[0])
            raise ValueError(
                f"times of a series must increase: entry {k + 1} is {self.times[k + 1]} s "
                f"after {self.times[k]} s"
            )

    def at(self, time: float) -> float:
        """The value at a time, s."""
        return float(np.interp(time, self.times, self.values))


Value = float | Series
Values = Value | Sequence[Value]
"""One value, or one for each member of an ensemble."""


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces at the edge of the domain: cells, and the side of each on which the domain ends."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    side: Side

    def __len__(self) -> int:
        return len(self.rows)


def edge_faces(
    active: ArrayLike, side: Side, first: int | None = None, last: int | None = None
) -> Faces:
    """Faces at one outer side of the grid whose cells are active.

    Args:
        active: (ny, nx) bool.
        side: of the grid.
        first, last: of the rows (west, east) or columns (south, north) that are taken, both
            included; all of them by default.

    Raises:
        ValueError: an unknown side, or no active cell there.
    """
    if side not in SIDES:
        raise ValueError(f"side is {side!r}; choose west, east, south or north")
    mask = np.asarray(active, np.bool_)
    ny, nx = mask.shape
    dj, di = SIDES[side]
    along = np.arange(ny if di else nx, dtype=np.int64)
    along = along[(along >= (first or 0)) & (along <= (len(along) if last is None else last))]
    across = np.full(along.shape, (ny if dj else nx) - 1 if dj + di > 0 else 0, np.int64)
    rows, columns = (along, across) if di else (across, along)
    held = mask[rows, columns]
    if not held.any():
        raise ValueError(f"no active cell lies along the {side} side there")
    return Faces(rows[held], columns[held], side)


@dataclass(frozen=True, eq=False)
class Boundary:
    """What happens at a stretch of the edge; where none is given the edge is closed.

    Args:
        kind: ``level`` (a tide or river outside), ``discharge`` (positive into the domain, spread
            over the faces by the conveyance of their cells), ``normal_depth`` (leaves at the
            uniform flow of ``slope``) or ``open`` (leaves as it comes: the flow of the cell
            within, on a bed that goes on falling).
        faces: one record, or several that act as one stretch.
        value: level, m, or discharge of the whole stretch, m3/s.
        slope: of the bed outside, for ``normal_depth``.
        name: in messages and results.

    Raises:
        ValueError: an unknown kind, no face, a slope that is not positive.
    """

    kind: Literal["open", "level", "discharge", "normal_depth"]
    faces: Faces | Sequence[Faces]
    value: Values = 0.0
    slope: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("open", "level", "discharge", "normal_depth"):
            raise ValueError(
                f"boundary kind is {self.kind!r}; choose open, level, discharge or normal_depth"
            )
        if sum(len(f) for f in self.stretches) == 0:
            raise ValueError(f"the {self.kind} boundary {self.name!r} has no face")
        if self.kind == "normal_depth" and not self.slope > 0.0:
            raise ValueError(
                f"the normal_depth boundary {self.name!r} has slope {self.slope}; give it above 0"
            )

    @property
    def stretches(self) -> Sequence[Faces]:
        """The faces as a sequence."""
        return (self.faces,) if isinstance(self.faces, Faces) else tuple(self.faces)


@dataclass(frozen=True, eq=False)
class Source:
    """Water that enters or leaves at cells, spread evenly over them.

    Args:
        cells: (rows, columns), or a boolean mask (ny, nx).
        discharge: of all cells together, m3/s; negative takes out, at most what is there.
        name: in messages.
    """

    cells: Any
    discharge: Values
    name: str = ""


@dataclass(frozen=True)
class Breach:
    """A stretch of barrier whose crest falls in time.

    Args:
        faces: (axis, row, column) each: axis "x" for the face west of a cell, "y" for the one
            south of it.
        time: when it begins, s.
        crest: level that it falls to, m; never below the bed.
        duration: of the fall, linear in time, s; 0 is at once.

    Raises:
        ValueError: no face, an unknown axis, a crest or time that is not finite.
    """

    faces: Sequence[tuple[str, int, int]]
    time: float
    crest: float
    duration: float = 0.0

    def __post_init__(self) -> None:
        if not self.faces:
            raise ValueError("a breach has no face")
        for axis, _, _ in self.faces:
            if axis not in ("x", "y"):
                raise ValueError(f'a breach names the axis {axis!r}; choose "x" or "y"')
        if not (math.isfinite(self.time) and math.isfinite(self.crest)):
            raise ValueError(f"a breach at {self.time} s to {self.crest} m must have finite values")
        if not self.duration >= 0.0:
            raise ValueError(f"a breach lasts {self.duration} s; it must be 0 or more")


def per_member(value: Values, members: int, what: str) -> list[Series]:
    """A series for each member.

    Raises:
        ValueError: a sequence of another length.
    """
    if isinstance(value, int | float | np.floating | Series):
        values: list[Value] = [value if isinstance(value, Series) else float(value)] * members
    else:
        values = list(value)
    if len(values) != members:
        raise ValueError(f"{what} has {len(values)} values; this run has {members} members")
    return [v if isinstance(v, Series) else Series([0.0], [v]) for v in values]
