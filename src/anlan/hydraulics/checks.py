"""Inputs that are not what they should be, refused with the place and the remedy."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def field(name: str, value: ArrayLike, shape: tuple[int, int], where: str = "cells") -> Numbers:
    """A float64 copy of a number or array, spread to ``shape``.

    Raises:
        ValueError: its shape is neither () nor ``shape``, or it is not numeric.
    """
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers: {error}") from error
    if array.shape not in ((), shape):
        raise ValueError(
            f"{name} has shape {array.shape}; it must be a number or have the shape {shape} "
            f"of the {where}"
        )
    return np.array(np.broadcast_to(array, shape))


def mask(name: str, value: ArrayLike | None, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """A boolean copy; none means everywhere.

    Raises:
        ValueError: wrong shape or not boolean.
    """
    if value is None:
        return np.ones(shape, np.bool_)
    array = np.asarray(value)
    if array.dtype != np.bool_ or array.shape != shape:
        raise ValueError(
            f"{name} has type {array.dtype} and shape {array.shape}; it must be boolean with the "
            f"shape {shape} of the cells"
        )
    return array.copy()


def every(name: str, array: Numbers, good: NDArray[np.bool_], rule: str) -> None:
    """Raise unless ``good`` holds everywhere.

    Raises:
        ValueError: names how many entries break the rule, the first of them and its value.
    """
    bad = np.argwhere(~good)
    if len(bad):
        first = tuple(int(k) for k in bad[0])
        raise ValueError(
            f"{name} {rule}: {len(bad)} of {array.size} values break this, the first at index "
            f"{first} is {array[first]}"
        )


def positive(name: str, value: float) -> float:
    """A finite positive number.

    Raises:
        ValueError: it is not.
    """
    if not (math.isfinite(value) and value > 0.0):
        raise ValueError(f"{name} is {value}; it must be a finite number above 0")
    return float(value)


def choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    """One of the choices.

    Raises:
        ValueError: it is none of them.
    """
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; choose {' or '.join(repr(c) for c in choices)}")
    return value


def threads(value: int) -> int:
    """A number of threads that this process has processors for.

    Raises:
        ValueError: it has fewer, or there is none.
    """
    processors = len(os.sched_getaffinity(0))
    if not 1 <= value <= processors:
        raise ValueError(f"threads is {value}; choose 1 to {processors}, the processors here")
    return value


def rate(name: str, value: ArrayLike, active: NDArray[np.bool_]) -> Numbers:
    """A rate at cells, m/s, finite and at least 0 where active, and 0 elsewhere.

    Raises:
        ValueError: wrong shape, NaN or negative; names the first bad index.
    """
    array = field(name, value, _pair(active))
    good = (np.isfinite(array) & (array >= 0.0)) | ~active
    every(name, array, good, "must be finite and at least 0 m/s on active cells")
    return np.where(active, array, 0.0)


def cells(value: Any, active: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Flat indices of cells given as a boolean mask or as (rows, columns).

    Raises:
        ValueError: outside the grid, inactive, or of another form.
    """
    ny, nx = active.shape
    array = np.asarray(value)
    if array.dtype == np.bool_:
        if array.shape != active.shape:
            raise ValueError(
                f"cells is a mask of shape {array.shape}; it must have the shape {active.shape}"
            )
        flat = np.flatnonzero(array)
    else:
        if array.ndim == 0 or array.shape[0] != 2 or not np.issubdtype(array.dtype, np.integer):
            raise ValueError(
                "cells must be a boolean mask or (rows, columns) of whole numbers; found type "
                f"{array.dtype} and shape {array.shape}"
            )
        rows, columns = np.atleast_1d(array[0]).ravel(), np.atleast_1d(array[1]).ravel()
        outside = (rows < 0) | (rows >= ny) | (columns < 0) | (columns >= nx)
        if outside.any():
            k = int(np.argmax(outside))
            raise ValueError(
                f"cells holds {(int(rows[k]), int(columns[k]))}, outside the grid of {ny} rows "
                f"and {nx} columns"
            )
        flat = rows.astype(np.int64) * nx + columns
    inactive = ~active.reshape(-1)[flat]
    if inactive.any():
        k = int(flat[int(np.argmax(inactive))])
        raise ValueError(f"cells holds {divmod(k, nx)}, which is inactive; leave it out")
    return flat.astype(np.int64)


def crest(name: str, value: ArrayLike | None, shape: tuple[int, int]) -> Numbers:
    """Crests of barriers at faces, m; -inf where there is none, +inf for a wall.

    Raises:
        ValueError: wrong shape or NaN; names the first bad index.
    """
    array = field(name, -math.inf if value is None else value, shape, "faces")
    every(name, array, ~np.isnan(array), "must not be NaN (use -inf for no barrier)")
    return array


def _pair(array: NDArray[Any]) -> tuple[int, int]:
    ny, nx = array.shape
    return ny, nx
