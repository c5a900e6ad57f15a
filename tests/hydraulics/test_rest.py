"""Still water stays still over any bed, with islands, dry corners and dikes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import LocalInertial
from tests.hydraulics import basins


@pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-6), ("double", 1e-14)])
@settings(max_examples=40, derandomize=True, deadline=None)
@given(basin=basins.basins(), level=st.floats(-2.0, 3.0), theta=st.sampled_from([0.8, 0.9]))
def test_a_lake_over_any_bed_stays_at_rest(
    precision: basins.Precision,
    tolerance: float,
    basin: basins.Basin,
    level: float,
    theta: float,
) -> None:
    lake = LocalInertial(
        basin.bed,
        basin.dx,
        basin.manning,
        active=basin.active,
        face_crest_x=basin.crest_x,
        face_crest_y=basin.crest_y,
        precision=precision,
        theta=theta,
    )
    lake.restore(lake.still_water(level))
    for _ in range(200):
        lake.advance(lake.suggested_step())

    wet = lake.state.depth > 0.0
    assert np.abs(lake.level[wet] - level).max(initial=0.0) <= 2 * tolerance
    # Velocity in water of a metre and more; thinner water moves no more than that.
    for q in (lake.state.qx, lake.state.qy):
        assert q is not None
        assert np.abs(q).max() <= 2 * tolerance * max(float(lake.state.depth.max()), 1.0)


def test_a_deep_frictionless_lake_does_not_wake_by_itself() -> None:
    """The shortest waves of round-off must not grow: a day over a flat bed 3 m deep."""
    lake = LocalInertial(np.zeros((12, 20)), 200.0, 0.0, courant=0.7)
    noise = np.random.default_rng(3).normal(0.0, 1e-6, (12, 20))
    lake.restore(lake.still_water(3.0 + noise))

    lake.run(86400.0)

    assert np.abs(lake.level - 3.0).max() < 5e-6
