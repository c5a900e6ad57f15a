"""Tiles, threads, members and the ground around change no bit; dry ground is left out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from anlan.hydraulics import Boundary, Series, ShallowWater, State, checks, edge_faces, layout
from anlan.hydraulics.arrays import PAD
from anlan.hydraulics.crew import COUNT
from anlan.hydraulics.numerics import Array
from tests.hydraulics import basins

SCHEMES = pytest.mark.parametrize("scheme", basins.SCHEMES)
ALL_SCHEMES = pytest.mark.parametrize("scheme", [*basins.SCHEMES, "second_order"])
TWO = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")


def _water(model: ShallowWater) -> tuple[bytes, ...]:
    state = model.state
    arrays: Sequence[Any] = (state.depth, state.carry, state.qx, state.qy)
    return tuple(a.tobytes() for a in arrays)


def _steps(model: ShallowWater, count: int) -> list[float]:
    """Step well below what is allowed: the bound takes depth and velocity tile by tile."""
    taken = []
    for _ in range(count):
        taken.append(0.5 * model.suggested_step())
        model.advance(taken[-1])
    return taken


@ALL_SCHEMES
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize(("height", "width"), [(5, 16), (17, 48), (1, 32)])
def test_how_a_grid_is_cut_into_tiles_changes_no_bit(
    scheme: basins.Scheme,
    precision: basins.Precision,
    height: int,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    basin = basins.make(11, 40, 70, 20.0)
    whole = basin.model(scheme, precision)
    taken = _steps(whole, 40)
    water, budget = _water(whole), whole.budget

    monkeypatch.setattr(layout, "TILE_HEIGHT", height)
    monkeypatch.setattr(layout, "TILE_WIDTH", width)
    cut = basin.model(scheme, precision)
    for dt in taken:
        cut.advance(dt)

    assert _water(cut) == water
    assert cut.budget.infiltration == pytest.approx(budget.infiltration, rel=1e-12)
    assert cut.budget.inflow == budget.inflow
    assert cut.budget.structures == budget.structures


@TWO
@ALL_SCHEMES
def test_a_second_thread_changes_no_bit(
    scheme: basins.Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "TILE_HEIGHT", 5)
    monkeypatch.setattr(layout, "TILE_WIDTH", 16)
    basin = basins.make(12, 40, 70, 20.0)
    one, two = (basin.model(scheme, "single", threads=n) for n in (1, 2))

    for model in (one, two):
        model.run(3.0)

    assert _water(two) == _water(one)
    assert two.budget == one.budget


@SCHEMES
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_each_member_equals_its_single_run(
    scheme: basins.Scheme, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members with rain, a held level and an inflow of their own, each at steps of its own.

    Two threads take whole members, four share the tiles of one after another.
    """
    monkeypatch.setattr(checks, "threads", lambda count: count)  # more than there are processors
    basin = basins.make(13, 12, 40, 20.0)
    west = edge_faces(basin.active, "west")
    rains = np.stack([basin.rain, 0.0 * basin.rain + 3e-5, 2.0 * basin.rain])
    levels = [0.2, 0.9, 1.5]
    flows = [Series([0.0, 20.0], [0.0, q]) for q in (5.0, 50.0, 0.0)]
    held = np.zeros_like(basin.held)
    held[-1, -1] = True

    def edge(flow: Any) -> list[Boundary]:
        return [Boundary("discharge", west, flow, name="river")]

    ensemble = basin.model(
        scheme, "single", boundaries=edge(flows), members=3, threads=threads, infiltration=None
    )
    ensemble.restore(State(time=0.0, depth=basin.depth))
    ensemble.set_rain(rains)
    ensemble.set_level_boundary(held, np.array(levels)[:, None])
    ensemble.run_until(20.0)

    for m in range(3):
        single = basin.model(scheme, "single", boundaries=edge(flows[m]), infiltration=None)
        single.restore(State(time=0.0, depth=basin.depth))
        single.set_rain(rains[m])
        single.set_level_boundary(held, levels[m])
        single.run_until(20.0)
        for name in ("depth", "carry", "qx", "qy", "works", "speed"):
            member = getattr(ensemble.state, name)[m]
            assert np.array_equal(member, getattr(single.state, name)), (name, m)
        assert ensemble.budget.storage[m] == single.budget.storage
        assert ensemble.budget.inflow[m] == single.budget.inflow
        assert ensemble.budget.residual[m] == single.budget.residual


def _fall(ny: int) -> ShallowWater:
    """64 rows of 20 cells rising towards the north, with water in the first few."""
    bed = np.add.outer(0.2 * np.arange(float(ny)), np.zeros(20))
    model = basins.model(bed, 10.0, 0.03)
    model.restore(model.still_water(0.8))
    return model


def test_dry_ground_is_never_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 8 rows; water in rows 0 to 3 keeps its own tile and the one beside it awake."""
    monkeypatch.setattr(layout, "TILE_HEIGHT", 8)
    valley = _fall(63)
    valley.run(120.0)
    valley.advance(0.1)

    run = valley._course.run
    awake = run.tiles.work[: run.crew.shared[0, COUNT]]
    assert run.tiles.rows == 8
    assert awake.tolist() == [0, 1]


def test_a_row_is_computed_where_the_domain_has_cells_in_it() -> None:
    """A triangle: row j has j + 1 cells, beside which one more may hold the face of an edge."""
    active = np.tri(64, dtype=np.bool_)

    tiles = layout.Layout(64, 64, 1).tiles(active)

    rows = slice(PAD, PAD + 64)
    assert np.array_equal(tiles.first[rows, 0], np.full(64, PAD))
    assert np.array_equal(tiles.cells[rows, 0], -(-(np.arange(64) + 2) // 16) * 16)


def test_rain_and_edges_keep_their_tiles_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "TILE_HEIGHT", 8)
    valley = _fall(63)
    rain = np.zeros((63, 20))
    rain[40, 5] = 1e-5
    valley.set_rain(rain)

    valley.run(120.0)
    valley.advance(0.1)

    run = valley._course.run
    assert 5 in run.tiles.work[: run.crew.shared[0, COUNT]]
    assert valley.state.depth[40, 5] > 0.0


@SCHEMES
def test_a_flood_that_reaches_sleeping_ground_runs_on_as_if_it_had_been_awake(
    scheme: basins.Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dam break over 90 rows: in tiles of 4 rows all but the first sleep at the start."""
    bed = np.add.outer(np.zeros(90), 0.01 * np.arange(20.0) % 0.03)
    depth = np.where(np.arange(90)[:, None] < 4, 2.0, 0.0) * np.ones(20)

    def dam() -> ShallowWater:
        model = basins.model(bed, 10.0, 0.02, scheme=scheme)
        model.restore(State(time=0.0, depth=depth))
        return model

    monkeypatch.setattr(layout, "TILE_HEIGHT", 200)
    awake = dam()
    taken = _steps(awake, 400)
    water = _water(awake)
    assert awake.state.depth[20].max() > 0.0

    monkeypatch.setattr(layout, "TILE_HEIGHT", 4)
    asleep = dam()
    for dt in taken:
        asleep.advance(dt)
    assert _water(asleep) == water


@SCHEMES
def test_a_run_with_laws_of_its_own_equals_one_without_where_they_do_nothing(
    scheme: basins.Scheme,
) -> None:
    """The compiled loop leaves out what a run has nothing of."""
    bed = np.random.default_rng(4).normal(0.0, 0.3, (9, 33))
    plain = ShallowWater(bed, 20.0, 0.03, scheme=scheme)
    idle = basins.model(bed, 20.0, 0.03, scheme=scheme)
    for model in (plain, idle):
        model.restore(model.still_water(0.1))
        model.set_rain(2e-5)
        model.run(600.0)
    assert _water(plain) == _water(idle)


def _islands(ny: int, nx: int) -> NDArray[np.bool_]:
    """Rows that begin and end elsewhere, a row in two pieces, and a row without any cell."""
    j, i = np.mgrid[0:ny, 0:nx]
    inside = np.abs(i - nx / 2 + 3.0 * np.sin(j / 2.0)) < 1.0 + 0.4 * nx * np.sin(np.pi * j / ny)
    inside[ny // 2, nx // 2] = False
    inside[ny // 3] = False
    return np.asarray(inside)


@pytest.mark.parametrize("west", [0, 1, 17, 60])
@SCHEMES
def test_a_domain_within_a_wider_grid_gives_the_same_bits(west: int, scheme: basins.Scheme) -> None:
    ny, nx = 24, 43
    basin = basins.make(7, ny, nx, 50.0, structures=False)
    active = _islands(ny, nx) & basin.active

    def run(before: int, after: int) -> tuple[Array, Array, float]:
        def wide(array: Array, fill: float) -> Array:
            return np.pad(array, ((2, 3), (before, after)), constant_values=fill)

        model = basins.model(
            wide(basin.bed, np.nan),
            50.0,
            wide(basin.manning, np.nan),
            active=wide(active, False),
            face_crest_x=wide(basin.crest_x, -np.inf),
            face_crest_y=wide(basin.crest_y, -np.inf),
            scheme=scheme,
        )
        model.track(interval=0.0)
        model.restore(State(time=0.0, depth=wide(np.where(active, basin.depth, 0.0), 0.0)))
        model.set_rain(wide(np.full((ny, nx), 2e-5), 0.0))
        model.run(600.0)
        inner = (slice(2, 2 + ny), slice(before, before + nx))
        assert not np.where(model.active, 0.0, model.state.depth).any()
        return model.state.depth[inner], model.tracked.max_depth[inner], model.suggested_step()

    alone, wider = run(0, 0), run(west, 70 - west)
    assert alone[0].max() > 0.0
    assert np.array_equal(alone[0], wider[0])
    assert np.array_equal(alone[1], wider[1], equal_nan=True)
    assert alone[2] == wider[2]
