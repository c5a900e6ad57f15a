"""What a run keeps of its course: maxima, arrival, duration, hazard."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.hydraulics import Constant, State
from tests.hydraulics import basins

SCHEMES = pytest.mark.parametrize("scheme", basins.SCHEMES)


def test_arrival_and_duration_of_a_pool_that_fills() -> None:
    """1 mm/s reaches 0.05 m at 50 s and 0.15 m at 150 s; looked for every 10 s until 200 s."""
    pool = basins.model(np.zeros((2, 3)), 10.0, 0.03, max_step=1.0, precision="double")
    pool.track((0.05, 0.15, 0.3), interval=10.0)
    pool.set_rain(1e-3)

    pool.run(200.0)

    kept = pool.tracked
    assert kept.thresholds == (0.05, 0.15, 0.3)
    assert kept.arrival_time[0] == pytest.approx(np.full((2, 3), 50.0), abs=10.0)
    assert kept.arrival_time[1] == pytest.approx(np.full((2, 3), 150.0), abs=10.0)
    assert np.isnan(kept.arrival_time[2]).all()
    assert kept.duration_above[0] == pytest.approx(np.full((2, 3), 150.0), abs=10.0)
    assert kept.duration_above[1] == pytest.approx(np.full((2, 3), 50.0), abs=10.0)
    assert not kept.duration_above[2].any()


def test_the_greatest_depth_and_its_time_are_kept_after_the_water_has_gone() -> None:
    active = np.ones((3, 4), np.bool_)
    active[1, 1] = False
    pool = basins.model(
        np.full((3, 4), 2.0), 10.0, 0.03, active=active, infiltration=Constant(1e-3)
    )
    pool.track()
    pool.restore(pool.still_water(2.5))

    pool.run(1200.0)

    kept = pool.tracked
    assert not pool.state.depth.any()
    assert kept.max_depth[active] == pytest.approx(np.full(11, 0.5), rel=1e-6)
    assert kept.max_level[active] == pytest.approx(np.full(11, 2.5), rel=1e-6)
    assert (kept.time_of_max[active] == 0.0).all()
    assert np.isnan(kept.max_depth[1, 1])


@pytest.mark.parametrize(("depth", "hazard"), [(0.2, 0.2 * 0.5 + 0.5), (1.0, 1.0 * 0.5 + 1.0)])
def test_hazard_of_still_water_is_that_of_its_depth_and_debris(depth: float, hazard: float) -> None:
    """Defra (2006) FD2321: h (v + 0.5) + 0.5 up to 0.25 m, + 1 over it."""
    pool = basins.model(np.zeros((2, 2)), 10.0, 0.03)
    pool.track()
    pool.restore(pool.still_water(depth))
    assert pool.tracked.max_hazard == pytest.approx(np.full((2, 2), hazard), rel=1e-6)


@SCHEMES
def test_the_greatest_speed_is_that_of_the_flow(scheme: basins.Scheme) -> None:
    """1 m2/s along the rows in 2 m of water is 0.5 m/s; hazard 2 x (0.5 + 0.5) + 1 = 3."""
    qy = np.full((7, 3), 1.0)
    qy[[0, -1]] = 0.0
    flow = basins.model(np.zeros((6, 3)), 10.0, 0.03, scheme=scheme)
    flow.track()
    flow.restore(State(time=0.0, depth=np.full((6, 3), 2.0), qy=qy))
    assert flow.tracked.max_speed[1:-1] == pytest.approx(np.full((4, 3), 0.5), rel=1e-6)
    assert flow.tracked.max_hazard[1:-1] == pytest.approx(np.full((4, 3), 3.0), rel=1e-6)
