"""Pumps keep their hysteresis, follow their curve and never run dry."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.hydraulics.works import Pump
from tests.hydraulics.works.rooms import Rooms

A, B, C = (0, 0), (0, 1), (0, 2)


def _pump(capacity: float = 1.0, start: float = 1.2, stop: float = 1.0) -> Pump:
    return Pump("P", A, B, capacity=capacity, start_level=start, stop_level=stop)


def test_a_pump_starts_at_one_level_and_stops_at_a_lower_one() -> None:
    rooms = Rooms([_pump()], [1.5, 0.0])

    rooms.run(600.0, 1.0)  # 1.5 m down to 1.0 m is 200 m3, 200 s, give or take a step
    first_run = float(rooms.volume[0])
    assert first_run == pytest.approx(200.0, abs=1.1)
    assert rooms.level[0] == pytest.approx(1.0, abs=1.1 / 400.0)

    rooms.level[0] = 1.15  # between the levels it stays off
    rooms.run(60.0, 1.0)
    assert rooms.volume[0] == first_run

    rooms.level[0] = 1.2  # on again
    rooms.run(10.0, 1.0)
    assert rooms.volume[0] == pytest.approx(first_run + 10.0)


def test_a_pump_that_has_not_reached_its_start_level_stays_off() -> None:
    rooms = Rooms([_pump()], [1.19, 0.0])
    rooms.run(600.0, 10.0)
    assert rooms.volume[0] == 0.0


def test_a_running_pump_keeps_running_over_a_restart() -> None:
    """Its memory alone, put into new rooms at 1.1 m, below the start level, carries it on."""
    rooms = Rooms([_pump()], [1.5, 0.0])
    rooms.run(160.0, 10.0)
    again = Rooms([_pump()], list(rooms.level))
    again.memory[:] = rooms.memory
    again.run(20.0, 10.0)
    assert again.volume[0] == pytest.approx(20.0)


def test_a_pump_moves_no_more_than_is_there() -> None:
    rooms = Rooms([_pump(capacity=1000.0, start=0.1, stop=-1.0)], [1.5, 0.25])
    rooms.run(60.0, 10.0)
    assert rooms.level == pytest.approx([0.0, 1.75], abs=1e-12)
    assert rooms.volume[0] == pytest.approx(600.0)


def test_a_pump_lifts_water_past_equal_levels() -> None:
    rooms = Rooms([_pump(capacity=2.0, start=1.2, stop=0.5)], [1.5, 3.0])
    rooms.run(100.0, 10.0)
    assert rooms.level == pytest.approx([1.0, 3.5])


def test_a_pump_with_a_curve_delivers_less_against_a_greater_head() -> None:
    """4 m3/s at no head, 3 at 2 m, none at 5 m; straight between, level beyond."""
    pump = Pump(
        "P", A, B, capacity=[(0.0, 4.0), (2.0, 3.0), (5.0, 0.0)], start_level=1.0, stop_level=0.0
    )
    rooms = Rooms([pump], [1.0, 0.0])
    heads = [-1.0, 0.0, 1.0, 2.0, 3.0, 4.5, 6.0]
    found = [rooms.discharge_at(1.0, 1.0 + head) for head in heads]
    assert found == pytest.approx([4.0, 4.0, 3.5, 3.0, 2.0, 0.5, 0.0])


def test_a_pump_may_watch_another_cell() -> None:
    pump = Pump("P", A, B, 1.0, start_level=1.2, stop_level=1.0, sensor_cell=C)
    rooms = Rooms([pump], [3.0, 0.0, 1.1])
    assert rooms.discharge_at(3.0, 0.0, 1.1) == 0.0
    assert rooms.discharge_at(0.5, 0.0, 1.3) == 1.0


def test_pumps_share_a_sump_without_drawing_it_below_nothing() -> None:
    pumps = [Pump(f"P{k}", A, B, capacity=30.0, start_level=0.1, stop_level=-1.0) for k in range(3)]
    rooms = Rooms(pumps, [1.0, 0.0])
    rooms.step(10.0)
    assert np.all(rooms.level >= 0.0)
    assert rooms.volume == pytest.approx([300.0, 100.0, 0.0])
