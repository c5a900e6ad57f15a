"""The archive: every version of every reading, and what was known at any past moment.

A key is (series, valid time). A repeat changes nothing; a different value becomes a new version
beside the old ones. Nothing is overwritten.

Which of several versions is meant must not depend on which came last, since networks delay and
repeat. So the versions themselves decide (`_weight`): a measured value before a suspect one, one
that a gauge can measure before one that it cannot, and of two that are as good the greater, for
too much water is the safer error. Only a correction goes by its time: it is somebody's decision,
the last of which holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, bindparam, column, func, select, table

from anlan.observe.quality import SET_ASIDE
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import CORRECTED, USABLE, Reading
from anlan.store import insert_many, news, schema

O = schema.observation  # noqa: E741  the table of observations
Key = tuple[str, datetime]
# value, flag and start of a reading, moments in milliseconds, with when it came
Version = tuple[float | None, str, int | None]
Versions = dict[Version, int]
FIRST = schema.milliseconds(datetime(1000, 1, 1, tzinfo=UTC))  # before any reading
PAGE = 2000  # names or moments per query: SQLite takes a bounded number of parameters
# without the types that make datetimes of moments
RAW = table("observation", *(column(each.name) for each in O.columns))
_IN_SPAN = (
    select(RAW)
    .where(RAW.c.series.in_(bindparam("series", expanding=True)))
    .where(RAW.c.valid_at.between(bindparam("first"), bindparam("last")))
    .limit(bindparam("most"))
)
_WINDOW = (
    select(RAW)
    .where(RAW.c.series == bindparam("name"))
    .where(RAW.c.valid_at > bindparam("start"), RAW.c.valid_at <= bindparam("end"))
    .where(RAW.c.recorded_at <= bindparam("known"))
    .order_by(RAW.c.valid_at)
)
_EVER = 2**62  # later than anything that was recorded
_AT_MOMENTS = (
    select(RAW)
    .where(RAW.c.series == bindparam("name"))
    .where(RAW.c.valid_at.in_(bindparam("moments", expanding=True)))
)


class Observation(NamedTuple):
    """A stored reading. A tuple: a step of the chain in heavy rain reads tens of thousands.

    Attributes:
        value: in the archive's unit; None when nothing was measured.
        flag: what its sender said of it.
        doubts: what the quality rules say of it (`quality.RULES`), where it was read with them.
    """

    series: str
    valid_at: datetime
    start_at: datetime | None
    value: float | None
    flag: str
    recorded_at: datetime
    doubts: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether it may drive a forecast or a rule. What somebody corrected is not doubted."""
        if self.value is None or self.flag not in USABLE:
            return False
        return self.flag == CORRECTED or not SET_ASIDE.intersection(self.doubts)

    @property
    def ground(self) -> str:
        """How the journal names this reading."""
        # six times as fast as a format string, and every rain sum of a rule is named
        return f"obs:{self.series}@{self.valid_at.isoformat('T', 'minutes')[:16]}Z"


@dataclass(frozen=True)
class Added:
    """What became of a batch."""

    new: int
    repeated: int
    conflicts: int


@lru_cache(maxsize=100_000)
def _moment(milliseconds: int) -> datetime:
    # gauges share their times: it is the same few thousand that are asked for
    return schema.EPOCH + milliseconds * schema.MILLISECOND


def _seconds(moment: datetime | int) -> float:
    return moment / 1000 if isinstance(moment, int) else moment.timestamp()


def _observation(row: Row[Any]) -> Observation:
    return Observation(row.series, row.valid_at, row.start_at, row.value, row.flag, row.recorded_at)


def _weight(row: Row[Any]) -> tuple[bool, float, float, float, str]:
    """What decides between versions of one reading: the greatest holds."""
    if row.flag == CORRECTED:
        return (True, _seconds(row.recorded_at), 0.0, 0.0, "")
    if row.value is None:
        return (False, 0.0, 0.0, 0.0, row.flag)
    quantity = QUANTITIES[row.series.rpartition(".")[2]]
    possible = quantity.low <= row.value <= quantity.high
    good = 1.0 + {"reconstructed": 1, "ok": 2}.get(row.flag, 0) + 3 * possible
    start = _seconds(row.start_at) if row.start_at is not None else 0.0
    return (False, good, row.value, -start, row.flag)


def holding(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Of several versions of a reading the one that holds; in the order of first appearance.

    ``rows`` have series, valid_at, value, flag, start_at and recorded_at; moments may be in
    milliseconds.
    """
    found: dict[Key, Row[Any]] = {}
    for row in rows:
        key = (row.series, row.valid_at)
        other = found.get(key)
        if other is None or _weight(row) > _weight(other):
            found[key] = row
    return list(found.values())


def _known(tx: Connection, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Versions]:
    """What is stored under the keys of a batch: each version with its time of arrival.

    Whatever the batch spans, not much more is read than it has keys.
    """
    times: dict[str, set[int]] = {}
    for series, moment in keys:
        times.setdefault(series, set()).add(moment)
    names = list(times)
    moments = [moment for _, moment in keys]
    known: dict[tuple[str, int], Versions] = {}

    def read(query: Select[Any], given: Mapping[str, object]) -> int:
        count = 0
        for row in tx.execute(query, given):
            versions = known.setdefault((row.series, row.valid_at), {})
            version = (row.value, row.flag, row.start_at)
            versions[version] = max(row.recorded_at, versions.get(version, row.recorded_at))
            count += 1
        return count

    most = 4 * len(keys) + 100
    if len(names) <= PAGE:
        span = {"series": names, "first": min(moments), "last": max(moments), "most": most}
        if read(_IN_SPAN, span) < most:
            return known
    known.clear()
    for name, own in times.items():
        ordered = sorted(own)
        for start in range(0, len(ordered), PAGE):
            read(_AT_MOMENTS, {"name": name, "moments": ordered[start : start + PAGE]})
    return known


def add(tx: Connection, readings: Sequence[Reading], recorded_at: datetime) -> Added:
    """Store a batch. Order and repetition of the batch do not change what is stored."""
    return add_all(tx, [readings], recorded_at)[0]


def add_all(
    tx: Connection, batches: Sequence[Sequence[Reading]], recorded_at: datetime
) -> list[Added]:
    """Store batches as if one had come after the other, and count each for itself."""
    ms, arrived = schema.milliseconds, schema.milliseconds(recorded_at)
    ordered = [
        # a fixed order, so that a batch with two values for one key ends the same way each time
        sorted(
            (
                r.series,
                ms(r.valid_at),
                r.value is None,
                r.value or 0.0,
                r.flag,
                -1 if r.start_at is None else ms(r.start_at) - FIRST,
                r.source,
            )
            for r in readings
        )
        for readings in batches
    ]
    keys = [(each[0], each[1]) for batch in ordered for each in batch]
    known = _known(tx, keys) if keys else {}
    rows: list[tuple[str, int, int, int | None, float | None, str, str]] = []
    found = []
    for batch in ordered:
        new = repeated = conflicts = 0
        for series, valid_at, empty, number, flag, begun, source in batch:
            start_at = None if begun == -1 else begun + FIRST
            value = None if empty else number
            version = (value, flag, start_at)
            key = (series, valid_at)
            versions = known.get(key)
            if versions is None:
                known[key] = {version: arrived}
                new += 1
                rows.append((series, valid_at, arrived, start_at, value, flag, source))
                continue
            latest_stamp = max(versions.values())
            # somebody may come back to an earlier correction; a station's repeat says nothing new
            taken_back = flag == CORRECTED and versions.get(version) != latest_stamp
            if version in versions and not taken_back:
                repeated += 1
                continue
            conflicts += 1
            stamp = max(arrived, latest_stamp + 1)
            versions[version] = stamp
            rows.append((series, valid_at, stamp, start_at, value, flag, source))
        found.append(Added(new, repeated, conflicts))
    if rows:
        rows.sort(key=_place)
        insert_many(tx, O, rows)
        news.note(tx, ((row[0], _moment(row[1])) for row in rows))
    return found


_place = itemgetter(0, 1, 2)  # of a row in the table: rows in its order go in fastest


def window(
    conn: Connection,
    series: str,
    start: datetime,
    end: datetime,
    as_of: datetime | None = None,
) -> list[Observation]:
    """Readings of one series with start < valid time ≤ end, oldest first.

    ``as_of``: only what had been recorded by then, in the version known then.
    """
    given = {
        "name": series,
        "start": schema.milliseconds(start),
        "end": schema.milliseconds(end),
        "known": _EVER if as_of is None else schema.milliseconds(as_of),
    }
    rows: Sequence[Any] = conn.execute(_WINDOW, given).all()
    if any(before[1] == row[1] for before, row in pairwise(rows)):
        rows = holding(rows)
    return [
        Observation(
            series,
            _moment(at),
            None if begun is None else _moment(begun),
            value,
            flag,
            _moment(came),
        )
        for _, at, came, begun, value, flag, _ in rows
    ]


def latest(
    conn: Connection, series: Iterable[str], as_of: datetime | None = None
) -> dict[str, Observation]:
    """The newest reading of each series (by valid time), in the version known at ``as_of``."""
    found: dict[str, Observation] = {}
    for name in series:
        known = O.c.series == name
        if as_of is not None:
            known = and_(known, O.c.recorded_at <= as_of)
        newest = select(func.max(O.c.valid_at)).where(known).scalar_subquery()
        for row in holding(conn.execute(select(O).where(known, O.c.valid_at == newest))):
            found[name] = _observation(row)
    return found


def oldest(conn: Connection, series: str) -> datetime | None:
    """The first valid time of a series, None if nothing was read."""
    first = select(func.min(O.c.valid_at)).where(O.c.series == series)
    found: datetime | None = conn.execute(first).scalar_one()
    return found
