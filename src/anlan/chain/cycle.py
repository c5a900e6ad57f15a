"""Forecast cycles: when one is due, computing it beside the chain, and taking it up.

A run is a row before it is computed, so that a restart finds what was under way. Its
inputs are frozen at issue time and its id is the hash of them; computing it again gives
the same files, so computing is safe to repeat.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, update

from anlan import forecast
from anlan.city import City, Event
from anlan.journal import Act
from anlan.store import Store, insert, schema

R = schema.run
Progress = Callable[[str, float], None]


def issue_times(city: City, event: Event | None, start: datetime, end: datetime) -> list[datetime]:
    """Issue times in (start, end]: every ``every_hours`` from midnight in the city's zone.

    A replayed event stops its cycles at ``cycles_until``.
    """
    hours = float(city.settings["forecast"]["every_hours"])
    last = end if event is None or event.cycles_until is None else min(end, event.cycles_until)
    local = start.astimezone(city.zone)
    moment = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while moment <= last:
        if moment > start:
            found.append(moment.astimezone(start.tzinfo))
        moment += timedelta(hours=hours)
    return found


class StoppedError(Exception):
    """The system closes while a run is being computed; the next start computes it."""


class ForecastCycle:
    """Computes forecast runs on one background thread, which spreads members over threads."""

    def __init__(
        self,
        city: City,
        store: Store,
        event: Event | None,
        settings: forecast.Settings,
        progress: Progress | None = None,
    ) -> None:
        self.city = city
        self.store = store
        self.event = event
        self.settings = settings
        self.progress = progress
        self.latency = timedelta(minutes=float(city.settings["forecast"]["latency_minutes"]))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="forecast")
        self._under_way: dict[str, Future[None]] = {}
        self._closing = threading.Event()
        forecast.remove_stale_parts(store.data_dir / "runs")

    def due(self, now: datetime, since: datetime | None) -> list[datetime]:
        """Issue times in (since, now] that are worth computing.

        Of several missed while the system was down only the newest is.
        """
        every = timedelta(hours=float(self.city.settings["forecast"]["every_hours"]))
        return issue_times(self.city, self.event, since or now - every, now)[-1:]

    def start(self, act: Act, issue: datetime) -> str | None:
        """Freeze and enter the cycle issued at ``issue``; the run's id, None if it is known."""
        bundle = forecast.freeze(
            act.tx, self.city, self.event, issue, self.settings, self.store.data_dir
        )
        folder = self._folder(bundle.hash)
        lead = timedelta(hours=float(self.settings.lead_hours))
        entered = act.tx.execute(
            insert(act.tx, R)
            .values(
                id=bundle.hash,
                issued_at=issue,
                visible_at=issue + self.latency,
                from_at=issue,
                to_at=issue + lead,
                members=self.settings.members,
                state="computing",
                path=folder.name,
                input_hash=bundle.hash,
                settings=self.settings.as_dict(),
            )
            .on_conflict_do_nothing()
        )
        if entered.rowcount != 1:
            return None
        bundle.save(folder.with_suffix(".input"))
        act.record("run.started", bundle.hash, grounds=bundle.grounds, valid_at=issue)
        return bundle.hash

    def _folder(self, path: str) -> Path:
        return self.store.data_dir / "runs" / path

    def ensure_computing(self) -> None:
        """Hand every run that is entered but not computed to the background thread.

        Called after the transaction that entered it, and after a restart.
        """
        with self.store.read() as conn:
            waiting = conn.execute(
                select(R.c.id, R.c.path).where(R.c.state == "computing").order_by(R.c.issued_at)
            ).all()
        for row in waiting:
            if row.id not in self._under_way:
                self._under_way[row.id] = self._thread.submit(self._compute, row.id, row.path)

    def _compute(self, run_id: str, path: str) -> None:
        folder = self._folder(path)
        began = time.perf_counter()
        try:
            bundle = forecast.Bundle.load(folder.with_suffix(".input"))
            summary = forecast.compute(bundle, folder, progress=self._tell)
        except StoppedError:
            return
        except Exception as problem:
            with self.store.transaction() as tx:
                tx.execute(
                    update(R)
                    .where(R.c.id == run_id, R.c.state == "computing")
                    .values(
                        state="failed", summary={"error": f"{type(problem).__name__}: {problem}"}
                    )
                )
            raise
        with self.store.transaction() as tx:
            tx.execute(
                update(R)
                .where(R.c.id == run_id, R.c.state == "computing")
                .values(
                    state="done",
                    wall_s=round(time.perf_counter() - began, 2),
                    summary=summary.as_dict(),
                )
            )
        shutil.rmtree(folder.with_suffix(".input"), ignore_errors=True)

    def _tell(self, what: str, share: float) -> None:
        if self._closing.is_set():
            raise StoppedError
        if self.progress is not None:
            self.progress(what, share)

    def blocking(self, now: datetime) -> Future[None] | None:
        """The computation that must end before event time may pass ``now``, if any."""
        with self.store.read() as conn:
            row = conn.execute(
                select(R.c.id)
                .where(R.c.state == "computing", R.c.visible_at <= now)
                .order_by(R.c.issued_at)
                .limit(1)
            ).first()
        return self._under_way.get(row.id) if row else None

    def ended(self, act: Act) -> list[Row[tuple[Any, ...]]]:
        """Rows of the runs that are done or failed and visible by now, oldest first."""
        return list(
            act.tx.execute(
                select(R)
                .where(R.c.state.in_(("done", "failed")), R.c.visible_at <= act.now)
                .order_by(R.c.issued_at)
            )
        )

    def publish(self, act: Act, run: Row[tuple[Any, ...]]) -> bool:
        """Take up a run that ended; False when it failed or its products are gone: it is lost."""
        if run.state == "failed" or forecast.summary_of(self._folder(run.path)) is None:
            self.lose(act, run)
            return False
        self._move(act, run, "published")
        act.record("run.published", run.id, valid_at=run.issued_at)
        return True

    def lose(self, act: Act, run: Row[tuple[Any, ...]]) -> None:
        """Give a run up. People must see that a forecast is missing, not only that one is old."""
        self._move(act, run, "lost")
        act.record("run.failed", run.id, valid_at=run.issued_at)

    def _move(self, act: Act, run: Row[tuple[Any, ...]], state: str) -> None:
        act.tx.execute(update(R).where(R.c.id == run.id).values(state=state))

    def close(self) -> None:
        """Stop, and wait until nothing is being computed; the next start takes it up again."""
        self._closing.set()
        self._thread.shutdown(wait=True, cancel_futures=True)


def newest_runs(conn: Connection, most: int = 2) -> list[str]:
    """Ids of the newest published runs, newest first."""
    return list(
        conn.execute(
            select(R.c.id)
            .where(R.c.state == "published")
            .order_by(R.c.issued_at.desc())
            .limit(most)
        ).scalars()
    )
