"""Values in SQL: their sorts, parts of moments, and times compared as half-open intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    and_,
    case,
    false,
    literal,
    null,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from anlan.observe.sta.lexer import MILLISECOND, Span
from anlan.observe.sta.model import bad
from anlan.store import schema
from anlan.store.schema import EPOCH

EQUAL = 1e-9
DAY = timedelta(days=1) // MILLISECOND
COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
}


@dataclass(frozen=True)
class Value:
    """An expression in SQL: its sort (number, text, time, truth, duration, null, json), and it.

    Times have a start and an end in milliseconds, which are the same for moments; for json the
    end is its path.
    """

    sort: str
    sql: Any
    end: Any = None


class part(FunctionElement[float]):  # noqa: N801  a function in SQL
    """A part of a moment in milliseconds, in UTC: ``part(moment, '%H', 'hour')``."""

    inherit_cache = True
    type = Double()


@compiles(part, "sqlite")
def _part_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    moment, style, _ = (compiler.process(each, **kw) for each in element.clauses)
    # whole seconds, downwards also before 1970
    seconds = f"(({moment}) - ((({moment}) % 1000) + 1000) % 1000) / 1000"
    return f"CAST(strftime({style}, {seconds}, 'unixepoch') AS REAL)"


@compiles(part, "postgresql")
def _part_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment, _, name = (compiler.process(each, **kw) for each in element.clauses)
    at = f"to_timestamp(floor(({moment}) / 1000.0)) AT TIME ZONE 'UTC'"
    return f"CAST(date_part(CAST({name} AS text), {at}) AS double precision)"


PARTS = {
    "year": ("%Y", "year"),
    "month": ("%m", "month"),
    "day": ("%d", "day"),
    "hour": ("%H", "hour"),
    "minute": ("%M", "minute"),
    "second": ("%S", "second"),
}


def stamp(moment: datetime) -> int:
    """A moment as the database keeps it."""
    return (moment - EPOCH) // MILLISECOND


def literal_value(value: object) -> Value:
    if isinstance(value, bool):
        return Value("truth", true() if value else false())
    if isinstance(value, (int, float)):
        return Value("number", literal(float(value), Double))
    if isinstance(value, str):
        return Value("text", literal(value, schema.Words))
    if isinstance(value, Span):
        return Value(
            "time", literal(stamp(value.start), BigInteger), literal(stamp(value.end), BigInteger)
        )
    if isinstance(value, timedelta):
        return Value("duration", literal(value // MILLISECOND, BigInteger))
    if isinstance(value, date):
        return Value("date", literal((value - EPOCH.date()).days, BigInteger))
    if isinstance(value, time):
        since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        milliseconds = since // MILLISECOND + value.microsecond // 1000
        return Value("time of day", literal(milliseconds, BigInteger))
    if value is None:
        return Value("null", null())
    raise bad("$filter", None, f"{type(value).__name__} is not compared with a reading")


def a_time(value: Value) -> Value:
    if value.sort != "time":
        raise bad("$filter", None, f"a time is needed, not {value.sort}")
    return value


def day_or_clock(name: str, moment: Value) -> Value:
    """The date of a moment in days since 1970, or its time of day in milliseconds; UTC."""
    within = ((moment.sql % DAY) + DAY) % DAY
    if name == "time":
        return Value("time of day", within)
    return Value("date", (moment.sql - within) // DAY)


def shifted(name: str, moment: Value, by: Value) -> Value:
    if by.sort != "duration":
        raise bad("$filter", name, "add a duration to a time, as in add duration'PT1H'")
    move: Callable[[Any], Any] = (lambda t: t + by.sql) if name == "add" else (lambda t: t - by.sql)
    return Value("time", move(moment.sql), move(moment.end))


def times(name: str, x: Value, y: Value) -> ColumnElement[bool]:
    """Comparisons of half-open intervals; the second condition lets the database use its key."""
    if name == "eq":
        return and_(x.sql == y.sql, x.end == y.end)
    if name == "ne":
        return or_(x.sql != y.sql, x.end != y.end)
    if name in ("le", "ge"):
        return and_(COMPARE[name](x.sql, y.sql), COMPARE[name](x.end, y.end))
    return temporal({"lt": "before", "gt": "after"}[name], x, y)


def temporal(name: str, x: Value, y: Value) -> ColumnElement[bool]:
    xi, yi = x.sql == x.end, y.sql == y.end
    if name == "before":
        over = or_(x.end < y.sql, and_(x.end == y.sql, x.sql < x.end))
        return and_(over, x.end <= y.sql, x.sql <= y.sql)
    if name == "after":
        begun = or_(x.sql > y.end, and_(x.sql == y.end, y.sql < y.end))
        return and_(begun, x.sql >= y.end, x.end >= y.end)
    if name == "during":
        return and_(x.sql >= y.sql, x.sql < y.end, x.end <= y.end, x.end >= y.sql)
    if name == "starts":
        return x.sql == y.sql  # type: ignore[no-any-return]
    if name == "finishes":
        return x.end == y.end  # type: ignore[no-any-return]
    same = and_(x.sql == y.sql, x.end == y.end)
    if name == "meets":
        return case((and_(xi, yi), same), else_=or_(x.end == y.sql, y.end == x.sql))
    return case(
        (and_(xi, yi), same),
        (xi, and_(y.sql <= x.sql, x.sql < y.end)),
        (yi, and_(x.sql <= y.sql, y.sql < x.end)),
        else_=and_(x.sql < y.end, y.sql < x.end),
    )
