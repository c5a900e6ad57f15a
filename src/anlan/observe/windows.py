"""Judged readings of gauges, kept from one look to the next and read again only where they changed.

In a storm the rules look at the last hours of every gauge several times a second, and little of it
is new. What is kept is never trusted by itself: each look asks the archive for a mark of what lies
in the window, and what another process wrote shows in it as well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from anlan.city import City, Station
from anlan.city.limits import Limits
from anlan.observe import archive, judging, quality
from anlan.observe.archive import RAW, Observation
from anlan.store import schema

Key = tuple[str, timedelta]
Span = tuple[datetime, datetime]
_MARKS = (
    select(RAW.c.series, func.count(), func.sum(RAW.c.valid_at), func.max(RAW.c.recorded_at))
    .where(RAW.c.series.in_(bindparam("series", expanding=True)))
    .where(RAW.c.valid_at > bindparam("start"), RAW.c.valid_at <= bindparam("end"))
    .group_by(RAW.c.series)
)
# of a window of one series: its versions, the sum of their valid times, the last arrival
Mark = tuple[int, int, int]
NOTHING: Mark = (0, 0, 0)


def marks(
    conn: Connection, series: Sequence[str], start: datetime, end: datetime
) -> dict[str, Mark]:
    """What tells whether the readings with start < valid time ≤ end are still the same.

    Series without any are left out: theirs is `NOTHING`. Two marks of a window whose ends both
    moved on, or both back, are equal only if the same versions lie in both: nothing in the archive
    is overwritten, and what comes in when a window moves on is later than what drops out.
    """
    span = {"start": schema.milliseconds(start), "end": schema.milliseconds(end)}
    return {
        name: (count, int(valid), last)
        for part in range(0, len(series), archive.PAGE)
        for name, count, valid, last in conn.execute(
            _MARKS, {"series": series[part : part + archive.PAGE], **span}
        ).all()
    }


@dataclass
class _Kept:
    """One gauge over one length of time.

    Attributes:
        mark: of the archive when it was read.
        judged_at: the moment at which its readings were judged.
        newest: valid time of the newest reading that the rules looked at.
        found: with those around the window that decide about it; ``times`` are theirs.
        shown: the window itself, which is found[first:last].
    """

    mark: Mark
    judged_at: datetime
    newest: datetime | None
    found: list[Observation]
    times: list[datetime]
    first: int = 0
    last: int = 0
    shown: list[Observation] = field(default_factory=list)


class Windows:
    """What was read so far. One look at a time, from whichever thread."""

    def __init__(self) -> None:
        self._kept: dict[Key, _Kept] = {}

    def look(self, conn: Connection, city: City, now: datetime) -> Look:
        """Everything as known at ``now`` over ``conn``."""
        return Look(self._kept, conn, city, now)


class Look:
    """The windows that end at one moment."""

    def __init__(self, kept: dict[Key, _Kept], conn: Connection, city: City, now: datetime) -> None:
        self._kept, self._conn, self._city, self._now = kept, conn, city, now
        self._marks: dict[Span, dict[str, Mark]] = {}

    def go_on(self, conn: Connection) -> None:
        """Read what is still missing over ``conn``."""
        self._conn = conn
        self._marks.clear()

    def window(self, station: Station, back: timedelta) -> list[Observation]:
        """What `judging.window` gives for the last ``back`` without neighbours.

        The list is the very same object as at the last look where nothing in it changed.
        """
        limits = judging.alone(self._city.limits[station.quantity])
        reach = quality.lookback(limits, station.cadence)
        span = (self._now - back - reach, self._now + reach)
        mark = self._mark(station, span)
        key = (station.series, back)
        kept = self._kept.get(key)
        stands = kept is not None and _stands(kept, limits, station.cadence, self._now)
        if kept is None or kept.mark != mark or not stands:
            found, newest = judging.around(self._conn, self._city, station, span, self._now)
            kept = _Kept(mark, self._now, newest, found, [each.valid_at for each in found])
            self._kept[key] = kept
        first = bisect_right(kept.times, self._now - back)
        last = bisect_right(kept.times, self._now)
        if (first, last) != (kept.first, kept.last):
            kept.first, kept.last, kept.shown = first, last, kept.found[first:last]
        return kept.shown

    def _mark(self, station: Station, span: Span) -> Mark:
        """Of all gauges of this one's kind at once: they are looked at together."""
        if span not in self._marks:
            alike = [
                each.series
                for each in self._city.stations.values()
                if (each.quantity, each.cadence) == (station.quantity, station.cadence)
            ]
            self._marks[span] = marks(self._conn, alike, *span)
        return self._marks[span].get(station.series, NOTHING)


def _stands(kept: _Kept, limits: Limits, cadence: timedelta, now: datetime) -> bool:
    """Whether the quality rules say of the same readings what they said when these were judged."""
    if kept.newest is None:
        return True
    ahead = timedelta(minutes=limits.ahead_minutes)
    silence = quality.silence(limits, cadence)
    return kept.newest <= min(kept.judged_at, now) + ahead and (
        kept.judged_at - kept.newest > silence
    ) == (now - kept.newest > silence)
