"""A $filter over observations as a condition in SQL, for SQLite and PostgreSQL.

What concerns the Datastream is known before the database is asked: it is put in for each stream
(`evaluate.specialise`), so the database sees only conditions on readings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, and_, case, false, func, literal, not_, or_, true

from anlan.observe.sta import functions
from anlan.observe.sta.expression import Call, Literal, Node, Path, paths
from anlan.observe.sta.holding import O, milliseconds
from anlan.observe.sta.model import bad
from anlan.observe.sta.sql_texts import TEXTS, in_json, of_text
from anlan.observe.sta.sql_values import (
    COMPARE,
    EQUAL,
    PARTS,
    Value,
    a_time,
    day_or_clock,
    literal_value,
    part,
    shifted,
    temporal,
    times,
)
from anlan.store import schema

X = schema.sensorthings_observation


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
            return times(name, x, y)
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
        return in_json(X.c.parameters, x.end, "number" if y.sort == "number" else "text")

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
            return literal_value(node.value)
        if isinstance(node, Path):
            return self._property(node)
        if not _has_path(node):
            # worked out once here, not for each reading there
            arguments = [self._constant(each) for each in node.arguments]
            return literal_value(functions.apply(node.name, arguments, self.now))
        name = node.name
        if name in COMPARE or name in ("and", "or", "not"):
            return Value("truth", self.truth(node))
        values = [self.value(each) for each in node.arguments]
        if name in functions.TEMPORAL:
            return Value("truth", temporal(name, *map(a_time, values)))
        if name in PARTS:
            (moment,) = map(a_time, values)
            style, words = PARTS[name]
            return Value("number", part(moment.sql, literal(style), literal(words)))
        if name == "fractionalseconds":
            (moment,) = map(a_time, values)
            return Value("number", (((moment.sql % 1000) + 1000) % 1000) / 1000.0)
        if name == "totaloffsetminutes":
            return Value("number", literal(0.0, Double))
        if name in ("add", "sub") and values[0].sort == "time":
            return shifted(name, *values)
        if name in ("date", "time"):
            return day_or_clock(name, a_time(values[0]))
        if name in TEXTS:
            wanted = (Value(sort, None) for sort in TEXTS[name][0])
            return of_text(name, [self._like(x, y) for x, y in zip(values, wanted, strict=False)])
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
            raise bad("$filter", name, "of observations: functions of times, numbers and texts")
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
            return Value("json", X.c.parameters[tuple(rest)], tuple(rest))
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
            return Value("object", X.c.parameters)
        raise bad("$filter", path.text, "ask for id, phenomenonTime, result, resultTime, validTime")


def _of_feature(node: Node) -> bool:
    """Whether a condition concerns the FeatureOfInterest alone."""
    found = [path.parts[0] == "FeatureOfInterest" for path in paths(node)]
    if any(found) and not all(found):
        # and, or, not have been taken apart before
        raise bad("$filter", None, "compare a FeatureOfInterest with values, not with readings")
    return bool(found) and all(found)


def _has_path(node: Node) -> bool:
    return any(True for _ in paths(node))


def _names_id(node: Node) -> bool:
    return isinstance(node, Path) and node.parts in (("id",), ("@iot.id",))
