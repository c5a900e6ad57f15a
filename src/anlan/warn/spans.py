"""What came of many gauges over some hours, counted by the database: enough to leave most alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from anlan.city.limits import OFF, Limits
from anlan.observe import USABLE
from anlan.store import schema


@dataclass(frozen=True)
class Span:
    """The usable readings of a series over some hours.

    Attributes:
        low, high: least and greatest value.
        count: how many there are.
        several: whether any reading has more than one version; then the others are of all of them.
        newest: valid time (UTC) and value of the last.
    """

    low: float
    high: float
    count: int
    several: bool
    newest: tuple[datetime, float]

    def worth_judging(self, limits: Limits, lowest: float) -> bool:
        """Whether the quality rules can matter: close to a threshold, out of range or unmoved.

        Also where a reading has several versions, for any of them may be the one that holds.
        """
        unmoved = self.high - self.low <= limits.flat_within and limits.flat_hours != OFF
        return (
            self.high >= lowest
            or self.low < limits.low
            or (unmoved and self.count > 1)
            or self.several
        )


def spans(
    conn: Connection, series: Sequence[str], start: datetime, end: datetime
) -> dict[str, Span]:
    """Series -> its usable readings with start < valid time ≤ end; none without any."""
    o = schema.observation.c
    good = and_(o.value.is_not(None), o.flag.in_(USABLE))
    counted = (
        select(
            o.series,
            func.max(o.valid_at).filter(good).label("last"),
            func.min(o.value).filter(good).label("low"),
            func.max(o.value).filter(good).label("high"),
            func.count().filter(good).label("good"),
            (func.count() - func.count(o.valid_at.distinct())).label("more"),
        )
        .where(o.series.in_(series), o.valid_at > start, o.valid_at <= end)
        .group_by(o.series)
        .subquery()
    )
    last = and_(o.series == counted.c.series, o.valid_at == counted.c.last)
    rows = conn.execute(select(counted, o.value).join(schema.observation, last).where(good))
    return {
        row.series: Span(row.low, row.high, row.good, row.more > 0, (row.last, float(row.value)))
        for row in rows
    }
