"""Pumps keep their hysteresis and never run dry; flap gates never flow back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import FlapGate, LocalInertial, Pump, Structure


def _two_rooms(structure: Structure, first: float, second: float) -> LocalInertial:
    """Two closed cells of 400 m2 with the bed at 0 m, joined by the structure alone."""
    wall = np.full((1, 3), math.inf)
    rooms = LocalInertial(
        np.zeros((1, 2)),
        20.0,
        0.03,
        face_crest_x=wall,
        precision="double",
        structures=[structure],
        max_step=10.0,
    )
    rooms.restore(rooms.still_water([[first, second]]))
    return rooms


def _pump(capacity: float = 1.0, start: float = 1.2, stop: float = 1.0) -> Pump:
    return Pump("P", (0, 0), (0, 1), capacity=capacity, start_level=start, stop_level=stop)


def _gate(height: float = math.inf) -> FlapGate:
    return FlapGate("G", (0, 0), (0, 1), width=2.0, sill=0.5, height=height)


def test_a_pump_starts_at_one_level_and_stops_at_a_lower_one() -> None:
    rooms = _two_rooms(_pump(), 1.5, 0.0)

    rooms.run(600.0)  # 1.5 m down to 1.0 m is 200 m3, 200 s
    first_run = rooms.budget.structures["P"]
    assert first_run == pytest.approx(200.0, abs=10.0)
    assert rooms.state.depth[0, 0] == pytest.approx(1.0, abs=10.0 / 400.0)

    rooms.set_rain([[0.15 / 600.0, 0.0]])
    rooms.run(600.0)  # up to 1.15 m: between the levels it stays off
    assert rooms.budget.structures["P"] == first_run

    rooms.run(300.0)  # past 1.2 m: on again
    assert rooms.budget.structures["P"] > first_run + 10.0


def test_a_pump_that_has_not_reached_its_start_level_stays_off() -> None:
    rooms = _two_rooms(_pump(), 1.19, 0.0)
    rooms.run(600.0)
    assert rooms.budget.structures["P"] == 0.0
    assert rooms.state.depth[0, 0] == pytest.approx(1.19)


def test_a_running_pump_keeps_running_over_a_restart() -> None:
    rooms = _two_rooms(_pump(), 1.5, 0.0)
    rooms.run(170.0)  # now near 1.1 m, below the start level
    again = _two_rooms(_pump(), 0.0, 0.0)
    again.restore(rooms.state.copy())
    again.run(20.0)
    assert again.budget.structures["P"] == pytest.approx(20.0)


def test_a_pump_moves_no_more_than_is_there() -> None:
    rooms = _two_rooms(_pump(capacity=1000.0, start=0.1, stop=-1.0), 1.5, 0.25)
    rooms.run(60.0)
    assert rooms.state.depth[0, 0] == 0.0
    assert rooms.state.depth[0, 1] == pytest.approx(1.75, rel=1e-12)
    assert rooms.budget.structures["P"] == pytest.approx(600.0, rel=1e-12)
    assert rooms.budget.residual == pytest.approx(0.0, abs=1e-10)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    inner=st.floats(0.0, 5.0),
    outer=st.floats(0.0, 5.0),
    height=st.sampled_from([0.3, 1.0, math.inf]),
)
def test_a_flap_gate_never_flows_backwards_or_past_level(
    inner: float, outer: float, height: float
) -> None:
    rooms = _two_rooms(_gate(height), inner, outer)
    before = 0.0
    for _ in range(20):
        rooms.advance(rooms.suggested_step())
        moved = rooms.budget.structures["G"]
        assert moved >= before
        before = moved
    inside, outside = rooms.state.depth[0]
    if inner <= max(outer, 0.5):
        assert moved == 0.0
    else:
        assert inside >= max(outside, 0.5) - 1e-9


def test_a_gate_passes_what_a_weir_passes() -> None:
    """0.4 m over a sill of 2 m: 1.705 x 2 x 0.4^1.5 = 0.863 m3/s in the first second."""
    rooms = _two_rooms(_gate(), 0.9, 0.0)
    rooms.advance(1.0)
    weir = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81) * 2.0 * 0.4**1.5
    assert weir == pytest.approx(0.863, abs=1e-3)
    assert rooms.budget.structures["G"] == pytest.approx(weir)


def test_a_drowned_gate_passes_less() -> None:
    """Villemonte: downstream head half of upstream leaves (1 - 0.5^1.5)^0.385 = 0.845."""
    rooms = _two_rooms(_gate(), 0.9, 0.7)
    rooms.advance(1.0)
    free = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81) * 2.0 * 0.4**1.5
    assert rooms.budget.structures["G"] == pytest.approx(free * 0.845, rel=1e-3)


def test_a_full_gate_passes_what_an_orifice_passes() -> None:
    """2 m over the sill, opening 2 m x 0.3 m: 0.61 x 0.6 x sqrt(2 g 1.85) = 2.205 m3/s."""
    rooms = _two_rooms(_gate(height=0.3), 2.5, 0.0)
    rooms.advance(1.0)
    assert rooms.budget.structures["G"] == pytest.approx(2.205, abs=1e-3)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: _pump(start=1.0, stop=1.0), r"pump 'P': stop_level 1\.0 m must lie below"),
        (lambda: _pump(capacity=-2.0), r"structure 'P': capacity is -2\.0; it must be finite"),
        (
            lambda: FlapGate("G", (0, 0), (0, 1), width=math.nan, sill=0.0),
            r"structure 'G': width is nan",
        ),
        (
            lambda: _two_rooms(Pump("P", (0, 0), (0, 2), 1.0, 1.0, 0.5), 1.0, 0.0),
            r"structure 'P': to_cell \(0, 2\) lies outside the grid of 1 rows and 2 columns",
        ),
        (
            lambda: _two_rooms(Pump("P", (0, 1), (0, 1), 1.0, 1.0, 0.5), 1.0, 0.0),
            r"structure 'P': from_cell and to_cell are both \(0, 1\)",
        ),
        (
            lambda: LocalInertial(np.zeros((1, 2)), 20.0, 0.03, structures=[_pump(), _pump()]),
            r"structure name 'P' is used twice",
        ),
        (
            lambda: LocalInertial(
                np.zeros((1, 2)), 20.0, 0.03, active=np.array([[True, False]]), structures=[_pump()]
            ),
            r"structure 'P': to_cell \(0, 1\) is an inactive cell",
        ),
    ],
)
def test_a_structure_that_cannot_be_is_refused(make: object, sentence: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=sentence):
        make()
