"""Which version of a reading holds, as a condition in SQL: the twin of `archive.holding`.

A test compares the two on any versions.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    tuple_,
    type_coerce,
)

from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import CORRECTED
from anlan.store import schema

O = schema.observation  # noqa: E741  the table of observations
OTHERS = schema.observation.alias("others")


def milliseconds(column: ColumnElement[object]) -> ColumnElement[int]:
    """A moment as the whole number that the database keeps."""
    return type_coerce(column, BigInteger)


def _possible(table: FromClause, quantities: Iterable[str]) -> ColumnElement[bool]:
    """The value is one that a gauge of its quantity can measure."""
    c = table.c
    conditions = []
    for name in quantities:
        quantity = QUANTITIES[name]
        within = [c.series.endswith(f".{name}", autoescape=True)]
        if quantity.low > float("-inf"):
            within.append(c.value.between(quantity.low, quantity.high))
        conditions.append(and_(*within))
    return or_(*conditions)


def weight(table: FromClause, quantities: Iterable[str]) -> tuple[ColumnElement[float], ...]:
    """What decides between versions, as in the archive: the greatest holds."""
    c = table.c
    corrected, nothing = c.flag == CORRECTED, c.value.is_(None)
    zero = literal(0.0, Double)
    good = (
        literal(1.0, Double)
        + case((c.flag == "reconstructed", 1.0), (c.flag == "ok", 2.0), else_=0.0)
        + case((_possible(table, quantities), 3.0), else_=0.0)
    )
    start = func.coalesce(milliseconds(c.start_at), 0) * literal_column("1.0")
    return (
        case((corrected, 1.0), else_=0.0),
        case(
            (corrected, milliseconds(c.recorded_at) * literal_column("1.0")),
            (nothing, zero),
            else_=good,
        ),
        case((corrected, zero), (nothing, zero), else_=c.value),
        case((corrected, zero), (nothing, zero), else_=-start),
    )


@cache
def holds(quantities: tuple[str, ...]) -> ColumnElement[bool]:
    """No other version of the same reading weighs more; ``quantities``: of what is asked for."""
    mine, theirs = weight(O, quantities), weight(OTHERS, quantities)
    # the last word has the flag, where there was no correction (archive._weight)
    mine_flag = case((O.c.flag == CORRECTED, ""), else_=O.c.flag)
    their_flag = case((OTHERS.c.flag == CORRECTED, ""), else_=OTHERS.c.flag)
    return ~exists().where(
        OTHERS.c.series == O.c.series,
        OTHERS.c.valid_at == O.c.valid_at,
        OTHERS.c.recorded_at != O.c.recorded_at,
        or_(
            tuple_(*theirs, their_flag) > tuple_(*mine, mine_flag),
            # two that weigh the same: the one recorded first, as it is read first
            and_(
                tuple_(*theirs, their_flag) == tuple_(*mine, mine_flag),
                OTHERS.c.recorded_at < O.c.recorded_at,
            ),
        ),
    )


def standing() -> ColumnElement[bool]:
    """The reading was not withdrawn by somebody."""
    return or_(O.c.flag != CORRECTED, O.c.value.is_not(None))
