"""Old readings go by the city's rule: what they came to stays, and what somebody rests on."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from typer.testing import CliRunner

from anlan.city import City
from anlan.city.fault import Fault
from anlan.city.retention import Retention, read_retention
from anlan.cli.observe import app
from anlan.clock import SteppedClock
from anlan.journal import Act, verify
from anlan.observe import Reading, actions, aggregates, archive, retention
from anlan.observe.quarantine import put_aside
from anlan.service.nightly import Nightly
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines
NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
DAYS, HOUR, TEN = timedelta(days=1), timedelta(hours=1), timedelta(minutes=10)
TIDE, RAIN = "zhapu.tide", "rain-zhapu.rain"
OLD = datetime(2026, 3, 1, 0, tzinfo=UTC)  # 08:00 in Pinghu, when a day begins


@pytest.fixture
def city(pinghu: City) -> City:
    """Pinghu, if it kept tide for 60 days, hourly values for 100 and the rain for ever."""
    return replace(pinghu, retention={"tide": Retention(60 * DAYS, 100 * DAYS)})


def _readings(series: str, first: datetime, count: int) -> list[Reading]:
    return [
        Reading(
            series, first + (n + 1) * TEN, n % 7 / 10, first + n * TEN if "rain" in series else None
        )
        for n in range(count)
    ]


def _keep(
    store: Store, city: City, readings: list[Reading], at: datetime = NOW
) -> actions.Recorded:
    with store.transaction() as tx:
        return actions.record(Act(tx, at, "system"), city, readings)


def _count(store: Store, series: str = TIDE) -> int:
    o = schema.observation.c
    with store.read() as conn:
        query = select(func.count()).select_from(schema.observation).where(o.series == series)
        return int(conn.execute(query).scalar_one())


def _values(
    store: Store, city: City, step: str, days: int = 3, as_of: datetime | None = None
) -> list[aggregates.Aggregate]:
    with store.read() as conn:
        end = OLD + days * DAYS
        return aggregates.read(conn, city, TIDE, step, OLD, end, now=NOW, as_of=as_of)


def _plain(values: list[aggregates.Aggregate]) -> list[aggregates.Aggregate]:
    return [replace(each, kept=False) for each in values]


def test_a_city_that_says_nothing_keeps_everything(pinghu: City, store: Store) -> None:
    _keep(store, pinghu, _readings(TIDE, OLD, 400))
    assert retention.thin(store, pinghu, NOW) == []
    assert _count(store) == 400


def test_hourly_values_stand_where_readings_were(city: City, store: Store) -> None:
    city = replace(city, retention={"tide": Retention(60 * DAYS)})
    _keep(store, city, _readings(TIDE, OLD, 3 * 144) + _readings(RAIN, OLD, 3 * 144))
    hourly, daily = _values(store, city, "1h"), _values(store, city, "1day")
    (gone,) = retention.thin(store, city, NOW)
    assert (gone.series, gone.step, gone.readings) == (TIDE, "1h", 3 * 144)
    assert gone.start == OLD
    assert (_count(store), _count(store, RAIN)) == (0, 3 * 144)
    kept = _values(store, city, "1h")
    assert _plain(kept) == hourly
    assert all(each.kept for each in kept)
    assert [(v.low, v.high, v.count) for v in _values(store, city, "1day")] == [
        (v.low, v.high, v.count) for v in daily
    ]
    assert _values(store, city, "1day")[0].mean == pytest.approx(daily[0].mean, abs=1e-5)
    with store.read() as conn:
        assert verify(conn).verified
        entries = conn.execute(select(schema.journal.c.kind)).scalars().all()
    assert entries.count("observe.thinned") == 1


def test_nothing_finer_than_what_is_kept_is_invented(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 3 * 144))
    retention.thin(store, city, NOW)
    assert [each.count for each in _values(store, city, "1day")] == [144, 144, 144]
    assert _values(store, city, "1h") == []


def test_hourly_values_give_way_to_daily_ones_in_their_time(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 3 * 144), at=OLD + 4 * DAYS)
    daily = _values(store, city, "1day")
    (first,) = retention.thin(store, city, OLD + 70 * DAYS)
    (then,) = retention.thin(store, city, NOW)
    assert (first.step, first.readings, first.values) == ("1h", 432, 0)
    assert (then.step, then.readings, then.values) == ("1day", 0, 72)
    assert [(v.low, v.high, v.count) for v in _values(store, city, "1day")] == [
        (v.low, v.high, v.count) for v in daily
    ]


def test_what_is_young_enough_stays(city: City, store: Store) -> None:
    # the day of the horizon is not over: whole days go
    edge = datetime(2026, 5, 2, 0, tzinfo=UTC)
    _keep(store, city, _readings(TIDE, edge - DAYS, 2 * 144))
    (gone,) = retention.thin(store, city, NOW)
    assert (gone.readings, gone.end, _count(store)) == (144, edge, 144)


def test_a_dry_run_says_the_same_and_changes_nothing(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 40 * 144))
    said = retention.thin(store, city, NOW, dry_run=True)
    assert _count(store) == 40 * 144
    assert retention.thin(store, city, NOW) == said
    assert _count(store) == 0
    assert retention.thin(store, city, NOW) == []


def test_what_is_kept_is_still_exported(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 3 * 144))
    retention.thin(store, city, NOW)
    given = ["export", str(city.folder), "--every", "1day", "--data-dir", str(store.data_dir)]
    done = CliRunner().invoke(app, [*given, "--series", TIDE])
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["count"] for row in rows] == ["144", "144", "144"]


def test_the_readings_of_an_incident_stay_open_or_closed(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 60 * 144))
    with store.transaction() as tx:
        for name, opened, closed in (("I1", 10, 12), ("I2", 50, None)):
            tx.execute(
                schema.incident.insert().values(
                    id=name,
                    name=name,
                    event="storm_tide",
                    state="closed" if closed else "open",
                    level="IV",
                    opened_at=OLD + opened * DAYS,
                    closed_at=None if closed is None else OLD + closed * DAYS,
                )
            )
    retention.thin(store, city, NOW)
    with store.read() as conn:
        left = [o.valid_at for o in archive.window(conn, TIDE, OLD, NOW)]
    # three days before and after; an open incident keeps everything since
    days = sorted({(at - OLD - timedelta(seconds=1)) // DAYS for at in left})
    assert days == [*range(7, 15), *range(47, 60)]


def test_the_readings_of_an_event_of_the_city_stay(pinghu: City, store: Store) -> None:
    city = replace(pinghu, retention={"tide": Retention(60 * DAYS)})
    event = city.event("infa-2021")
    _keep(store, city, _readings(TIDE, event.start, 144))
    assert retention.thin(store, city, NOW) == []


def test_a_reading_that_the_journal_rests_on_stays(city: City, store: Store) -> None:
    readings, beside = _readings(TIDE, OLD, 144), schema.sensorthings_observation
    _keep(store, city, readings)
    hourly = _values(store, replace(city, retention={}), "1h", 1)
    with store.transaction() as tx:
        (seen,) = archive.window(tx, TIDE, OLD + HOUR, OLD + HOUR + TEN)
        Act(tx, NOW, "system").record("alert.drafted", "a1", grounds=["run:r1", seen.ground])
        for reading in readings:  # as SensorThings keeps what it says besides
            tx.execute(beside.insert().values(series=TIDE, valid_at=reading.valid_at))
    city = replace(city, retention={"tide": Retention(60 * DAYS)})
    (gone,) = retention.thin(store, city, NOW)
    assert (gone.readings, gone.grounds) == (143, 1)
    with store.read() as conn:
        assert [o.valid_at for o in archive.window(conn, TIDE, OLD, NOW)] == [OLD + HOUR + TEN]
        assert list(conn.execute(select(beside.c.valid_at)).scalars()) == [OLD + HOUR + TEN]
    # it is in its hour's value once, and goes on being so
    assert _plain(_values(store, city, "1h", 1)) == hourly
    assert retention.thin(store, city, NOW) == []


def test_a_late_reading_for_such_a_time_is_refused_not_doubled(city: City, store: Store) -> None:
    _keep(store, city, _readings(TIDE, OLD, 144))
    retention.thin(store, city, NOW)
    again = _keep(store, city, [*_readings(TIDE, OLD, 3), Reading(TIDE, NOW, 1.0)])
    assert (again.new, len(again.refused)) == (1, 3)
    assert "only hourly or daily values are kept" in again.refused[0].refusal.message
    assert _count(store) == 1


def test_a_late_reading_for_a_time_without_any_is_taken_and_counted(
    city: City, store: Store
) -> None:
    city = replace(city, retention={"tide": Retention(60 * DAYS)})
    first = _readings(TIDE, OLD, 72)
    _keep(store, city, first)
    retention.thin(store, city, NOW)
    late = _keep(store, city, [Reading(TIDE, OLD + 20 * HOUR, 5.5)])
    assert late.new == 1
    (day,) = _values(store, city, "1day", 1)
    assert (day.high, day.count) == (5.5, 73)


def test_as_of_knows_a_kept_value_from_when_its_last_reading_came(city: City, store: Store) -> None:
    city = replace(city, retention={"tide": Retention(60 * DAYS)})
    _keep(store, city, _readings(TIDE, OLD, 6), at=OLD + 2 * HOUR)
    retention.thin(store, city, NOW)
    assert [v.count for v in _values(store, city, "1h", 1, OLD + 3 * HOUR)][:1] == [6]
    assert not any(v.count for v in _values(store, city, "1h", 1, OLD + HOUR))


def test_a_served_desk_thins_once_a_night_after_half_past_three(pinghu: City, store: Store) -> None:
    city = replace(pinghu, retention={"tide": Retention(60 * DAYS)})
    _keep(store, city, _readings(TIDE, OLD, 144))
    clock = SteppedClock(datetime(2026, 6, 30, 19, 20, tzinfo=UTC))  # 03:20 in Pinghu
    nightly = Nightly(city, store, clock)
    assert (nightly.look(), _count(store)) == (False, 144)
    clock.step_to(clock.now() + 2 * TEN)
    assert (nightly.look(), _count(store)) == (True, 0)
    assert nightly.look() is False
    clock.step_to(clock.now() + DAYS)
    assert nightly.look() is True


def test_what_was_refused_goes_by_a_rule_of_its_own(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        for days in (100, 91, 89):
            assert put_aside(Act(tx, NOW - days * DAYS, "system"), "mqtt", "raw", f"{days} days")
    city = replace(pinghu, retention={"quarantine": Retention(90 * DAYS)})
    said = retention.thin(store, city, NOW, dry_run=True)
    assert retention.thin(store, city, NOW) == said
    assert [(each.series, each.readings, each.start) for each in said] == [
        ("quarantine", 2, NOW - 100 * DAYS)
    ]
    with store.read() as conn:
        assert conn.execute(select(schema.quarantine.c.error)).scalars().all() == ["89 days"]
        assert verify(conn).verified
    assert retention.thin(store, city, NOW) == []
    assert retention.thin(store, pinghu, NOW + 1000 * DAYS) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    shown=st.lists(
        st.tuples(st.integers(1, 6 * 24 * 4), st.floats(-2, 6).map(lambda v: round(v, 2))),
        min_size=1,
        max_size=60,
        unique_by=lambda pair: pair[0],
    )
)
def test_thinning_changes_no_hourly_extreme_count_or_mean(
    city: City, store: Store, shown: list[tuple[int, float]]
) -> None:
    with store.transaction() as tx:
        tx.execute(schema.observation.delete())
        tx.execute(schema.kept_aggregate.delete())
    city = replace(city, retention={"tide": Retention(60 * DAYS)})
    _keep(store, city, [Reading(TIDE, OLD + n * TEN, value) for n, value in shown])
    before = [each for each in _values(store, city, "1h", 4) if each.count or each.aside]
    retention.thin(store, city, NOW)
    after = [each for each in _values(store, city, "1h", 4) if each.count or each.aside]
    assert _plain(after) == before
    assert _count(store) == 0


@pytest.mark.parametrize(
    ("table", "field", "remedy"),
    [
        ({"tide": {"raw_days": 7}}, "retention.tide.raw_days", "30 or more"),
        ({"tide": {"raw_days": 90, "hourly_days": 80}}, "retention.tide.hourly_days", "more than"),
        ({"tide": {"raw_days": 90, "days": 1}}, "retention.tide.days", "hourly_days"),
        ({"tides": {"raw_days": 90}}, "retention.tides", "use one of rain"),
        (
            {"quarantine": {"raw_days": 90, "hourly_days": 99}},
            "retention.quarantine.hourly_days",
            "leave it out",
        ),
        ("for ever", "retention", "write [retention.rain]"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_a_fault(table: object, field: str, remedy: str) -> None:
    faults: list[Fault] = []
    assert read_retention({"retention": table}, faults) == {}
    assert [fault.field for fault in faults] == [field]
    assert remedy in faults[0].remedy
