"""Hosting a drill: its thread, its controls, its desk on a port of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from anlan.access.desk import Desk
from anlan.city import City
from anlan.clock import ReplayClock
from anlan.drill import Drill, Script, prepare
from anlan.drill.measure import measure
from anlan.drill.run import DIRECTOR, TICK
from anlan.refusal import Refusal
from anlan.service.app import create_app
from anlan.service.host import announce, check_port, run_server, web_folder
from anlan.store import Store

SHORTEST_S = 1.0
"""Wall seconds between two steps, however slowly event time runs."""
log = logging.getLogger(__name__)


class DrillThread(threading.Thread):
    """Carries a drill on at the pace of its clock; stands still until somebody starts it."""

    def __init__(self, drill: Drill, clock: ReplayClock) -> None:
        super().__init__(name="drill", daemon=True)
        self.drill = drill
        self.clock = clock
        self.problem: str | None = None
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Step whenever the wall clock allows; stop at the end of the drill."""
        while not self._stop_asked.is_set():
            try:
                if not self._step():
                    break
                self.problem = None
            except Exception as problem:
                log.exception("a step of the drill failed; it is tried again")
                self.problem = f"{type(problem).__name__}: {problem}"
                self._stop_asked.wait(SHORTEST_S)

    def _step(self) -> bool:
        """Catch up with the clock; False once the drill has ended."""
        drill = self.drill
        if drill.finished:
            self.clock.control(paused=True)
            return False
        reached, target = drill.reached(), self.clock.target()
        if drill.started and target > reached:
            drill.tick(min(target, reached + TICK))
            if target - reached > TICK:
                return True  # behind: take the next minute at once
        else:
            # hand-offs of what people just approved must not wait for event time
            drill.chain.deliver(self.clock.now())
        self._stop_asked.wait(SHORTEST_S)
        return True

    def stop(self) -> None:
        """Ask the thread to stop and wait for the step under way."""
        self._stop_asked.set()
        self.join(timeout=60)


class DrillHost:
    """The hand on a drill's clock."""

    def __init__(self, drill: Drill, clock: ReplayClock) -> None:
        self.drill = drill
        self.clock = clock
        self.thread = DrillThread(drill, clock)
        # until a commander starts it, and after a stop of the desk, event time stands
        clock.control(paused=True)

    def problem(self) -> str | None:
        """What went wrong with the last step, if anything."""
        return self.thread.problem

    def drilled(self, conn: Connection) -> Mapping[str, Any] | None:
        """The drill's report for the review, once it has ended."""
        return dict(measure(conn, self.drill)) if self.drill.finished else None

    def view(self) -> dict[str, object]:
        """The drill's clock for the desk, in the shape of a replay's."""
        drill, now = self.drill, self.clock.now()
        span = drill.end_at - drill.start_at
        return {
            "world": "drill",
            "actors": "none" if not drill.started else "all",
            "from": drill.start_at.isoformat(),
            "to": drill.end_at.isoformat(),
            "speed": self.clock.speed,
            "paused": self.clock.paused,
            "jump_to": self.clock.jump.isoformat() if self.clock.jump else None,
            "waiting_for": None,
            "progress": max(timedelta(0), now - drill.start_at) / span,
            "finished": drill.finished,
        }

    def control(self, paused: bool | None, speed: float | None, jump_to: datetime | None) -> None:
        """Pause or go on, change speed, hurry ahead; only once it has been started."""
        if not self.drill.started and (paused is False or jump_to is not None):
            raise Refusal(
                "the drill has not been started; a commander starts it",
                field="drill",
                remedy="POST /api/v1/drill/start as a commander",
                kind="conflict",
                zh="演练还没有启动，由指挥长启动。",
            )
        self.clock.control(paused=paused, speed=speed, jump_to=jump_to)

    def restart(self) -> None:
        """A drill is not begun again: what was measured stays. Raises `Refusal`."""
        raise Refusal(
            "a drill is not begun again; open another with another --data-dir",
            field="restart",
            remedy="another --data-dir",
            kind="conflict",
        )


def serve_drill(
    city: City,
    script: Script,
    speed: float,
    port: int,
    folder: Path,
    seed: int,
    by_hand: tuple[str, ...] | None,
) -> None:
    """The desk over a drill, on a store of its own, going on where the folder left off."""
    check_port(port)
    # never the database of a desk, whatever the environment says
    store = Store(folder, private=True)
    store.hold()
    start = script.drill.start
    clock = ReplayClock(start, start + timedelta(minutes=script.drill.minutes), speed)
    drill = prepare(city, script, store, clock, seed, by_hand)
    host = DrillHost(drill, clock)
    desk = Desk(city, store, clock, drilled=host.drilled)
    app = create_app(desk, web_folder(), host, host.problem, drill)
    announce(city, store, clock, port, DIRECTOR)
    host.thread.start()
    run_server(app, port, host.thread.stop)
