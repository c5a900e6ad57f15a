"""Rehearsing rules on a past event: first the rules run, then what happened is looked at.

Everything happens in a private SQLite store in a temporary folder, whatever database the desk
uses: no account, person, alert or delivery is in it, and no outlet is made. What lasts is the
cache: the worlds' water and the forecast runs, which do not depend on the rules.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from anlan import forecast
from anlan.city import City, Event
from anlan.journal import Act
from anlan.observe import Reading
from anlan.observe import actions as observe
from anlan.refusal import Refusal
from anlan.replay.foreseen import Foreseen, held
from anlan.replay.happened import Reference, of_record, of_world
from anlan.replay.world import World
from anlan.review.build import meeting
from anlan.review.contingency import APART, Table, table
from anlan.review.score import Crossing, Version
from anlan.store import Store
from anlan.warn import tide_levels
from anlan.warn.rehearsal import Message, Rehearsal
from anlan.warn.rule import Rules

TICK = timedelta(minutes=10)
LONGEST = timedelta(days=366)
SYSTEM = "system"
Progress = Callable[[str, float], None]
Readings = Callable[[datetime, datetime], Sequence[Reading]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Past:
    """A past event as the rules may see it: when it was and what arrived when; times UTC."""

    name: str
    start: datetime
    end: datetime
    readings: Readings


@dataclass
class Rehearsed:
    """What came of it. ``scores``: rule id -> level -> counts; None where nobody knows."""

    past: Past
    reference: str
    reconstructed: bool
    messages: Sequence[Message]
    held: dict[tuple[str, str], int]
    runs: int
    lost_runs: int
    scores: dict[str, dict[str, Table] | None] = field(default_factory=dict)


def on_world(
    city: City,
    rules: Rules,
    event: str,
    world: str,
    settings: forecast.Settings | None,
    cache: Path,
    *,
    seed: int = 1,
    resolution_m: float | None = None,
    apart: timedelta = APART,
    progress: Progress,
) -> Rehearsed:
    """The rules over one world of an event of the city.

    Args:
        settings: of the forecasts; None: the rules see gauges alone.
        cache: where the world's water and the forecast runs are kept, never a desk's data folder.
        seed: of the world, as in a replay.
        apart: stretches of high water nearer than this are one event.

    Raises:
        Refusal: for an unknown event or world, or a cache that is a data folder or in use.
    """
    resolution = resolution_m or forecast.read_settings(city.settings).resolution_m
    made = World.load(city, city.event(event), world, seed)
    with held(cache):
        made.build(cache / "world", resolution, progress)
        start, end = made.event.start, made.event.end
        past = Past(f"{event} · {world}", start, end, made.readings)

        def reference(conn: Connection) -> Reference:
            return of_world(conn, city, made.truth(tide_levels(city)))

        return _rehearse(
            city,
            rules,
            past,
            reference,
            True,
            settings,
            made.event,
            cache / "runs",
            apart,
            progress,
        )


def on_record(
    city: City,
    rules: Rules,
    name: str,
    readings: Sequence[Reading],
    known: Sequence[Crossing] | None,
    *,
    apart: timedelta = APART,
    progress: Progress,
) -> Rehearsed:
    """The rules over recorded readings, each taken to have arrived when it was measured.

    Args:
        readings: in any order; at least one.
        known: what happened besides what level gauges show, None when nobody wrote it down.

    Raises:
        Refusal: without a reading, or for more than a year of them.
    """
    if not readings:
        raise Refusal(
            f"{name} holds no reading of this city that can be used",
            field="event",
            value=name,
            remedy="a CSV or Parquet file of readings, as `anlan observe export` writes it",
        )
    ordered = sorted(readings, key=lambda each: each.valid_at)
    if ordered[-1].valid_at - ordered[0].valid_at > LONGEST:
        raise Refusal(
            f"the readings of {name} span {ordered[0].valid_at:%Y-%m-%d} to "
            f"{ordered[-1].valid_at:%Y-%m-%d}; rehearse a year at most at a time",
            field="event",
            value=name,
            remedy="the readings of one event or season",
        )
    start = ordered[0].valid_at - TICK
    at = 0

    def arriving(after: datetime, until: datetime) -> Sequence[Reading]:
        nonlocal at
        first = at
        while at < len(ordered) and ordered[at].valid_at <= until:
            at += 1
        return ordered[first:at]

    past = Past(name, start, ordered[-1].valid_at, arriving)

    def reference(conn: Connection) -> Reference:
        return of_record(conn, city, known)

    return _rehearse(city, rules, past, reference, False, None, None, None, apart, progress)


def _rehearse(
    city: City,
    rules: Rules,
    past: Past,
    reference: Callable[[Connection], Reference],
    reconstructed: bool,
    settings: forecast.Settings | None,
    event: Event | None,
    runs: Path | None,
    apart: timedelta,
    progress: Progress,
) -> Rehearsed:
    with tempfile.TemporaryDirectory(prefix="anlan-rehearse-") as name:
        folder = Path(name)
        if runs is not None:
            runs.mkdir(parents=True, exist_ok=True)
            (folder / "runs").symlink_to(runs.resolve(), target_is_directory=True)
        store = Store(folder, private=True)
        try:
            tried = Rehearsal(city, rules)
            foreseen = None
            if settings is not None and event is not None:
                foreseen = Foreseen(city, store, event, settings)
            try:
                _run(store, past, tried, foreseen, progress)
            finally:
                if foreseen is not None:
                    foreseen.cycle.close()
            with store.read() as conn:
                happened = reference(conn)
        finally:
            store.close()
    return Rehearsed(
        past=past,
        reference=happened.source,
        reconstructed=reconstructed,
        messages=tried.messages,
        held=dict(tried.held),
        runs=0 if foreseen is None else foreseen.taken,
        lost_runs=0 if foreseen is None else foreseen.lost,
        scores=_scores(city, rules, tried.messages, happened, past.end, apart),
    )


def _run(
    store: Store,
    past: Past,
    tried: Rehearsal,
    foreseen: Foreseen | None,
    progress: Progress,
) -> None:
    """Let the rules live through the event; of what happened they see what arrived."""
    now, whole = past.start, past.end - past.start
    while now < past.end:
        since, now = now, min(now + TICK, past.end)
        if foreseen is not None:
            foreseen.wait(now)
        with store.transaction() as tx:
            act = Act(tx, now, SYSTEM)
            observe.record(act, tried.city, past.readings(since, now))
            if foreseen is not None:
                foreseen.step(act, since)
            tried.step(tx, [] if foreseen is None else foreseen.published, now)
        if foreseen is not None:
            foreseen.cycle.ensure_computing()
        progress(f"rules · {past.name}", (now - past.start) / whole)


def _scores(
    city: City,
    rules: Rules,
    messages: Sequence[Message],
    happened: Reference,
    end: datetime,
    apart: timedelta,
) -> dict[str, dict[str, Table] | None]:
    meets = meeting(city)
    found: dict[str, dict[str, Table] | None] = {}
    for rule in rules.rules:
        if rule.event not in happened.known:
            found[rule.id] = None
            continue
        said = [_version(each) for each in messages if each.rule == rule.id]
        own = [each for each in happened.crossings if each.event == rule.event]
        found[rule.id] = {
            each.word: table(said, own, each.word, meets, end, apart) for each in rule.colours
        }
    return found


def _version(message: Message) -> Version:
    return Version(
        alert=f"{message.chain} {message.version}",
        chain=message.chain,
        version=message.version,
        event=message.event,
        colour=message.colour.word,
        area=message.area,
        sent=message.sent,
        expires=message.expires,
        cancels=message.cancels,
    )
