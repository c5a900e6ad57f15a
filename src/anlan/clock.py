"""Time as an argument: real, replayed (×N) or stepped by a test."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from anlan.refusal import Refusal


class Clock(Protocol):
    """Where the chain reads the present. ``real`` tells Actual from Exercise."""

    @property
    def real(self) -> bool:
        """True only for the clock on the wall."""
        ...

    def now(self) -> datetime:
        """The present moment, timezone-aware UTC."""
        ...


class RealClock:
    """The clock on the wall."""

    real = True

    def now(self) -> datetime:
        """The present moment, UTC, to the millisecond the store keeps."""
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SteppedClock:
    """A clock moved by hand: for tests and for replays at full speed."""

    real = False

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise Refusal(
                f"start {start} has no time zone; give an aware datetime",
                field="start",
                value=start,
                remedy="an aware datetime",
            )
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment last stepped to, UTC."""
        return self._now

    def step_to(self, moment: datetime) -> None:
        """Move on to ``moment``; time never runs backwards."""
        self._now = max(self._now, moment.astimezone(UTC))


class ReplayClock:
    """Event time running ``speed`` times as fast as the wall, with pause and jumps ahead.

    ``target()`` is where the wall says event time should be; ``now()`` is how far the
    replay has really come. The two differ while event time waits for a forecast run.
    """

    real = False

    def __init__(self, start: datetime, end: datetime, speed: float) -> None:
        self._lock = threading.Lock()
        self._start = start.astimezone(UTC)
        self._now = self._start
        self._end = end.astimezone(UTC)
        self._speed = speed
        self._paused = False
        self._jump: datetime | None = None
        self._anchor = (time.monotonic(), self._now)

    def now(self) -> datetime:
        """Event time reached, UTC."""
        return self._now

    @property
    def speed(self) -> float:
        """Event seconds per wall second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """True while somebody holds the replay."""
        return self._paused

    @property
    def jump(self) -> datetime | None:
        """The moment being hurried to, if any."""
        return self._jump

    def target(self) -> datetime:
        """Where event time should be by now, UTC; the end of the event at most."""
        with self._lock:
            if self._jump is not None:
                return self._jump
            if self._paused:
                return self._now
            wall, event = self._anchor
            return min(
                self._end, event + timedelta(seconds=(time.monotonic() - wall) * self._speed)
            )

    def reached(self, moment: datetime) -> None:
        """The replay has done everything up to ``moment``."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
            if self._jump is not None and self._now >= self._jump:
                self._jump = None
                self._anchor = (time.monotonic(), self._now)

    def land(self) -> None:
        """The jump is over: nothing more can be done before the moment hurried to."""
        with self._lock:
            self._jump = None
            self._anchor = (time.monotonic(), self._now)

    def held(self) -> None:
        """Event time waited for a run: do not make up for the wall time lost."""
        with self._lock:
            self._anchor = (time.monotonic(), self._now)

    def rewind(self) -> None:
        """Back to the first minute, for a replay that begins again; pause and jump forgotten."""
        with self._lock:
            self._now = self._start
            self._paused = False
            self._jump = None
            self._anchor = (time.monotonic(), self._now)

    def control(
        self,
        *,
        paused: bool | None = None,
        speed: float | None = None,
        jump_to: datetime | None = None,
    ) -> None:
        """Pause or go on, change speed, or hurry ahead to a moment of the event."""
        with self._lock:
            if speed is not None:
                if not 1 <= speed <= 100_000:
                    raise Refusal(
                        f"speed {speed:g} is outside 1 to 100000",
                        field="speed",
                        value=speed,
                        remedy="a number from 1 (as it happened) to 100000",
                    )
                self._speed = speed
            if paused is not None:
                self._paused = paused
                if paused:
                    self._jump = None
            if jump_to is not None:
                moment = jump_to.astimezone(UTC)
                if moment < self._now:
                    raise Refusal(
                        f"jump_to {moment:%Y-%m-%dT%H:%MZ} lies before event time "
                        f"{self._now:%Y-%m-%dT%H:%MZ}; restart the replay to go back",
                        field="jump_to",
                        value=jump_to,
                        remedy="a later moment, or restart",
                    )
                self._jump = min(moment, self._end)
            self._anchor = (time.monotonic(), self._now)
