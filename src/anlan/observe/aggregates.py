"""Readings over 5 minutes, an hour and a day: sums of rain, extremes and means of the rest.

Worked out from the archive whenever they are asked for, so late and corrected readings are in
them at once, and ``as_of=`` gives those of then. Where a city no longer keeps the readings
themselves (`retention`), the values worked out last stand in their place. Readings that the quality
rules set aside do not enter; that they are there at all is told apart, as availability.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from sqlalchemy import Connection, func, select

from anlan.city import City
from anlan.observe import archive, judging
from anlan.observe.archive import Observation
from anlan.observe.quantity import QUANTITIES
from anlan.refusal import Refusal
from anlan.store import schema

K = schema.kept_aggregate
DAY = timedelta(days=1)
STEPS = {"5min": timedelta(minutes=5), "1h": timedelta(hours=1), "1day": DAY}
# no answer is longer than this
MOST = 20_000


@dataclass(frozen=True)
class Aggregate:
    """What was read in start < valid time ≤ end.

    Attributes:
        sum: of sums; a reading across an edge is shared out by time.
        low, high, mean: of everything else; the mean of the readings.
        count: readings that entered.
        aside: readings with a value that did not.
        availability: share of the expected readings (of sums: of the time) for which there is a
            value, good or not, up to the moment asked about.
        complete: whether the interval is over.
        kept: whether some of its readings are no longer kept one by one.
    """

    start: datetime
    end: datetime
    sum: float | None
    low: float | None
    high: float | None
    mean: float | None
    count: int
    aside: int
    availability: float
    complete: bool
    kept: bool = False


def edges(city: City, step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """The edges of the intervals that meet (start, end], on local clocks; days at `day_start`."""
    if step == DAY:
        # a date and its hour, so that a day of 23 or 25 hours is one day
        first_date = (start.astimezone(city.zone) - DAY).date()
        days = [first_date + DAY * number for number in range((end - start) // DAY + 4)]
        all_edges = [
            datetime.combine(day, city.day_start, tzinfo=city.zone).astimezone(UTC) for day in days
        ]
        return all_edges[bisect_right(all_edges, start) - 1 : bisect_left(all_edges, end) + 1]
    offset = start.astimezone(city.zone).utcoffset() or timedelta(0)
    since = datetime(2000, 1, 1, tzinfo=UTC) - offset
    first = since + (start - since) // step * step
    return [first + step * number for number in range(-((first - end) // step) + 1)]


def aggregate(
    readings: Sequence[Observation],
    at: Sequence[datetime],
    cadence: timedelta,
    moment: datetime,
) -> list[Aggregate]:
    """Readings of one series (in order, with their doubts) over the intervals between edges."""
    if not readings:
        return []
    is_sum = QUANTITIES[readings[0].series.rpartition(".")[2]].is_sum
    parts: list[list[tuple[float, Observation]]] = [[] for _ in at[1:]]
    covered = [timedelta(0) for _ in at[1:]]
    for each in readings:
        if each.value is None:
            continue
        begun = (each.start_at or each.valid_at - cadence) if is_sum else each.valid_at
        number = max(bisect_left(at, begun) - 1, 0)
        while number < len(parts) and at[number] < each.valid_at:
            inside = min(each.valid_at, at[number + 1]) - max(begun, at[number])
            if is_sum and inside > timedelta(0):
                parts[number].append((inside / (each.valid_at - begun), each))
                covered[number] += inside
            elif not is_sum and at[number] < each.valid_at <= at[number + 1]:
                parts[number].append((1.0, each))
                covered[number] += cadence
            number += 1
    return [
        _one(part, is_sum, start, end, time, moment)
        for part, start, end, time in zip(parts, at, at[1:], covered, strict=False)
        if start < moment
    ]


def _one(
    part: Sequence[tuple[float, Observation]],
    is_sum: bool,
    start: datetime,
    end: datetime,
    covered: timedelta,
    moment: datetime,
) -> Aggregate:
    used = [(share, float(each.value or 0.0)) for share, each in part if each.usable]
    values = [value for _, value in used]
    past = min(end, moment) - start
    some, is_level = bool(used), bool(used) and not is_sum
    return Aggregate(
        start,
        end,
        sum=round(sum(share * value for share, value in used), 6) if some and is_sum else None,
        low=min(values) if is_level else None,
        high=max(values) if is_level else None,
        mean=round(sum(values) / len(values), 6) if is_level else None,
        count=len(used),
        aside=len(part) - len(used),
        availability=round(min(covered / past, 1.0), 4),
        complete=end <= moment,
    )


def read(
    conn: Connection,
    city: City,
    series: str,
    step: str,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> list[Aggregate]:
    """Aggregates of one series over the intervals that meet (start, end].

    Raises:
        Refusal: for a step not in `STEPS`, one shorter than the series' cadence, or too many.
    """
    station = city.station_of(series)
    assert station is not None, series
    if step not in STEPS:
        raise Refusal(
            f"step '{step[:20]}' is not known; use {', '.join(STEPS)}",
            field="step",
            value=step[:20],
            remedy=", ".join(STEPS),
        )
    if STEPS[step] < station.cadence:
        minutes = station.cadence / timedelta(minutes=1)
        raise Refusal(
            f"step {step} is shorter than the {minutes:g} minutes between readings of {series}; "
            "ask for a longer one",
            field="step",
            value=step,
            remedy=", ".join(name for name, each in STEPS.items() if each >= station.cadence),
        )
    if (end - start) / STEPS[step] > MOST:
        raise Refusal(
            f"from and to lie more than {MOST} intervals of {step} apart; ask for fewer",
            field="from",
            value=start.isoformat(),
            remedy="a later start or a longer step",
        )
    at = edges(city, STEPS[step], start, end)
    # a sum that ends beyond the last edge may have begun before it
    beyond = at[-1] + DAY if QUANTITIES[series.rpartition(".")[2]].is_sum else at[-1]
    found = judging.window(conn, city, series, at[0], beyond, now=now, as_of=as_of)
    stored = _kept(conn, series, at[0], at[-1], as_of)
    ends = [each.end for each in stored]

    def covered(moment: datetime) -> bool:
        number = bisect_left(ends, moment)
        return number < len(stored) and stored[number].start < moment

    # a reading that the journal rests on stays; it is in the kept value already
    read_one_by_one = [each for each in found if not covered(each.valid_at)]
    moment = now if as_of is None else as_of
    values = aggregate(read_one_by_one, at, station.cadence, moment)
    return _joined(values, stored, at, moment) if stored else values


def newest(conn: Connection, series: str, as_of: datetime | None = None) -> datetime | None:
    """The last time of which anything is known: a reading's, or the end of a kept interval."""
    read = archive.latest(conn, [series], as_of).get(series)
    ends = select(func.max(K.c.end_at)).where(K.c.series == series)
    if as_of is not None:
        ends = ends.where(K.c.known_at <= as_of)
    end: datetime | None = conn.execute(ends).scalar_one()
    known = [] if read is None else [read.valid_at]
    if end is not None:
        known.append(end)
    return max(known, default=None)


def _kept(
    conn: Connection, series: str, start: datetime, end: datetime, as_of: datetime | None
) -> list[Aggregate]:
    query = (
        select(K)
        .where(K.c.series == series, K.c.end_at > start, K.c.start_at < end)
        .order_by(K.c.end_at)
    )
    if as_of is not None:
        query = query.where(K.c.known_at <= as_of)
    return [
        Aggregate(
            row.start_at,
            row.end_at,
            row.sum,
            row.low,
            row.high,
            row.mean,
            row._mapping["count"],  # a row has a method of that name
            row.aside,
            row.availability,
            complete=True,
            kept=True,
        )
        for row in conn.execute(query)
    ]


def _joined(
    values: Sequence[Aggregate],
    stored: Sequence[Aggregate],
    at: Sequence[datetime],
    moment: datetime,
) -> list[Aggregate]:
    """Kept values and those of readings, over the same intervals.

    What is kept over longer intervals than asked for is left out: nothing finer is known.
    """
    own = {each.end: each for each in values}
    ends = [each.end for each in stored]
    found = []
    for start, end in pairwise(at):
        meeting: list[Aggregate] = []
        for each in islice(stored, bisect_right(ends, start), None):
            if each.start >= end:
                break
            meeting.append(each)
        if any(each.start < start or each.end > end for each in meeting):
            continue
        if end in own and (own[end].count or own[end].aside or not meeting):
            meeting.append(own[end])
        if meeting and start < moment:
            found.append(_merged(meeting, start, end))
    return found


def _merged(parts: Sequence[Aggregate], start: datetime, end: datetime) -> Aggregate:
    if len(parts) == 1 and (parts[0].start, parts[0].end) == (start, end):
        return parts[0]
    sums = [each.sum for each in parts if each.sum is not None]
    lows = [each.low for each in parts if each.low is not None]
    highs = [each.high for each in parts if each.high is not None]
    means = [(each.mean, each.count) for each in parts if each.mean is not None]
    count = sum(each.count for each in parts)
    # one that was worked out over the whole interval stands for the time that the kept ones do not
    time = sum(
        (each.availability * ((each.end - each.start) / (end - start)) for each in parts), 0.0
    )
    return Aggregate(
        start,
        end,
        sum=round(sum(sums), 6) if sums else None,
        low=min(lows) if lows else None,
        high=max(highs) if highs else None,
        mean=round(sum(m * n for m, n in means) / sum(n for _, n in means), 6) if means else None,
        count=count,
        aside=sum(each.aside for each in parts),
        availability=round(min(time, 1.0), 4),
        complete=True,
        kept=True,
    )
