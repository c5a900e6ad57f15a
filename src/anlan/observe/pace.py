"""How much one key may hand in: requests and bytes a minute, with some in hand for a late batch.

A city that needs more, for a hub that speaks for hundreds of stations, says so in ``city.toml``::

    [ingest]
    requests_per_minute = 600       # of each key; a fifth of a minute's worth may come at once
    megabytes_per_minute = 120
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anlan.city import City
from anlan.city.fault import Fault
from anlan.observe.sources.table import Table, city_faults
from anlan.refusal import Refusal

AT_ONCE_S = 12.0  # what a key may save up, in seconds of its rate
LEAST_AT_ONCE = 10  # requests that may always come together
MOST_BODY = 5_000_000  # bytes of one request, which a key may always save up
MOST_KEYS = 10_000  # remembered; of more, those that waited longest are forgotten
MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What a key may hand in per second, and at once."""

    requests_per_s: float = 10.0
    bytes_per_s: float = 2_000_000.0

    @property
    def requests_at_once(self) -> float:
        """Requests that may come together."""
        return max(self.requests_per_s * AT_ONCE_S, LEAST_AT_ONCE)

    @property
    def bytes_at_once(self) -> float:
        """Bytes that may come together."""
        return max(self.bytes_per_s * AT_ONCE_S, MOST_BODY)


@dataclass
class _Purse:
    """What one key has left."""

    at: float
    requests: float
    bytes: float


class Pace:
    """Counts what each key hands in. Safe to use from several threads."""

    def __init__(self, limits: Limits, now: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._now = limits, now
        self._purses: dict[str, _Purse] = {}
        self._lock = threading.Lock()

    def admit(self, key: str, size: int) -> None:
        """Let one request of ``size`` bytes pass, or raise `Refusal` (429) saying when to come."""
        limits = self._limits
        with self._lock:
            now = self._now()
            purse = self._purses.pop(key, None)
            if purse is None:
                purse = _Purse(now, limits.requests_at_once, limits.bytes_at_once)
            passed = max(now - purse.at, 0.0)
            purse.at = now
            purse.requests = min(
                purse.requests + passed * limits.requests_per_s, limits.requests_at_once
            )
            purse.bytes = min(purse.bytes + passed * limits.bytes_per_s, limits.bytes_at_once)
            self._purses[key] = purse  # the newest stands last
            if len(self._purses) > MOST_KEYS:
                del self._purses[next(iter(self._purses))]
            wait = max(
                (1.0 - purse.requests) / limits.requests_per_s,
                (size - purse.bytes) / limits.bytes_per_s,
            )
            if wait <= 0.0:
                purse.requests -= 1.0
                purse.bytes -= size
                return
        again = max(math.ceil(wait), 1)
        raise Refusal(
            f"too much from this key: it may send {limits.requests_per_s * 60:g} requests and "
            f"{limits.bytes_per_s * 60 / MB:g} MB a minute; send again in {again} s, and put more "
            "readings into one request (发送过快，请稍后合并重发)",
            field="rate",
            value=size,
            remedy=f"the same request after {again} s; more readings in each",
            kind="too_many",
            again_s=again,
        )


def limits(city: City) -> Limits:
    """The table ``[ingest]`` of ``city.toml``. Raises `Refusal` naming key, value and remedy."""
    return read(Table("city.toml", city.settings.get("ingest", {}), "ingest."))


def read(table: Table) -> Limits:
    """The same from the table itself."""
    table.known("requests_per_minute", "megabytes_per_minute")
    usual = Limits()
    return Limits(
        table.positive("requests_per_minute", usual.requests_per_s * 60) / 60,
        table.positive("megabytes_per_minute", usual.bytes_per_s * 60 / MB) * MB / 60,
    )


def check(folder: Path) -> list[Fault]:
    """The first fault of ``[ingest]``; none while ``city.toml`` itself cannot be read."""
    return city_faults(folder, "ingest", read)
