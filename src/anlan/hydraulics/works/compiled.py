"""How the functions of this package are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def law(function: F) -> F:
    """A compiled function that compiled functions call; strict arithmetic, as in ``numerics``.

    Not inlined: a call costs little beside a law, and a law that many places take in whole makes
    each of them slow to compile.
    """
    return cast(F, njit(error_model="numpy", **cast(Any, {"_nrt": False}))(function))
