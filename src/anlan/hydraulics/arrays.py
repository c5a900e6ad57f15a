"""The arrays that a run works on, as the records the compiled functions take.

Levels are relative to the run's own zero, which lies in the middle of the beds: in single
precision a level of 2 m is ten times finer than one of 20 m.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from anlan.hydraulics.numerics import Array, part

# Bed of a face that nothing crosses; finite, so that no infinity enters the arithmetic.
WALL = 1e30
# Critical flow over a broad crest: q = (2/3)^(3/2) sqrt(g) H^(3/2).
CREST_FLOW = (2.0 / 3.0) ** 1.5
UNCAPPED = 1e30


class Ground(NamedTuple):
    """What does not change during a run; shapes as in ``LocalInertial``, real type of the run."""

    z: Array  # (ny, nx) bed relative to the run's own zero, m
    zf_x: Array  # (ny, nx+1) bed of x faces, m; WALL where closed
    zf_y: Array  # (ny+1, nx)
    gn2_x: Array  # (ny, nx+1) g n^2 at x faces
    gn2_y: Array
    cap_x: Array  # (ny, nx+1) largest Froude number: CREST_FLOW over crests, else UNCAPPED
    cap_y: Array
    cells: Array  # (ny, 2) int64 first column of each row that is computed, and the one past it
    faces_x: Array  # (ny, 2) the same for x faces
    faces_y: Array  # (ny+1, 2)


class Forcing(NamedTuple):
    """What the caller may change between calls."""

    rain: Array  # (ny, nx) m s-1
    losses: Array  # (ny, nx) m s-1
    has_losses: bool
    rain_sum: float  # sum of rain over the cells, m s-1
    level_cell: Array  # (k,) int64 flat indices of cells with a prescribed level
    level: Array  # (k,) m, relative to the run's own zero


class Water(NamedTuple):
    """The state: depth is ``h + c``, where ``c`` holds what rounding took from ``h``."""

    h: Array
    c: Array
    highest: Array  # (ny, nx) greatest depth so far


class Volumes(NamedTuple):
    """Running sums since the budget began, one float64 each, m3."""

    rain: Array
    losses: Array
    inflow: Array
    outflow: Array


@part
def add_depth(h: Array, c: Array, cell: int, gain: float) -> None:
    """Add ``gain`` metres (float64) to one cell of flat ``h`` and ``c``; Kahan's sum in float64."""
    before = np.float64(h[cell])
    change = np.float64(c[cell]) + gain
    h[cell] = before + change
    c[cell] = (before - np.float64(h[cell])) + change
