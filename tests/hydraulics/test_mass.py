"""No water appears or vanishes, and no depth falls below zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import Constant, GreenAmpt, State
from tests.hydraulics import basins

CLOSED = pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-6), ("double", 1e-12)])
SCHEMES = pytest.mark.parametrize("scheme", basins.SCHEMES)


@SCHEMES
@CLOSED
@settings(max_examples=15, deadline=None, derandomize=True)
@given(basin=basins.basins(), crossings=st.sampled_from([1.0, 20.0, 300.0]))
def test_the_budget_closes_for_any_basin(
    scheme: basins.Scheme,
    precision: basins.Precision,
    tolerance: float,
    basin: basins.Basin,
    crossings: float,
) -> None:
    model = basin.model(scheme, precision)

    model.run(crossings * basin.dx)

    assert abs(model.budget.relative_error) <= tolerance
    assert np.isfinite(model.state.depth).all()
    assert model.state.depth.min() >= 0.0
    assert not model.state.depth[~basin.active].any()


@SCHEMES
@CLOSED
def test_the_budget_closes_with_everything_on(
    scheme: basins.Scheme, precision: basins.Precision, tolerance: float
) -> None:
    """Rain, soil, evaporation, wind, four kinds of edge, source, well, works, a breach: 1 h."""
    soil = GreenAmpt(conductivity=1e-6, suction=0.1, deficit=0.3, recovery=1e-4)
    polder = basins.Everything(soil).model(scheme, precision)

    polder.run(3600.0)

    budget = polder.budget
    assert abs(budget.relative_error) <= tolerance
    assert budget.rain == pytest.approx(0.04 * (12 * 30 - 4) * 400.0, rel=1e-6)
    assert budget.infiltration > 0.0
    assert budget.evaporation > 0.0
    assert all(abs(volume) > 1.0 for volume in budget.structures.values()), budget.structures
    tide, river, normal, free = budget.boundaries
    assert tide != 0.0
    # 2 m3/s rising to 30 in 600 s, then falling to 5 at 3600 s: 9,600 + 52,500 m3.
    assert river == pytest.approx(62_100.0, rel=1e-3)
    assert normal < 0.0
    assert free < 0.0
    assert polder.state.depth.min() >= 0.0


@SCHEMES
@settings(max_examples=15, deadline=None, derandomize=True)
@given(basin=basins.basins(), share=st.floats(0.01, 1.0))
def test_depth_is_never_negative_after_any_step(
    scheme: basins.Scheme, basin: basins.Basin, share: float
) -> None:
    model = basin.model(scheme, "single")
    for _ in range(60):
        model.advance(share * model.suggested_step())
        state = model.state
        assert state.carry is not None
        assert state.depth.min() >= 0.0
        held = state.depth.astype(np.float64) + state.carry
        assert held.min() >= 0.0


@SCHEMES
@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_water_without_friction_wets_and_dries_any_ground(scheme: basins.Scheme, seed: int) -> None:
    basin = basins.make(seed, 9, 30, 5.0, structures=False)
    start = basin.model(scheme, "single").state.depth
    frictionless = basins.model(basin.bed, 5.0, 0.0, active=basin.active, scheme=scheme)
    frictionless.restore(State(time=0.0, depth=start))

    frictionless.run(30.0)

    assert abs(frictionless.budget.relative_error) <= 1e-6
    assert np.isfinite(frictionless.state.depth).all()
    assert frictionless.state.depth.min() >= 0.0


@SCHEMES
def test_water_that_sloshes_without_friction_keeps_a_step_worth_the_name(
    scheme: basins.Scheme,
) -> None:
    """A bowl 200 m wide and 2 m deep, half of it dry: 10 min of wetting and drying.

    Falling 4 m, water comes to 9 m/s; a film may be faster, but twice that bounds the steps.
    """
    y, x = np.mgrid[0:40, 0:40] - 19.5
    bowl = basins.model(2.0 * (x**2 + y**2) / 400.0, 5.0, 0.0, scheme=scheme)
    bowl.restore(bowl.still_water(2.0 + 0.05 * x))

    bowl.run(600.0)

    assert bowl.steps < 600.0 / (0.6 * 5.0 / (2 * 9.0 + 6.0))
    assert abs(bowl.budget.relative_error) <= 1e-6
    assert bowl.state.depth.min() >= 0.0


@SCHEMES
def test_each_term_of_the_budget_is_what_was_asked(scheme: basins.Scheme) -> None:
    """4 cells of 10 m: 36 mm/h for an hour over 400 m2 is 14.4 m3; the soil takes a third."""
    model = basins.model(
        np.zeros((2, 2)),
        10.0,
        0.03,
        infiltration=Constant(12.0 / 1000 / 3600),
        scheme=scheme,
        precision="double",
    )
    model.set_rain(36.0 / 1000 / 3600)

    model.run(3600.0)

    assert model.budget.rain == pytest.approx(14.4)
    assert model.budget.infiltration == pytest.approx(4.8)
    assert model.budget.storage == pytest.approx(9.6)
    assert model.budget.initial == model.budget.inflow == model.budget.outflow == 0.0


@SCHEMES
def test_the_soil_takes_no_more_than_is_there(scheme: basins.Scheme) -> None:
    model = basins.model(np.zeros((2, 2)), 10.0, 0.03, infiltration=Constant(1.0), scheme=scheme)
    model.restore(model.still_water(0.001))

    model.run(60.0)

    assert model.budget.infiltration == pytest.approx(0.4)
    assert not model.state.depth.any()


@SCHEMES
def test_light_rain_on_deep_water_is_kept(scheme: basins.Scheme) -> None:
    """0.1 mm/h for 24 h over 3 m brings 2.4 mm, though one step brings less than one rounding."""
    sea = basins.model(np.zeros((4, 5)), 200.0, 0.03, scheme=scheme, precision="single")
    sea.restore(sea.still_water(3.0))
    sea.set_rain(0.1 / 1000 / 3600)

    for _ in range(24):
        sea.run(3600.0)

    assert sea.suggested_step() * 0.1 / 1000 / 3600 < 4 * np.spacing(np.float32(3.0))
    rise = sea.budget.storage / sea.budget.initial - 1.0
    assert rise == pytest.approx(0.0024 / 3.0, rel=1e-6)
    assert np.abs(sea.state.depth - 3.0024).max() < 1e-6
    assert abs(sea.budget.relative_error) < 1e-9


@SCHEMES
def test_water_through_a_held_cell_is_counted(scheme: basins.Scheme) -> None:
    """A canal filled from 0 to 1 m by its held end, then emptied to 0.5 m."""
    canal = basins.model(np.zeros((1, 10)), 20.0, 0.06, scheme=scheme, precision="double")
    canal.set_level_boundary(([0], [0]), 1.0)
    canal.run(6 * 3600.0)
    assert canal.state.depth == pytest.approx(np.full((1, 10), 1.0), abs=1e-3)
    assert canal.budget.inflow - canal.budget.outflow == pytest.approx(10 * 400.0, abs=4.0)

    canal.set_level_boundary(([0], [0]), 0.5)
    canal.run(6 * 3600.0)
    assert canal.state.depth == pytest.approx(np.full((1, 10), 0.5), abs=1e-3)
    assert abs(canal.budget.relative_error) < 1e-12


@SCHEMES
def test_a_cell_let_go_is_free_again(scheme: basins.Scheme) -> None:
    pond = basins.model(np.zeros((1, 3)), 20.0, 0.03, scheme=scheme)
    held = np.array([[True, False, False]])
    pond.set_level_boundary(held, 1.0)
    pond.set_level_boundary(held, None)

    pond.run(3600.0)

    assert pond.state.depth.sum() == pytest.approx(1.0)
    assert pond.budget.inflow == pytest.approx(400.0)
