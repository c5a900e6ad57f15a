"""However a network shuffles, repeats and delays readings: the same archive, sums and crossings."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anlan.city import City
from anlan.journal import Act
from anlan.observe import Reading, actions, aggregates, archive, judging
from anlan.store import Store, schema
from anlan.warn.gauges import Gauges, Kept
from anlan.warn.rules import load_rules

pytestmark = pytest.mark.both_engines
NOW = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
RIVER, RAIN = "danghu-level.river_level", "rain-danghu.rain"
FIVE = timedelta(minutes=5)
# around the gauge's thresholds, and one that no gauge can measure
LEVELS = st.sampled_from([1.0, 1.5, 1.8, 1.9, 2.0, 2.3, 2.9, 99.0, None])
SUMS = st.sampled_from([0.0, 0.5, 4.0, 12.0, None])


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    """Readings of eight hours, of some of them several versions."""
    found = []
    for number in draw(st.lists(st.integers(0, 95), min_size=1, max_size=50)):
        at = NOW - number * FIVE
        flag = draw(st.sampled_from(["ok", "ok", "ok", "suspect"]))
        if draw(st.booleans()):
            value = draw(LEVELS)
            found.append(Reading(RIVER, at, value, None, flag if value is not None else "missing"))
        else:
            value = draw(SUMS)
            start = at - draw(st.sampled_from([FIVE, 3 * FIVE]))
            found.append(Reading(RAIN, at, value, start, flag if value is not None else "missing"))
    return found


def outcome(store: Store, city: City, batches: list[list[Reading]]) -> dict[str, Any]:
    """What the desk holds and decides after batches that came one after the other."""
    rules = load_rules(city).rules
    with store.transaction() as tx:
        for table in (schema.observation, schema.kept_aggregate):
            tx.execute(table.delete())
        for number, batch in enumerate(batches):
            act = Act(tx, NOW + timedelta(seconds=number), "system")
            assert actions.record(act, city, batch).refused == []
        moment = NOW + timedelta(hours=1)
        start, end = NOW - timedelta(hours=9), moment
        held = {
            series: [
                (each.valid_at, each.value, each.flag, each.start_at)
                for each in archive.window(tx, series, start, end)
            ]
            for series in (RIVER, RAIN)
        }
        versions = {
            (row.series, row.valid_at, row.value, row.flag, row.start_at)
            for row in tx.execute(schema.observation.select())
        }
        sums = {
            (series, step): aggregates.read(tx, city, series, step, start, end, now=moment)
            for series in (RIVER, RAIN)
            for step in aggregates.STEPS
            if aggregates.STEPS[step] >= city.stations[series.rpartition(".")[0]].cadence
        }
        gauges = Gauges(tx, city, NOW)
        crossings = {
            (rule.id, watch.key): gauges.states(rule, watch, {})
            for rule in rules
            for watch in rule.watches
        }
    return {"held": held, "versions": versions, "sums": sums, "crossings": crossings}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batch=readings(), seed=st.integers(0, 2**32), late=st.integers(1, 6))
@example(
    batch=[Reading(RIVER, NOW - n * FIVE, 2.9) for n in range(20)], seed=1, late=5
)  # over the thresholds for long enough
def test_any_shuffle_repetition_and_delay_gives_the_same_archive_sums_and_crossings(
    pinghu: City, store: Store, batch: list[Reading], seed: int, late: int
) -> None:
    chance = random.Random(seed)
    shuffled = batch + chance.choices(batch, k=chance.randrange(len(batch) + 1))
    chance.shuffle(shuffled)
    pieces: list[list[Reading]] = [[] for _ in range(late)]
    for each in shuffled:
        chance.choice(pieces).append(each._replace(source="another way"))
    direct = outcome(store, pinghu, [batch])
    delayed = outcome(store, pinghu, pieces)
    for what, value in direct.items():
        assert delayed[what] == value, what


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batch=readings(),
    seed=st.integers(0, 2**32),
    moves=st.lists(st.integers(-30, 90), min_size=2, max_size=6),
)
@example(  # nothing comes: what was fresh is stale at last, what was ahead of its time no more
    batch=[Reading(RIVER, NOW + timedelta(minutes=4), 2.9), Reading(RAIN, NOW, 12.0)],
    seed=1,
    moves=[0, 1, 3, 40],
)
def test_a_look_that_keeps_what_it_read_sees_what_a_first_look_sees(
    pinghu: City, store: Store, batch: list[Reading], seed: int, moves: list[int]
) -> None:
    """Readings come in pieces, also by another process, while the clock goes on or back."""
    chance = random.Random(seed)
    chance.shuffle(batch)
    watched = [
        (rule, watch)
        for rule in load_rules(pinghu).rules
        for watch in rule.watches
        if {"danghu-level", "rain-danghu"}.intersection(watch.stations)
    ]
    kept, now = Kept(), NOW
    with store.transaction() as tx:
        tx.execute(schema.observation.delete())
        for number, minutes in enumerate(moves):
            actions.record(Act(tx, NOW, "system"), pinghu, batch[number :: len(moves)])
            now += timedelta(minutes=minutes)
            later, first = Gauges(tx, pinghu, now, kept), Gauges(tx, pinghu, now)
            for rule, watch in watched:
                assert later.states(rule, watch, {}) == first.states(rule, watch, {})
            look = kept.windows.look(tx, pinghu, now)
            for name, hours in (("danghu-level", 1), ("danghu-level", 6), ("rain-danghu", 12)):
                station, back = pinghu.stations[name], timedelta(hours=hours)
                assert look.window(station, back) == judging.window(
                    tx, pinghu, station.series, now - back, now, now=now, neighbours=False
                )


def test_a_clock_of_the_desk_that_steps_changes_no_reading_and_keeps_the_order_of_history(
    pinghu: City, store: Store
) -> None:
    """The desk's clock goes back an hour between two versions of a reading, then jumps a year."""
    at = NOW - timedelta(hours=3)
    steps = (timedelta(0), timedelta(hours=-1), timedelta(hours=-1), timedelta(days=365))
    values = (1.0, 1.5, 1.5, 1.2)
    with store.transaction() as tx:
        for step, value in zip(steps, values, strict=True):
            act = Act(tx, NOW + step, "system")
            actions.record(act, pinghu, [Reading(RIVER, at, value)])
        rows = tx.execute(schema.observation.select()).all()
        (held,) = archive.window(tx, RIVER, at - FIVE, at)
        (then,) = archive.window(tx, RIVER, at - FIVE, at, as_of=NOW)
    assert sorted(row.value for row in rows) == [1.0, 1.2, 1.5]
    assert [row.value for row in sorted(rows, key=lambda row: row.recorded_at)] == [1.0, 1.5, 1.2]
    assert (held.value, then.value) == (1.5, 1.0)


def test_a_station_ahead_of_a_clock_that_went_back_is_set_aside_with_its_reason(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        act = Act(tx, NOW - timedelta(hours=1), "system")
        done = actions.record(act, pinghu, [Reading(RIVER, NOW, 1.0)])
        kept = tx.execute(schema.quarantine.select()).one()
    assert len(done.refused) == 1
    assert "lies in the future" in kept.error
    assert "danghu-level.river_level" in kept.raw


def test_the_examples_do_cross_thresholds(pinghu: City, store: Store) -> None:
    high = [Reading(RIVER, NOW - n * FIVE, 2.9) for n in range(20)]
    rain = [Reading(RAIN, NOW - n * FIVE, 12.0, NOW - (n + 1) * FIVE) for n in range(20)]
    found = outcome(store, pinghu, [high + rain])["crossings"]
    colours = {observed.colour for states in found.values() for observed in states.values()}
    assert len(colours) > 1
