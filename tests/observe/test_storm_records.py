"""Storms as known at any past moment: corrections, late files and repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from anlan.journal import Act
from anlan.observe.storm import Fix, Storm, StormTrack, add, nearest, storms
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines

NOON = datetime(2021, 7, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALIVE = 24 * HOUR


def seen(hour: int, lon: float = 122.0, wind: float = 30.0) -> Fix:
    at = NOON + hour * HOUR
    return Fix(at, at, lon, 30.0, 970.0, wind)


def ahead(base: int, lead: int, lon: float = 121.0) -> Fix:
    return Fix(NOON + (base + lead) * HOUR, NOON + base * HOUR, lon, 31.0, 975.0, 28.0)


def track(*fixes: Fix, agency: str = "CMA", storm: str = "202106") -> StormTrack:
    return StormTrack(storm, agency, "烟花", "In-Fa", 2, False, fixes)


def keep(store: Store, at: datetime, *tracks: StormTrack) -> int:
    with store.transaction() as tx:
        return add(Act(tx, at, "system"), tracks, "test")


def known(store: Store, at: datetime) -> list[Storm]:
    with store.read() as conn:
        return storms(conn, at, ALIVE)


def test_a_repeat_changes_nothing(store: Store) -> None:
    assert keep(store, NOON, track(seen(-1), seen(0))) == 2
    assert keep(store, NOON + HOUR, track(seen(-1), seen(0))) == 0
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(schema.storm_fix)).scalar_one() == 2


def test_a_corrected_fix_holds_from_its_arrival_on(store: Store) -> None:
    keep(store, NOON, track(seen(0, lon=122.0)))
    keep(store, NOON + 2 * HOUR, track(seen(0, lon=122.4)))
    keep(store, NOON + 3 * HOUR, track(seen(0, lon=122.0)))
    lons = [known(store, NOON + h * HOUR)[0].fixes[-1].lon for h in (1, 2, 3)]
    assert lons == [122.0, 122.4, 122.0]


def test_two_versions_in_one_millisecond_are_both_kept(store: Store) -> None:
    keep(store, NOON, track(seen(0, lon=122.0)))
    keep(store, NOON, track(seen(0, lon=122.4)))
    assert known(store, NOON + HOUR)[0].fixes[-1].lon == 122.4


def test_what_comes_late_was_not_known_before(store: Store) -> None:
    keep(store, NOON, track(seen(-6)))
    keep(store, NOON + 5 * HOUR, track(seen(0), ahead(0, 12)))
    before, after = (known(store, NOON + h * HOUR)[0] for h in (4, 5))
    assert [fix.time for fix in before.fixes] == [NOON - 6 * HOUR]
    assert before.forecasts == ()
    assert after.fixes[-1].time == NOON
    assert after.forecasts[0].base == NOON


def test_a_fix_of_the_future_is_no_fix_yet(store: Store) -> None:
    keep(store, NOON, track(seen(0), seen(3)))
    assert known(store, NOON)[0].fixes[-1].time == NOON


def test_only_the_newest_forecast_of_each_agency_speaks(store: Store) -> None:
    keep(store, NOON, track(seen(0), ahead(-6, 12), ahead(-6, 24), ahead(0, 12)))
    keep(store, NOON, track(ahead(-3, 24), agency="JMA"))
    (storm,) = known(store, NOON)
    assert [(f.agency, f.base, len(f.fixes)) for f in storm.forecasts] == [
        ("CMA", NOON, 1), ("JMA", NOON - 3 * HOUR, 1),
    ]  # fmt: skip


def test_fixes_of_two_agencies_are_never_mixed(store: Store) -> None:
    keep(store, NOON, track(seen(0), agency="JMA"), track(seen(-3), agency="CMA"))
    (storm,) = known(store, NOON)
    assert (storm.agency, [fix.time for fix in storm.fixes]) == ("CMA", [NOON - 3 * HOUR])


def test_where_the_first_agency_has_fallen_silent_the_next_speaks(store: Store) -> None:
    keep(store, NOON, track(seen(0), agency="JMA"), track(seen(-30), agency="CMA"))
    assert [storm.agency for storm in known(store, NOON)] == ["JMA"]


def test_a_storm_without_a_recent_fix_is_over(store: Store) -> None:
    keep(store, NOON, track(seen(0)))
    assert known(store, NOON + 25 * HOUR) == []


def test_of_two_storms_the_nearer_one_counts(store: Store) -> None:
    keep(store, NOON, track(seen(0, lon=122.0)), track(seen(0, lon=140.0), storm="202108"))
    found = nearest(known(store, NOON), 121.0, 30.7)
    assert found is not None
    assert found.id == "202106"
    assert nearest([], 121.0, 30.7) is None
