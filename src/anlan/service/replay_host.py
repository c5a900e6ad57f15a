"""Hosting a replay in the service: its thread, its controls, and beginning again."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from anlan.access.credentials import A as ACCOUNT
from anlan.access.credentials import K as CREDENTIAL
from anlan.clock import ReplayClock
from anlan.refusal import Refusal
from anlan.replay import Replay, ReplayThread, truth_of
from anlan.store import Store, schema

KEPT = {
    ACCOUNT.name,
    CREDENTIAL.name,
    schema.person.name,
    schema.account_secret.name,
    schema.recovery_code.name,
    schema.identity.name,
    schema.session.name,
    schema.sign_in_fault.name,
}


def put_aside(store: Store) -> None:
    """Copy the database and the outbox to ``archive/<n>``, then empty the records of a replay.

    Accounts, sign-ins and people stay; forecast runs stay on disk and are found again.
    """
    archive = store.data_dir / "archive"
    folder = archive / f"{sum(1 for _ in archive.glob('*')) + 1:03d}"
    folder.mkdir(parents=True)
    store.put_aside(folder)
    # first the outbox: keys of former messages must not be taken for those of the new ones
    shutil.move(store.data_dir / "outbox", folder / "outbox")
    (store.data_dir / "outbox").mkdir()
    with store.transaction() as tx:
        for table in reversed(schema.metadata.sorted_tables):
            if table.name not in KEPT:
                tx.execute(table.delete())


def _busy() -> Refusal:
    return Refusal(
        "the replay is being begun again, or a step has not ended yet; try again in a minute",
        field="restart",
        remedy="try again in a minute",
        kind="conflict",
    )


class ReplayHost:
    """The replay behind a desk, ``first`` and then, after each restart, what ``begin`` makes."""

    def __init__(
        self,
        store: Store,
        clock: ReplayClock,
        identity: Mapping[str, Any],
        first: Replay,
        begin: Callable[[], Replay],
    ) -> None:
        self.store = store
        self.clock = clock
        self.identity = identity
        self._begin = begin
        self._restarting = threading.Lock()
        self.thread = ReplayThread(first, clock)

    def start(self) -> None:
        """Let event time run."""
        self.thread.start()

    def stop(self) -> None:
        """Let the tick under way end, then stop."""
        self.thread.stop()
        self.thread.replay.chain.close()

    def problem(self) -> str | None:
        """Why the replay stopped, if it failed."""
        return self.thread.problem

    def truth(self) -> Mapping[str, Any]:
        """What really happened in the replayed world, for the review."""
        return truth_of(self.thread.replay)

    def view(self) -> dict[str, object]:
        """The replay's state for the desk."""
        event = self.thread.replay.event
        span = (event.end - event.start).total_seconds()
        now = self.clock.now()
        return {
            "world": self.identity["world"],
            "actors": self.identity["actors"],
            "from": event.start.isoformat(),
            "to": event.end.isoformat(),
            "speed": self.clock.speed,
            "paused": self.clock.paused,
            "jump_to": self.clock.jump.isoformat() if self.clock.jump else None,
            "waiting_for": self.thread.replay.waiting_for,
            "progress": (now - event.start).total_seconds() / span,
            "finished": self.thread.replay.finished,
        }

    def control(self, paused: bool | None, speed: float | None, jump_to: datetime | None) -> None:
        """Pause or go on, change speed, hurry ahead."""
        self.clock.control(paused=paused, speed=speed, jump_to=jump_to)

    def restart(self) -> None:
        """Begin the event again from its first minute.

        Raises `Refusal` while somebody else has just done so, or a long tick has not ended.
        """
        if not self._restarting.acquire(blocking=False):
            raise _busy()
        try:
            self.stop()
            if self.thread.is_alive():
                raise _busy()
            put_aside(self.store)
            self.clock.rewind()
            self.thread = ReplayThread(self._begin(), self.clock)
            self.thread.start()
        finally:
            self._restarting.release()
