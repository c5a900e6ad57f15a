"""Taking readings in: check, store, journal; what cannot be taken goes to quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from anlan.city import City
from anlan.city.retention import LEAST_DAYS
from anlan.journal import Act
from anlan.observe import archive, retention
from anlan.observe.quantity import QUANTITIES
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


def _judged(reading: Reading) -> Reading:
    """Flagged ``suspect`` when no gauge can measure it; never dropped.

    The city's own, narrower range is a quality rule and not stored.
    """
    quantity = QUANTITIES[reading.series.rpartition(".")[2]]
    outside = reading.value is not None and not quantity.low <= reading.value <= quantity.high
    return replace(reading, flag="suspect") if outside else reading


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


def _still_kept(
    act: Act, city: City, readings: list[Reading]
) -> tuple[list[Reading], list[RefusedRow]]:
    """Readings of times that are kept one by one, and those of others, which are refused."""
    old = {(r.series, r.valid_at) for r in readings if r.valid_at < act.now - YOUNGEST_GIVEN_UP}
    gone = retention.given_up(act.tx, city, old)
    if not gone:
        return readings, []
    refused = [
        RefusedRow(
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
        for number, reading in enumerate(readings, start=1)
        if (reading.series, reading.valid_at) in gone
    ]
    return [r for r in readings if (r.series, r.valid_at) not in gone], refused


def record(
    act: Act, city: City, readings: Sequence[Reading], refused: Sequence[RefusedRow] = ()
) -> Recorded:
    """Store a batch durably with one journal entry; safe to repeat.

    ``refused`` are rows that could not even be parsed. Readings of unknown series or flag
    or from the future are refused likewise; all of them are kept in quarantine.
    """
    good: list[Reading] = []
    bad = list(refused)
    ours = {name for name in {reading.series for reading in readings} if city.station_of(name)}
    latest = act.now + CLOCK_SKEW
    for number, reading in enumerate(readings, start=1):
        fine = reading.series in ours and reading.valid_at <= latest and reading.flag in FLAGS
        objection = None if fine else _objection(reading, city, act.now, f"reading {number}")
        if objection is None:
            good.append(_judged(reading))
        else:
            bad.append(RefusedRow(number, str(reading), objection))
    good, late = _still_kept(act, city, good)
    bad += late
    if bad:
        act.tx.execute(
            schema.quarantine.insert(),
            [
                {
                    "received_at": act.now,
                    "source": act.actor,
                    "raw": row.raw,
                    "error": row.refusal.message,
                }
                for row in bad
            ],
        )
    added = archive.add(act.tx, good, act.now)
    if added.new or added.conflicts or bad:
        act.record(
            "observe.batch",
            act.actor,
            content={
                "readings": [
                    (r.series, schema.milliseconds(r.valid_at), r.value, r.flag) for r in good
                ],
                "refused": len(bad),
            },
        )
    return Recorded(added.new, added.repeated, added.conflicts, bad)
