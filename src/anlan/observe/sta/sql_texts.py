"""Functions of text in SQL, counted in characters, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, Text, case, cast, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from anlan.observe.sta.model import bad
from anlan.observe.sta.sql_values import Value

#: Functions with the sorts of their arguments, and of their value.
TEXTS: dict[str, tuple[tuple[str, ...], str]] = {
    "substringof": (("text", "text"), "truth"),
    "contains": (("text", "text"), "truth"),
    "startswith": (("text", "text"), "truth"),
    "endswith": (("text", "text"), "truth"),
    "length": (("text",), "number"),
    "indexof": (("text", "text"), "number"),
    "substring": (("text", "number", "number"), "text"),
    "tolower": (("text",), "text"),
    "toupper": (("text",), "text"),
    "trim": (("text",), "text"),
    "concat": (("text", "text"), "text"),
}


class place(FunctionElement[int]):  # noqa: N801  a function in SQL
    """Where the second text begins in the first, from 1; 0 where it does not."""

    inherit_cache = True
    type = Integer()


@compiles(place, "sqlite")
def _place_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(place, "postgresql")
def _place_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


class within(FunctionElement[Any]):  # noqa: N801  a function in SQL
    """What stands at a path in JSON, if it is of a sort: ``within(column, …paths, …sorts)``."""

    inherit_cache = True


@compiles(within, "sqlite")
def _within_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, path, _, sorts, _ = (compiler.process(each, **kw) for each in element.clauses)
    fits = f"instr({sorts}, json_type({column}, {path})) > 0"
    return f"CASE WHEN {fits} THEN json_extract({column}, {path}) END"


@compiles(within, "postgresql")
def _within_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, _, path, _, sort = (compiler.process(each, **kw) for each in element.clauses)
    at = f"CAST({path} AS text[])"
    return f"CASE WHEN json_typeof({column} #> {at}) = {sort} THEN {column} #>> {at} END"


def in_json(column: ColumnElement[Any], names: Sequence[str], sort: str) -> Value:
    """A number or text within JSON; nothing where another sort of value stands there."""
    quoted = [f'"{name}"' for name in names]
    sorts = ("integer real", "number") if sort == "number" else ("text", "string")
    paths = ("$." + ".".join(quoted), "{" + ",".join(quoted) + "}")
    found = within(column, *map(literal, (*paths, *sorts)))
    return Value(sort, cast(found, Double if sort == "number" else Text))


def of_text(name: str, values: list[Value]) -> Value:
    """The value of a function of texts. Raises `Refusal` for values of another sort."""
    wanted, sort = TEXTS[name]
    for value, expected in zip(values, wanted, strict=False):
        if value.sort != expected:
            raise bad("$filter", name, f"takes {', '.join(wanted)}, not {value.sort}")
    sql = [each.sql for each in values]
    first = cast(sql[0], Text)
    if name in ("tolower", "toupper", "trim"):
        change = {"tolower": func.lower, "toupper": func.upper, "trim": func.trim}[name]
        return Value(sort, change(first, type_=Text))
    if name == "length":
        return Value(sort, cast(func.length(first), Double))
    if name == "substring":
        start = cast(sql[1], Integer) + 1
        size = [] if len(sql) < 3 else [case((sql[2] < 0, 0), else_=cast(sql[2], Integer))]
        piece = func.substr(first, start, *size, type_=Text)
        return Value(sort, case((start < 1, None), else_=piece))
    second = cast(sql[1], Text)
    if name == "concat":
        return Value(sort, first.concat(second))
    if name == "indexof":
        return Value(sort, cast(place(first, second) - 1, Double))
    if name == "startswith":
        return Value(sort, func.substr(first, 1, func.length(second)) == second)
    if name == "endswith":
        begin = func.length(first) - func.length(second) + 1
        return Value(sort, case((begin < 1, False), else_=func.substr(first, begin) == second))
    whole, part = (second, first) if name == "substringof" else (first, second)
    return Value(sort, place(whole, part) > 0)
