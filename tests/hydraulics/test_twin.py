"""The compiled schemes agree with their slow, obvious twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics import ShallowWater
from anlan.hydraulics.numerics import entry, inverse_cube_root
from tests.hydraulics import basins
from tests.hydraulics.twin import Twin


def _twin(basin: basins.Basin, scheme: basins.Scheme, theta: float) -> Twin:
    twin = Twin(
        basin.bed,
        basin.dx,
        basin.manning,
        basin.active,
        basin.crest_x,
        basin.crest_y,
        full=scheme == "full",
        theta=theta,
    )
    twin.cells(twin.rain)[...] = np.where(basin.active, basin.rain, 0.0)
    twin.cells(twin.losses)[...] = basin.losses
    twin.cells(twin.level)[basin.held] = basin.level
    return twin


def _agree(model: ShallowWater, twin: Twin, tolerance: float) -> None:
    state = model.state
    depth = twin.h.max() + 1e-3
    assert np.abs(state.depth - twin.cells(twin.h)).max() <= tolerance * depth
    assert state.qx is not None
    assert state.qy is not None
    for q, expected in ((state.qx[:, :-1], twin.q[0]), (state.qy[:-1], twin.q[1])):
        most = 10.0 * tolerance * (np.abs(expected).max() + 1e-3)
        assert np.abs(q - twin.cells(expected)).max() <= most


@pytest.mark.parametrize("scheme", basins.SCHEMES)
@pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-4), ("double", 1e-8)])
@settings(max_examples=20, deadline=None, derandomize=True)
@given(basin=basins.basins(structures=False), theta=st.sampled_from([0.7, 0.9, 1.0]))
def test_each_of_ten_steps_agrees_with_the_twin(
    scheme: basins.Scheme,
    precision: basins.Precision,
    tolerance: float,
    basin: basins.Basin,
    theta: float,
) -> None:
    """Single: rounding and the inverse cube root (2e-5); double: the latter alone (1e-9)."""
    model = basin.model(scheme, precision, theta=theta)
    twin = _twin(basin, scheme, theta)
    model.set_wind(3e-4, -2e-4)
    twin.wind = (3e-4, -2e-4)
    for _ in range(10):
        dt = model.suggested_step()
        twin.take(model.state)
        model.advance(dt)
        twin.advance(dt)
        _agree(model, twin, tolerance)


@pytest.mark.parametrize(("real", "tolerance"), [(np.float32, 2e-5), (np.float64, 1e-9)])
def test_the_inverse_cube_root_keeps_its_tolerance(real: type, tolerance: float) -> None:
    @entry
    def roots(x: basins.Numbers, out: basins.Numbers) -> None:
        for i in range(x.shape[0]):
            out[i] = inverse_cube_root(x[i])

    x: basins.Numbers = np.geomspace(1e-6, 1e5, 100_001).astype(real)
    out = np.empty_like(x)
    roots(x, out)

    assert np.abs(out * x.astype(np.float64) ** (1.0 / 3.0) - 1.0).max() < tolerance
