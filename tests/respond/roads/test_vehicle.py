"""Depth and speed: the published curve at its published points, and the limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.refusal import Refusal
from anlan.respond.roads.vehicle import VEHICLES, speed, vehicle_of

KMH = 3.6


@pytest.mark.parametrize(
    ("depth_m", "kmh"),
    # v = 0.0009 w² − 0.5529 w + 86.9448, worked out by hand; the road would allow 100
    [(0.0, 100.0), (0.05, 61.5498), (0.10, 40.6548), (0.20, 12.3648), (0.30, 0.0), (1.0, 0.0)],
)
def test_a_car_slows_by_the_published_curve(depth_m: float, kmh: float) -> None:
    assert float(speed(VEHICLES["car"], 100, depth_m)) * KMH == pytest.approx(kmh, abs=1e-6)


@given(st.sampled_from(sorted(set(VEHICLES) - {"boat"})), st.floats(0, 2), st.floats(0, 2))
def test_deeper_water_never_makes_faster(name: str, a: float, b: float) -> None:
    low, high = sorted((a, b))
    vehicle = VEHICLES[name]

    assert float(speed(vehicle, 60, high)) <= float(speed(vehicle, 60, low))
    assert float(speed(vehicle, 60, max(high, vehicle.limit_m))) == 0


def test_a_boat_goes_on_where_a_lorry_stops() -> None:
    assert float(speed(VEHICLES["truck"], 60, 0.8)) == 0
    assert float(speed(VEHICLES["boat"], 60, 0.8)) * KMH == pytest.approx(8)


def test_a_city_gives_the_wading_depth_of_its_own_fleet() -> None:
    settings = {"vehicles": {"fire_engine": {"limit_m": 0.7, "source": "maker's sheet"}}}

    assert vehicle_of(settings, "fire_engine").limit_m == 0.7
    assert vehicle_of(settings, "truck").limit_m == 0.5
    with pytest.raises(Refusal, match="vehicle 'tank' is not a class known here; use one of car"):
        vehicle_of(settings, "tank")
