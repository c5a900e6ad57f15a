"""What moves water besides the flow: held levels, sources, structures. Plain scalar code."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from anlan.hydraulics.arrays import Ground, Sums, Tiles, Water, add_depth, wake
from anlan.hydraulics.numerics import Array, G, part, piece
from anlan.hydraulics.tables import depth_of, held_at, surface_of, tables_of
from anlan.hydraulics.works import Works, limited_volume, set_discharges


class Table(NamedTuple):
    """Series laid end to end: entry s has the points [first[s], first[s + 1])."""

    first: Array  # (s + 1,) int64
    time: Array  # (p,) float64 s
    value: Array  # (p,)


class Held(NamedTuple):
    """Cells with a prescribed level."""

    cell: Array  # (k,) int64 flat indices of the padded grid of one member
    level: Array  # (M, k) float64 m over the run's zero


class Sources(NamedTuple):
    """Cells that water enters or leaves at a given discharge."""

    cell: Array  # (k,) int64 flat indices
    share: Array  # (k,) of the source's discharge
    source: Array  # (k,) int64
    series: Table  # of source s in member m at entry s M + m, m3/s
    flow: Array  # (M, s) discharge now, m3/s


@part
def look_up(table: Table, entry: int, time: float) -> float:
    """Value of a series at a time: linear between its points, constant beyond them."""
    low = table.first[entry]
    high = table.first[entry + 1] - 1
    if time <= table.time[low]:
        return float(table.value[low])
    if time >= table.time[high]:
        return float(table.value[high])
    while high - low > 1:
        middle = (low + high) // 2
        if table.time[middle] <= time:
            low = middle
        else:
            high = middle
    share = (time - table.time[low]) / (table.time[high] - table.time[low])
    return float(table.value[low] + share * (table.value[high] - table.value[low]))


@piece
def hold_levels(
    held: Held, ground: Ground, water: Water, tiles: Tiles, member: int, area: float, sums: Sums
) -> float:
    """Set the held cells; what that takes counts as inflow or outflow. Returns their wave, m/s."""
    size = ground.z.size
    h = water.h.reshape(-1)
    c = water.c.reshape(-1)
    z = ground.z.reshape(-1)
    tables = tables_of(ground)
    real = h.dtype.type
    deepest = 0.0
    came = 0.0
    went = 0.0
    for k in range(held.cell.shape[0]):
        level = held.level[member, k]
        if math.isnan(level):
            continue
        cell = held.cell[k]
        at = member * size + cell
        depth = real(held_at(tables, cell, level - np.float64(z[cell])))
        gain = (np.float64(depth) - np.float64(h[at]) - np.float64(c[at])) * area
        came += max(gain, 0.0)
        went += max(-gain, 0.0)
        h[at] = depth
        c[at] = 0.0
        if gain != 0.0:
            wake(tiles, member, cell // ground.z.shape[1], cell % ground.z.shape[1])
        deepest = max(deepest, depth_of(tables, cell, np.float64(depth)))
    sums.inflow[member] += came
    sums.outflow[member] += went
    return math.sqrt(G * deepest)


@piece
def run_sources(
    sources: Sources,
    ground: Ground,
    water: Water,
    tiles: Tiles,
    member: int,
    time: float,
    dt: float,
    area: float,
    sums: Sums,
) -> float:
    """Let the sources give and take for one step; returns the fastest wave where they gave."""
    size = ground.z.size
    h = water.h.reshape(-1)
    c = water.c.reshape(-1)
    members = sources.flow.shape[0]
    tables = tables_of(ground)
    deepest = 0.0
    for s in range(sources.flow.shape[1]):
        sources.flow[member, s] = look_up(sources.series, s * members + member, time)
    for k in range(sources.cell.shape[0]):
        cell = sources.cell[k]
        at = member * size + cell
        gain = sources.flow[member, sources.source[k]] * sources.share[k] * dt / area
        held = np.float64(h[at]) + np.float64(c[at])
        if gain >= 0.0:
            add_depth(h, c, at, gain)
            sums.inflow[member] += gain * area
        elif held <= -gain:
            h[at] = 0.0
            c[at] = 0.0
            sums.outflow[member] += held * area
        else:
            add_depth(h, c, at, gain)
            sums.outflow[member] -= gain * area
        if gain != 0.0:
            wake(tiles, member, cell // ground.z.shape[1], cell % ground.z.shape[1])
            deepest = max(deepest, depth_of(tables, cell, np.float64(h[at])))
    return math.sqrt(G * deepest)


@piece
def run_works(
    works: Works,
    level: Array,
    ground: Ground,
    water: Water,
    tiles: Tiles,
    member: int,
    time: float,
    dt: float,
    area: float,
) -> float:
    """Let the structures move water for one step; returns the fastest wave where they gave."""
    size = ground.z.size
    nx = ground.z.shape[1]
    h = water.h.reshape(-1)
    c = water.c.reshape(-1)
    z = ground.z.reshape(-1)
    tables = tables_of(ground)
    deepest = 0.0
    for w in range(works.cell.shape[0]):
        at = member * size + works.cell[w]
        held = np.float64(h[at]) + np.float64(c[at])
        level[w] = depth_of(tables, works.cell[w], held) + np.float64(z[works.cell[w]])
    memory = works.memory[member]
    discharge = works.discharge[member]
    set_discharges(works, memory, discharge, level, time, dt)
    for k in range(works.kind.shape[0]):
        if discharge[k] == 0.0:
            continue
        a = works.from_cell[k]
        b = works.to_cell[k]
        at_a = member * size + a
        at_b = member * size + b
        held_a = np.float64(h[at_a]) + np.float64(c[at_a])
        held_b = np.float64(h[at_b]) + np.float64(c[at_b])
        moved = limited_volume(
            discharge[k],
            dt,
            held_a * area,
            held_b * area,
            depth_of(tables, a, held_a) + np.float64(z[a]),
            depth_of(tables, b, held_b) + np.float64(z[b]),
            area * surface_of(tables, a, held_a),
            area * surface_of(tables, b, held_b),
            works.crest[k],
            works.lifts[k],
        )
        discharge[k] = moved / dt
        if moved == 0.0:
            continue
        works.volume[member, k] += moved
        giver, taker = (at_a, at_b) if moved > 0.0 else (at_b, at_a)
        depth = abs(moved) / area
        held = held_a if moved > 0.0 else held_b
        if abs(moved) >= held * area:  # all of it, down to the last bit
            add_depth(h, c, taker, np.float64(h[giver]))
            add_depth(h, c, taker, np.float64(c[giver]))
            h[giver] = 0.0
            c[giver] = 0.0
        else:
            add_depth(h, c, giver, -depth)
            add_depth(h, c, taker, depth)
        for cell in (a, b):
            wake(tiles, member, cell // nx, cell % nx)
        deepest = max(deepest, depth_of(tables, b if moved > 0.0 else a, np.float64(h[taker])))
    return math.sqrt(G * deepest)
