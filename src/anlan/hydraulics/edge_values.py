"""What the edges of the domain and breaking dikes ask of their faces in each step."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from anlan.hydraulics.arrays import Ground, Water
from anlan.hydraulics.movers import Sources, Table, look_up
from anlan.hydraulics.numerics import Array, G, part, piece
from anlan.hydraulics.tabled_ways import tabled_conveyance
from anlan.hydraulics.tables import tables_of
from anlan.hydraulics.way_laws import DISCHARGE, LEVEL, Ways


class Edges(NamedTuple):
    """Boundaries whose value changes, and breaches."""

    first: Array  # (b + 1,) int64 ways of boundary b are way[first[b]] ... way[first[b + 1] - 1]
    way: Array  # (w,) int64 entry among the ways
    row: Array  # (w,) int64 padded row and column of the cell within the domain
    column: Array
    kind: Array  # (b,) int64 kind of way
    series: Table  # of boundary b in member m at entry b M + m; levels over the run's zero
    breach_way: Array  # (k,) int64 entry among the ways
    breach_from: Array  # (k,) float64 crest before and after, m over the run's zero
    breach_to: Array
    breach_time: Array  # (k,) s
    breach_duration: Array


@part
def coming_depth(kind: int, value: float, bed: float, width: float) -> float:
    """Depth whose wave, sqrt(g h), is as fast as what an edge is about to send in, m.

    A level stands over the bed. A discharge, over dry ground at least, comes with its critical
    depth and velocity, twice as fast as a wave of that depth.
    """
    if kind == LEVEL:
        return max(value - bed, 0.0)
    if kind == DISCHARGE and value > 0.0:
        q = value / width
        return 4.0 * math.exp(math.log(q * q / G) / 3.0)
    return 0.0


@part
def coming_depth_of_source(flow: float, dx: float) -> float:
    """The same of a discharge into one dry cell, m: what it fills while its wave crosses it.

    h = Q dt / dx2 with dt = dx / sqrt(g h).
    """
    return math.exp(math.log(flow * flow / (G * dx * dx)) / 3.0) if flow > 0.0 else 0.0


@piece
def coming_wave(
    edges: Edges,
    sources: Sources,
    ground: Ground,
    member: int,
    members: int,
    time: float,
    dx: float,
) -> float:
    """Fastest wave that edges and sources are about to send in, m/s.

    Without it the first step over a dry domain would be ``max_step``, and take in as much.
    """
    deepest = 0.0
    for b in range(edges.kind.shape[0]):
        value = look_up(edges.series, b * members + member, time)
        width = (edges.first[b + 1] - edges.first[b]) * dx
        for w in range(edges.first[b], edges.first[b + 1]):
            bed = np.float64(ground.z[edges.row[w], edges.column[w]])
            deepest = max(deepest, coming_depth(edges.kind[b], value, bed, width))
    for k in range(sources.cell.shape[0]):
        flow = look_up(sources.series, sources.source[k] * members + member, time)
        deepest = max(deepest, coming_depth_of_source(flow * sources.share[k], dx))
    return math.sqrt(G * deepest)


@piece
def set_edges(
    edges: Edges,
    ways: Ways,
    ground: Ground,
    water: Water,
    member: int,
    time: float,
    dt: float,
    dx: float,
) -> None:
    """Give the ways of one member their value for the step from ``time`` to ``time + dt``.

    A level is that of the step's end, a discharge that of its middle. The discharge of a stretch
    is shared out by the conveyance h^(5/3) / n of the cells, so a deep channel takes most of it;
    evenly while all of them are dry.
    """
    members = ways.value.shape[0]
    base = member * ground.z.shape[0]
    for b in range(edges.kind.shape[0]):
        if edges.kind[b] == LEVEL:
            level = look_up(edges.series, b * members + member, time + dt)
            for w in range(edges.first[b], edges.first[b + 1]):
                ways.value[member, edges.way[w]] = level
        elif edges.kind[b] == DISCHARGE:
            total = look_up(edges.series, b * members + member, time + 0.5 * dt)
            whole = 0.0
            for w in range(edges.first[b], edges.first[b + 1]):
                whole += _conveyance(tables_of(ground), edges, ways, ground, water, base, w)
            count = edges.first[b + 1] - edges.first[b]
            for w in range(edges.first[b], edges.first[b + 1]):
                share = 1.0 / count
                if whole > 0.0:
                    one = _conveyance(tables_of(ground), edges, ways, ground, water, base, w)
                    share = one / whole
                ways.value[member, edges.way[w]] = total * share / dx
    for k in range(edges.breach_way.shape[0]):
        ways.value[member, edges.breach_way[k]] = crest_now(edges, k, time)


@part
def crest_now(edges: Edges, k: int, time: float) -> float:
    """Crest of breach ``k`` at a time, m over the run's zero."""
    done = 0.0
    if time >= edges.breach_time[k]:
        span = edges.breach_duration[k]
        done = min((time - edges.breach_time[k]) / span, 1.0) if span > 0.0 else 1.0
    return float(edges.breach_from[k] + done * (edges.breach_to[k] - edges.breach_from[k]))


@part
def _conveyance(
    tables: Any, edges: Edges, ways: Ways, ground: Any, water: Water, base: int, w: int
) -> float:
    if tables is None:
        return conveyance(ground, water, base, edges.row[w], edges.column[w])
    return tabled_conveyance(ground, ways, water, base, edges.row[w], edges.column[w], edges.way[w])


@part
def conveyance(ground: Ground, water: Water, base: int, row: int, column: int) -> float:
    """h^(5/3) / n of a cell; of a frictionless bed as if n were 0.001."""
    h = np.float64(water.h[base + row, column])
    if h <= 1e-3:
        return 0.0
    return math.exp(math.log(h) * 5.0 / 3.0) / max(np.float64(ground.n[row, column]), 1e-3)
