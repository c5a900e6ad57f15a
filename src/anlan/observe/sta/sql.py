"""A $filter over observations as a condition in SQL, for SQLite and PostgreSQL.

What concerns the Datastream is known before the database is asked: it is put in for each stream
(`specialise`), so the database sees only conditions on readings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from anlan.observe.sta import functions
from anlan.observe.sta.expression import Call, Literal, Node, Path
from anlan.observe.sta.holding import O, milliseconds
from anlan.observe.sta.lexer import MILLISECOND, Span
from anlan.observe.sta.model import bad
from anlan.store import schema
from anlan.store.schema import EPOCH

X = schema.sensorthings_observation
EQUAL = 1e-9
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

    Times have a start and an end in milliseconds, which are the same for moments.
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


_PARTS = {
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


class Compiler:
    """Conditions on readings.

    Args:
        result: what the result is in SQL, in the unit of the Datastream.
        features: ids of the FeaturesOfInterest for which a condition on them is true, given the
            condition; and the series whose default one is among them.
        ident: the (series, moment) that an id names; None for what is no id.
    """

    def __init__(
        self,
        result: ColumnElement[float],
        features: Callable[[Node], tuple[list[str], list[str]]],
        ident: Callable[[str], tuple[str, datetime] | None],
        now: datetime,
    ) -> None:
        self.result = result
        self.features = features
        self.ident = ident
        self.now = now

    def truth(self, node: Node) -> ColumnElement[bool]:
        """The condition that an expression states."""
        if isinstance(node, Literal) and isinstance(node.value, bool):
            return true() if node.value else false()
        if isinstance(node, Call) and node.name in ("and", "or"):
            parts = [self.truth(each) for each in node.arguments]
            return and_(*parts) if node.name == "and" else or_(*parts)
        if isinstance(node, Call) and node.name == "not":
            # null is not true, and neither is its negation: as in SQL
            return not_(self.truth(node.arguments[0]))
        if _of_feature(node):
            names, series = self.features(node)
            given = and_(X.c.feature.is_not(None), X.c.feature.in_(names))
            return or_(given, and_(X.c.feature.is_(None), O.c.series.in_(series)))
        if isinstance(node, Call) and node.name in COMPARE:
            return self._comparison(node.name, *node.arguments)
        value = self.value(node)
        if value.sort != "truth":
            raise bad("$filter", None, "a condition on observations compares values")
        condition: ColumnElement[bool] = value.sql
        return condition

    def _comparison(self, name: str, left: Node, right: Node) -> ColumnElement[bool]:
        for one, two in ((left, right), (right, left)):
            if _names_id(one) and isinstance(two, Literal):
                return self._by_id(name, two.value)
        x, y = self.value(left), self.value(right)
        if "null" in (x.sort, y.sort):
            other = y if x.sort == "null" else x
            if other.sort == "null":
                return true() if name == "eq" else false()
            if name not in ("eq", "ne"):
                return false()
            found: ColumnElement[bool] = (
                other.sql.is_(None) if name == "eq" else other.sql.is_not(None)
            )
            return found
        x, y = self._like(x, y), self._like(y, x)
        if x.sort != y.sort:
            raise bad("$filter", f"{name}", f"compare {x.sort} with {x.sort}, not with {y.sort}")
        if x.sort == "time":
            return _times(name, x, y)
        if x.sort == "truth":
            raise bad("$filter", name, "join conditions with and, or, not")
        if x.sort == "number" and name in ("eq", "ne"):
            # 3.1 m above a zero 1.841 m lower is 1.259 m, whatever the last bit says
            same = func.abs(x.sql - y.sql) < EQUAL
            return same if name == "eq" else not_(func.coalesce(same, false()))
        if name == "ne":
            unlike: ColumnElement[bool] = x.sql.is_distinct_from(y.sql)
            return unlike
        return COMPARE[name](x.sql, y.sql)

    def _like(self, x: Value, y: Value) -> Value:
        """A value out of JSON, taken for what it is compared with."""
        if x.sort != "json":
            return x
        if y.sort == "number":
            return Value("number", x.sql.as_float())
        return Value("text", x.sql.as_string())

    def _by_id(self, name: str, id: object) -> ColumnElement[bool]:
        key = self.ident(id) if isinstance(id, str) else None
        if name not in ("eq", "ne"):
            raise bad("$filter", f"id {name}", "ids are equal (eq) or not (ne)")
        if key is None:
            return false() if name == "eq" else true()
        same = and_(O.c.series == key[0], O.c.valid_at == key[1])
        return same if name == "eq" else not_(same)

    def value(self, node: Node) -> Value:
        """An expression that has a value."""
        if isinstance(node, Literal):
            return _literal(node.value)
        if isinstance(node, Path):
            return self._property(node)
        if not _has_path(node):
            # worked out once here, not for each reading there
            arguments = [self._constant(each) for each in node.arguments]
            return _literal(functions.apply(node.name, arguments, self.now))
        name = node.name
        if name in COMPARE or name in ("and", "or", "not"):
            return Value("truth", self.truth(node))
        values = [self.value(each) for each in node.arguments]
        if name in functions.TEMPORAL:
            return Value("truth", _temporal(name, *map(_time, values)))
        if name in _PARTS:
            (moment,) = map(_time, values)
            style, words = _PARTS[name]
            return Value("number", part(moment.sql, literal(style), literal(words)))
        if name == "fractionalseconds":
            (moment,) = map(_time, values)
            return Value("number", (((moment.sql % 1000) + 1000) % 1000) / 1000.0)
        if name == "totaloffsetminutes":
            return Value("number", literal(0.0, Double))
        if name in ("add", "sub") and values[0].sort == "time":
            return _shifted(name, *values)
        return self._numbers(name, values)

    def _constant(self, node: Node) -> Any:
        if isinstance(node, Literal):
            return node.value
        assert isinstance(node, Call)
        arguments = [self._constant(each) for each in node.arguments]
        return functions.apply(node.name, arguments, self.now)

    def _numbers(self, name: str, values: list[Value]) -> Value:
        numbers = [self._like(each, Value("number", None)) for each in values]
        if name not in ("add", "sub", "mul", "div", "mod", "round", "floor", "ceiling"):
            raise bad("$filter", name, "of an observation: time, number and geo functions")
        for each in numbers:
            if each.sort != "number":
                raise bad("$filter", name, f"takes numbers, not {each.sort}")
        x = numbers[0].sql
        if name in ("round", "floor", "ceiling"):
            if name == "round":
                # halves away from zero, on both engines
                size = func.floor(func.abs(x) + 0.5)
                return Value("number", case((x < 0, -size), else_=size))
            return Value("number", (func.floor if name == "floor" else func.ceil)(x))
        y = numbers[1].sql
        safe = func.nullif(y, 0.0)
        return Value(
            "number",
            {
                "add": lambda: x + y,
                "sub": lambda: x - y,
                "mul": lambda: x * y,
                "div": lambda: x / safe,
                "mod": lambda: x - safe * func.trunc(x / safe),
            }[name](),
        )

    def _property(self, path: Path) -> Value:
        first, *rest = path.parts
        if first == "parameters" and rest:
            return Value("json", X.c.parameters[tuple(rest)])
        if first == "resultQuality" and rest == ["flag"]:
            return Value("text", O.c.flag)
        if rest:
            raise bad("$filter", path.text, "of resultQuality only flag can be asked for")
        if first == "result":
            return Value("number", self.result)
        if first == "phenomenonTime":
            end = milliseconds(O.c.valid_at)
            return Value("time", func.coalesce(milliseconds(O.c.start_at), end), end)
        if first == "resultTime":
            moment = milliseconds(X.c.result_at)
            return Value("time", moment, moment)
        if first == "validTime":
            return Value("time", milliseconds(X.c.valid_from), milliseconds(X.c.valid_to))
        if first == "parameters":
            return Value("json", X.c.parameters)
        raise bad("$filter", path.text, "ask for id, phenomenonTime, result, resultTime, validTime")


def _of_feature(node: Node) -> bool:
    """Whether a condition concerns the FeatureOfInterest alone."""
    found = [path.parts[0] == "FeatureOfInterest" for path in _paths(node)]
    if any(found) and not all(found):
        # and, or, not have been taken apart before
        raise bad("$filter", None, "compare a FeatureOfInterest with values, not with readings")
    return bool(found) and all(found)


def _paths(node: Node) -> list[Path]:
    if isinstance(node, Call):
        return [path for each in node.arguments for path in _paths(each)]
    return [node] if isinstance(node, Path) else []


def _has_path(node: Node) -> bool:
    return bool(_paths(node))


def _names_id(node: Node) -> bool:
    return isinstance(node, Path) and node.parts in (("id",), ("@iot.id",))


def _literal(value: object) -> Value:
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
    if value is None:
        return Value("null", null())
    raise bad("$filter", None, f"{type(value).__name__} is not compared with a reading")


def _time(value: Value) -> Value:
    if value.sort != "time":
        raise bad("$filter", None, f"a time is needed, not {value.sort}")
    return value


def _shifted(name: str, moment: Value, by: Value) -> Value:
    if by.sort != "duration":
        raise bad("$filter", name, "add a duration to a time, as in add duration'PT1H'")
    move: Callable[[Any], Any] = (lambda t: t + by.sql) if name == "add" else (lambda t: t - by.sql)
    return Value("time", move(moment.sql), move(moment.end))


def _times(name: str, x: Value, y: Value) -> ColumnElement[bool]:
    """Comparisons of half-open intervals; the second condition lets the database use its key."""
    if name == "eq":
        return and_(x.sql == y.sql, x.end == y.end)
    if name == "ne":
        return or_(x.sql != y.sql, x.end != y.end)
    if name in ("le", "ge"):
        return and_(COMPARE[name](x.sql, y.sql), COMPARE[name](x.end, y.end))
    return _temporal({"lt": "before", "gt": "after"}[name], x, y)


def _temporal(name: str, x: Value, y: Value) -> ColumnElement[bool]:
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
