"""Asking other sides at a cadence: what polled sources share.

A `Job` is one thing to ask: an address or a folder. What it fetched is taken in together with what
it remembers (entity tags, entries seen) in one transaction: after a crash it either knows of a
document and has it, or neither. An answer that cannot be had is asked for again later, more and
more seldom up to `SLOWEST`, and one job that fails does not hold up the others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.sources.source import State
from anlan.refusal import Refusal
from anlan.store import Store, get_meta, set_meta

SLOWEST = timedelta(minutes=15)
TICK_S = 0.5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gathered:
    """What a job brought.

    Attributes:
        items: for its `Job.take`.
        memory: what it wants to know next time; JSON.
        problems: what could not be had, in sentences; the rest counts all the same.
    """

    items: Sequence[Any]
    memory: dict[str, Any]
    problems: tuple[str, ...] = ()


class Job(Protocol):
    """One address or folder that is asked at a cadence."""

    @property
    def id(self) -> str:
        """Short, unique within the source."""

    @property
    def every(self) -> timedelta:
        """How often it is asked."""

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """Ask; slow, outside of any transaction. Raises `Refusal` when nothing can be had."""
        ...

    def take(self, act: Act, items: Sequence[Any]) -> tuple[int, int]:
        """Take in what came; how much of it was new, and how much was refused."""
        ...


@dataclass
class _Course:
    """How one job is doing."""

    due: float = 0.0  # monotonic
    failures: int = 0
    problem: str = ""
    heard_at: datetime | None = None


class Poller(threading.Thread):
    """Runs jobs when they are due, so many at once, until stopped."""

    def __init__(
        self, source: str, store: Store, clock: Clock, jobs: Sequence[Job], at_once: int = 1
    ) -> None:
        super().__init__(name=source, daemon=True)
        self._source, self._store, self._clock, self._jobs = source, store, clock, jobs
        self._ending = threading.Event()
        self._courses = {job.id: _Course() for job in jobs}
        self._lock = threading.Lock()
        self._taken = self._refused = 0
        self._at_once = at_once

    def stop(self) -> None:
        """End; what is being fetched is left."""
        self._ending.set()
        self.join(timeout=10)

    def state(self) -> State:
        """How the source is doing as a whole."""
        with self._lock:
            courses = [replace(each) for each in self._courses.values()]
            taken, refused = self._taken, self._refused
        heard = [each.heard_at for each in courses if each.heard_at is not None]
        problems = [each.problem for each in courses if each.problem]
        return State(
            connected=any(each.heard_at and not each.failures for each in courses),
            heard_at=max(heard, default=None),
            taken=taken,
            refused=refused,
            problem="; ".join(problems)[:500],
        )

    def run(self) -> None:
        """Ask until told to stop."""
        under_way: dict[str, Future[None]] = {}
        with ThreadPoolExecutor(self._at_once, thread_name_prefix=self._source) as pool:
            while not self._ending.is_set():
                for job in self._jobs:
                    busy = job.id in under_way and not under_way[job.id].done()
                    if not busy and time.monotonic() >= self._courses[job.id].due:
                        under_way[job.id] = pool.submit(self._poll_unless_ending, job)
                self._ending.wait(TICK_S)

    def _poll_unless_ending(self, job: Job) -> None:
        if not self._ending.is_set():
            self.poll(job)

    def poll(self, job: Job) -> None:
        """Ask one job now and take in what it brings; never raises."""
        try:
            problems = self._poll(job)
        except Refusal as refusal:
            self._failed(job, refusal.message)
        except Exception as problem:
            log.exception("%s %s", self._source, job.id)
            self._failed(job, f"{job.id}: {type(problem).__name__}: {problem}"[:300])
        else:
            self._went_well(job, problems)

    def _poll(self, job: Job) -> tuple[str, ...]:
        key = f"poll.{self._source}.{job.id}"
        with self._store.read() as conn:
            memory = get_meta(conn, key) or {}
        came = job.gather(dict(memory))
        if came.items or came.memory != memory:
            with self._store.transaction() as tx:
                taken, refused = job.take(Act(tx, self._clock.now(), "system"), came.items)
                set_meta(tx, key, came.memory)
            with self._lock:
                self._taken += taken
                self._refused += refused
        return came.problems

    def _went_well(self, job: Job, problems: tuple[str, ...]) -> None:
        with self._lock:
            course = self._courses[job.id]
            course.failures, course.heard_at = 0, self._clock.now()
            course.problem = "; ".join(problems)[:300]
            course.due = time.monotonic() + job.every.total_seconds()

    def _failed(self, job: Job, words: str) -> None:
        log.warning("%s %s: %s", self._source, job.id, words)
        with self._lock:
            course = self._courses[job.id]
            course.failures += 1
            course.problem = words[:300]
            wait = job.every * 2 ** min(course.failures - 1, 6)
            course.due = time.monotonic() + min(wait, max(SLOWEST, job.every)).total_seconds()
