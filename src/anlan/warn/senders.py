"""The post room of a live desk: one thread for each channel, so that none waits for another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from anlan.clock import Clock
from anlan.store import Store
from anlan.warn.channels.channel import Line
from anlan.warn.channels.outlet import Outlet
from anlan.warn.sending import hand_over_waiting

PERIOD_S = 0.5
STOP_S = 30.0
log = logging.getLogger(__name__)


class Senders:
    """Hands over what waits until stopped.

    A lane that fails is reported by `problems` and tried again; its hand-offs are settled by the
    rules of `sending`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        outlets: Mapping[str, Outlet],
        period_s: float = PERIOD_S,
    ) -> None:
        self._store, self._clock, self._outlets = store, clock, dict(outlets)
        self._period_s = period_s
        self._ending = threading.Event()
        self._problems: dict[str, str] = {}
        # "" serves what no outlet is there for, so that it goes on to the next channel
        self._lanes = [
            threading.Thread(target=self._serve, args=(name,), name=f"send-{name}", daemon=True)
            for name in (*self._outlets, "")
        ]

    @property
    def lines(self) -> Mapping[str, Line]:
        """The channels that reach beyond this machine, by name."""
        return {name: each for name, each in self._outlets.items() if isinstance(each, Line)}

    def problems(self) -> Mapping[str, str]:
        """What is wrong, by channel."""
        return dict(self._problems)

    def start(self) -> None:
        """Begin; that another side is away is no reason not to."""
        for line in self.lines.values():
            line.start()
        for lane in self._lanes:
            lane.start()

    def stop(self) -> None:
        """Finish the calls under way, and end."""
        self._ending.set()
        for lane in self._lanes:
            lane.join(STOP_S)
        for line in self.lines.values():
            line.stop()

    def _serve(self, lane: str) -> None:
        while not self._ending.is_set():
            try:
                hand_over_waiting(self._store, self._clock.now(), self._outlets, lane)
                self._problems.pop(lane, None)
            except Exception as problem:
                log.exception("channel %s: a step failed; it is tried again", lane or "(none)")
                self._problems[lane] = type(problem).__name__
            self._ending.wait(self._period_s)
