"""Threads that step one run together, inside compiled code.

Every thread runs the same loop. Of a team the first does what cannot be shared, the others meet it
at barriers twice a step and take tiles from a common counter in between. That costs a microsecond
or two a step, a hundredth of what handing tiles to a pool would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba import types
from numba.extending import intrinsic

from anlan.hydraulics.numerics import Array, part

# Entries of the shared counters, each on a cache line of its own.
ARRIVED, PHASE, NEXT, COUNT, GOES_ON, MEMBER = 0, 16, 32, 48, 64, 80
# Looks at the barrier before the processor is offered to others.
PATIENCE = 2000

_yield_processor = types.ExternalFunction("sched_yield", types.int32())


def counters(threads: int) -> Array:
    """The counters of each thread, int64; a team that steps together shares those of the first."""
    return np.zeros((threads, 96), np.int64)


def _fetch_add(_typing: Any, array: Any, index: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.atomic_rmw("add", builder.gep(data, [args[1]]), args[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), build


def _fetch(_typing: Any, array: Any, index: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.load_atomic(builder.gep(data, [args[1]]), "seq_cst", 8)

    return types.int64(array, types.intp), build


fetch_add = cast(Callable[[Array, int, int], int], intrinsic(_fetch_add))
"""Add to ``array[index]`` and return what was there before, as one act."""
fetch = cast(Callable[[Array, int], int], intrinsic(_fetch))
"""What other threads have put into ``array[index]``."""


@part
def meet(shared: Array, threads: int) -> None:
    """Wait until all threads are here; what each wrote before, all see after."""
    if threads == 1:
        return
    phase = fetch(shared, PHASE)
    if fetch_add(shared, ARRIVED, 1) == threads - 1:
        fetch_add(shared, ARRIVED, -threads)
        fetch_add(shared, PHASE, 1)
        return
    looks = 0
    while fetch(shared, PHASE) == phase:
        looks += 1
        if looks > PATIENCE:
            _yield_processor()
