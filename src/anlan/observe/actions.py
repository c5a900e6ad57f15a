"""Taking readings in: check, store, journal; what cannot be taken goes to quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from anlan.city import City
from anlan.city.retention import LEAST_DAYS
from anlan.journal import Act
from anlan.observe import archive, retention
from anlan.observe.quantity import QUANTITIES, Quantity
from anlan.observe.reading import FLAGS, Reading, RefusedRow, known_flag
from anlan.refusal import Refusal
from anlan.store import schema

# a station clock may run ahead of ours by this much before its readings are held back
CLOCK_SKEW = timedelta(minutes=10)
# readings younger than this are kept one by one everywhere
YOUNGEST_GIVEN_UP = timedelta(days=LEAST_DAYS)


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: counts, and the rows put in quarantine with their reasons."""

    new: int
    repeated: int
    conflicts: int
    refused: list[RefusedRow] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """As JSON for the sender."""
        return {
            "new": self.new,
            "repeated": self.repeated,
            "conflicts": self.conflicts,
            "refused": [{"row": row.row, **row.refusal.as_dict()} for row in self.refused],
        }


def _judged(readings: Sequence[Reading]) -> list[Reading]:
    """Flagged ``suspect`` what no gauge can measure; never dropped.

    The city's own, narrower range is a quality rule and not stored.
    """
    ranges: dict[str, Quantity] = {}
    found = []
    for reading in readings:
        if (value := reading.value) is not None:
            quantity = ranges.get(reading.series)
            if quantity is None:
                quantity = QUANTITIES[reading.series.rpartition(".")[2]]
                ranges[reading.series] = quantity
            if not quantity.low <= value <= quantity.high:
                reading = reading._replace(flag="suspect")
        found.append(reading)
    return found


def _objection(reading: Reading, city: City, now: datetime, where: str) -> Refusal | None:
    """Why a reading cannot be kept, or None."""
    if city.station_of(reading.series) is None:
        return Refusal(
            f"series '{reading.series}' is not one of this city's",
            field="series",
            value=reading.series,
            remedy="a series of this city",
        )
    if reading.valid_at > now + CLOCK_SKEW:
        return Refusal(
            f"valid_at {reading.valid_at.isoformat()} of {reading.series} lies in the "
            "future; set the station's clock and send it again",
            field="valid_at",
            value=reading.valid_at.isoformat(),
            remedy="a time that has passed",
        )
    try:
        known_flag(reading.flag, where)
    except Refusal as refusal:
        return refusal
    return None


def _given_up(
    tx: Connection, city: City, now: datetime, readings: Iterable[Reading]
) -> set[tuple[str, datetime]]:
    """Of these the keys of times that are no longer kept one by one."""
    oldest = now - YOUNGEST_GIVEN_UP
    return retention.given_up(
        tx, city, {(r.series, r.valid_at) for r in readings if r.valid_at < oldest}
    )


def _too_old(number: int, reading: Reading) -> RefusedRow:
    return RefusedRow(
        number,
        str(reading),
        Refusal(
            f"valid_at {reading.valid_at.isoformat()} of {reading.series} lies where only "
            "hourly or daily values are kept, by [retention] of city.toml; whether this "
            "reading is in them cannot be told any more",
            field="valid_at",
            value=reading.valid_at.isoformat(),
            remedy="a time whose readings are kept one by one",
        ),
    )


@dataclass(frozen=True)
class Batch:
    """What one sender hands in.

    Attributes:
        actor: the account that hands it in.
        refused: rows that could not even be parsed.
    """

    actor: str
    readings: Sequence[Reading]
    refused: Sequence[RefusedRow] = ()


def record(
    act: Act, city: City, readings: Sequence[Reading], refused: Sequence[RefusedRow] = ()
) -> Recorded:
    """Store a batch durably with one journal entry; safe to repeat.

    ``refused`` are rows that could not even be parsed. Readings of unknown series or flag
    or from the future are refused likewise; all of them are kept in quarantine.
    """
    (done,) = record_all(act.tx, city, act.now, [Batch(act.actor, readings, refused)])
    return done


def record_all(
    tx: Connection, city: City, now: datetime, batches: Sequence[Batch]
) -> list[Recorded]:
    """`record` for several batches, as if one had come after the other; each gets its own verdict.

    The batches of one actor share a journal entry.
    """
    good: list[list[Reading]] = []
    bad: list[list[RefusedRow]] = []
    latest = now + CLOCK_SKEW
    for batch in batches:
        taken: list[Reading] = []
        refused = list(batch.refused)
        ours = {name for name in {each.series for each in batch.readings} if city.station_of(name)}
        for number, reading in enumerate(batch.readings, start=1):
            if reading.series in ours and reading.valid_at <= latest and reading.flag in FLAGS:
                taken.append(reading)
                continue
            objection = _objection(reading, city, now, f"reading {number}")
            assert objection is not None
            refused.append(RefusedRow(number, str(reading), objection))
        good.append(_judged(taken))
        bad.append(refused)
    if gone := _given_up(tx, city, now, (each for part in good for each in part)):
        for part, refused in zip(good, bad, strict=True):
            refused += [
                _too_old(number, each)
                for number, each in enumerate(part, start=1)
                if (each.series, each.valid_at) in gone
            ]
            part[:] = [each for each in part if (each.series, each.valid_at) not in gone]
    _put_aside(tx, now, batches, bad)
    added = archive.add_all(tx, good, now)
    _enter(tx, now, batches, good, bad, added)
    return [
        Recorded(each.new, each.repeated, each.conflicts, refused)
        for each, refused in zip(added, bad, strict=True)
    ]


def _put_aside(
    tx: Connection, now: datetime, batches: Sequence[Batch], bad: Sequence[Sequence[RefusedRow]]
) -> None:
    rows = [
        {
            "received_at": now,
            "source": batch.actor,
            "raw": row.raw,
            "error": row.refusal.message,
        }
        for batch, refused in zip(batches, bad, strict=True)
        for row in refused
    ]
    if rows:
        tx.execute(schema.quarantine.insert(), rows)


def _enter(
    tx: Connection,
    now: datetime,
    batches: Sequence[Batch],
    good: Sequence[Sequence[Reading]],
    bad: Sequence[Sequence[RefusedRow]],
    added: Sequence[archive.Added],
) -> None:
    """One journal entry for each actor who brought anything new."""
    entries: dict[str, tuple[list[Sequence[Reading]], int]] = {}
    for batch, part, refused, done in zip(batches, good, bad, added, strict=True):
        if done.new or done.conflicts or refused:
            parts, count = entries.get(batch.actor, ([], 0))
            entries[batch.actor] = [*parts, part], count + len(refused)
    for actor, (parts, count) in entries.items():
        content = {
            "readings": [
                (r.series, schema.milliseconds(r.valid_at), r.value, r.flag)
                for part in parts
                for r in part
            ],
            "refused": count,
        }
        Act(tx, now, actor).record("observe.batch", actor, content=content)
