"""Arithmetic that the compiler can pack, and how the compiled functions are made.

Symbols in all compiled files: ``h`` depth [m] and ``z`` bed [m] at cells; ``qx``, ``qy`` discharge
per unit width [m2 s-1] at faces, positive east and north; ``n`` Manning [s m-1/3].
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, typeof, types
from numba.extending import intrinsic, overload
from numba.np import arrayobj
from numpy.typing import NDArray

G = 9.81
# Modules of this package that a source imports from.
IMPORTED = re.compile(r"^\s*from anlan\.hydraulics\.([\w.]+) import", re.MULTILINE)

Array = NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])


# Whether kernels for a GPU run in the compiler's simulator, which is plain Python.
SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")
# A run is some sixty arrays, which its caller holds; counting, across threads, who else does took
# longer than the arithmetic wherever functions call each other often. So no function counts, and
# none can make an array.
_UNCOUNTED: Any = {"error_model": "numpy", "_nrt": False}
# Leave out the doors for Python, which take a third of the time of compiling.
_BARE: Any = _UNCOUNTED | (
    {} if SIMULATED else {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
)


def part(function: F) -> F:
    """A compiled piece of a loop, always inlined.

    A plain call hands over some seven words for each of a dozen views, which takes as long as
    a hundred cells do. Arithmetic stays strict (no ``fastmath``): packed and scalar code then
    round alike, so a run gives the same bits wherever its arrays lie in memory, on any machine,
    and the compensated sums of the depth are not optimised away.
    """
    return cast(F, njit(forceinline=True, **_BARE)(function))


def entry(function: F) -> F:
    """A compiled function that Python calls: kept on disk, and leaving other threads free."""
    return cast(F, njit(nogil=True, cache=True, **_UNCOUNTED)(function))


def maker(function: F) -> F:
    """An ``entry`` that makes arrays."""
    return cast(F, njit(error_model="numpy", nogil=True, cache=True)(function))


def piece(function: F) -> F:
    """A compiled function that others call and that stays whole: large, and called seldom."""
    return cast(F, njit(**_BARE)(function))


def kernel(function: F) -> F:
    """A compiled function that others call by its address, see ``call_at``; kept on disk."""
    return cast(F, njit(cache=True, **_BARE)(function))


def address_of(function: Any, *args: Any) -> int:
    """Where the code of a ``kernel`` lies, compiled for these arguments."""
    kinds = tuple(cast(Any, typeof)(arg) for arg in args)
    function.compile(kinds)
    compiled = function.overloads[kinds]
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def source_digest(module: str) -> str:
    """Digest of the sources of a module and of all that it imports from this package.

    The compiler's cache notices a change only in the file of the function that Python calls; with
    the digest in that function's closure, and so in its key in the cache, a change anywhere below
    counts. Give it ``__file__``.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    seen: set[Path] = set()
    ahead = [Path(module)]
    while ahead:
        source = ahead.pop()
        if source in seen:
            continue
        seen.add(source)
        text = source.read_bytes()
        digest.update(text)
        for name in IMPORTED.findall(text.decode()):
            inner = package.joinpath(*name.split("."))
            ahead += [p for p in (inner.with_suffix(".py"), inner / "__init__.py") if p.exists()]
    return digest.hexdigest()


def _widest(_typing: Any) -> Any:
    def build(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        # The list of attributes that the builder knows does not hold these.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        set.add(builder.function.attributes, '"min-legal-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), build


widest = cast(Callable[[], None], intrinsic(_widest))
"""Have the loops of the calling function fill the widest registers of the machine.

Left alone, the compiler stays at 256 bits on machines that have 512.
"""


def _stretch(_typing: Any, array: Any, row: Any, first: Any, past: Any) -> Any:
    view = types.Array(array.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = context.make_array(signature.args[0])(context, builder, args[0])
        columns = builder.extract_value(whole.shape, 1)
        row, first, past = args[1:]
        result = context.make_array(view)(context, builder)
        size = context.get_constant(types.intp, context.get_abi_sizeof(whole.data.type.pointee))
        arrayobj.populate_array(  # type: ignore[no-untyped-call]
            result,
            data=builder.gep(whole.data, [builder.add(builder.mul(row, columns), first)]),
            shape=[builder.sub(past, first)],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return result._getvalue()

    return view(array, types.intp, types.intp, types.intp), build


stretch = cast(Callable[[Array, int, int, int], Array], intrinsic(_stretch))
"""Columns [first, past) of one row of a C-ordered array of two dimensions, as a plain view.

What ``array[row, first:past]`` gives, without its care for negative and outlying bounds and
without a counted reference: together those took longer than the arithmetic of a hundred cells.
So the caller answers for the bounds, and the view may not outlive its array.
"""


def _shifted(_typing: Any, array: Any, columns: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        result = context.make_array(signature.args[0])(context, builder, args[0])
        result.data = builder.gep(result.data, [args[1]])
        return result._getvalue()

    return array(array, types.intp), build


shifted = cast(Callable[[Array, int], Array], intrinsic(_shifted))
"""The array whose first column is another's column ``columns``; the caller keeps within it."""


def _row_of(_typing: Any, array: Any, row: Any) -> Any:
    view = types.Array(array.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = context.make_array(signature.args[0])(context, builder, args[0])
        offset = builder.mul(args[1], builder.extract_value(whole.strides, 0))
        size = context.get_constant(types.intp, context.get_abi_sizeof(whole.data.type.pointee))
        bytes_of = builder.bitcast(whole.data, ir.IntType(8).as_pointer())
        result = context.make_array(view)(context, builder)
        arrayobj.populate_array(  # type: ignore[no-untyped-call]
            result,
            data=builder.bitcast(builder.gep(bytes_of, [offset]), whole.data.type),
            shape=[builder.extract_value(whole.shape, 1)],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return result._getvalue()

    return view(array, types.intp), build


row_of = cast(Callable[[Array, int], Array], intrinsic(_row_of))
"""One row of a view of two dimensions whose columns lie side by side, as a plain view.

The compiler cannot know that they do, and would pack nothing; so the caller answers for it.
"""


def _call_at(_typing: Any, address: Any, *args: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args[1]
        function = context.call_conv.get_function_type(types.none, kinds)
        pointer = builder.inttoptr(values[0], ir.PointerType(function))
        inner = [builder.extract_value(values[1], k) for k in range(len(kinds))]
        context.call_conv.call_function(builder, pointer, types.none, kinds, inner)
        return context.get_dummy_value()

    return types.void(address, cast(Any, types.BaseTuple).from_types(args)), build


call_at = cast(Callable[..., None], intrinsic(_call_at))
"""Call the function at an address with arguments of the very types that it was compiled for.

A function that is called plainly is compiled into its caller, and optimised there once more: the
arithmetic of a step would be so in each kind of time loop.
"""


def inverse_cube_root(x: float) -> float:
    """x^(-1/3) for normal x > 0, relative error < 2e-5 in single and < 1e-9 in double precision.

    A third of the exponent taken from the bits of the number, then one step of fourth order in
    single precision and Newton steps r <- r (4 - x r^3) / 3 in double; unlike ``pow`` it becomes
    packed instructions.
    """
    return float(x ** (-1.0 / 3.0))


@overload(inverse_cube_root)
def _inverse_cube_root(x: Any) -> Callable[[Any], Any]:
    if x == types.float32:

        def single(x: Any) -> Any:
            third = np.float32(1.0 / 3.0)
            bits = np.float32(x).view(np.int32)
            r = np.int32(0x54A21000 - np.int32(np.float32(bits) * third)).view(np.float32)
            # One step of fourth order, which has fewer sums that wait for each other than two
            # Newton steps: with e = 1 - x r^3, x^(-1/3) = r (1 - e)^(-1/3).
            e = np.float32(1.0) - (x * r) * (r * r)
            tail = np.float32(2.0 / 9.0) + e * np.float32(14.0 / 81.0)
            return r + (r * e) * (third + e * tail)

        return single

    def double(x: Any) -> Any:
        third = np.float32(1.0 / 3.0)
        bits = np.float32(x).view(np.int32)
        r = np.float64(np.int32(0x54A2FA8C - np.int32(np.float32(bits) * third)).view(np.float32))
        r = r * (4.0 - x * r * r * r) * (1.0 / 3.0)
        r = r * (4.0 - x * r * r * r) * (1.0 / 3.0)
        return r * (4.0 - x * r * r * r) * (1.0 / 3.0)

    return double


def ordered_bits(x: float) -> int:
    """The bits of x >= 0 as an integer, which sorts as x does.

    The largest of a row is found among these: a maximum of floating-point numbers keeps the
    compiler from packing the loop, since it must mind the order of NaN and of signed zeros.
    """
    return int(np.float64(x).view(np.int64))


@overload(ordered_bits)
def _ordered_bits(x: Any) -> Callable[[Any], Any]:
    def single(x: Any) -> Any:
        return np.float32(x).view(np.int32)

    def double(x: Any) -> Any:
        return np.float64(x).view(np.int64)

    return single if x == types.float32 else double


def from_ordered_bits(bits: int, like: Any) -> float:
    """The number whose ``ordered_bits`` these are, of the type of ``like``."""
    return float(np.int64(bits).view(np.float64))


@overload(from_ordered_bits)
def _from_ordered_bits(bits: Any, like: Any) -> Callable[[Any, Any], Any]:
    def single(bits: Any, like: Any) -> Any:
        return np.int32(bits).view(np.float32)

    def double(bits: Any, like: Any) -> Any:
        return np.int64(bits).view(np.float64)

    return single if like == types.float32 else double
