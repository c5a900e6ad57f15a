"""The schemes that a run may take, and the longest steps that they bear."""

from __future__ import annotations

import math
from typing import Any

from anlan.hydraulics import second_order
from anlan.hydraulics.tile import (
    tabled_tile_full,
    tabled_tile_inertial,
    tile_full,
    tile_inertial,
)

TILES: dict[str, Any] = {
    "inertial": tile_inertial,
    "full": tile_full,
    "second_order": second_order.tile_second_order,
}
TABLED_TILES: dict[str, Any] = {"inertial": tabled_tile_inertial, "full": tabled_tile_full}
# Two-dimensional staggered schemes are stable up to a Courant number of 1/sqrt(2) on |u| +
# sqrt(g h); theta-weighting lowers that of the inertial scheme to sqrt(theta / 2). A little less
# leaves room for water that rises within the step.
STABLE_SHARE = 0.99


def largest_courant(scheme: str, theta: float) -> float:
    """Courant number on |u| + sqrt(g h) beyond which a scheme is not let go."""
    if scheme == "second_order":
        return second_order.COURANT
    return STABLE_SHARE * math.sqrt(0.5 if scheme == "full" else theta / 2.0)
