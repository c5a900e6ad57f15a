"""The second-order scheme against exact solutions, and what it must never do.

Errors are relative, L1, of depth on cell centres, in percent, on 200 cells a side.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from validation.exact import bump
from validation.exact.bowls import RadialBowl
from validation.exact.channels import subcritical
from validation.exact.dam_break import ritter, stoker

from anlan.hydraulics import Boundary, ShallowWater, State, edge_faces
from anlan.hydraulics.second_order import COURANT
from tests.hydraulics import basins

Numbers = NDArray[np.float64]
Precision = Literal["single", "double"]
G = 9.81


def model(bed: Numbers, dx: float, n: float = 0.0, **more: Any) -> ShallowWater:
    return ShallowWater(bed, dx, n, scheme="second_order", courant=COURANT, **more)


def error(depth: Numbers, exact: Numbers) -> float:
    return 100.0 * float(np.abs(depth - exact).sum() / exact.sum())


def centres(cells: int, dx: float) -> Numbers:
    """Centres of a row of cells around 0."""
    end = 0.5 * (cells - 1) * dx
    return np.linspace(-end, end, cells)


def broken_dam(downstream: float, time: float, precision: Precision) -> ShallowWater:
    """A strip of four rows over 2 km: the flow is the same in each."""
    x = np.broadcast_to(centres(200, 10.0), (4, 200))
    dam = model(np.zeros((4, 200)), 10.0, precision=precision)
    dam.restore(State(time=0.0, depth=np.where(x < 0.0, 1.0, downstream)))
    dam.run(time)
    return dam


def bowl(cells: int, periods: float, precision: Precision = "double") -> tuple[Numbers, Numbers]:
    """Depth after so many periods and the exact one, on 3 km a side."""
    exact = RadialBowl(1000.0, 10.0, 800.0)
    x = centres(cells, 3000.0 / cells)
    r = np.hypot(x[:, None], x[None, :])
    water = model(exact.bed(r), 3000.0 / cells, precision=precision)
    water.restore(State(time=0.0, depth=exact.h(r, 0.0)))
    water.run(periods * exact.period)
    assert abs(water.budget.relative_error) < (1e-12 if precision == "double" else 1e-6)
    return water.depth.astype(np.float64), exact.h(r, periods * exact.period)


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_dam_breaks_over_shallow_water_as_stoker_says(precision: Precision) -> None:
    dam = broken_dam(0.1, 150.0, precision)
    exact = stoker(centres(200, 10.0), 150.0, 1.0, 0.1)[0]
    assert error(dam.depth[1], exact) < 0.25
    assert abs(dam.budget.relative_error) < (1e-12 if precision == "double" else 1e-6)


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_dam_breaks_over_dry_ground_as_ritter_says(precision: Precision) -> None:
    dam = broken_dam(0.0, 120.0, precision)
    exact = ritter(centres(200, 10.0), 120.0, 1.0)[0]
    assert error(dam.depth[1], exact) < 0.10
    assert abs(dam.budget.relative_error) < (1e-12 if precision == "double" else 1e-6)


def test_water_swings_in_a_bowl_as_thacker_says() -> None:
    """After a whole period over wetting and drying ground."""
    assert error(*bowl(200, 1.0)) < 0.25


def test_a_smooth_wave_converges_with_the_second_order() -> None:
    """A swell 1 m high on 10 m of water, 200 m wide, against 8 times finer cells (one row).

    Halving the cell quarters the error where slopes are not limited; at its two crests they are,
    so that the order seen lies between 1.6 and 2.
    """

    def swell(cells: int) -> Numbers:
        x = centres(cells, 2000.0 / cells)
        water = model(np.zeros((1, cells)), 2000.0 / cells, precision="double")
        depth = 10.0 + np.exp(-((x / 200.0) ** 2))
        water.restore(State(time=0.0, depth=depth[None, :]))
        water.run(40.0)
        return np.asarray(water.depth[0], np.float64)

    finest = swell(1600)
    errors = [
        float(np.abs(swell(cells) - finest.reshape(cells, -1).mean(axis=1)).mean())
        for cells in (100, 200)
    ]
    assert math.log2(errors[0] / errors[1]) > 1.6


@pytest.mark.parametrize(("precision", "tolerance"), [("single", 1e-6), ("double", 1e-13)])
@settings(max_examples=12, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), level=st.floats(-2.0, 3.0))
def test_a_lake_over_any_bed_stays_at_rest(
    precision: Precision, tolerance: float, seed: int, level: float
) -> None:
    """With islands, dry corners, inactive cells and barriers, without friction."""
    basin = basins.make(seed, 7, 23, 5.0, structures=False)
    lake = model(
        basin.bed,
        basin.dx,
        active=basin.active,
        face_crest_x=basin.crest_x,
        face_crest_y=basin.crest_y,
        precision=precision,
    )
    lake.restore(lake.still_water(level))
    for _ in range(50):
        lake.advance(lake.suggested_step())
    deep = max(float(lake.depth.max()), 1.0)
    for q in (lake.state.qx, lake.state.qy):
        assert q is not None
        assert np.abs(q).max() <= tolerance * deep
    wet = lake.depth > 1e-6  # rounding may leave a film of a nanometre at the shore
    assert np.abs(lake.level[wet] - level).max(initial=0.0) <= 2.0 * max(tolerance, 1e-13)


@pytest.mark.parametrize("precision", ["single", "double"])
@settings(max_examples=12, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.sampled_from([0.0, 0.03]))
def test_water_keeps_its_volume_and_no_depth_is_negative(
    precision: Precision, seed: int, n: float
) -> None:
    """Heaps of water collapse over rough, dry ground between barriers."""
    basin = basins.make(seed, 7, 23, 5.0, structures=False)
    heap = model(
        basin.bed,
        basin.dx,
        n,
        active=basin.active,
        face_crest_x=basin.crest_x,
        face_crest_y=basin.crest_y,
        precision=precision,
    )
    heap.restore(State(time=0.0, depth=basin.depth))
    for _ in range(60):
        heap.advance(heap.suggested_step())
        assert heap.depth.min() >= 0.0
        assert np.isfinite(heap.depth).all()
    assert abs(heap.budget.relative_error) < (1e-12 if precision == "double" else 1e-6)


def test_a_mirrored_or_turned_basin_mirrors_or_turns_the_answer() -> None:
    """To rounding: sums are taken in another order."""
    rng = np.random.default_rng(3)
    bed, depth = rng.normal(0.0, 0.3, (9, 14)), rng.uniform(0.5, 2.0, (9, 14))

    def after(bed: Numbers, depth: Numbers) -> Numbers:
        water = model(bed, 5.0, 0.02, precision="double")
        water.restore(State(time=0.0, depth=depth))
        water.run(5.0)
        return np.asarray(water.depth, np.float64)

    plain = after(bed, depth)
    assert np.abs(after(bed[:, ::-1], depth[:, ::-1])[:, ::-1] - plain).max() < 1e-11
    assert np.abs(after(bed[::-1], depth[::-1])[::-1] - plain).max() < 1e-11
    assert np.abs(after(bed.T, depth.T).T - plain).max() < 1e-11


def channel(
    bed: Numbers, dx: float, n: float, inflow: float, level: float, **more: Any
) -> ShallowWater:
    """One row with a discharge coming in at the west side and a level at the east side."""
    active = np.ones((1, bed.size), np.bool_)
    return model(
        bed[None, :],
        dx,
        n,
        precision="double",
        boundaries=[
            Boundary("discharge", edge_faces(active, "west"), value=inflow * dx),
            Boundary("level", edge_faces(active, "east"), value=level),
        ],
        **more,
    )


def test_flow_over_a_bump_becomes_fast_and_jumps_back() -> None:
    """Goutal and Maurel (1997): 0.18 m2/s over a bump of 0.2 m, a jump behind it."""
    dx = bump.LENGTH / 200
    x = np.linspace(0.5 * dx, bump.LENGTH - 0.5 * dx, 200)
    water = channel(bump.bed(x), dx, 0.0, bump.DISCHARGE, bump.LEVEL)
    water.restore(water.still_water(bump.LEVEL))
    water.run(300.0)
    assert error(water.depth[0], bump.depth(x)) < 1.0
    away = np.abs(x - bump.jump()) > 4 * dx
    assert water.state.qx is not None
    assert np.abs(water.state.qx[0] / bump.DISCHARGE - 1.0)[away].max() < 0.02


def test_rough_flow_settles_at_the_depth_its_bed_was_made_for() -> None:
    """MacDonald et al. (1997): 2 m2/s in a channel of 1 km."""
    exact = subcritical()
    dx = exact.length / 100
    x = np.linspace(0.5 * dx, exact.length - 0.5 * dx, 100)
    level = float(exact.h(np.array([exact.length]))[0])
    water = channel(exact.bed(x), dx, exact.manning, 2.0, level)
    water.restore(State(time=0.0, depth=exact.h(x)[None, :]))
    water.run(3000.0)
    assert error(water.depth[0], exact.h(x)) < 0.2


def test_uniform_flow_leaves_at_the_depth_of_manning() -> None:
    """q = h^(5/3) sqrt(S) / n: 2 m2/s at S = 0.001 and n = 0.03 flow 1.469 m deep."""
    slope, n, q, dx = 0.001, 0.03, 2.0, 10.0
    depth = (q * n / math.sqrt(slope)) ** 0.6
    bed = np.linspace(0.0, -59.0 * slope * dx, 60)
    active = np.ones((1, 60), np.bool_)
    reach = model(
        bed[None, :],
        dx,
        n,
        precision="double",
        boundaries=[
            Boundary("discharge", edge_faces(active, "west"), value=q * dx),
            Boundary("normal_depth", edge_faces(active, "east"), slope=slope),
        ],
    )
    reach.restore(State(time=0.0, depth=np.full((1, 60), 0.8 * depth)))
    reach.run(3000.0)
    assert np.abs(reach.depth[0, 5:-2] / depth - 1.0).max() < 0.002
    assert abs(reach.budget.relative_error) < 1e-12


def test_water_at_the_level_of_its_boundary_stays_at_rest() -> None:
    rng = np.random.default_rng(8)
    bed = rng.normal(-1.0, 0.5, (5, 12))
    active = np.ones((5, 12), np.bool_)
    bay = model(
        bed,
        10.0,
        precision="double",
        boundaries=[Boundary("level", edge_faces(active, "west"), value=0.3)],
    )
    bay.restore(bay.still_water(0.3))
    bay.run(600.0)
    assert np.abs(bay.velocity).max() < 1e-12


def test_an_open_edge_lets_a_wave_out_and_nothing_in() -> None:
    """A step of 0.1 m runs off a strip that is open at both ends; still water remains."""
    active = np.ones((1, 100), np.bool_)
    strip = model(
        np.zeros((1, 100)),
        10.0,
        precision="double",
        boundaries=[
            Boundary("open", edge_faces(active, "west")),
            Boundary("open", edge_faces(active, "east")),
        ],
    )
    x = centres(100, 10.0)
    strip.restore(State(time=0.0, depth=(1.0 + 0.1 * (np.abs(x) < 100.0))[None, :]))
    strip.run(400.0)
    assert np.abs(strip.depth - 1.0).max() < 0.01
    assert strip.budget.inflow == 0.0
    assert abs(strip.budget.relative_error) < 1e-12
