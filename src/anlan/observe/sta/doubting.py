"""What the quality rules say of the observations of a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from anlan.city import City
from anlan.observe import judging
from anlan.observe.archive import Observation
from anlan.observe.quantity import OTHER
from anlan.observe.sta.bounded import Watch
from anlan.observe.sta.catalogue import city_with
from anlan.observe.sta.seen import Seen

#: Days of readings that the rules look at for one answer: a bound on its cost.
MOST_DAYS = 400.0
# the rules look about a day back and ahead of each reading: nearer ones are judged together
APART = timedelta(days=1)
# windows begin and end at whole hours, so that gauges judged together read neighbours once
GRAIN = timedelta(hours=6)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[str, datetime]


def usable(seen: Seen) -> bool:
    """Whether a judged observation may drive a forecast or a rule."""
    return Observation(
        seen.stream.series,
        seen.valid_at,
        seen.start_at,
        seen.value,
        seen.flag,
        seen.valid_at,
        seen.doubts or (),
    ).usable


def doubts(
    conn: Connection,
    city: City,
    rows: Sequence[Seen],
    now: datetime,
    most_days: float,
    watch: Watch,
) -> tuple[dict[Key, tuple[str, ...]], float]:
    """Doubts of observations, and the days of readings looked at.

    Those for which ``most_days`` or the time do not suffice are left out. Readings of Datastreams
    made here are judged without neighbours; those of properties that the archive has no name for,
    not at all, which gives no doubts.
    """
    found: dict[Key, tuple[str, ...]] = {}
    spent = 0.0
    seen: judging.Seen = {}
    by_series: dict[str, list[Seen]] = {}
    for each in rows:
        by_series.setdefault(each.stream.series, []).append(each)
    for series, mine in by_series.items():
        stream = mine[0].stream
        if stream.quantity == OTHER:
            found |= {(series, each.valid_at): () for each in mine}
            continue
        here = city if stream.own else city_with(city, [stream])
        for part in _clusters(mine):
            start, end = _down(part[0].valid_at), _down(part[-1].valid_at) + GRAIN
            days = (end - start) / APART + 2.0
            if spent + days > most_days or watch.over:
                return found, spent
            spent += days
            judged = judging.window(
                conn,
                here,
                series,
                start - GRAIN,
                end,
                now=now,
                neighbours=stream.own,
                seen=seen,
            )
            known = {each.valid_at: each.doubts for each in judged}
            found |= {(series, each.valid_at): known.get(each.valid_at, ()) for each in part}
    return found, spent


def _down(moment: datetime) -> datetime:
    return EPOCH + (moment - EPOCH) // GRAIN * GRAIN


def _clusters(rows: Sequence[Seen]) -> list[list[Seen]]:
    """Readings in order of time, parted where they lie far from one another."""
    ordered = sorted(rows, key=lambda each: each.valid_at)
    parts = [[ordered[0]]]
    for each in ordered[1:]:
        if each.valid_at - parts[-1][-1].valid_at > APART:
            parts.append([each])
        else:
            parts[-1].append(each)
    return parts
