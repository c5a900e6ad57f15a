"""Over what time the fields of a GRIB 1 file are: GDAL says only when each ends.

WMO Manual on Codes, FM 92-IX Ext. GRIB edition 1: section 1 (product definition), code tables 4
(unit of time) and 5 (time range indicator).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from anlan.observe.rainfield.field import How, bad

MOST_MESSAGES = 100_000
RANGES = frozenset({2, 4})  # table 5: from reference time + P1 to reference time + P2
MOMENTS = frozenset({0, 1, 10})  # valid at reference time + P1
ECMWF = 98  # writes its totals since the forecast began as moments
_UNITS = {  # table 4
    0: timedelta(minutes=1),
    1: timedelta(hours=1),
    2: timedelta(days=1),
    10: timedelta(hours=3),
    11: timedelta(hours=6),
    12: timedelta(hours=12),
    13: timedelta(minutes=15),
    14: timedelta(minutes=30),
    254: timedelta(seconds=1),
}


@dataclass(frozen=True)
class Message:
    """What section 1 of a message says of its time."""

    centre: int
    indicator: int
    first: timedelta
    last: timedelta

    def span(
        self, base: datetime, end: datetime, how: How, where: str
    ) -> tuple[datetime, datetime]:
        """Start and end of an amount. Raises `Refusal` where the file leaves its start open."""
        if self.indicator in RANGES:
            return base + self.first, base + self.last
        if how.totals == "interval" and how.minutes:
            return end - timedelta(minutes=how.minutes), end
        if self.indicator in MOMENTS and (how.totals == "running" or self.centre == ECMWF):
            return base, end
        raise bad(
            where,
            "interval",
            "",
            "say with --totals running that it is since the forecast began, or with --totals "
            "interval and --minutes how long it is",
        )


def messages(path: Path) -> list[Message]:
    """One for each message, in order; empty unless all are of edition 1 and can be told apart."""
    found: list[Message] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place + 8 < size and len(found) < MOST_MESSAGES:
            file.seek(place)
            head = file.read(8 + 28)
            if head[:4] != b"GRIB":
                place = _next(file, place)
                continue
            length = int.from_bytes(head[4:7])
            message = _message(head[8:]) if head[7] == 1 and len(head) == 36 else None
            if message is None or length < 36:
                return []
            found.append(message)
            place += length
    return found


def _next(file: BinaryIO, place: int) -> int:
    """Where the next message may begin: transmissions put words between them."""
    file.seek(place)
    at = file.read(65_536).find(b"GRIB", 1)
    return place + (at if at > 0 else 65_536 - 3)


def _message(section: bytes) -> Message | None:
    unit = _UNITS.get(section[17])
    if unit is None:
        return None
    indicator = section[20]
    first = int.from_bytes(section[18:20]) if indicator == 10 else section[18]
    return Message(section[4], indicator, first * unit, section[19] * unit)
