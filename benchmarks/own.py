"""Our own models of the benchmarks, all built here."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics import (
    Boundary,
    Constant,
    GreenAmpt,
    Infiltration,
    Series,
    ShallowWater,
    edge_faces,
)
from benchmarks.rain_case import DX, MANNING, RAIN_MM_H

Scheme = Literal["inertial", "full", "second_order"]
OPERATIONAL: tuple[Scheme, ...] = ("inertial", "full")
MM_H = 1.0 / 3.6e6  # m/s
LOWLAND_HOURS = 48.0


def rain_hour(
    bed: NDArray[np.float64],
    scheme: Scheme,
    threads: int,
    soil: Literal["constant", "green-ampt"] = "constant",
    **more: Any,
) -> ShallowWater:
    """The rain hour with what a run in service has on.

    The peers' case is closed and loses nothing, so the soil takes some micrometres and no water
    comes over the edge; both are computed in full for every cell and face.
    """
    shape = bed.shape
    law: Infiltration = Constant(np.full(shape, 1e-9))
    if soil == "green-ampt":
        law = GreenAmpt(np.full(shape, 1e-12), np.full(shape, 0.1), np.full(shape, 0.3))
    model = ShallowWater(
        bed,
        DX,
        np.full(shape, MANNING),
        scheme=scheme,
        boundaries=[
            Boundary(
                "discharge",
                edge_faces(np.ones(shape, np.bool_), "west"),
                Series(np.array([0.0, 1e6]), np.zeros(2)),
            )
        ],
        infiltration=law,
        threads=threads,
        **more,
    )
    model.set_rain(np.full(shape, RAIN_MM_H * MM_H))
    return model


def basin(
    side: int,
    scheme: Scheme,
    threads: int,
    **more: Any,
) -> ShallowWater:
    """All wet: some three metres of moving water, with roughness, rain and infiltration fields."""
    rng = np.random.default_rng(42)
    model = ShallowWater(
        0.3 * rng.standard_normal((side, side)),
        DX,
        rng.uniform(0.02, 0.08, (side, side)),
        scheme=scheme,
        infiltration=Constant(np.full((side, side), 2.0 * MM_H)),
        threads=threads,
        **more,
    )
    tilt = np.linspace(-0.5, 0.5, side)
    still = model.still_water(3.0 + np.add.outer(tilt, tilt))
    model.restore(still)
    model.set_rain(basin_rain(side))
    return model


def basin_rain(side: int) -> NDArray[np.float64]:
    """(side, side) rain of the basin, m/s."""
    return np.random.default_rng(43).uniform(5.0, 50.0, (side, side)) * MM_H


def lowland(scheme: Scheme, threads: int) -> ShallowWater:
    """Low land of 160 x 162 cells of 200 m with canals and a dike; the sea is in the south."""
    ny, nx = 160, 162
    bed = 1.8 + 0.3 * np.random.default_rng(42).standard_normal((ny, nx))
    bed[:, ::12] = -1.0
    bed[::12, :] = -1.0
    sea = np.zeros((ny, nx), np.bool_)
    sea[: ny // 12] = True
    bed[sea] = -3.0
    crest = np.full((ny + 1, nx), -np.inf)
    crest[ny // 12] = 6.0
    hours = np.linspace(0.0, LOWLAND_HOURS * 3600.0, 6 * round(LOWLAND_HOURS) + 1)
    tide = Series(hours, 2.0 + 2.5 * np.sin(2.0 * np.pi * hours / 44712.0))
    model = ShallowWater(
        bed,
        200.0,
        0.03,
        scheme=scheme,
        face_crest_y=crest,
        boundaries=[Boundary("level", edge_faces(np.ones((ny, nx), np.bool_), "south"), tide)],
        infiltration=Constant(np.where(sea, 0.0, 15.0 * MM_H)),
        threads=threads,
    )
    model.restore(model.still_water(0.56))
    model.set_rain(np.where(sea, 0.0, 25.0 * MM_H))
    return model
