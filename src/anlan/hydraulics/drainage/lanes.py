"""Eight members side by side in one register, from the code that runs one member alone.

The network's equations jump from node to node in no order, so a loop over links cannot be packed.
A loop over members can, and here it needs no loop: ``load`` takes from an array of three
dimensions (row, field, member) one ``Lanes``, eight numbers in one register, and from an array of
two (row, field) one plain number. The functions of this package are written once, for either.
Each lane does what a plain number would, in the same order and without contraction, so a member
has the same bits in company as alone.

Plain Python has the plain numbers only.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import extending as _extending
from numba import types
from numba.core.typing import templates as _templates
from numba.extending import overload

from anlan.hydraulics.numerics import inverse_cube_root

WIDTH = 8

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

# Numba's tools for new types come without types of their own.
_models: Any = _extending.models
_signature: Any = _templates.signature


def _intrinsic(function: Callable[..., Any]) -> Any:
    return cast(Any, _extending.intrinsic)(function)


def _lowers(function: Any, *kinds: Any) -> Callable[[F], F]:
    return cast(Callable[[F], F], cast(Any, _extending.lower_builtin)(function, *kinds))


def _registers(numba_type: Any) -> Callable[[C], C]:
    return cast(Callable[[C], C], cast(Any, _extending.register_model)(numba_type))


def _types_of(function: Any) -> Callable[[C], C]:
    return cast(Callable[[C], C], cast(Any, _templates.infer_global)(function))


_DOUBLE = ir.DoubleType()
_NUMBERS = ir.VectorType(_DOUBLE, WIDTH)
_BITS = ir.VectorType(ir.IntType(1), WIDTH)
_INDEX = ir.IntType(32)


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"Lanes{WIDTH}")


class _LaneMask(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"LaneMask{WIDTH}")


LANES = _Lanes()
MASK = _LaneMask()


@_registers(_Lanes)
class _LanesModel(_models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _NUMBERS)


@_registers(_LaneMask)
class _LaneMaskModel(_models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _BITS)


def _spread(builder: Any, value: Any) -> Any:
    """One plain number in every lane."""
    first = builder.insert_element(ir.Constant(_NUMBERS, ir.Undefined), value, _INDEX(0))
    order = ir.Constant(ir.VectorType(_INDEX, WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(_NUMBERS, ir.Undefined), order)


def _both(builder: Any, sig: Any, args: Any) -> tuple[Any, Any]:
    a, b = (
        value if kind == LANES else _spread(builder, value)
        for kind, value in zip(sig.args, args, strict=True)
    )
    return a, b


_PAIRS = ((LANES, LANES), (LANES, types.float64), (types.float64, LANES))


def _arithmetic(function: Any, instruction: str) -> None:
    class Template(_templates.ConcreteTemplate):
        cases = [_signature(LANES, *pair) for pair in _PAIRS]  # noqa: RUF012

    _types_of(function)(Template)
    for pair in _PAIRS:

        @_lowers(function, *pair)
        def _lower(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return getattr(builder, instruction)(*_both(builder, sig, args))


def _comparison(function: Any, symbol: str) -> None:
    class Template(_templates.ConcreteTemplate):
        cases = [_signature(MASK, *pair) for pair in _PAIRS]  # noqa: RUF012

    _types_of(function)(Template)
    for pair in _PAIRS:

        @_lowers(function, *pair)
        def _lower(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.fcmp_ordered(symbol, *_both(builder, sig, args))


for _function, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_function, _instruction)
for _function, _symbol in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
):
    _comparison(_function, _symbol)


@_types_of(operator.neg)
class _Negation(_templates.AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return _signature(LANES, LANES) if args == (LANES,) else None


@_lowers(operator.neg, LANES)
def _lower_neg(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


def _logic(function: Any, instruction: str) -> None:
    class Template(_templates.ConcreteTemplate):
        cases = [_signature(MASK, MASK, MASK)]  # noqa: RUF012

    _types_of(function)(Template)

    @_lowers(function, MASK, MASK)
    def _lower(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


_logic(operator.and_, "and_")
_logic(operator.or_, "or_")


@_intrinsic
def _load_lanes(_typing: Any, array: Any, row: Any, field: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_address(context, builder, sig, args), align=8)

    return LANES(array, types.intp, types.intp), build


@_intrinsic
def _store_lanes(_typing: Any, array: Any, row: Any, field: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[3], _address(context, builder, sig, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, LANES), build


def _address(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    whole = context.make_array(sig.args[0])(context, builder, args[0])
    fields = builder.extract_value(whole.shape, 1)
    place = builder.add(builder.mul(args[1], fields), args[2])
    place = builder.mul(place, ir.Constant(place.type, WIDTH))
    return builder.bitcast(builder.gep(whole.data, [place]), _NUMBERS.as_pointer())


@_intrinsic
def _spread_lanes(_typing: Any, value: Any) -> Any:
    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return _spread(builder, args[0])

    return LANES(types.float64), build


@_intrinsic
def _select_lanes(_typing: Any, mask: Any, yes: Any, no: Any) -> Any:
    kinds = (LANES if yes == LANES else types.float64, LANES if no == LANES else types.float64)

    def build(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
        a, b = (
            value if kind == LANES else _spread(builder, value)
            for kind, value in zip(sig.args[1:], args[1:], strict=True)
        )
        return builder.select(args[0], a, b)

    return LANES(MASK, *kinds), build


@_intrinsic
def _any_lane(_typing: Any, mask: Any) -> Any:
    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        packed = builder.bitcast(args[0], ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", packed, ir.Constant(packed.type, 0))

    return types.boolean(MASK), build


def _vector_call(name: str) -> Any:
    def typed(_typing: Any, value: Any) -> Any:
        def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
            kind = ir.FunctionType(_NUMBERS, [_NUMBERS])
            called = f"llvm.{name}.v{WIDTH}f64"
            return builder.call(
                builder.module.globals.get(called) or ir.Function(builder.module, kind, called),
                args,
            )

        return LANES(LANES), build

    return _intrinsic(typed)


_sqrt_lanes = _vector_call("sqrt")
_abs_lanes = _vector_call("fabs")


@_intrinsic
def _get_lane(_typing: Any, value: Any, lane: Any) -> Any:
    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.extract_element(*args)

    return types.float64(LANES, types.intp), build


@_intrinsic
def _set_lane(_typing: Any, value: Any, lane: Any, number: Any) -> Any:
    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.insert_element(args[0], args[2], args[1])

    return LANES(LANES, types.intp, types.float64), build


@_intrinsic
def _cube_root_start(_typing: Any, value: Any) -> Any:
    """The first guess of ``inverse_cube_root``: a third of the exponent, from the bits."""

    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        singles = ir.VectorType(ir.FloatType(), WIDTH)
        whole = ir.VectorType(_INDEX, WIDTH)
        third = ir.Constant(singles, [float(np.float32(1.0 / 3.0))] * WIDTH)
        bits = builder.bitcast(builder.fptrunc(args[0], singles), whole)
        part_of_it = builder.fptosi(builder.fmul(builder.sitofp(bits, singles), third), whole)
        guess = builder.sub(ir.Constant(whole, [0x54A2FA8C] * WIDTH), part_of_it)
        return builder.fpext(builder.bitcast(guess, singles), _NUMBERS)

    return LANES(LANES), build


def load(array: Any, row: int, field: int) -> Any:
    """One number of a two-dimensional array, or the lanes of a three-dimensional one."""
    return array[row, field]


def store(array: Any, row: int, field: int, value: Any) -> None:
    """The converse of ``load``."""
    array[row, field] = value


def like(value: Any, example: Any) -> Any:
    """A plain number as what ``example`` is."""
    return value


def select(mask: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the mask holds, else ``no``."""
    return yes if mask else no


def anywhere(mask: Any) -> bool:
    """Whether the mask holds in any lane."""
    return bool(mask)


def root(value: Any) -> Any:
    """Square root."""
    return math.sqrt(value)


def size(value: Any) -> Any:
    """Absolute value."""
    return abs(value)


def cube_root_below(value: Any) -> Any:
    """x^(-1/3) for normal x > 0, as ``inverse_cube_root``."""
    return value ** (-1.0 / 3.0)


def lane(value: Any, k: int) -> float:
    """The number in lane ``k``; a plain number has lane 0 only."""
    return float(value)


def with_lane(value: Any, k: int, number: float) -> Any:
    """``value`` with another number in lane ``k``."""
    return number


def lanes_of(value: Any) -> int:
    """How many numbers a value holds: 1 or 8."""
    return 1


_Implementation = Callable[..., Any]


@overload(load, strict=False)
def _load(array: Any, row: Any, field: Any) -> _Implementation:
    if array.ndim == 3:
        return lambda array, row, field: _load_lanes(array, row, field)
    return lambda array, row, field: array[np.uintp(row), np.uintp(field)]


@overload(store, strict=False)
def _store(array: Any, row: Any, field: Any, value: Any) -> _Implementation:
    if array.ndim == 3:
        if value == LANES:
            return lambda array, row, field, value: _store_lanes(array, row, field, value)
        return lambda array, row, field, value: _store_lanes(
            array, row, field, _spread_lanes(value)
        )

    def plain(array: Any, row: Any, field: Any, value: Any) -> None:
        array[np.uintp(row), np.uintp(field)] = value

    return plain


@overload(like, strict=False)
def _like(value: Any, example: Any) -> _Implementation:
    if example == LANES:
        return lambda value, example: _spread_lanes(value)
    return lambda value, example: value


@overload(select, strict=False)
def _select(mask: Any, yes: Any, no: Any) -> _Implementation:
    if mask == MASK:
        return lambda mask, yes, no: _select_lanes(mask, yes, no)
    return lambda mask, yes, no: yes if mask else no


@overload(anywhere, strict=False)
def _anywhere(mask: Any) -> _Implementation:
    if mask == MASK:
        return lambda mask: _any_lane(mask)
    return lambda mask: mask


@overload(root, strict=False)
def _root(value: Any) -> _Implementation:
    if value == LANES:
        return lambda value: _sqrt_lanes(value)
    return lambda value: math.sqrt(value)


@overload(size, strict=False)
def _size(value: Any) -> _Implementation:
    if value == LANES:
        return lambda value: _abs_lanes(value)
    return lambda value: abs(value)


@overload(cube_root_below, strict=False)
def _cube_root_below(value: Any) -> _Implementation:
    if value == LANES:

        def lanes(value: Any) -> Any:
            r: Any = _cube_root_start(value)
            r = r * (4.0 - value * r * r * r) * (1.0 / 3.0)
            r = r * (4.0 - value * r * r * r) * (1.0 / 3.0)
            return r * (4.0 - value * r * r * r) * (1.0 / 3.0)

        return lanes
    return lambda value: inverse_cube_root(value)


@overload(lane, strict=False)
def _lane(value: Any, k: Any) -> _Implementation:
    if value == LANES:
        return lambda value, k: _get_lane(value, k)
    return lambda value, k: value


@overload(with_lane, strict=False)
def _with_lane(value: Any, k: Any, number: Any) -> _Implementation:
    if value == LANES:
        return lambda value, k, number: _set_lane(value, k, number)
    return lambda value, k, number: number


@overload(lanes_of, strict=False)
def _lanes_of(value: Any) -> _Implementation:
    if value == LANES:
        return lambda value: WIDTH
    return lambda value: 1


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two."""
    return select(a < b, a, b)


def larger(a: Any, b: Any) -> Any:
    """The larger of two."""
    return select(a > b, a, b)


@overload(smaller, strict=False)
def _smaller(a: Any, b: Any) -> _Implementation:
    return lambda a, b: select(a < b, a, b)


@overload(larger, strict=False)
def _larger(a: Any, b: Any) -> _Implementation:
    return lambda a, b: select(a > b, a, b)


def clip(value: Any, least: Any, most: Any) -> Any:
    """``value`` kept between two others."""
    return cast(Any, smaller(larger(value, least), most))


@overload(clip, strict=False)
def _clip(value: Any, least: Any, most: Any) -> _Implementation:
    return lambda value, least, most: smaller(larger(value, least), most)
