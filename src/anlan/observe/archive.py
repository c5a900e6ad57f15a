"""The archive: every version of every reading, and what was known at any past moment.

A key is (series, valid time). A repeat of the newest version changes nothing; a different
value becomes a new version beside the old one. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, func, select

from anlan.observe.reading import Reading
from anlan.store import schema

O = schema.observation  # noqa: E741  the table of observations
PAGE = 400  # keys per query: SQLite takes a bounded number of parameters


@dataclass(frozen=True)
class Observation:
    """A stored reading: value in the archive's unit, with its quality flag and recording time."""

    series: str
    valid_at: datetime
    start_at: datetime | None
    value: float | None
    flag: str
    recorded_at: datetime

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


def _observation(row: Row[tuple[object, ...]]) -> Observation:
    return Observation(row.series, row.valid_at, row.start_at, row.value, row.flag, row.recorded_at)


def add(tx: Connection, readings: Sequence[Reading], recorded_at: datetime) -> Added:
    """Store a batch. Order and repetition of the batch do not change what is stored."""
    newest: dict[tuple[str, datetime], tuple[float | None, str, datetime]] = {}
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
                newest[row.series, row.valid_at] = (row.value, row.flag, row.recorded_at)
    rows, new, repeated, conflicts = [], 0, 0, 0
    # a fixed order, so that a batch with two values for one key ends the same way each time
    for reading in sorted(
        readings, key=lambda r: (r.series, r.valid_at, r.value is None, r.value or 0.0, r.flag)
    ):
        key = (reading.series, reading.valid_at)
        known = newest.get(key)
        if known is not None and known[:2] == (reading.value, reading.flag):
            repeated += 1
            continue
        stamp = recorded_at
        if known is None:
            new += 1
        else:
            conflicts += 1
            stamp = max(stamp, known[2] + timedelta(milliseconds=1))
        newest[key] = (reading.value, reading.flag, stamp)
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
        .order_by(O.c.valid_at, O.c.recorded_at)
    )
    if as_of is not None:
        query = query.where(O.c.recorded_at <= as_of)
    versions = {row.valid_at: _observation(row) for row in conn.execute(query)}
    return list(versions.values())


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
        row = conn.execute(
            select(O).where(known, O.c.valid_at == newest).order_by(O.c.recorded_at.desc()).limit(1)
        ).first()
        if row is not None:
            found[name] = _observation(row)
    return found
