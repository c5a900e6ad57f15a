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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from anlan.observe.quality import SET_ASIDE
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import CORRECTED, USABLE, Reading
from anlan.store import schema

O = schema.observation  # noqa: E741  the table of observations
Key = tuple[str, datetime]
PAGE = 400  # keys per query: SQLite takes a bounded number of parameters


@dataclass(frozen=True)
class Observation:
    """A stored reading.

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
        return f"obs:{self.series}@{self.valid_at:%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True)
class Added:
    """What became of a batch."""

    new: int
    repeated: int
    conflicts: int


def _observation(row: Row[Any]) -> Observation:
    return Observation(row.series, row.valid_at, row.start_at, row.value, row.flag, row.recorded_at)


def _weight(row: Row[Any]) -> tuple[bool, float, float, float, str]:
    """What decides between versions of one reading: the greatest holds."""
    if row.flag == CORRECTED:
        return (True, row.recorded_at.timestamp(), 0.0, 0.0, "")
    if row.value is None:
        return (False, 0.0, 0.0, 0.0, row.flag)
    quantity = QUANTITIES[row.series.rpartition(".")[2]]
    possible = quantity.low <= row.value <= quantity.high
    good = 1.0 + {"reconstructed": 1, "ok": 2}.get(row.flag, 0) + 3 * possible
    start = row.start_at.timestamp() if row.start_at is not None else 0.0
    return (False, good, row.value, -start, row.flag)


def holding(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Of several versions of a reading the one that holds; in the order of first appearance.

    ``rows`` have series, valid_at, value, flag, start_at and recorded_at.
    """
    found: dict[Key, Row[Any]] = {}
    for row in rows:
        key = (row.series, row.valid_at)
        other = found.get(key)
        if other is None or _weight(row) > _weight(other):
            found[key] = row
    return list(found.values())


def add(tx: Connection, readings: Sequence[Reading], recorded_at: datetime) -> Added:
    """Store a batch. Order and repetition of the batch do not change what is stored."""
    known: dict[Key, dict[tuple[object, ...], datetime]] = {}
    series = sorted({reading.series for reading in readings})
    if readings:
        first = min(reading.valid_at for reading in readings)
        last = max(reading.valid_at for reading in readings)
        for start in range(0, len(series), PAGE):
            for row in tx.execute(
                select(O)
                .where(O.c.series.in_(series[start : start + PAGE]))
                .where(O.c.valid_at.between(first, last))
                .order_by(O.c.recorded_at)
            ):
                versions = known.setdefault((row.series, row.valid_at), {})
                versions[row.value, row.flag, row.start_at] = row.recorded_at
    rows, new, repeated, conflicts = [], 0, 0, 0
    # a fixed order, so that a batch with two values for one key ends the same way each time
    for reading in sorted(
        readings, key=lambda r: (r.series, r.valid_at, r.value is None, r.value or 0.0, r.flag)
    ):
        versions = known.setdefault((reading.series, reading.valid_at), {})
        version: tuple[object, ...] = (reading.value, reading.flag, reading.start_at)
        stamp = recorded_at
        if not versions:
            new += 1
        else:
            latest_stamp = max(versions.values())
            # somebody may come back to an earlier correction; a station's repeat says nothing new
            taken_back = reading.flag == CORRECTED and versions.get(version) != latest_stamp
            if version in versions and not taken_back:
                repeated += 1
                continue
            conflicts += 1
            stamp = max(stamp, latest_stamp + timedelta(milliseconds=1))
        versions[version] = stamp
        rows.append(
            {
                "series": reading.series,
                "valid_at": reading.valid_at,
                "recorded_at": stamp,
                "start_at": reading.start_at,
                "value": reading.value,
                "flag": reading.flag,
                "source": reading.source,
            }
        )
    if rows:
        tx.execute(O.insert(), rows)
    return Added(new, repeated, conflicts)


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
    query = (
        select(O)
        .where(O.c.series == series, O.c.valid_at > start, O.c.valid_at <= end)
        .order_by(O.c.valid_at)
    )
    if as_of is not None:
        query = query.where(O.c.recorded_at <= as_of)
    return [_observation(row) for row in holding(conn.execute(query))]


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
