"""Forecast runs of a rehearsed event, kept in a cache: they do not hang on the rules."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from anlan import forecast
from anlan.assess.assessment import assess
from anlan.chain.cycle import ForecastCycle
from anlan.city import City, Event
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store
from anlan.store.sqlite import FILE
from anlan.warn.evidence import Run
from anlan.warn.rule import MOST_RUNS

log = logging.getLogger(__name__)


class Foreseen:
    """Forecast runs of the event, each computed once and kept in the cache."""

    def __init__(self, city: City, store: Store, event: Event, settings: forecast.Settings) -> None:
        self.city = city
        self.cycle = ForecastCycle(city, store, event, settings)
        self.published: list[Run] = []
        self.taken = 0
        self.lost = 0

    def wait(self, now: datetime) -> None:
        """Until no run is being computed that is due to be seen by ``now``."""
        while (future := self.cycle.blocking(now)) is not None:
            try:
                future.result()
            except Exception:
                # the run is marked failed and counted as lost; rules go on without it, as they
                # would at the desk
                log.exception("forecast run failed")

    def step(self, act: Act, since: datetime) -> None:
        """Enter what is due, take up what has ended."""
        for issue in self.cycle.due(act.now, since):
            self.cycle.start(act, issue)
        for run in self.cycle.ended(act):
            if not self.cycle.publish(act, run):
                self.lost += 1
                continue
            with forecast.Products.open(self.cycle.store.data_dir / "runs" / run.path) as products:
                content = assess(self.city, products, run.id)
            self.published.insert(0, Run(run.id, run.issued_at, dict(content)))
            del self.published[MOST_RUNS:]
            self.taken += 1


@contextmanager
def held(cache: Path) -> Iterator[None]:
    """The cache for this process alone; refused when it is a desk's data folder."""
    if (cache / FILE).exists() or (cache / "outbox").exists():
        raise Refusal(
            f"cache {cache} is the data folder of a desk, which a rehearsal must not touch",
            field="cache",
            value=cache,
            remedy="another folder",
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "lock").open("a")
    except OSError as problem:
        raise Refusal(
            f"cache {cache} cannot be written ({problem.strerror}); give another --cache",
            field="cache",
            value=cache,
            remedy="a folder that this account may write",
        ) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise Refusal(
                f"another rehearsal is using the cache {cache}; wait, or give another --cache",
                field="cache",
                value=cache,
                remedy="another folder",
                kind="conflict",
            ) from problem
        yield
