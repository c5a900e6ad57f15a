"""How fast a channel may be used: a token bucket on the clock that it is given."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

LARGEST_BURST = 200


class Bucket:
    """Never more than ``per_minute`` in any 60 s, whatever the spacing.

    A quarter of them (one at least, `LARGEST_BURST` at most) may go at once; the rest flow in
    evenly. ``now`` is any aware time; a clock that steps back lends nothing.
    """

    def __init__(self, per_minute: float, now: datetime) -> None:
        self._burst = max(1.0, min(per_minute / 4, LARGEST_BURST))
        # what is left after the burst, spread over the minute; one a minute at the least
        self._per_s = max(per_minute - self._burst, 0.0) / 60 or per_minute / 60
        self._tokens = self._burst
        self._at = now
        self._until = now
        self._lock = threading.Lock()

    def room(self, now: datetime) -> int:
        """How many may go now."""
        with self._lock:
            return self._room(now)

    def _room(self, now: datetime) -> int:
        gone = max(0.0, (now - self._at).total_seconds())
        self._tokens = min(self._burst, self._tokens + gone * self._per_s)
        self._at = max(self._at, now)
        # what is a hair short of a whole token is one: sums of fractions
        return 0 if now < self._until else int(self._tokens + 1e-9)

    def spend(self, now: datetime, count: int = 1) -> int:
        """Take up to ``count``; returns how many there were."""
        with self._lock:
            taken = min(count, self._room(now))
            self._tokens -= taken
            return taken

    def hold(self, now: datetime, seconds: float) -> None:
        """Let none go for a while: the other side asked for patience."""
        with self._lock:
            self._until = max(self._until, now + timedelta(seconds=seconds))
