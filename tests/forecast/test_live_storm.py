"""A desk without a replayed event follows the storm that its sources tell of, as known then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from anlan import forecast
from anlan.city import City
from anlan.journal import Act
from anlan.observe.storm import Fix, StormTrack, add
from anlan.store import Store

ISSUE = datetime(2021, 7, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def infa(pinghu: City) -> StormTrack:
    """The fixes of In-Fa in the city's own event, as an agency tells them."""
    fixes = tuple(
        Fix(fix.time, fix.time, fix.lon, fix.lat, fix.pressure_hpa, fix.wind_ms)
        for fix in pinghu.event("infa-2021").track
    )
    return StormTrack("202106", "CMA", "烟花", "In-Fa", 2, False, fixes)


def keep(store: Store, track: StormTrack, at: datetime = ISSUE) -> None:
    with store.transaction() as tx:
        add(Act(tx, at, "system"), [track], "test")


def frozen(store: Store, city: City, event: str | None = None) -> forecast.Bundle:
    small = {"resolution_m": 400.0, "members": 2, "lead_hours": 12, "spinup_hours": 3}
    settings = forecast.read_settings(city.settings, **small)
    with store.read() as conn:
        return forecast.freeze(conn, city, city.event(event) if event else None, ISSUE, settings)


def until(track: StormTrack, end: datetime) -> StormTrack:
    return replace(track, fixes=tuple(fix for fix in track.fixes if fix.time <= end))


def test_a_storm_told_by_a_source_is_forecast_like_one_of_an_event(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    keep(store, infa)
    live, replayed = frozen(store, pinghu), frozen(store, pinghu, "infa-2021")
    assert np.array_equal(live.arrays["outlook"], replayed.arrays["outlook"])
    assert live.meta["storm"]["id"] == "202106"
    assert "storm:202106" in live.grounds


def test_what_came_after_the_issue_time_does_not_change_the_run(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    keep(store, until(infa, ISSUE))
    before = frozen(store, pinghu)
    keep(store, infa, ISSUE + HOUR)
    moved = tuple(replace(fix, lon=fix.lon + 1.0) for fix in infa.fixes)
    keep(store, replace(infa, fixes=moved), ISSUE + 2 * HOUR)
    ahead = Fix(ISSUE + 12 * HOUR, ISSUE, 120.0, 33.0, 980.0, 25.0)
    keep(store, replace(infa, fixes=(ahead,)), ISSUE + 3 * HOUR)
    assert frozen(store, pinghu).hash == before.hash


def test_an_agency_forecast_is_followed_to_its_end_and_continued(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    last = until(infa, ISSUE).fixes[-1]
    told = Fix(ISSUE + 6 * HOUR, last.time, last.lon - 1.2, last.lat + 0.6, 972.0, 31.0)
    keep(store, replace(infa, fixes=(*infa.fixes, told)))
    bundle = frozen(store, pinghu)
    outlook = bundle.arrays["outlook"]
    at = np.interp(told.time.timestamp(), outlook[:, 0], outlook[:, 1])
    assert at == pytest.approx(told.lon, abs=1e-9)
    assert outlook[-1, 0] >= (ISSUE + 15 * HOUR).timestamp()
    assert (np.diff(outlook[:, 0]) > 0).all()
    assert bundle.meta["storm"]["forecast_of"] == "CMA"


def test_an_old_agency_forecast_is_not_followed(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    told = Fix(ISSUE + 6 * HOUR, ISSUE - 13 * HOUR, 100.0, 10.0, 972.0, 31.0)
    keep(store, replace(infa, fixes=(*infa.fixes, told)))
    assert frozen(store, pinghu).meta["storm"]["forecast_of"] is None


def test_a_storm_that_is_over_or_gives_no_strength_is_none(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    keep(store, until(infa, ISSUE - 25 * HOUR))
    assert frozen(store, pinghu).meta["storm"] is None
    bare = tuple(replace(fix, wind_ms=None, pressure_hpa=None) for fix in until(infa, ISSUE).fixes)
    keep(store, replace(infa, storm="202199", fixes=bare))
    assert frozen(store, pinghu).meta["storm"] is None


def test_strength_missing_at_a_fix_is_taken_from_those_beside_it(
    store: Store, pinghu: City, infa: StormTrack
) -> None:
    fixes = list(until(infa, ISSUE).fixes)
    fixes[-2] = replace(fixes[-2], wind_ms=None)
    keep(store, replace(infa, fixes=tuple(fixes)))
    assert np.isfinite(frozen(store, pinghu).arrays["outlook"]).all()
