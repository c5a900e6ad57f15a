"""The compiled rows agree with the slow, obvious twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import LocalInertial
from anlan.hydraulics.numerics import inverse_cube_root, part
from tests.hydraulics import basins
from tests.hydraulics.twin import Twin


def _pair(
    basin: basins.Basin, precision: basins.Precision, theta: float
) -> tuple[LocalInertial, Twin]:
    model = basin.model(precision, theta)
    twin = Twin(
        basin.bed,
        basin.dx,
        basin.manning,
        crest_x=basin.crest_x,
        crest_y=basin.crest_y,
        active=basin.active,
        theta=theta,
    )
    twin.h = model.state.depth.astype(np.float64)
    twin.speed = float(model.state.speed or 0.0)
    twin.rain, twin.losses = np.where(basin.active, basin.rain, 0.0), basin.losses
    twin.level[basin.held] = basin.level
    return model, twin


@pytest.mark.parametrize(("precision", "tolerance"), [("single", 3e-4), ("double", 1e-7)])
@settings(max_examples=40, derandomize=True, deadline=None)
@given(basin=basins.basins(structures=False), theta=st.sampled_from([0.7, 0.9, 1.0]))
def test_ten_steps_agree_with_the_twin(
    precision: basins.Precision, tolerance: float, basin: basins.Basin, theta: float
) -> None:
    """Single: rounding and the inverse cube root (2e-5); double: the latter alone (1e-9)."""
    model, twin = _pair(basin, precision, theta)
    for _ in range(10):
        dt = min(model.suggested_step(), twin.suggested_step())
        assert model.suggested_step() == pytest.approx(twin.suggested_step(), rel=500 * tolerance)
        model.advance(dt)
        twin.advance(dt)

    depth = twin.h.max() + 1e-3
    assert np.abs(model.state.depth - twin.h).max() <= tolerance * depth
    for q, expected in ((model.state.qx, twin.qx), (model.state.qy, twin.qy)):
        assert q is not None
        assert np.abs(q - expected).max() <= 10 * tolerance * (np.abs(expected).max() + 1e-3)


@pytest.mark.parametrize(("real", "tolerance"), [(np.float32, 2e-5), (np.float64, 1e-9)])
def test_the_inverse_cube_root_keeps_its_tolerance(real: type, tolerance: float) -> None:
    @part
    def roots(x: basins.Numbers, out: basins.Numbers) -> None:
        for i in range(x.shape[0]):
            out[i] = inverse_cube_root(x[i])

    x: basins.Numbers = np.geomspace(1e-5, 1e5, 100_001).astype(real)
    out = np.empty_like(x)
    roots(x, out)

    assert np.abs(out * x.astype(np.float64) ** (1.0 / 3.0) - 1.0).max() < tolerance
