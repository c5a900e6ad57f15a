"""Sums, extremes and means over 5 minutes, an hour and a day; right under late data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.city import City
from anlan.observe import Reading, aggregates, archive
from anlan.refusal import Refusal
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines

EIGHT = datetime(2021, 7, 25, 0, tzinfo=UTC)  # 08:00 in Pinghu
HOUR, TEN = timedelta(hours=1), timedelta(minutes=10)
RAIN, TIDE = "rain-zhapu.rain", "zhapu.tide"


def rain(city: City, hour: int, mm: float) -> Reading:
    """A sum over the hour that ends ``hour`` hours after eight o'clock."""
    end = EIGHT + hour * HOUR
    return Reading(RAIN, end, mm, end - HOUR)


def days(
    city: City, store: Store, now: datetime, as_of: datetime | None = None
) -> list[tuple[datetime, float | None, float, bool]]:
    with store.read() as conn:
        found = aggregates.read(
            conn, city, RAIN, "1day", EIGHT - 24 * HOUR, EIGHT + 24 * HOUR, now=now, as_of=as_of
        )
    return [(each.end, each.sum, each.availability, each.complete) for each in found]


def test_the_rain_day_ends_at_eight_and_its_reading_belongs_to_the_day_before(
    pinghu: City, store: Store
) -> None:
    assert pinghu.day_start == time(8)
    with store.transaction() as tx:
        archive.add(tx, [rain(pinghu, 0, 5.0), rain(pinghu, 1, 7.0)], EIGHT + HOUR)
    assert days(pinghu, store, EIGHT + 2 * HOUR) == [
        (EIGHT, 5.0, round(1 / 24, 4), True),
        (EIGHT + 24 * HOUR, 7.0, 0.5, False),
    ]


def test_a_late_reading_is_in_the_sum_at_once_and_not_in_the_sum_of_before(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        archive.add(tx, [rain(pinghu, 1, 7.0)], EIGHT + HOUR)
        archive.add(tx, [rain(pinghu, 2, 9.0)], EIGHT + 9 * HOUR)
    assert days(pinghu, store, EIGHT + 10 * HOUR)[-1] == (EIGHT + 24 * HOUR, 16.0, 0.2, False)
    then = days(pinghu, store, EIGHT + 10 * HOUR, as_of=EIGHT + 4 * HOUR)
    assert then[-1] == (EIGHT + 24 * HOUR, 7.0, 0.25, False)


def test_a_sum_across_an_edge_is_shared_out_by_time(pinghu: City, store: Store) -> None:
    end = EIGHT + timedelta(minutes=15)
    with store.transaction() as tx:
        archive.add(tx, [Reading(RAIN, end, 8.0, end - HOUR)], end)
    assert [each[1] for each in days(pinghu, store, EIGHT + HOUR)] == [6.0, 2.0]


def test_levels_have_extremes_and_a_mean_of_good_readings_and_availability_apart(
    pinghu: City, store: Store
) -> None:
    values = [3.0, 3.1, 9.9, 3.3, 3.4]
    readings = [Reading(TIDE, EIGHT + (n + 1) * TEN, value) for n, value in enumerate(values)]
    with store.transaction() as tx:
        archive.add(tx, readings, EIGHT + HOUR)
        (hour,) = aggregates.read(tx, pinghu, TIDE, "1h", EIGHT, EIGHT + HOUR, now=EIGHT + HOUR)
    assert (hour.low, hour.high, hour.mean, hour.sum) == (3.0, 3.4, 3.2, None)
    assert (hour.count, hour.aside, hour.availability) == (4, 1, round(5 / 6, 4))


def test_a_day_of_changing_clocks_is_one_day(talstadt: City) -> None:
    """In Germany 28 March 2021 had 23 hours; its day begins at midnight."""
    assert talstadt.day_start == time(0)
    assert talstadt.zone == ZoneInfo("Europe/Berlin")
    noon = datetime(2021, 3, 28, 10, tzinfo=UTC)
    first, last = aggregates.edges(talstadt, aggregates.DAY, noon, noon + HOUR)
    assert last - first == timedelta(hours=23)
    assert first.astimezone(talstadt.zone).hour == last.astimezone(talstadt.zone).hour == 0


@pytest.mark.parametrize("step", list(aggregates.STEPS))
def test_intervals_meet_the_span_and_one_another(pinghu: City, step: str) -> None:
    for start, end in ((EIGHT, EIGHT + HOUR), (EIGHT + TEN / 3, EIGHT + 50 * HOUR)):
        edges = aggregates.edges(pinghu, aggregates.STEPS[step], start, end)
        assert edges[0] <= start < edges[1]
        assert edges[-2] < end <= edges[-1]


@pytest.mark.parametrize(("step", "named"), [("1week", "not known"), ("5min", "shorter than")])
def test_a_step_that_cannot_be_is_refused(
    pinghu: City, store: Store, step: str, named: str
) -> None:
    with store.read() as conn, pytest.raises(Refusal, match=named) as refused:
        aggregates.read(conn, pinghu, TIDE, step, EIGHT, EIGHT + HOUR, now=EIGHT)
    assert "1h" in (refused.value.remedy or "")


def test_readings_every_five_minutes_have_sums_over_five(pinghu: City, store: Store) -> None:
    station = replace(pinghu.stations["rain-zhapu"], cadence=TEN / 2)
    city = replace(pinghu, stations={**pinghu.stations, "rain-zhapu": station})
    ends = [EIGHT + n * TEN / 2 for n in range(1, 5)]
    with store.transaction() as tx:
        archive.add(tx, [Reading(RAIN, end, 1.5, end - TEN / 2) for end in ends], EIGHT + HOUR)
        found = aggregates.read(tx, city, RAIN, "5min", EIGHT, ends[-1], now=EIGHT + HOUR)
    assert [(each.end, each.sum, each.availability) for each in found] == [
        (end, 1.5, 1.0) for end in ends
    ]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batch=st.lists(
        st.tuples(st.integers(1, 30), st.sampled_from([0.0, 0.5, 3.0, 400.0])),
        min_size=1,
        max_size=30,
    ),
    order=st.randoms(use_true_random=False),
)
def test_order_repetition_and_delay_change_no_aggregate(
    pinghu: City, store: Store, batch: list[tuple[int, float]], order: object
) -> None:
    readings = [rain(pinghu, hour, mm) for hour, mm in batch]
    shuffled = readings * 2
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    seen = []
    for batches in ([readings], [shuffled[number::4] for number in range(4)]):
        with store.transaction() as tx:
            tx.execute(schema.observation.delete())
            for number, each in enumerate(batches):
                archive.add(tx, each, EIGHT + (40 + number) * HOUR)
            now = EIGHT + 50 * HOUR
            seen.append(
                [
                    aggregates.read(tx, pinghu, RAIN, step, EIGHT, EIGHT + 30 * HOUR, now=now)
                    for step in ("1h", "1day")
                ]
            )
    assert seen[0] == seen[1]
