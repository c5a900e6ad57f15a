"""Mirroring or turning the basin mirrors or turns the answer; friction only slows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from anlan.hydraulics import LocalInertial, State
from tests.hydraulics import basins


@settings(max_examples=25, derandomize=True, deadline=None)
@given(basin=basins.basins(structures=False))
def test_a_mirrored_or_turned_basin_gives_the_mirrored_or_turned_answer(
    basin: basins.Basin,
) -> None:
    def depth_after(b: basins.Basin) -> basins.Numbers:
        model = b.model("double")
        for _ in range(40):
            # One step length for all, so that the last bits of the wave speed play no part.
            model.advance(0.5 * min(model.suggested_step(), 0.05 * b.dx))
        return model.state.depth

    straight = depth_after(basin)
    scale = straight.max() + 1e-3
    for change, turns in ((np.fliplr, False), (np.flipud, False), (np.transpose, True)):
        other = depth_after(basin.changed(change, turns))
        assert np.abs(other - change(straight)).max() <= 1e-8 * scale


@pytest.mark.parametrize("manning", [0.0, 0.01, 0.05, 1.0])
def test_friction_slows_water_and_never_reverses_it(manning: float) -> None:
    """Level water moving east: the surface drives nothing, so one step shows friction alone."""
    ny, nx = 3, 8
    qx = np.zeros((ny, nx + 1))
    qx[:, 1:-1] = 0.4
    canal = LocalInertial(np.zeros((ny, nx)), 50.0, manning, precision="double", theta=1.0)
    canal.restore(State(time=0.0, depth=np.full((ny, nx), 0.5), qx=qx))

    canal.advance(canal.suggested_step())

    after = canal.state.qx
    assert after is not None
    inner = after[:, 1:-1]
    assert (inner >= 0.0).all()
    assert (inner <= 0.4).all()
    assert np.allclose(inner, 0.4) == (manning == 0.0)


def test_more_friction_leaves_less_flow() -> None:
    flows = []
    for manning in (0.02, 0.04, 0.08):
        slope = np.tile(np.linspace(2.0, 0.0, 20), (3, 1))
        hill = LocalInertial(slope, 50.0, manning, precision="double")
        hill.set_rain(50.0 / 1000 / 3600)
        hill.run(600.0)
        assert hill.state.qx is not None
        flows.append(float(hill.state.qx.sum()))
    assert flows[0] > flows[1] > flows[2] > 0.0
