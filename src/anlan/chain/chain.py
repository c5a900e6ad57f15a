"""The whole chain in one step: readings in, deadlines, forecasts, warnings, tasks, deliveries.

A step is one transaction: after a crash it either happened or it did not. Hand-offs to
outlets follow it, each with its own committed record before and after the call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from anlan import forecast, respond, warn
from anlan.assess import Assessment
from anlan.assess import actions as assess
from anlan.chain.cycle import ForecastCycle, newest_runs
from anlan.city import City, Event, OfficialWarning
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import Reading, official
from anlan.observe import actions as observe
from anlan.store import Store, get_meta, savepoint, schema, set_meta

CURSOR = "chain.cursor"
HEARD = "chain.heard"
UNFIT = "chain.unfit"
MOST_UNFIT = 200
ISSUED = ("alert.issued", "alert.updated", "alert.relayed")
SYSTEM = "system"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrivals:
    """What comes in from outside within one step."""

    readings: Sequence[Reading] = ()
    official: Sequence[OfficialWarning] = ()


@dataclass(frozen=True)
class Step:
    """What one step did."""

    now: datetime
    readings: int = 0
    published: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    fired: int = 0
    deliveries: Mapping[str, int] = field(default_factory=dict)


class Chain:
    """Observe → forecast → assess → warn → respond for one city, moved by `step`.

    ``event`` gives the storm track of a replay; ``outlets`` are the channels by name;
    None where others hand over beside the chain.
    Without ``settings`` nothing is forecast; warning and response work all the same.
    """

    def __init__(
        self,
        city: City,
        store: Store,
        clock: Clock,
        outlets: Mapping[str, warn.Outlet] | None,
        settings: forecast.Settings | None,
        event: Event | None = None,
    ) -> None:
        self.city = city
        self.store = store
        self.clock = clock
        self.outlets = outlets
        self.event = event
        self.cycle = None if settings is None else ForecastCycle(city, store, event, settings)
        self._assessed: dict[str, dict[str, object]] = {}
        self._gauges = warn.Kept()
        if self.cycle is not None:
            self.cycle.ensure_computing()

    def cursor(self) -> datetime | None:
        """Up to when the chain has been stepped, UTC; None before the first step."""
        with self.store.read() as conn:
            kept = get_meta(conn, CURSOR)
        return datetime.fromisoformat(kept) if kept else None

    def step(self, now: datetime, arrivals: Arrivals | None = None) -> Step:
        """Everything that is due by ``now`` (UTC), in causal order."""
        given = arrivals or Arrivals()
        gauges = None if given.readings else self._look(now)
        with self.store.transaction() as tx:
            act = Act(tx, now, SYSTEM)
            kept = get_meta(tx, CURSOR)
            since = datetime.fromisoformat(kept) if kept else None
            recorded = observe.record(act, self.city, given.readings)
            self._relay(act, given.official)
            fired = warn.actions.fire_timers(act, self.city)
            fired += len(respond.actions.fire_timers(act, self.city))
            published = self._forecast(act, since)
            alerts = self._warn(act, gauges)
            self._respond(act, published)
            set_meta(tx, CURSOR, now.isoformat())
        if self.cycle is not None:
            self.cycle.ensure_computing()
        deliveries = self.deliver(now)
        return Step(now, recorded.new, published, alerts, fired, deliveries)

    def deliver(self, now: datetime) -> Mapping[str, int]:
        """Hand over whatever is queued, unless others do; returns deliveries by state."""
        if self.outlets is None:
            with self.store.read() as conn:
                return warn.actions.counts(conn)
        return warn.actions.deliver(self.store, now, self.outlets)

    def run_folder(self, run_id: str) -> Path:
        """Where the products of a run lie."""
        return self.store.data_dir / "runs" / run_id

    def blocking(self, now: datetime) -> Future[None] | None:
        """The forecast that must be computed before event time may pass ``now``, if any."""
        return None if self.cycle is None else self.cycle.blocking(now)

    def close(self) -> None:
        """Take on no more background work."""
        if self.cycle is not None:
            self.cycle.close()

    def _relay(self, act: Act, given: Sequence[OfficialWarning]) -> None:
        """Pass on what authorities warn of: what is given, and verified notices that hold now."""
        found = official.known(act.tx, act.now)
        unfit: list[str] = get_meta(act.tx, UNFIT) or []
        warnings = [*given, *(official.warning(one, found) for one in official.acting(found))]
        for warning in warnings:
            if warning.id in unfit:
                continue
            with _part(act, warning.id, "relay") as part:
                warn.actions.relay(act, self.city, warning, live=self.clock.real)
            if part.failed:  # it would fail at every step
                unfit = [*unfit, warning.id][-MOST_UNFIT:]
                set_meta(act.tx, UNFIT, unfit)
        for one in official.ended(found):
            with _part(act, one.notice.id, "end relay"):
                warn.actions.end_relay(act, self.city, one.notice.id, one.by)

    def _forecast(self, act: Act, since: datetime | None) -> list[str]:
        if self.cycle is None:
            return []
        for issue in self.cycle.due(act.now, since):
            with _part(act, f"cycle:{issue.astimezone(UTC):%Y-%m-%dT%H:%MZ}", "freeze"):
                self.cycle.start(act, issue)
        published: list[str] = []
        for run in self.cycle.ended(act):
            with _part(act, run.id, "publish") as part:
                if self.cycle.publish(act, run):
                    with forecast.Products.open(self.run_folder(run.path)) as products:
                        assess.publish(act, self.city, run.id, products, self._proposal(act))
                    published.append(run.id)
            if part.failed:
                self.cycle.lose(act, run)
        return published

    def _proposal(self, act: Act) -> Callable[[Assessment], tuple[str, str]]:
        """What the plan proposes from the alerts in force and a new assessment."""
        alerts = [
            {"event": row.event, "colour": row.colour}
            for row in respond.incidents.alerts_in_force(act.tx, act.now)
        ]
        return respond.plan.proposer(respond.plan.load(self.city.folder), alerts)

    def _look(self, now: datetime) -> warn.Gauges:
        with self.store.read() as conn:
            return warn.actions.look(conn, self.city, now, self._gauges)

    def _warn(self, act: Act, gauges: warn.Gauges | None) -> list[str]:
        # a run is assessed once, and what was said of it stays: it is read once
        self._assessed = {
            run_id: content
            for run_id in newest_runs(act.tx, warn.load_rules(self.city).most_runs)
            if (content := self._assessed.get(run_id) or self._assessment(act, run_id)) is not None
        }
        runs = list(self._assessed.items())
        return warn.actions.evaluate(act, self.city, runs, live=self.clock.real, gauges=gauges)

    def _assessment(self, act: Act, run_id: str) -> dict[str, object] | None:
        found: dict[str, object] | None = act.tx.execute(
            select(schema.assessment.c.content).where(schema.assessment.c.run == run_id)
        ).scalar_one_or_none()
        return found

    def _respond(self, act: Act, published: Sequence[str]) -> None:
        """Hand response what was issued since the last step, and the new assessments."""
        J = schema.journal
        heard = get_meta(act.tx, HEARD) or 0
        rows = act.tx.execute(
            select(J.c.seq, J.c.subject)
            .where(J.c.seq > heard, J.c.kind.in_(ISSUED))
            .order_by(J.c.seq)
        ).all()
        event = self.event.id if self.event else ""
        for row in rows:
            with _part(act, row.subject, "respond"):
                respond.actions.on_alert(act, self.city, row.subject, event)
        if rows:
            set_meta(act.tx, HEARD, rows[-1].seq)
        with _part(act, published[-1] if published else SYSTEM, "reconsider"):
            respond.actions.on_assessments(act, self.city, published)


@dataclass
class _Part:
    """What became of a part of a step."""

    failed: bool = False


@contextmanager
def _part(act: Act, subject: str, name: str) -> Iterator[_Part]:
    """A part of a step that may fail alone: one bad run or alert must not stop the others.

    What it wrote is undone, the journal names what it was about, and the step goes on.
    """
    part = _Part()
    try:
        with savepoint(act.tx):
            yield part
    except Exception as problem:
        log.exception("%s of %s failed", name, subject)
        part.failed = True
        content = {"part": name, "error": type(problem).__name__}
        act.record("chain.part_failed", subject, content=content)
