"""The one place where the cases make their flow models and read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics import ShallowWater

Numbers = NDArray[np.float64]
Scheme = Literal["inertial", "full", "second_order"]
Precision = Literal["single", "double"]
SCHEMES: tuple[Scheme, ...] = ("inertial", "full", "second_order")
FULL: tuple[Scheme, ...] = tuple(scheme for scheme in SCHEMES if scheme != "inertial")


def make_model(
    bed: Numbers,
    dx: float,
    manning: float | Numbers = 0.0,
    *,
    depth: Numbers | None = None,
    u: Numbers | None = None,
    level: Numbers | None = None,
    scheme: Scheme = "full",
    precision: Precision = "single",
    **options: Any,
) -> ShallowWater:
    """A model with water in it.

    Args:
        bed: (ny, nx) at cells, m.
        dx: cell, m.
        manning: s/m^(1/3).
        depth: (ny, nx) at the start, m; dry if none.
        u: (ny, nx) velocity along the columns at the start, m/s; still if none.
        level: (ny, nx) of still water at the start, m, instead of ``depth``: as the model holds it,
            so that rounding tilts nothing.
        scheme, precision: as of ``ShallowWater``.
        options: all else that ``ShallowWater`` takes.
    """
    model = ShallowWater(bed, dx, manning, scheme=scheme, precision=precision, **options)
    if level is not None:
        model.restore(model.still_water(level))
    elif depth is not None:
        state = model.still_water(bed)
        state = replace(state, depth=depth.astype(state.depth.dtype))
        if u is not None:
            state = replace(state, **_along_columns(depth, u, scheme, state.depth.dtype))
        model.restore(state)
    return model


def _along_columns(depth: Numbers, u: Numbers, scheme: Scheme, dtype: Any) -> dict[str, Any]:
    """Discharge at the places where the scheme keeps it."""
    ny, nx = depth.shape
    at_cell = depth * u
    if scheme == "second_order":
        return {"qx": at_cell.astype(dtype), "qy": np.zeros((ny, nx), dtype)}
    qx = np.zeros((ny, nx + 1), dtype)
    qx[:, 1:-1] = 0.5 * (at_cell[:, 1:] + at_cell[:, :-1])
    return {"qx": qx, "qy": np.zeros((ny + 1, nx), dtype)}


def centres(cells: int, dx: float, start: float = 0.0) -> Numbers:
    """Places of the cell centres along one direction, m."""
    return np.asarray(start + (np.arange(cells) + 0.5) * dx, np.float64)


def rows_of(profile: Numbers, rows: int = 3) -> Numbers:
    """A profile along the columns as a grid of equal rows."""
    return np.tile(profile, (rows, 1))


def largest_speed(model: ShallowWater) -> float:
    """Fastest water anywhere, m/s."""
    u, v = model.velocity
    return float(np.hypot(np.asarray(u, np.float64), np.asarray(v, np.float64)).max())
