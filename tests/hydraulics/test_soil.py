"""What the ground and the air take, against the integrals of their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics import Constant, GreenAmpt, Horton, Infiltration, ShallowWater
from tests.hydraulics import basins

HOUR = 3600.0


def _pond(law: Infiltration | None, depth: float = 1.0) -> ShallowWater:
    """4 cells of 100 m2 under water, or dry."""
    pond = basins.model(
        np.zeros((2, 2)), 10.0, 0.03, infiltration=law, scheme="inertial", precision="double"
    )
    pond.restore(pond.still_water(depth))
    return pond


def _taken(pond: ShallowWater) -> float:
    """Depth that the soil has taken, m."""
    return float(pond.budget.infiltration) / 400.0


def test_a_constant_rate_takes_its_rate() -> None:
    """5 mm/h for 3 h."""
    pond = _pond(Constant(0.005 / HOUR))
    pond.run(3 * HOUR)
    assert _taken(pond) == pytest.approx(0.015, rel=1e-9)


def test_horton_under_water_takes_the_integral_of_his_curve() -> None:
    """75 mm/h falling to 10 mm/h at 4 per hour: F = fc t + (f0 - fc)/k (1 - e^(-k t)).

    2 h: 20 mm + 16.25 mm x (1 - e^-8) = 36.24 mm.
    """
    initial, final, decay = 0.075 / HOUR, 0.010 / HOUR, 4.0 / HOUR
    pond = _pond(Horton(initial, final, decay))

    pond.run(2 * HOUR)

    expected = final * 2 * HOUR + (initial - final) / decay * (1.0 - math.exp(-8.0))
    assert expected == pytest.approx(0.03624, abs=1e-5)
    assert _taken(pond) == pytest.approx(expected, rel=1e-3)


def test_horton_recovers_under_dry_ground() -> None:
    """Wet for 2 h, then dry for 5 h at a recovery of 0.5 per hour: w = 1 - e^-2.5 = 0.918."""
    law = Horton(0.075 / HOUR, 0.010 / HOUR, 4.0 / HOUR, 0.5 / HOUR)
    pond = _pond(law)
    pond.run(2 * HOUR)
    assert pond.state.soil is not None
    assert pond.state.soil == pytest.approx(np.full((2, 2), math.exp(-8.0)), rel=1e-6)

    dry = _pond(law, 0.0)
    state = dry.still_water(0.0)
    dry.restore(type(state)(time=0.0, depth=state.depth, soil=np.zeros((2, 2))))
    dry.run(5 * HOUR)

    assert dry.state.soil is not None
    assert dry.state.soil == pytest.approx(np.full((2, 2), 1.0 - math.exp(-2.5)), rel=1e-6)


def test_green_and_ampt_under_water_take_the_depth_of_their_integral() -> None:
    """F - psi dtheta ln(1 + F / (psi dtheta)) = K t; K 10.9 mm/h, psi 0.11 m, dtheta 0.34, 3 h."""
    k, reach = 0.0109 / HOUR, 0.11 * 0.34
    pond = _pond(GreenAmpt(k, 0.11, 0.34))

    pond.run(3 * HOUR)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        short = middle - reach * math.log(1.0 + middle / reach) < k * 3 * HOUR
        low, high = (middle, high) if short else (low, middle)
    assert _taken(pond) == pytest.approx(low, rel=1e-3)
    assert low > 0.0327  # more than at saturation alone


@pytest.mark.parametrize(
    "law",
    [Constant(1e-5), Horton(1e-5, 1e-5, 1e-3), GreenAmpt(1e-5, 0.1, 0.3)],
    ids=["constant", "horton", "green_ampt"],
)
def test_rain_that_the_soil_can_take_leaves_no_water(law: Infiltration) -> None:
    """18 mm/h on soil that takes 36 mm/h and more."""
    pond = _pond(law, 0.0)
    pond.set_rain(0.018 / HOUR)
    pond.run(HOUR)
    assert _taken(pond) == pytest.approx(0.018, rel=1e-9)
    assert not pond.state.depth.any()


def test_green_and_ampt_count_what_the_soil_took_not_what_it_could() -> None:
    """An hour of light rain, 5 mm, wets the soil by 5 mm, and dry hours let it go again."""
    pond = _pond(GreenAmpt(1e-5, 0.1, 0.3, recovery=0.1 / HOUR), 0.0)
    pond.set_rain(0.005 / HOUR)
    pond.run(HOUR)
    assert pond.state.soil is not None
    assert pond.state.soil == pytest.approx(np.full((2, 2), 0.005), rel=1e-9)

    pond.set_rain(0.0)
    pond.run(10 * HOUR)
    assert pond.state.soil == pytest.approx(np.full((2, 2), 0.005 * math.exp(-1.0)), rel=1e-6)


def test_the_air_takes_its_rate_where_there_is_water_and_no_more() -> None:
    """0.5 mm/h for 4 h is 2 mm; then 10 mm/h from the 8 mm that are left."""
    pond = _pond(None, 0.010)
    pond.set_evaporation(0.0005 / HOUR)
    pond.run(4 * HOUR)
    assert pond.budget.evaporation == pytest.approx(400.0 * 0.002, rel=1e-9)
    assert pond.state.depth == pytest.approx(np.full((2, 2), 0.008), rel=1e-9)

    pond.set_evaporation(0.010 / HOUR)
    pond.run(4 * HOUR)
    assert pond.budget.evaporation == pytest.approx(400.0 * 0.010, rel=1e-9)
    assert not pond.state.depth.any()
    assert abs(pond.budget.relative_error) <= 1e-12
