"""Forecast cycles: when one is due, computing it beside the chain, and taking it up.

A run is a row before it is computed, so that a restart finds what was under way. Its
inputs are frozen at issue time and its id is the hash of them; computing it again gives
the same files, so computing is safe to repeat.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import sqlite

from anlan import forecast
from anlan.city import City, Event
from anlan.journal import Act
from anlan.store import Store, schema

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


class ForecastCycle:
    """Computes forecast runs on one background thread, which spreads members over processes."""

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

    def start_due(self, act: Act, since: datetime | None) -> list[str]:
        """Freeze and enter the cycles whose issue time lies in (since, now]; returns run ids.

        Of several missed while the system was down only the newest is worth computing.
        """
        first = since or act.now - timedelta(
            hours=float(self.city.settings["forecast"]["every_hours"])
        )
        due = issue_times(self.city, self.event, first, act.now)[-1:]
        started = []
        for issue in due:
            bundle = forecast.freeze(act.tx, self.city, self.event, issue, self.settings)
            folder = self.store.data_dir / "runs" / bundle.hash
            bundle.save(folder.with_suffix(".input"))
            lead = timedelta(hours=float(self.settings.lead_hours))
            entered = act.tx.execute(
                sqlite.insert(R)
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
            if entered.rowcount == 1:
                act.record("run.started", bundle.hash, grounds=bundle.grounds, valid_at=issue)
                started.append(bundle.hash)
        return started

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
        folder = self.store.data_dir / "runs" / path
        began = time.perf_counter()
        try:
            bundle = forecast.Bundle.load(folder.with_suffix(".input"))
            summary = forecast.compute(bundle, folder, progress=self.progress)
        except Exception as problem:
            with self.store.transaction() as tx:
                tx.execute(
                    update(R)
                    .where(R.c.id == run_id)
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

    def take_up(self, act: Act) -> list[str]:
        """Publish the runs that are done and visible by now, oldest first; their ids."""
        taken = []
        for row in act.tx.execute(
            select(R)
            .where(R.c.state.in_(("done", "failed")), R.c.visible_at <= act.now)
            .order_by(R.c.issued_at)
        ).all():
            won = act.tx.execute(
                update(R)
                .where(R.c.id == row.id, R.c.state == row.state)
                .values(state="published" if row.state == "done" else "lost")
            )
            if won.rowcount != 1:
                continue
            if row.state == "failed":
                # people must see that the forecast is missing, not only that it is old
                act.record("run.failed", row.id, valid_at=row.issued_at)
            else:
                act.record("run.published", row.id, valid_at=row.issued_at)
                taken.append(row.id)
        return taken

    def close(self) -> None:
        """Stop taking new work; what is being computed is finished by the next start."""
        self._thread.shutdown(wait=False, cancel_futures=True)


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
