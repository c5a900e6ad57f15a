"""The vortex: pressure, wind, and where they are greatest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecast.climate import ENVIRONMENT_HPA
from anlan.forecast.geodesy import move
from anlan.forecast.vortex import SEA_FACTOR, Vortex, radius_of_maximum_wind, vortex


def still(pressure: float = 950.0, wind: float = 40.0) -> Vortex:
    return vortex(122.0, 28.0, pressure, wind, 0.0, 0.0)


def test_pressure_is_the_centre_s_at_the_centre_and_the_environment_s_far_away() -> None:
    storm = still()
    assert float(storm.pressure(122.0, 28.0)) == pytest.approx(950.0, abs=1e-6)
    rising = [float(storm.pressure(*move(122.0, 28.0, r, 0.0))) for r in (5e4, 2e5, 1e6, 5e6)]
    assert rising == sorted(rising)
    assert rising[-1] == pytest.approx(ENVIRONMENT_HPA, abs=0.5)


@given(st.floats(20.0, 60.0), st.floats(930.0, 990.0))
def test_the_wind_is_greatest_at_the_radius_of_maximum_wind(wind: float, pressure: float) -> None:
    storm = vortex(140.0, 1.0, pressure, wind, 0.0, 0.0)
    r = np.linspace(0.2, 6.0, 400) * float(storm.radius)
    speed = storm.gradient_wind(r)
    # near the equator: elsewhere f shifts the maximum of the gradient wind inward of R
    assert r[speed.argmax()] / float(storm.radius) == pytest.approx(1.0, abs=0.05)


def test_the_reported_wind_comes_back_at_sea() -> None:
    storm = still()
    # Coriolis takes about R f / 2 = 1 m/s off the cyclostrophic wind that B is solved from
    assert SEA_FACTOR * float(storm.gradient_wind(storm.radius)) == pytest.approx(40.0, abs=1.5)


def test_a_moving_storm_is_stronger_on_its_right() -> None:
    storm = vortex(122.0, 28.0, 950.0, 40.0, 0.0, 8.0)
    right = storm.wind(*move(122.0, 28.0, storm.radius, 0.0))
    left = storm.wind(*move(122.0, 28.0, -storm.radius, 0.0))
    # half the translation speed is added on the right and taken off on the left
    assert np.hypot(*right) - np.hypot(*left) == pytest.approx(8.0, abs=0.8)


def test_north_of_the_centre_the_wind_blows_from_the_east_and_inward() -> None:
    east, north = still().wind(*move(122.0, 28.0, 0.0, 2e5))
    assert east < 0.0
    assert north < 0.0


def test_south_of_the_equator_it_turns_the_other_way() -> None:
    east, _ = vortex(150.0, -20.0, 950.0, 40.0, 0.0, 0.0).wind(*move(150.0, -20.0, 0.0, 2e5))
    assert east > 0.0


def test_land_slows_the_wind() -> None:
    there = move(122.0, 28.0, 1e5, 0.0)
    sea = np.hypot(*still().wind(*there))
    land = np.hypot(*still().wind(*there, over_land=True))
    assert land / sea == pytest.approx(0.7 / 0.9, rel=1e-6)


def test_the_radius_relation_is_willoughby_s() -> None:
    # 46.4 exp(-0.0155 x 40 + 0.0169 x 25) km, by hand: 46.4 x 0.5379 x 1.5258
    assert float(radius_of_maximum_wind(40.0, 25.0)) == pytest.approx(38.1e3, rel=2e-3)


@given(st.floats(0.0, 1.5e6), st.floats(12.0, 70.0), st.floats(905.0, 1005.0))
def test_wind_is_finite_and_never_negative(r: float, wind: float, pressure: float) -> None:
    speed = float(still(pressure, wind).gradient_wind(r))
    assert np.isfinite(speed)
    assert speed >= 0.0
