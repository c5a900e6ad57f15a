"""Scaling lengths and times scales the answer: no term has a wrong dimension.

Under Froude's law lengths grow by L, times and velocities by sqrt(L), Manning by L^(1/6) and
discharges by L^(5/2), gravity staying as it is. L = 64 makes all of these powers of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anlan.hydraulics import (
    Boundary,
    Constant,
    Culvert,
    Gate,
    Pump,
    Series,
    ShallowWater,
    Source,
    Weir,
    edge_faces,
)
from tests.hydraulics import basins


def _polder(scheme: basins.Scheme, scale: float) -> ShallowWater:
    """Rain, soil, wind, a tide, a river, outflow, a source and works, everything scaled."""
    length, time, velocity = scale, scale**0.5, scale**0.5
    rough, flow = scale ** (1.0 / 6.0), scale**2.5
    ny, nx = 6, 20
    rng = np.random.default_rng(8)
    bed = rng.normal(0.0, 0.3, (ny, nx)) - 0.05 * np.arange(nx)
    active = np.ones((ny, nx), np.bool_)
    dike = np.full((ny, nx + 1), -np.inf)
    dike[:, 10] = 0.4 * length
    pipe: dict[str, Any] = {"length": 30.0 * length, "diameter": length, "manning": 0.012 * rough}
    model = ShallowWater(
        bed * length,
        20.0 * length,
        0.04 * rough,
        active=active,
        face_crest_x=dike,
        boundaries=[
            Boundary(
                "level",
                edge_faces(active, "west"),
                Series([0.0, 900.0 * time], [0.5 * length, 1.2 * length]),
            ),
            Boundary("discharge", edge_faces(active, "south", 12, 15), 4.0 * flow),
            Boundary("normal_depth", edge_faces(active, "east", 0, 2), slope=1e-3),
            Boundary("open", edge_faces(active, "east", 4, 5)),
        ],
        sources=[Source(([3], [5]), 0.5 * flow)],
        infiltration=Constant(2e-6 * velocity),
        structures=[
            Pump("pump", (1, 12), (1, 8), 1.0 * flow, 0.2 * length, 0.0),
            Weir("weir", (2, 8), (2, 12), 0.3 * length, 5.0 * length),
            Gate("gate", (4, 8), (4, 12), -0.2 * length, 2.0 * length, 0.5 * length),
            Culvert("pipe", (5, 5), (0, 15), -0.3 * length, -0.5 * length, **pipe),
        ],
        scheme=scheme,
        precision="double",
        max_step=60.0 * time,
    )
    model.restore(model.still_water(0.3 * length))
    model.set_rain(1e-5 * velocity)
    model.set_wind(5e-4 * length, -2e-4 * length)
    return model


@pytest.mark.parametrize("scheme", basins.SCHEMES)
def test_a_scaled_polder_gives_the_scaled_answer(scheme: basins.Scheme) -> None:
    small, great = _polder(scheme, 1.0), _polder(scheme, 64.0)

    small.run(600.0)
    great.run(600.0 * 8.0)

    assert great.steps == small.steps
    scale = float(small.state.depth.max())
    assert np.abs(great.state.depth / 64.0 - small.state.depth).max() <= 1e-5 * scale
    for name, volume in small.budget.structures.items():
        assert great.budget.structures[name] / 64.0**3 == pytest.approx(volume, rel=1e-4), name
    for a, b in zip(great.budget.boundaries, small.budget.boundaries, strict=True):
        assert a / 64.0**3 == pytest.approx(b, rel=1e-4)
    assert great.velocity[0] / 8.0 == pytest.approx(small.velocity[0], abs=1e-4)
