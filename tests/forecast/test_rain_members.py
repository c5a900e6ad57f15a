"""Rain, and the members drawn around the best estimate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecast import ensemble, rain
from anlan.forecast.geodesy import east_north
from anlan.forecast.nodes import nodes_over
from anlan.forecast.track import Track
from anlan.forecast.track_error import ErrorRow

HOURS = 3600.0


def test_rain_near_a_storm_of_thirty_five_knots_is_r_cliper_s() -> None:
    # U = 1: T0 = 2.86, Tm = 3.20 inch/day, rm = 51.5 km, re = 134 km
    wind = 35.0 / rain.KNOTS_PER_MS
    outer = rain.OUTER_MM_H * np.exp(-51.5 / rain.OUTER_KM)
    assert float(rain.typhoon_rate(51.5, wind)) == pytest.approx(3.20 * 25.4 / 24 + outer, rel=2e-3)
    assert float(rain.typhoon_rate(0.0, wind)) == pytest.approx(2.86 * 25.4 / 24 + 1.0, rel=2e-3)


@given(st.floats(0, 2000), st.floats(0, 80))
def test_rain_is_never_negative_and_a_dead_storm_has_none(distance: float, wind: float) -> None:
    assert float(rain.typhoon_rate(distance, wind)) >= 0.0
    assert float(rain.typhoon_rate(distance, 8.0)) == 0.0


def test_a_gauge_s_interval_is_shared_between_hours_by_time() -> None:
    edges = HOURS * np.arange(3.0)
    sums = rain.hourly_sums(
        np.array([0.0, 1800.0]), np.array([1800.0, 7200.0]), np.array([3.0, 9.0]), edges
    )
    assert sums.tolist() == [6.0, 6.0]


def test_an_hour_mostly_without_readings_is_unknown_not_dry() -> None:
    sums = rain.hourly_sums(
        np.array([0.0]), np.array([1200.0]), np.array([5.0]), np.array([0.0, HOURS])
    )
    assert np.isnan(sums[0])


def test_a_silent_gauge_leaves_the_others_and_no_gauge_means_no_known_rain() -> None:
    weights = rain.interpolation_weights(
        np.array([0.0]), np.array([0.0]), np.array([1000.0, 1000.0]), np.array([0.0, 0.0])
    )
    hourly = np.array([[4.0, np.nan, 8.0], [2.0, np.nan, np.nan]])
    assert rain.interpolate(weights, hourly)[0].tolist() == [3.0, 0.0, 8.0]


@given(st.lists(st.floats(0, 100), min_size=3, max_size=3))
def test_interpolated_rain_stays_between_its_gauges(values: list[float]) -> None:
    x = np.array([0.0, 5000.0, 9000.0])
    weights = rain.interpolation_weights(np.linspace(0, 1e4, 7), np.zeros(7), x, np.zeros(3))
    field = rain.interpolate(weights, np.array(values)[:, None])
    assert field.min() >= min(values) - 1e-9
    assert field.max() <= max(values) + 1e-9


def test_observed_rain_dies_away_into_the_storm_s() -> None:
    lead = np.array([0.0, 400.0])
    out = rain.blend(np.array([10.0]), np.full((1, 2), 2.0), lead, 4.0)
    assert out[0].tolist() == pytest.approx([10.0, 2.0])


def test_nodes_carry_a_plane_exactly_and_average_areas() -> None:
    nodes = nodes_over(0.0, 0.0, 200.0, (30, 40))
    field = nodes.to_cells(nodes.x + 2.0 * nodes.y)
    assert field[3, 5] == pytest.approx(5.5 * 200 + 2 * 3.5 * 200)
    mask = np.zeros((30, 40), dtype=bool)
    mask[3, 5] = True
    assert nodes.mean_over(mask) @ (nodes.x + 2.0 * nodes.y) == pytest.approx(field[3, 5])
    cells = np.array([[3, 5], [-1, -1]], dtype=np.int32)
    assert nodes.at_cell(cells) @ np.ones(nodes.x.size) == pytest.approx([1.0, 0.0])


# Members

ERRORS = [
    ErrorRow(2021, 6.0 * k, 100, 50, 40.0 * k, 40.0 * k, 0.1 * k, 0.1 * k, 0.9) for k in range(1, 9)
]


def outlook() -> Track:
    time = HOURS * np.arange(-24.0, 51.0, 3.0)
    n = time.size
    return Track(
        time, np.full(n, 123.0), 25.0 + time / HOURS * 0.1, np.full(n, 965.0), np.full(n, 38.0)
    )


def drawn(members: int = 200) -> list[Track]:
    top = np.full(len(outlook()), 60.0)
    return [ensemble.perturb_track(outlook(), top, 0.0, ERRORS, 7, m) for m in range(members)]


def test_the_past_is_not_perturbed_and_the_control_not_at_all() -> None:
    tracks = drawn(3)
    past = outlook().time <= 0.0
    assert np.array_equal(tracks[2].lon[past], outlook().lon[past])
    assert tracks[0] is not tracks[1]
    assert np.array_equal(tracks[0].lat, outlook().lat)
    assert not np.array_equal(tracks[1].lat, outlook().lat)


def test_the_spread_of_tracks_grows_with_lead_as_measured() -> None:
    tracks = drawn()
    lead = outlook().time / HOURS
    spread = []
    for hours in (6.0, 24.0, 48.0):
        k = int(np.flatnonzero(lead == hours)[0])
        dx, dy = east_north(
            outlook().lon[k],
            outlook().lat[k],
            np.array([t.lon[k] for t in tracks]),
            np.array([t.lat[k] for t in tracks]),
        )
        spread.append(float(np.sqrt(np.mean(dx**2 + dy**2))) / 1e3)
    assert spread == sorted(spread)
    # 320 km along and across at 48 h
    assert spread[2] == pytest.approx(320.0 * np.sqrt(2.0), rel=0.15)


def test_no_member_is_stronger_than_the_strongest_on_record_there() -> None:
    assert max(float(t.wind.max()) for t in drawn()) <= 60.0


def test_a_member_is_the_same_however_many_there_are() -> None:
    assert np.array_equal(drawn(3)[2].lon, drawn(9)[2].lon)


def test_a_member_s_rain_is_correlated_in_space_and_mean_one() -> None:
    x, y = np.array([0.0, 3000.0, 60000.0]), np.zeros(3)
    root = ensemble.correlation_root(x, y, 15e3)
    assert np.allclose(root @ root.T, np.exp(-np.abs(x[:, None] - x) / 15e3), atol=1e-8)
    draws = np.stack([ensemble.rain_factor(root, 48, 0.7, 3.0, 0.5, 1, m) for m in range(1, 400)])
    assert draws.mean() == pytest.approx(1.0, abs=0.1)
    log = np.log(draws)
    near = np.corrcoef(log[:, 0].ravel(), log[:, 1].ravel())[0, 1]
    far = np.corrcoef(log[:, 0].ravel(), log[:, 2].ravel())[0, 1]
    assert near > far + 0.2
    assert (ensemble.rain_factor(root, 48, 0.7, 3.0, 0.5, 1, 0) == 1.0).all()


def test_a_known_tide_error_is_kept_first_and_forgotten_later() -> None:
    t = 600.0 * np.arange(289, dtype=np.float64)
    paths = np.stack([ensemble.tide_error(t, 0.35, 12.0, 3, m, 0.5) for m in range(1, 500)])
    assert np.allclose(paths[:, 0], 0.5)
    assert paths[:, -1].mean() == pytest.approx(0.5 * np.exp(-4.0), abs=0.05)
    assert paths[:, -1].std() == pytest.approx(0.35, rel=0.12)
    assert paths[:, 6].std() < paths[:, 72].std()


def test_an_unknown_tide_error_is_spread_from_the_start() -> None:
    t = 600.0 * np.arange(100, dtype=np.float64)
    starts = [ensemble.tide_error(t, 0.35, 12.0, 3, m)[0] for m in range(1, 500)]
    assert float(np.std(starts)) == pytest.approx(0.35, rel=0.12)


def test_the_inland_level_walks_away_with_the_square_root_of_time() -> None:
    lead = np.arange(0.0, 48.1, 1.0 / 6.0)
    paths = np.stack([ensemble.inland_error(lead, 0.05, 1, m, "x") for m in range(1, 500)])
    assert (paths[:, 0] == 0.0).all()
    assert paths[:, -1].std() == pytest.approx(0.05 * np.sqrt(2.0), rel=0.12)
