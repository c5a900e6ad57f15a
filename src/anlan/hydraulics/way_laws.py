"""The faces with a law of their own: their kinds and record, and the law of a crest."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from anlan.hydraulics.numerics import Array, G, part
from anlan.hydraulics.works import Bridges

CLOSED, BARRIER, BRIDGE, OPEN, LEVEL, DISCHARGE, NORMAL_DEPTH = 0, 1, 2, 3, 4, 5, 6

# Critical flow over a broad crest: q = (2/3)^(3/2) sqrt(g) H^(3/2).
CREST_FLOW = (2.0 / 3.0) ** 1.5 * math.sqrt(G)
# Villemonte (1947), "Submerged-weir discharge studies": exponent of the submergence of a weir.
VILLEMONTE = 0.385


class Ways(NamedTuple):
    """The faces, sorted by axis and row; one entry each."""

    start_x: Array  # (NY + 1,) int64 first entry of the x faces of each row
    start_y: Array  # (NY + 1,) int64 the same for y faces
    edge: Array  # (NY,) bool whether an edge of the domain lies on a side of a cell of the row
    row: Array  # (k,) int64 padded row and column of the cell whose west or south face it is
    column: Array
    kind: Array  # (k,) int64
    inward: Array  # (k,) int64 +1 where flow along the axis enters the domain, -1, 0 within it
    corner: Array  # (k,) uint8 a level stands here and, close by, along the other axis
    bridge: Array  # (k,) int64 entry among the bridges' faces
    value: Array  # (M, k) float64 crest or level, m; discharge into the domain, m2/s; slope
    over_a: Array  # (k,) of the run's real type, depth before and behind the face, m, that stays
    over_b: Array  # under a crest that never changes; 0 for other ways
    bridges: Bridges
    came: Array  # (M, k) float64 m3 that crossed along the axis so far
    went: Array  # (M, k) the same against it


@part
def weir_limit(up: float, down: float) -> float:
    """Largest discharge per unit width over a broad crest, m2/s; levels over the crest, m."""
    most: float = CREST_FLOW * up * math.sqrt(up)
    if down > 0.0:
        ratio = down / up
        most *= max(1.0 - ratio * math.sqrt(ratio), 0.0) ** VILLEMONTE
    return most


@part
def kept_from_rest(ways: Ways, k: int, velocity: Any, dt: Any, dx: Any) -> Any:
    """Share of the velocity that water coming in at a corner keeps in the full scheme.

    Where a level stands around corners of the edge, water that comes in on one side of a corner
    and leaves on the other would gain momentum round by round. Out there it is taken to be at
    rest: what comes in pays for its momentum, du/dt = -|u| u / dx, implicitly. At a straight edge
    it does not, for there a level may stand for a wave that comes in moving.
    """
    if ways.corner[k] == 0 or velocity * ways.inward[k] <= 0.0:
        return dt / dt
    return dt / (dt + dt * dt * abs(velocity) / dx)
