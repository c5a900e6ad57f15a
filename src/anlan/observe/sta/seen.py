"""An observation as it holds, and the key by which it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, cast, func, literal
from sqlalchemy.types import Double, Numeric

from anlan.observe.sta.catalogue import Stream
from anlan.observe.sta.holding import O
from anlan.observe.sta.lexer import MILLISECOND
from anlan.observe.sta.sql_values import stamp
from anlan.store.schema import EPOCH

DECIMALS = 9  # of a result brought back into the unit of its Datastream


@dataclass(frozen=True)
class Seen:
    """An observation as it holds.

    Attributes:
        value: in the unit of its Datastream.
        feature: id of its FeatureOfInterest.
        doubts: what the quality rules say of it; None where they were not asked.
    """

    stream: Stream
    valid_at: datetime
    start_at: datetime | None
    value: float | None
    flag: str
    result_at: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None
    parameters: Any
    quality: Any
    feature: str
    doubts: tuple[str, ...] | None = None

    @property
    def id(self) -> str:
        """Of series and moment: the same however often the reading comes."""
        return key_text(self.stream.series, self.valid_at)


def key_text(series: str, valid_at: datetime) -> str:
    """The id of an observation."""
    return f"{series}@{stamp(valid_at)}"


def key_of(id: str) -> tuple[str, datetime] | None:
    """Series and moment that an id names; None for text that is no id."""
    series, at, number = id.rpartition("@")
    digits = number.removeprefix("-")
    if not at or not digits.isascii() or not digits.isdigit() or len(digits) > 14:
        return None
    try:
        return series, EPOCH + int(number) * MILLISECOND
    except OverflowError:
        return None


def seen(row: Row[Any], stream: Stream) -> Seen:
    """A row of the archive, in the unit of its Datastream."""
    value = row.value
    if value is not None:
        value = round((value - stream.offset) / stream.factor, DECIMALS)
    return Seen(
        stream,
        row.valid_at,
        row.start_at,
        value,
        row.flag,
        row.result_at,
        row.valid_from,
        row.valid_to,
        row.parameters,
        row.quality,
        row.feature or stream.place,
    )


def result_of(streams: Sequence[Stream]) -> ColumnElement[float]:
    """The result in the unit of the Datastream."""
    changed: dict[tuple[float, float], list[str]] = {}
    for each in streams:
        changed.setdefault((each.factor, each.offset), []).append(each.series)
    expressions: list[tuple[list[str], ColumnElement[float]]] = []
    for (factor, offset), names in changed.items():
        if (factor, offset) == (1.0, 0.0):
            expressions.append((names, O.c.value))
            continue
        exact = (O.c.value - literal(offset, Double)) / literal(factor, Double)
        rounded = cast(func.round(cast(exact, Numeric(30, 12)), DECIMALS), Double)
        expressions.append((names, rounded))
    if len(expressions) == 1:
        return expressions[0][1]
    return case(*((O.c.series.in_(names), sql) for names, sql in expressions))
