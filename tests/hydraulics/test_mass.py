"""No water appears or vanishes, and no depth falls below zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import LocalInertial
from tests.hydraulics import basins


@pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-6), ("double", 1e-12)])
@settings(max_examples=40, derandomize=True, deadline=None)
@given(basin=basins.basins(), crossings=st.sampled_from([1.0, 20.0, 300.0]))
def test_the_budget_closes_for_any_basin(
    precision: basins.Precision, tolerance: float, basin: basins.Basin, crossings: float
) -> None:
    model = basin.model(precision)

    model.run(crossings * basin.dx)

    assert abs(model.budget.relative_error) <= tolerance
    assert np.isfinite(model.state.depth).all()
    assert model.state.depth.min() >= 0.0
    assert not model.state.depth[~basin.active].any()


@settings(max_examples=30, derandomize=True, deadline=None)
@given(basin=basins.basins(), share=st.floats(0.01, 1.0))
def test_depth_is_never_negative_after_any_step(basin: basins.Basin, share: float) -> None:
    model = basin.model("single")
    for _ in range(60):
        model.advance(share * model.suggested_step())
        state = model.state
        assert state.carry is not None
        assert state.depth.min() >= 0.0
        held = state.depth.astype(np.float64) + state.carry
        assert held.min() >= 0.0


def test_each_term_of_the_budget_is_what_was_asked() -> None:
    """4 cells of 10 m: 36 mm/h for an hour over 400 m2 is 14.4 m3; losses take a third."""
    model = LocalInertial(np.zeros((2, 2)), 10.0, 0.03, precision="double")
    model.set_rain(36.0 / 1000 / 3600)
    model.set_losses(12.0 / 1000 / 3600)

    model.run(3600.0)

    assert model.budget.rain == pytest.approx(14.4)
    assert model.budget.losses == pytest.approx(4.8)
    assert model.budget.storage == pytest.approx(9.6)
    assert model.budget.initial == model.budget.inflow == model.budget.outflow == 0.0


def test_losses_take_no_more_than_is_there() -> None:
    model = LocalInertial(np.zeros((2, 2)), 10.0, 0.03)
    model.restore(model.still_water(0.001))
    model.set_losses(1.0)

    model.run(60.0)

    assert model.budget.losses == pytest.approx(0.4)
    assert not model.state.depth.any()


def test_light_rain_on_deep_water_is_kept() -> None:
    """0.1 mm/h for 24 h over 3 m brings 2.4 mm, though one step brings less than one rounding."""
    sea = LocalInertial(np.zeros((4, 5)), 200.0, 0.03, precision="single")
    sea.restore(sea.still_water(3.0))
    sea.set_rain(0.1 / 1000 / 3600)

    for _ in range(24):
        sea.run(3600.0)

    assert sea.suggested_step() * 0.1 / 1000 / 3600 < 4 * np.spacing(np.float32(3.0))
    rise = sea.budget.storage / sea.budget.initial - 1.0
    assert rise == pytest.approx(0.0024 / 3.0, rel=1e-6)
    assert np.abs(sea.state.depth - 3.0024).max() < 1e-6
    assert abs(sea.budget.relative_error) < 1e-9


def test_water_through_a_held_cell_is_counted() -> None:
    """A canal filled from 0 to 1 m by its held end, then emptied to 0.5 m."""
    canal = LocalInertial(np.zeros((1, 10)), 20.0, 0.03, precision="double")
    canal.set_level_boundary(([0], [0]), 1.0)
    canal.run(6 * 3600.0)
    assert canal.state.depth == pytest.approx(np.full((1, 10), 1.0), abs=1e-3)
    assert canal.budget.inflow - canal.budget.outflow == pytest.approx(10 * 400.0, abs=4.0)

    canal.set_level_boundary(([0], [0]), 0.5)
    canal.run(6 * 3600.0)
    assert canal.state.depth == pytest.approx(np.full((1, 10), 0.5), abs=1e-3)
    assert abs(canal.budget.relative_error) < 1e-12


def test_a_cell_let_go_is_free_again() -> None:
    pond = LocalInertial(np.zeros((1, 3)), 20.0, 0.03)
    held = np.array([[True, False, False]])
    pond.set_level_boundary(held, 1.0)
    pond.set_level_boundary(held, None)

    pond.run(3600.0)

    assert pond.state.depth.sum() == pytest.approx(1.0)
    assert pond.budget.inflow == pytest.approx(400.0)
