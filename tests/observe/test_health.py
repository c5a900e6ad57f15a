"""How the stations are doing, as pure judgement and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.observe import Reading, archive, health, parse_rows
from anlan.store import Store
from tests.service.hand import raise_hand

pytestmark = pytest.mark.both_engines

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)
TIDE = "zhapu.tide"


def moving(hours: float, *, until: datetime = NIGHT) -> list[Reading]:
    """A tide that moves, every ten minutes."""
    count = int(hours * 6)
    return [Reading(TIDE, until - TEN * n, 2.0 + 0.05 * abs(n % 36 - 18)) for n in range(count)]


def zhapu(
    city: City, store: Store, readings: list[Reading], now: datetime = NIGHT
) -> health.Health:
    with store.transaction() as tx:
        archive.add(tx, readings, now)
        return next(
            each for each in health.stations(tx, city, now=now) if each.station.id == "zhapu"
        )


def test_a_station_that_reports_all_is_well(pinghu: City, store: Store) -> None:
    found = zhapu(pinghu, store, moving(30))
    assert (found.problems, found.received, found.expected, found.share) == ((), 144, 144, 1.0)


def test_a_station_without_any_reading_says_so(pinghu: City, store: Store) -> None:
    found = zhapu(pinghu, store, [])
    assert (found.problems, found.last, found.share) == (("never",), None, None)


def test_a_station_that_fell_silent_is_silent_and_not_flat(pinghu: City, store: Store) -> None:
    found = zhapu(pinghu, store, moving(30, until=NIGHT - timedelta(hours=4)))
    assert found.problems == ("silent", "gaps")
    assert found.last is not None
    assert found.last.valid_at == NIGHT - timedelta(hours=4)


def test_a_new_station_is_not_blamed_for_the_time_before_it(pinghu: City, store: Store) -> None:
    found = zhapu(pinghu, store, moving(1))
    assert (found.problems, found.received, found.expected) == ((), 6, 6)


def test_a_reading_that_may_be_on_its_way_is_no_gap(pinghu: City, store: Store) -> None:
    """Twenty minutes after its first reading, the newest of three has not come yet."""
    found = zhapu(pinghu, store, moving(1 / 3, until=NIGHT - TEN))
    assert (found.problems, found.received, found.expected) == ((), 2, 3)


def test_missing_values_are_gaps(pinghu: City, store: Store) -> None:
    readings = [
        Reading(r.series, r.valid_at, None, flag="missing") if n % 3 == 1 else r
        for n, r in enumerate(moving(24))
    ]
    assert zhapu(pinghu, store, readings).problems == ("gaps",)


def test_a_stuck_gauge_is_flat_and_has_no_gaps(pinghu: City, store: Store) -> None:
    flat = [Reading(TIDE, NIGHT - TEN * n, 2.5) for n in range(30)]
    found = zhapu(pinghu, store, flat)
    assert (found.problems, found.share, dict(found.flags)) == (("flat",), 1.0, {"flat": 30})


def test_a_station_whose_clock_runs_ahead_is_named(pinghu: City, store: Store) -> None:
    found = zhapu(pinghu, store, [*moving(24), Reading(TIDE, NIGHT + timedelta(minutes=5), 2.0)])
    assert found.problems == ("clock",)


def test_a_station_may_report_its_battery_beside_what_it_measures(
    pinghu: City, store: Store
) -> None:
    row = {"series": "zhapu.battery", "valid_at": NIGHT.isoformat(), "value": 10600, "unit": "mV"}
    readings, refused = parse_rows([row], pinghu, "zhapu")
    assert refused == []
    found = zhapu(pinghu, store, [*moving(24), *readings])
    assert found.battery is not None
    assert (found.battery.value, found.problems) == (10.6, ("battery",))


@pytest.fixture
def desk(pinghu: City, store: Store) -> Iterator[TestClient]:
    hand = raise_hand(pinghu, store, NIGHT)
    with store.transaction() as tx:
        archive.add(tx, moving(24), NIGHT)
        archive.add(tx, [Reading(TIDE, NIGHT - 3 * TEN, 7.9)], NIGHT)
    with TestClient(hand.app, headers=hand.key(hand.account("duty_officer"))) as client:
        yield client


def test_the_desk_reads_health_flags_and_aggregates(desk: TestClient) -> None:
    stations = desk.get("/api/v1/stations/health").json()
    assert {each["id"] for each in stations} >= {"zhapu", "rain-zhapu"}
    found = next(each for each in stations if each["id"] == "zhapu")
    assert found["share"] == 1.0
    assert found["flags"] == {"spike": 1}
    assert stations.index(found) == len(stations) - 1  # the rest never reported

    # what the officer could have seen a minute before anything had come
    then = {"as_of": (NIGHT - timedelta(minutes=1)).isoformat()}
    for moment, state in (({}, "normal"), (then, "none")):
        shown = desk.get("/api/v1/stations", params=moment).json()
        assert next(each["state"] for each in shown if each["id"] == "zhapu") == state
    assert desk.get("/api/v1/stations", params={"as_of": "2021-07-25"}).status_code == 422

    points = desk.get(f"/api/v1/series/{TIDE}").json()["points"]
    assert [point[3] for point in points[-4:]] == [["spike"], [], [], []]

    hours = desk.get(f"/api/v1/series/{TIDE}/aggregates", params={"step": "1h"}).json()
    assert hours["day_starts"] == "08:00"
    assert hours["intervals"][-1]["aside"] == 1
    assert hours["intervals"][-1]["high"] < 9.0
    refused = desk.get(f"/api/v1/series/{TIDE}/aggregates", params={"step": "1min"})
    assert refused.status_code == 422
    assert desk.get("/api/v1/series/nowhere.tide/aggregates").status_code == 404
