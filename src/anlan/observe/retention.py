"""Giving up readings one by one for hourly values, and those for daily ones, by the city's rule.

What a reading was stays where it may be asked for again: whole days go, oldest first, but none that
an incident or an event of the city folder touches, and no reading that a journal entry rests on.
The values that stand for the readings from then on are kept in the same transaction, and the
journal says which. A reading that arrives for such a time is refused into quarantine, for nobody
could tell a repeat from news.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from anlan.city import City, Station
from anlan.city.retention import QUARANTINE
from anlan.journal import Act
from anlan.observe import aggregates, archive, quarantine
from anlan.store import Store, insert_many, schema

O, K, J = schema.observation, schema.kept_aggregate, schema.journal  # noqa: E741
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# readings so long before and after an incident or event belong to it
MARGIN = timedelta(days=3)
CHUNK = 31  # days in one transaction
GROUND = re.compile(r"([^\s:]+\.\w+)@(\d{4}-\d\d-\d\dT\d\d:\d\d)Z")
MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]
Told = Callable[[str, float], None]


@dataclass
class Grounds:
    """Which readings journal entries rest on: by series, the minutes of their valid times."""

    minutes: dict[str, set[datetime]] = field(default_factory=dict)
    seq: int = 0

    def read(self, conn: Connection) -> None:
        """Read what was written since the last time."""
        for row in conn.execute(select(J.c.seq, J.c.grounds).where(J.c.seq > self.seq)):
            self.seq = max(self.seq, row.seq)
            for ground in row.grounds:
                for series, text in GROUND.findall(ground):
                    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
                    self.minutes.setdefault(series, set()).add(at)

    def within(self, series: str, span: Span) -> set[datetime]:
        """The minutes of a series that a span touches."""
        start, end = span
        return {at for at in self.minutes.get(series, ()) if start - MINUTE < at <= end}


@dataclass(frozen=True)
class Thinned:
    """What went, or would go: readings and finer values of a series in start < time ≤ end.

    Attributes:
        step: over what the values are that stay, ``1h`` or ``1day``; ``none`` of what was refused.
        readings: how many are given up; values: how many hourly values are.
        grounds: readings that stay because journal entries rest on them.
    """

    series: str
    step: str
    start: datetime
    end: datetime
    readings: int
    values: int
    grounds: int


def thin(
    store: Store,
    city: City,
    now: datetime,
    *,
    dry_run: bool = False,
    told: Told = lambda what, share: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Thinned]:
    """Carry out the city's ``[retention]`` up to ``now``; with ``dry_run`` only say what would go.

    Safe to repeat, and to stop by ``stopped``: each month of a series is one transaction with one
    journal entry.
    """
    grounds = Grounds()
    found: list[Thinned] = []
    with store.read() as conn:
        grounds.read(conn)
        protected = _protected(conn, city, now)
    due = [
        (name, step, None if oldest is None else now - oldest, now - age)
        for station in city.stations.values()
        for name in (station.series, station.battery)
        for step, age, oldest in _steps(city, station, name)
    ]
    for number, (name, step, after, before) in enumerate(due):
        with store.read() as conn:
            spans = _spans(conn, city, name, step, (after, before), protected)
        for span in spans:
            if stopped():
                return _together(found)
            with store.read() if dry_run else store.transaction() as conn:
                grounds.read(conn)
                held = _held(conn, name, span, grounds)
                one = _count(conn, Thinned(name, step, *span, 0, 0, 0), held)
                if one is not None and not dry_run:
                    _replace(Act(conn, now, "system"), city, one, held)
            found += [one] if one is not None else []
        told("thinning 精简", (number + 1) / len(due))
    return _together(found) + _refused(store, city, now, dry_run)


def _refused(store: Store, city: City, now: datetime, dry_run: bool) -> list[Thinned]:
    rule = city.retention.get(QUARANTINE)
    if rule is None:
        return []
    gone = quarantine.forget(store, now - rule.raw, now, dry_run)
    return [Thinned(QUARANTINE, "none", gone[0], now - rule.raw, gone[1], 0, 0)] if gone else []


def _steps(
    city: City, station: Station, series: str
) -> list[tuple[str, timedelta, timedelta | None]]:
    """What is kept of a series, from which age on and up to which; None: for ever."""
    rule = city.retention.get(series.rpartition(".")[2])
    if rule is None:
        return []
    steps = [("1h", rule.raw, rule.hourly)] if station.cadence < HOUR else []
    if rule.hourly is not None and station.cadence < DAY:
        steps.append(("1day", rule.hourly, None))
    return steps


def _protected(conn: Connection, city: City, now: datetime) -> list[Span]:
    incidents = schema.incident
    found = [
        (row.opened_at - MARGIN, (row.closed_at or now) + MARGIN)
        for row in conn.execute(select(incidents.c.opened_at, incidents.c.closed_at))
    ]
    for name in city.events():
        event = city.event(name)
        found.append((event.start - MARGIN, event.end + MARGIN))
    return sorted(found)


def _spans(
    conn: Connection,
    city: City,
    series: str,
    step: str,
    ages: tuple[datetime | None, datetime],
    protected: Sequence[Span],
) -> list[Span]:
    """Whole days that may go, in runs of `CHUNK` days at most, oldest first.

    ``ages``: they end after the one (None: any time before) and not after the other.
    """
    after, before = ages
    first = archive.oldest(conn, series)
    if step == "1day":
        hourly = select(func.min(K.c.start_at)).where(K.c.series == series, K.c.step == "1h")
        known: datetime | None = conn.execute(hourly).scalar_one()
        first = min((each for each in (first, known) if each is not None), default=None)
    if first is None or first >= before:
        return []
    days = [
        (start, end)
        for start, end in _days(city, first - timedelta(milliseconds=1), before)
        if end <= before
        and (after is None or end > after)
        and not any(a < end and b > start for a, b in protected)
    ]
    runs: list[list[Span]] = []
    for day in days:
        if runs and runs[-1][-1][1] == day[0] and len(runs[-1]) < CHUNK:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [(run[0][0], run[-1][1]) for run in runs]


def _days(city: City, start: datetime, end: datetime) -> Iterable[Span]:
    return pairwise(aggregates.edges(city, DAY, start, end))


def _inside(series: str, span: Span, table: Table = O) -> ColumnElement[bool]:
    start, end = span
    return and_(table.c.series == series, table.c.valid_at > start, table.c.valid_at <= end)


def _finer(series: str, span: Span) -> ColumnElement[bool]:
    start, end = span
    inside = and_(K.c.series == series, K.c.start_at >= start, K.c.end_at <= end)
    return and_(inside, K.c.step == "1h")


def _held(conn: Connection, series: str, span: Span, grounds: Grounds) -> list[datetime]:
    """Valid times of the readings that stay, because journal entries rest on them."""
    minutes = grounds.within(series, span)
    if not minutes:
        return []
    at = conn.execute(select(O.c.valid_at).distinct().where(_inside(series, span))).scalars()
    return [moment for moment in at if moment.replace(second=0, microsecond=0) in minutes]


def _count(conn: Connection, one: Thinned, held: Sequence[datetime]) -> Thinned | None:
    """What of a span goes, if anything does."""
    span = (one.start, one.end)
    number = select(func.count()).select_from(O).where(_inside(one.series, span))
    every = conn.execute(number).scalar_one()
    stay = conn.execute(number.where(O.c.valid_at.in_(held))).scalar_one() if held else 0
    values = 0
    if one.step == "1day":
        hourly = select(func.count()).select_from(K).where(_finer(one.series, span))
        values = conn.execute(hourly).scalar_one()
    if every == stay and not values:
        return None
    return replace(one, readings=every - stay, values=values, grounds=stay)


def _replace(act: Act, city: City, one: Thinned, held: Sequence[datetime]) -> None:
    """Keep the values of a span, then let go of what they were worked out from."""
    tx, span, ms = act.tx, (one.start, one.end), schema.milliseconds
    values = aggregates.read(tx, city, one.series, one.step, *span, now=act.now)
    # when the last of what a value was worked out from came in, by the end of its interval
    known: dict[datetime, datetime] = {}
    ends = [value.end for value in values]
    came = select(O.c.valid_at, O.c.recorded_at).where(_inside(one.series, span))
    earlier = select(K.c.end_at, K.c.known_at).where(_finer(one.series, span))
    for at, arrived in [*tx.execute(came), *tx.execute(earlier)]:
        end = ends[min(bisect_left(ends, at), len(ends) - 1)]
        known[end] = max(known.get(end, arrived), arrived)
    own = select(K.c.end_at).where(K.c.series == one.series, K.c.step == one.step)
    there = set(tx.execute(own.where(K.c.end_at > one.start, K.c.end_at <= one.end)).scalars())
    new = [
        value
        for value in values
        if (value.count or value.aside or value.end in known) and value.end not in there
    ]
    last = max(known.values())
    rows = [
        (
            *(one.series, ms(v.end), one.step, ms(v.start), v.sum, v.low, v.high, v.mean),
            *(v.count, v.aside, v.availability, ms(known.get(v.end, last)), ms(act.now)),
        )
        for v in new
    ]
    if rows:
        insert_many(tx, K, rows)
    if one.step == "1day":
        tx.execute(K.delete().where(_finer(one.series, span)))
    for table in (O, schema.sensorthings_observation):  # the reading, and what was said beside it
        going = table.delete().where(_inside(one.series, span, table))
        tx.execute(going.where(table.c.valid_at.not_in(held)) if held else going)
    act.record(
        "observe.thinned",
        one.series,
        valid_at=one.end,
        content={**asdict(one), "kept": [asdict(value) for value in new]},
    )


def _together(found: Sequence[Thinned]) -> list[Thinned]:
    """One line for each series and step, for people."""
    by: dict[tuple[str, str], list[Thinned]] = {}
    for each in found:
        by.setdefault((each.series, each.step), []).append(each)
    return [
        Thinned(
            *(series, step, min(e.start for e in them), max(e.end for e in them)),
            *(sum(e.readings for e in them), sum(e.values for e in them)),
            sum(e.grounds for e in them),
        )
        for (series, step), them in by.items()
    ]


def given_up(
    tx: Connection, city: City, keys: Iterable[tuple[str, datetime]]
) -> set[tuple[str, datetime]]:
    """Which of these (series, valid time) lie where readings are no longer kept one by one."""
    old = list(keys)
    if not old or tx.execute(select(K.c.series).limit(1)).first() is None:
        return set()
    asked: dict[str, dict[datetime, list[datetime]]] = {}
    for series, moment in old:
        for step in (HOUR, DAY):
            end = aggregates.edges(city, step, moment - timedelta(milliseconds=1), moment)[-1]
            asked.setdefault(series, {}).setdefault(end, []).append(moment)
    found = set()
    for series, by_end in asked.items():
        ends = sorted(by_end)
        for first in range(0, len(ends), archive.PAGE):
            some = K.c.end_at.in_(ends[first : first + archive.PAGE])
            for row in tx.execute(
                select(K.c.start_at, K.c.end_at).where(K.c.series == series, some)
            ):
                found |= {(series, at) for at in by_end[row.end_at] if row.start_at < at}
    return found
