"""A storm's track: what was known, and what the outlook makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecast.climate import Climate, PastStorm, climate
from anlan.forecast.extrapolate import extrapolate, outlook
from anlan.forecast.geodesy import east_north, move
from anlan.forecast.track import Track, from_fixes, known, motion
from anlan.forecast.track_error import ErrorRow, measure, read_errors, write_errors
from anlan.refusal import Refusal

ISSUE = datetime(2021, 7, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Fix:
    time: datetime
    lon: float
    lat: float
    pressure_hpa: float = 970.0
    wind_ms: float = 35.0


def straight(hours: int = 48, speed_deg_h: float = 0.1) -> list[Fix]:
    """A storm going west by 0.1 degree an hour, ISSUE in the middle of its life."""
    start = ISSUE - timedelta(hours=hours // 2)
    return [
        Fix(start + timedelta(hours=h), 130.0 - speed_deg_h * h, 25.0) for h in range(0, hours, 3)
    ]


def past_storms() -> list[PastStorm]:
    storms = []
    for number in range(12):
        hours = 6.0 * np.arange(24, dtype=np.float64)
        storms.append(
            PastStorm(
                2000 + number,
                number,
                f"S{number}",
                Track(
                    hours * 3600.0,
                    130.0 - 0.08 * hours + 0.1 * number,
                    20.0 + 0.06 * hours,
                    np.full(24, 960.0 + number),
                    np.full(24, 40.0),
                ),
            )
        )
    return storms


EMPTY = climate([], 2021)


def test_a_later_fix_is_not_known() -> None:
    track = known(from_fixes(straight()), ISSUE)
    assert track.time[-1] <= ISSUE.timestamp()
    assert len(track) == 9


def test_fixes_come_in_any_order_and_the_last_given_at_one_time_stands() -> None:
    fixes = straight()
    again = from_fixes([*reversed(fixes), Fix(fixes[0].time, 131.0, 25.0)])
    assert again.lon[0] == 131.0
    assert (np.diff(again.time) > 0).all()


def test_a_fix_without_a_time_zone_is_refused() -> None:
    with pytest.raises(Refusal, match="no time zone"):
        from_fixes([Fix(datetime(2021, 7, 23), 130.0, 25.0)])  # noqa: DTZ001


def test_motion_is_the_mean_of_the_last_twelve_hours() -> None:
    east, north = motion(known(from_fixes(straight()), ISSUE))
    # 0.1 degree of longitude at 25 N is 10.08 km
    assert east == pytest.approx(-10.08e3 / 3600.0, rel=1e-3)
    assert north == pytest.approx(0.0)


def test_one_fix_has_no_motion() -> None:
    assert motion(from_fixes(straight()[:1])) == (0.0, 0.0)


@given(
    st.floats(-179, 179),
    st.floats(-60, 60),
    st.floats(-5e5, 5e5),
    st.floats(-5e5, 5e5),
)
def test_moving_there_and_measuring_gives_the_same_metres(
    lon: float, lat: float, east: float, north: float
) -> None:
    there = move(lon, lat, east, north)
    assert np.allclose(east_north(lon, lat, *there), (east, north), atol=1e-3)


def test_without_climatology_motion_dies_away_with_the_relaxation_time() -> None:
    start = np.array([[130.0, 25.0, 970.0, 35.0]])
    out = extrapolate(start, np.array([[0.0, 5.0]]), EMPTY, 48.0, relax_hours=24.0)
    _, north = east_north(130.0, 25.0, out[-1, 0, 0], out[-1, 0, 1])
    # the integral of 5 m/s exp(-t/24 h) over 48 h; steps of 3 h make 0.07 % of it
    assert float(north) == pytest.approx(5.0 * 24 * 3600 * (1 - np.exp(-2)), rel=2e-3)
    assert out[-1, 0, 3] == 35.0


@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(1, 60))
def test_what_happens_after_the_issue_changes_no_outlook(
    dlon: float, dlat: float, hours: int
) -> None:
    fixes = straight()
    later = [f for f in fixes if f.time > ISSUE]
    changed = [f for f in fixes if f.time <= ISSUE] + [
        Fix(f.time + timedelta(minutes=hours), f.lon + dlon, f.lat + dlat, 900.0, 70.0)
        for f in later
    ]
    of_past = climate(past_storms(), 2021)
    one = outlook(from_fixes(fixes), ISSUE, of_past, 48.0)
    two = outlook(from_fixes(changed), ISSUE, of_past, 48.0)
    assert np.array_equal(one.lon, two.lon)
    assert np.array_equal(one.pressure, two.pressure)


def test_the_outlook_reaches_past_its_lead() -> None:
    ahead = outlook(from_fixes(straight()), ISSUE, EMPTY, 48.0)
    assert ahead.time[-1] >= (ISSUE + timedelta(hours=48)).timestamp()


def test_no_known_fix_is_refused() -> None:
    with pytest.raises(Refusal, match="no storm to continue"):
        outlook(from_fixes(straight()), ISSUE - timedelta(days=30), EMPTY, 48.0)


def test_a_storm_is_left_out_of_the_climatology_that_forecasts_it() -> None:
    storms = past_storms()[:1]
    of_past: Climate = climate(storms, 2021)
    lon, lat = np.array([128.0]), np.array([22.0])
    with_it = of_past.near(lon, lat)
    without = of_past.near(lon, lat, np.array([0]))
    assert with_it[0, 1] > 0.5
    assert np.array_equal(without[0], np.zeros(4))


def test_storms_of_the_event_year_and_later_do_not_enter() -> None:
    assert climate(past_storms(), 2003).storm.max() == 2
    assert climate(past_storms(), 2000).lon.size == 0


def test_errors_are_of_earlier_years_only_and_changing_later_ones_changes_none() -> None:
    storms = past_storms()
    before = measure(storms, 2008, 125.0, 27.0)
    bent = [
        s
        if s.year < 2008
        else PastStorm(
            s.year,
            s.number,
            s.name,
            Track(s.track.time, s.track.lon + 3, *(s.track.lat, s.track.pressure, s.track.wind)),
        )
        for s in storms
    ]
    assert measure(bent, 2008, 125.0, 27.0) == before
    assert before[0].storms == 8


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(Refusal, match="at least ten"):
        measure(past_storms(), 2000, 125.0, 27.0)


def row(before: int, lead: float) -> ErrorRow:
    return ErrorRow(before, lead, 100, 20, 50.0, 60.0, 0.2, 0.3, 0.9)


def test_a_forecast_reads_only_errors_from_its_own_past(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "errors.csv"
    write_errors(path, [row(2013, 6.0), row(2013, 12.0)])
    write_errors(path, [row(2021, 6.0)])
    assert {r.before for r in read_errors(path, 2015)} == {2013}
    assert {r.before for r in read_errors(path, 2021)} == {2021}
    with pytest.raises(Refusal, match="--before 1990"):
        read_errors(path, 1990)
