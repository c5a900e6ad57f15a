"""The chain on the real clock: stepped when readings come, and every few seconds all the same."""

from __future__ import annotations

import logging
import threading
import time

from anlan.chain import Chain
from anlan.clock import Clock

PERIOD = 2.0
LEAST_S = 0.1  # between two steps, however fast readings come; and no less than one took
log = logging.getLogger(__name__)


class LiveChain(threading.Thread):
    """Steps a chain by its clock. A step that fails is reported by `problem` and tried again."""

    def __init__(self, chain: Chain, clock: Clock, period: float = PERIOD) -> None:
        super().__init__(name="chain", daemon=True)
        self.chain = chain
        self.clock = clock
        self.period = period
        self.problem: str | None = None
        self._stop_asked = threading.Event()
        self._woken = threading.Event()
        chain.store.on_readings(lambda _: self._woken.set())

    def run(self) -> None:
        """Step until asked to stop."""
        while not self._stop_asked.is_set():
            begun = time.monotonic()
            try:
                self.chain.step(self.clock.now())
                self.problem = None
            except Exception as problem:
                log.exception("a step of the chain failed; it is tried again")
                self.problem = f"{type(problem).__name__}: {problem}"
            rest = min(max(LEAST_S, time.monotonic() - begun), self.period)
            self._stop_asked.wait(rest)
            self._woken.wait(self.period - rest)
            self._woken.clear()

    def stop(self) -> None:
        """Ask the thread to stop and wait for the step under way."""
        self._stop_asked.set()
        self._woken.set()
        self.join(timeout=30)
