"""Carrying an event through the chain, tick by tick, at any speed.

The driver hands the chain what the replayed world's stations send, lets the replayed
people act, and makes event time wait for a forecast run that is due. It keeps nothing in
memory that matters: killed at any point, it goes on from the chain's cursor.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from datetime import datetime, timedelta

from anlan.chain import Arrivals, Chain
from anlan.city import Event, OfficialWarning
from anlan.clock import ReplayClock, SteppedClock
from anlan.refusal import Refusal
from anlan.replay.actors import Actors
from anlan.replay.world import World
from anlan.store import get_meta, set_meta

TICK = timedelta(minutes=10)
IDENTITY = "replay.identity"
log = logging.getLogger(__name__)


def official_between(event: Event, after: datetime, until: datetime) -> list[OfficialWarning]:
    """Official warnings issued in (after, until]."""
    return [warning for warning in event.official if after < warning.issued <= until]


class Replay:
    """One event, one world, one cast of actors, driven through one chain.

    Raises `Refusal` when the data folder already holds another replay.
    """

    def __init__(
        self,
        chain: Chain,
        event: Event,
        world: World,
        actors: Actors,
        clock: ReplayClock | SteppedClock,
        identity: dict[str, object],
    ) -> None:
        self.chain = chain
        self.event = event
        self.world = world
        self.actors = actors
        self.clock = clock
        self.waiting_for: str | None = None
        with chain.store.transaction() as tx:
            known = get_meta(tx, IDENTITY)
            if known is not None and known != identity:
                changed = next(k for k in identity if known.get(k) != identity[k])
                raise Refusal(
                    f"data folder {chain.store.data_dir} holds a replay with "
                    f"{changed}={known.get(changed)}, not {identity[changed]}; "
                    "give another --data-dir, or go on with the same settings",
                    field=changed,
                    value=identity[changed],
                    remedy=f"{changed}={known.get(changed)} or another --data-dir",
                )
            set_meta(tx, IDENTITY, identity)
        self._move_clock(self.reached())
        if chain.cursor() is not None:
            # killed after a step, its hand-offs and acts may be missing; both are safe to repeat
            chain.deliver(self.reached())
            actors.act(chain.store, self.reached())

    def reached(self) -> datetime:
        """Event time up to which everything has been done, UTC."""
        return self.chain.cursor() or self.event.start

    @property
    def finished(self) -> bool:
        """True when the whole event has been carried through."""
        return self.reached() >= self.event.end

    def tick(self, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Carry the chain one tick on; False when stopped while waiting for a run."""
        start = self.reached()
        now = min(start + TICK, self.event.end)
        future = self.chain.blocking(now)
        if future is not None and not self._wait(future, now, stopped):
            return False
        self.chain.step(
            now,
            Arrivals(self.world.readings(start, now), official_between(self.event, start, now)),
        )
        self.actors.act(self.chain.store, now)
        self._move_clock(now)
        return True

    def _wait(self, future: Future[None], now: datetime, stopped: Callable[[], bool]) -> bool:
        self.waiting_for = f"forecast due {now:%Y-%m-%dT%H:%MZ}"
        try:
            while not stopped():
                try:
                    future.result(timeout=0.2)
                except TimeoutError:
                    continue
                except Exception:
                    # the run is marked failed and shown as such; the chain goes on without it
                    log.exception("forecast run failed")
                return True
            return False
        finally:
            self.waiting_for = None
            if isinstance(self.clock, ReplayClock):
                self.clock.held()

    def _move_clock(self, now: datetime) -> None:
        if isinstance(self.clock, ReplayClock):
            self.clock.reached(now)
        else:
            self.clock.step_to(now)

    def run(self, progress: Callable[[datetime], None] | None = None) -> None:
        """Carry the whole event through as fast as the machine can."""
        while not self.finished:
            self.tick()
            if progress is not None:
                progress(self.reached())


class ReplayThread(threading.Thread):
    """Drives a replay at the pace of its clock, beside the service."""

    def __init__(self, replay: Replay, clock: ReplayClock) -> None:
        super().__init__(name="replay", daemon=True)
        self.replay = replay
        self.clock = clock
        self.problem: str | None = None
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Tick whenever the wall clock allows; stop at the end of the event."""
        try:
            while not self._stop_asked.is_set() and not self.replay.finished:
                if self.clock.target() < min(self.replay.reached() + TICK, self.replay.event.end):
                    if self.clock.jump is not None:
                        # what is left of the jump is less than a tick
                        self.clock.land()
                    # hand-offs of what people just approved must not wait for the next tick
                    self.replay.chain.deliver(self.clock.now())
                    self._stop_asked.wait(0.1)
                    continue
                self.replay.tick(self._stop_asked.is_set)
        except Exception as problem:
            log.exception("the replay stopped")
            self.problem = f"{type(problem).__name__}: {problem}"

    def stop(self) -> None:
        """Ask the thread to stop and wait for the tick under way."""
        self._stop_asked.set()
        self.join(timeout=60)
