"""The arrays that a run works on, as the records the compiled functions take.

All grids of a run have one padded shape (NY, NX), so that one index serves cells and faces: the
x face of index (j, i) is the west face of cell (j, i), its y face the south one. Cells outside the
domain are dry with a bed of ``physics.WALL``. The members of an ensemble lie one after another
along the rows, (M NY, NX); ground and friction are shared. Levels are relative to the run's own
zero, which lies in the middle of the beds: in single precision a level of 2 m is ten times finer
than one of 20 m.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from anlan.hydraulics.numerics import Array, part

# Rows and columns of walls around the domain: the longest reach of the scheme.
PAD = 4


class Ground(NamedTuple):
    """What does not change during a run, of the run's real type."""

    z: Array  # (NY, NX) bed, m over the run's own zero
    n: Array  # (NY, NX) Manning, s m^-1/3


class Forcing(NamedTuple):
    """What falls and what the ground takes, of the run's real type."""

    rain: Array  # (M NY, NX) m s-1, or (NY, NX) for all members
    losses: Array  # (M NY, NX) or (NY, NX) m s-1
    rain_stride: int  # rows from one member's rain to the next: NY or 0
    losses_stride: int
    has_losses: bool
    soaks: bool  # whether ``soaked`` is kept
    soaked: Array  # (M NY, NX) m taken by the soil since it last changed; a single cell if not kept


class Water(NamedTuple):
    """The flow at one moment, (M NY, NX) each: depth is ``h + c``."""

    h: Array  # depth at cells, m
    c: Array  # what rounding took from h
    qx: Array  # discharge per unit width at x faces, m2 s-1
    qy: Array
    ux: Array  # velocity at x faces, m s-1; a single cell where the scheme keeps none
    uy: Array


class Tiles(NamedTuple):
    """The blocks of cells that are computed as one, and which of them sleep."""

    height: int
    width: int  # a multiple of 16
    rows: int  # tiles along y
    columns: int
    first: Array  # (NY, columns) int64 padded column from which a row of it is computed
    cells: Array  # (NY, columns) int64 cells computed from there, a multiple of 16
    faces: Array  # (NY, columns) int64 faces computed, from the column before; the same
    wet: Array  # (M, rows columns) uint8 water in it
    calm: Array  # (M, rows columns) uint8 buffers, up to 2, that hold nothing but dry ground
    rainy: Array  # (M, rows columns) uint8 must be computed whatever it holds
    work: Array  # (M rows columns,) int64 tiles of the step, as member * rows columns + tile
    speed: Array  # (M, rows columns) largest |u| + sqrt(g h) found in the step
    taken: Array  # (M, rows columns, width) float64 losses so far, m


class Sums(NamedTuple):
    """Volumes of each member since the budget began, m3, (M,) each."""

    inflow: Array
    outflow: Array


class Settings(NamedTuple):
    """Numbers of a run, all float64."""

    dx: float
    theta: float
    courant: float
    max_step: float
    wind_x: float  # stress over the density of water, m2 s-2
    wind_y: float


class Clock(NamedTuple):
    """Where each member stands, (M,) float64 each."""

    time: Array  # s
    speed: Array  # fastest wave, which sets the next step, m/s
    last: Array  # last step, s; 0 at the start
    steps: Array  # int64 taken so far


class Crew(NamedTuple):
    """What the threads of a run share."""

    shared: Array  # (threads, …) counters, see ``crew``
    dt: Array  # (M,) float64 step of each member, as the run's real type holds it, s
    dt_u: Array  # (M,) step between its velocities, s


class Run(NamedTuple):
    """All that a step reads and writes besides the water.

    The compiled loop is given none for the last four where there is nothing of the kind: a plain
    run then compiles in half the time.
    """

    ground: Any  # Ground, or tables.TabledGround
    forcing: Forcing
    tiles: Tiles
    scratch: Any  # of each thread: (threads, SCRATCH_ROWS, width + SPARE) or the scheme's Scratch
    sums: Sums
    clock: Clock
    crew: Crew
    ways: Any  # Ways
    edges: Any  # Edges
    held: Any  # Held
    sources: Any  # Sources


@part
def add_depth(h: Array, c: Array, cell: int, gain: float) -> None:
    """Add ``gain`` metres (float64) to one cell of flat ``h`` and ``c``; Kahan's sum in float64."""
    before = np.float64(h[cell])
    change = np.float64(c[cell]) + gain
    h[cell] = before + change
    c[cell] = (before - np.float64(h[cell])) + change


@part
def wake(tiles: Tiles, member: int, row: int, column: int) -> None:
    """Have the tile of a cell, whose water was changed by hand, computed in the next step."""
    tile = (row - PAD) // tiles.height * tiles.columns + (column - PAD) // tiles.width
    tiles.wet[member, tile] = 1
    tiles.calm[member, tile] = 0
