"""Mirrored, turned and scaled basins give mirrored, turned and scaled answers; friction slows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from anlan.hydraulics import State
from tests.hydraulics import basins

pytestmark = pytest.mark.parametrize("scheme", basins.SCHEMES)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(basin=basins.basins(structures=False))
def test_a_mirrored_or_turned_basin_gives_the_mirrored_or_turned_answer(
    scheme: basins.Scheme, basin: basins.Basin
) -> None:
    changes: tuple[tuple[Callable[..., Any], bool], ...]
    changes = ((np.asarray, False), (np.fliplr, False), (np.flipud, False), (np.transpose, True))
    models = [basin.changed(c, turns).model(scheme, "double") for c, turns in changes]
    for _ in range(40):
        # One step for all, so that the last bits of the wave speed play no part.
        dt = 0.5 * min(model.suggested_step() for model in models)
        for model in models:
            model.advance(dt)

    straight = models[0].state.depth
    scale = straight.max() + 1e-3
    for (change, _), model in zip(changes[1:], models[1:], strict=True):
        assert np.abs(model.state.depth - change(straight)).max() <= 1e-8 * scale


@pytest.mark.parametrize("manning", [0.0, 0.01, 0.05, 1.0])
def test_friction_slows_water_and_never_reverses_it(scheme: basins.Scheme, manning: float) -> None:
    """Level water moving east: the surface drives nothing, so one step shows friction alone.

    In the outer cells of the full scheme the flow comes from a wall or meets one.
    """
    ny, nx = 3, 12
    qx = np.zeros((ny, nx + 1))
    qx[:, 1:-1] = 0.4
    canal = basins.model(
        np.zeros((ny, nx)), 50.0, manning, scheme=scheme, precision="double", theta=1.0
    )
    canal.restore(State(time=0.0, depth=np.full((ny, nx), 0.5), qx=qx))

    canal.advance(canal.suggested_step())

    after = canal.state.qx
    assert after is not None
    inner = after[:, 3:-3]
    assert (after >= 0.0).all()
    assert (inner <= 0.4 + 1e-12).all()
    assert np.allclose(inner, 0.4) == (manning == 0.0)


def test_more_friction_leaves_less_flow(scheme: basins.Scheme) -> None:
    flows = []
    for manning in (0.02, 0.04, 0.08):
        slope = np.tile(np.linspace(2.0, 0.0, 20), (3, 1))
        hill = basins.model(slope, 50.0, manning, scheme=scheme, precision="double")
        hill.set_rain(50.0 / 1000 / 3600)
        hill.run(600.0)
        assert hill.state.qx is not None
        flows.append(float(hill.state.qx.sum()))
    assert flows[0] > flows[1] > flows[2] > 0.0
