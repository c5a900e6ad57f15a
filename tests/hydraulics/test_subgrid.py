"""Finer ground inside coarse cells: storage, conveyance, canals and buildings."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import (
    Boundary,
    Bridge,
    Channel,
    Culvert,
    Faces,
    Gate,
    GreenAmpt,
    Pump,
    Series,
    ShallowWater,
    Source,
    State,
    Subgrid,
    Weir,
    edge_faces,
    fine_depth,
)
from anlan.hydraulics.drainage import Conduit, CrossSection, Drainage, Junction, Network

Scheme = Literal["inertial", "full"]
Precision = Literal["single", "double"]
Numbers = NDArray[np.float64]
Cell = tuple[int, int]

# One precision for each scheme: both of either would only compile for longer.
RUNS: list[tuple[Scheme, Precision, float]] = [
    ("inertial", "single", 1e-6),
    ("full", "double", 1e-12),
]


def town(seed: int, ny: int, nx: int, ratio: int) -> tuple[Numbers, Numbers]:
    """Fine ground and its porosity: rough, sloping, with closed and half-open pixels."""
    rng = np.random.default_rng(seed)
    shape = (ny * ratio, nx * ratio)
    fine = rng.normal(0.0, 1.0, shape) + np.linspace(0.0, rng.uniform(-2.0, 2.0), shape[1])
    closed = rng.random(shape) < 0.2
    return fine, np.where(closed, 0.0, rng.uniform(0.2, 1.0, shape))


def shut(one: Cell, other: Cell) -> Gate:
    """A closed gate; with it, a run shares the compiled loop of those with structures."""
    return Gate("shut", one, other, sill=-9.0, width=2.0, height=1.0, opening=0.0)


def over(cells: Subgrid, **options: Any) -> ShallowWater:
    """A run over tables, in the inertial scheme with a closed gate."""
    if options["scheme"] == "inertial":
        inside = np.argwhere(cells.active)
        (a, b), (c, d) = inside[0].tolist(), inside[-1].tolist()
        options["structures"] = [shut((a, b), (c, d)), *options.get("structures", [])]
    return ShallowWater(cells, cells.dx, **options)


def parted(cells: Subgrid, **options: Any) -> ShallowWater:
    """A run over tables with a wall and a low sill on one face each, and a bridge."""
    ny, nx = cells.bed.shape
    crest = np.full((ny, nx + 1), -np.inf)
    crest[ny // 2, nx // 2] = np.inf
    crest[ny // 2, nx // 2 + 1] = 0.3
    bridge = Bridge("bridge", (("y", 1, 1),), soffit=0.2, top=0.5)
    structures = [bridge, *options.pop("structures", [])]
    return over(cells, face_crest_x=crest, structures=structures, **options)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), ratio=st.integers(1, 6), level=st.floats(-3.0, 4.0))
def test_the_level_of_a_volume_and_the_volume_of_a_level_agree(
    seed: int, ratio: int, level: float
) -> None:
    fine, porosity = town(seed, 3, 4, ratio)
    cells = Subgrid.from_fine(fine, ratio, 5.0, 0.03, porosity=porosity)

    held = cells.held(level)

    wet = held > 0.0
    assert np.abs(cells.level(held)[wet] - level).max(initial=0.0) < 1e-6
    assert (held[cells.active & (cells.bed < level - 1e-5)] > 0.0).all()


def test_a_cell_stores_what_its_pixels_store() -> None:
    """Four pixels at 0, 1, 1 and 2 m: (1.5 + 0.5 + 0.5) / 4 m of water reach the level 1.5 m."""
    cells = Subgrid.from_fine([[0.0, 1.0], [1.0, 2.0]], 2, 5.0, 0.03, bins=400)

    assert cells.held(1.5)[0, 0] == pytest.approx(2.5 / 4, abs=1e-3)
    assert cells.brim[0, 0] == pytest.approx((2.0 + 1.0 + 1.0) / 4)
    assert cells.held(3.0)[0, 0] == pytest.approx((3.0 + 2.0 + 2.0 + 1.0) / 4)


def test_a_building_takes_room_and_a_porous_one_less() -> None:
    porosity = [[0.0, 1.0], [0.5, 1.0]]
    cells = Subgrid.from_fine(np.zeros((2, 2)), 2, 5.0, 0.03, porosity=porosity)

    assert cells.held(1.0)[0, 0] == pytest.approx(2.5 / 4)
    assert cells.level(cells.held(1.0))[0, 0] == pytest.approx(1.0)


def test_a_canal_adds_its_width_times_its_length() -> None:
    """5 m of canal, 2 m deep, in cells of 20 m: 0.5 m over a cell when full, half that at its end.

    In the first cell it runs on through the edge of the domain.
    """
    canal = Channel([0, 0, 0], [0, 1, 2], width=5.0, bed=-2.0, manning=0.03)
    cells = Subgrid.from_fine(np.zeros((1, 4)), 1, 20.0, 0.05, channels=[canal])

    assert cells.held(0.0)[0] == pytest.approx([0.5, 0.5, 0.25, 0.0])
    assert cells.x.area[-1, 0, 1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ratio": 3}, "multiples of the ratio 3"),
        ({"porosity": 1.5}, "must lie between 0 and 1"),
        ({"channels": [Channel([0, 1], [0, 1], 2.0, 0.0, 0.03)]}, "jumps"),
        (
            {"channels": [Channel([0, 0], [0, 5], 2.0, 0.0, 0.03)]},
            "leaves the active cells",
        ),
        (
            {"channels": [Channel([0, 0], [0, 1], 9.9, 0.0, 0.03)]},
            "give wider water to the raster",
        ),
    ],
)
def test_tables_that_cannot_be_are_refused_with_a_remedy(
    change: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"ratio": 2, "porosity": None, "channels": ()} | change

    with pytest.raises(ValueError, match=message):
        Subgrid.from_fine(np.zeros((4, 4)), given.pop("ratio"), 5.0, 0.03, **given)


def test_a_ridge_within_a_cell_closes_the_face_behind_it() -> None:
    """A dike of one pixel at 3 m through the west cell, whose lowest ground lies west of it."""
    fine = np.array([[0.0, 3.0, 0.5, 0.4, 0.4, 0.4]] * 3)
    cells = Subgrid.from_fine(fine, 3, 5.0, 0.03)

    assert cells.x.low[0] == pytest.approx([0.0, 3.0, 0.4])
    assert cells.held(1.0)[0, 0] == pytest.approx((1.0 + 0.5) / 3, abs=0.01)


def test_a_run_refuses_what_contradicts_its_tables() -> None:
    cells = Subgrid.from_fine(np.zeros((4, 4)), 2, 5.0, 0.03)

    with pytest.raises(ValueError, match="leave manning out"):
        ShallowWater(cells, 10.0, 0.03)
    with pytest.raises(ValueError, match="of cells of 10"):
        ShallowWater(cells, 20.0)
    with pytest.raises(ValueError, match="takes no sub-grid tables"):
        ShallowWater(cells, 10.0, scheme="second_order")
    with pytest.raises(ValueError, match="does not run sub-grid tables"):
        ShallowWater(cells, 10.0, device="cuda")


def test_depth_comes_back_to_the_fine_raster() -> None:
    fine = np.array([[0.0, 1.0], [2.0, np.nan]])

    depth = fine_depth([[1.5]], fine, 2)

    np.testing.assert_array_equal(depth, [[1.5, 0.5], [0.0, np.nan]])


@pytest.mark.parametrize(("scheme", "precision", "tolerance"), RUNS)
@settings(max_examples=25, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), ratio=st.integers(1, 5), level=st.floats(-2.0, 3.0))
def test_a_lake_over_fine_ground_stays_at_rest(
    scheme: Scheme,
    precision: Precision,
    tolerance: float,
    seed: int,
    ratio: int,
    level: float,
) -> None:
    fine, porosity = town(seed, 5, 7, ratio)
    canal = Channel([3] * 7, range(7), width=1.5 * ratio, bed=-1.5, manning=0.03)
    cells = Subgrid.from_fine(
        fine,
        ratio,
        5.0,
        0.03,
        active=np.ones((5, 7), bool),
        porosity=np.where(fine < 9.0, np.maximum(porosity, 0.1), 0.0),
        channels=[canal],
    )
    lake = parted(cells, scheme=scheme, precision=precision)
    start = lake.still_water(level)
    lake.restore(start)

    for _ in range(50):
        lake.advance(lake.suggested_step())

    np.testing.assert_allclose(lake.state.depth, start.depth, rtol=0.0, atol=2 * tolerance)
    for flow in (*lake.velocity, *lake.discharge):
        assert np.abs(flow).max() <= tolerance
    assert abs(lake.budget.relative_error) <= tolerance


@pytest.mark.parametrize(("scheme", "precision", "tolerance"), RUNS)
@settings(max_examples=15, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), ratio=st.integers(1, 5))
def test_no_water_is_lost_and_the_run_stays_calm(
    scheme: Scheme, precision: Precision, tolerance: float, seed: int, ratio: int
) -> None:
    """Waves over random ground, at the longest step: they die away instead of growing."""
    fine, porosity = town(seed, 6, 9, ratio)
    cells = Subgrid.from_fine(fine, ratio, 5.0, 0.03, porosity=np.maximum(porosity, 0.1))
    basin = parted(cells, scheme=scheme, precision=precision)
    random = np.random.default_rng(seed).uniform(-1.0, 3.0, cells.bed.shape)
    basin.restore(basin.still_water(random))
    basin.set_rain(1e-5)

    basin.run(1800.0)

    assert basin.state.depth.min() >= 0.0
    assert abs(basin.budget.relative_error) < tolerance
    highest = np.nanmax(np.where(basin.depth > 1e-3, basin.level, np.nan))
    assert highest < max(random.max(), float(np.nanmax(cells.bed))) + 0.5


@pytest.mark.parametrize("dug", [False, True], ids=["channel", "dug"])
@pytest.mark.parametrize(("scheme", "precision", "tolerance"), RUNS)
def test_a_canal_narrower_than_its_cells_carries_its_uniform_flow(
    scheme: Scheme, precision: Precision, tolerance: float, dug: bool
) -> None:
    """Manning: 6 m wide, 1.5 m deep, n 0.03, slope 2e-4 carries 6 * 1.5^(5/3) / n * sqrt(S).

    From edge to edge, given as a ``Channel`` or dug into pixels of 2 m.
    """
    slope, width, depth, n, dx, nx = 2e-4, 6.0, 1.5, 0.03, 20.0, 30
    bed = 7.0 - slope * dx * (np.arange(nx) + 0.5)
    x = 2.0 * (np.arange(10 * nx) + 0.5)
    fine, rough = np.tile(10.0 - slope * x, (10, 1)), np.full((10, 10 * nx), 0.05)
    canal = [Channel([0] * nx, range(nx), width, bed, n)]
    if dug:
        fine[4:7], rough[4:7], canal = 7.0 - slope * x, n, []
    cells = Subgrid.from_fine(fine, 10, 2.0, rough, channels=canal)
    carried = width * depth ** (5 / 3) / n * slope**0.5
    river = over(
        cells,
        scheme=scheme,
        precision=precision,
        boundaries=[
            Boundary("discharge", edge_faces(cells.active, "west"), carried),
            Boundary("normal_depth", edge_faces(cells.active, "east"), slope=slope),
        ],
    )
    river.restore(river.still_water(bed[None] + 1.2))

    river.run(3 * 3600.0)

    np.testing.assert_allclose(river.level[0, 5:-5] - bed[5:-5], depth, rtol=0.003)
    np.testing.assert_allclose(river.discharge[0][0, 1:-1] * dx, carried, rtol=0.001)


@pytest.mark.parametrize(
    ("scheme", "precision", "error"), [(*RUNS[0][:2], 0.04), (*RUNS[1][:2], 0.01)]
)
def test_a_canal_on_a_slant_keeps_its_depth_within_a_few_percent(
    scheme: Scheme, precision: Precision, error: float
) -> None:
    """A diagonal canal goes from side to side through the cells, a turn in each."""
    slope, width, depth, n, dx, size = 2e-3, 6.0, 1.0, 0.03, 20.0, 30
    k = np.arange(2 * size - 1)
    rows, columns, link = k // 2, (k + 1) // 2, dx / np.sqrt(2.0)
    bed = 7.0 - slope * link * k
    canal = Channel(rows, columns, width, bed, n, length=link)
    cells = Subgrid.from_fine(np.full((size, size), 20.0), 1, dx, 0.05, channels=[canal])
    carried = width * depth ** (5 / 3) / n * slope**0.5
    end = [Faces(np.array([size - 1]), np.array([size - 1]), "north")]
    river = over(
        cells,
        scheme=scheme,
        precision=precision,
        sources=[Source(([0], [0]), carried)],
        boundaries=[Boundary("normal_depth", end, slope=slope * link / dx)],
    )
    j, i = np.indices((size, size))
    river.restore(river.still_water(7.9 - slope * link * (i + j)))

    river.run(3600.0)

    found = (river.level[rows, columns] - bed)[20:-20]
    np.testing.assert_allclose(found, depth, rtol={"inertial": 0.04, "full": 0.005}[scheme])


def test_tables_of_one_pixel_a_cell_give_the_plain_run() -> None:
    rng = np.random.default_rng(5)
    bed, depth = rng.normal(0.0, 1.0, (12, 17)), rng.uniform(0.0, 1.0, (12, 17))
    cells = Subgrid.from_fine(bed, 1, 10.0, 0.05)

    def after(model: ShallowWater) -> Numbers:
        model.restore(State(time=0.0, depth=depth))
        model.set_rain(1e-5)
        model.run(300.0)
        return np.array(model.depth)

    wall = np.full((12, 18), -np.inf)
    wall[6, 8] = np.inf
    options: dict[str, Any] = {"scheme": "inertial", "theta": 1.0, "face_crest_x": wall}
    tabled = after(over(cells, **options))
    plain = after(ShallowWater(bed, 10.0, 0.05, structures=[shut((0, 0), (11, 16))], **options))

    np.testing.assert_allclose(tabled, plain, atol=2e-5)


def polder() -> tuple[Numbers, int]:
    """320 m x 160 m on pixels of 5 m, and the row in which its canal leaves it in the east.

    A river in the west behind a dike of two pixels at 2.5 m, which lies within the cells of
    20 m; rolling meadows with a winding canal of two pixels.
    """
    y, x = np.indices((32, 64)).astype(float)
    fine = 1.0 + 0.25 * np.sin(x / 9.0) * np.cos(y / 7.0) + 0.004 * (63.0 - x)
    middle = np.rint(16.0 + 9.0 * np.sin(x[0] / 15.0)).astype(int)
    for i in range(18, 64):
        low, high = sorted((middle[i], middle[i - 1]))
        fine[low : high + 2, i] = -0.8
    fine[:, :9] = -1.0
    fine[:, 9] = 0.5
    fine[:, 10:12] = 2.5
    return fine, int(middle[-1])


def test_coarse_cells_with_tables_flood_a_polder_as_fine_cells_do() -> None:
    """The river rises to 2.2 m while 40 mm/h fall: fine cells of 5 m, coarse ones of 20 m.

    Without tables the dike is lost in the mean ground, and the river comes in.
    """
    fine, outlet = polder()
    meadow = np.s_[:, 16:]

    def greatest(bed: Any, dx: float, manning: float | None, ratio: int) -> Numbers:
        active = np.ones((32 // ratio, 64 // ratio), bool)
        river = Series([0.0, 1800.0], [0.0, 2.2])
        canal = [Faces(np.array([outlet // ratio]), np.array([64 // ratio - 1]), "east")]
        model = ShallowWater(
            bed,
            dx,
            manning,
            scheme="inertial",
            boundaries=[
                Boundary("level", edge_faces(active, "west"), river),
                Boundary("level", canal, -0.1),
            ],
            structures=[shut((0, 0), (1, 1))],
        )
        model.restore(
            model.still_water(np.where(np.indices(active.shape)[1] < 8 // ratio, 0.0, -9.0))
        )
        model.set_rain(40e-3 / 3600.0)
        model.track()
        model.run(2700.0)
        return fine_depth(model.tracked.max_level, fine, ratio)[meadow]

    def apart(a: Numbers, b: Numbers) -> float:
        return float(np.sqrt(np.mean((a - b) ** 2)))

    true = greatest(fine, 5.0, 0.04, 1)
    tabled = greatest(Subgrid.from_fine(fine, 4, 5.0, 0.04), 20.0, None, 4)
    plain = greatest(fine.reshape(8, 4, 16, 4).mean((1, 3)), 20.0, 0.04, 4)

    assert apart(tabled, true) < 0.1 * apart(plain, true)
    assert apart(tabled, true) < 0.08


LINKS: list[Any] = [
    Weir("weir", (12, 3), (12, 7), crest=0.0, width=3.0),
    Gate("gate", (15, 2), (15, 4), sill=-0.5, width=2.0, height=1.0, flap=True),
    Culvert("culvert", (18, 2), (18, 8), -0.5, -0.6, length=20.0, diameter=1.0),
    Pump("pump", (25, 5), (25, 9), capacity=0.5, start_level=-1.0, stop_level=-1.8),
]


def busy(scheme: Scheme, precision: Precision, **options: Any) -> ShallowWater:
    """A town with all kinds of edges, rain, soil, evaporation and structures, in two tiles."""
    fine, porosity = town(3, 34, 12, 3)
    canal = Channel(range(34), [5] * 34, width=4.0, bed=-2.0, manning=0.03)
    cells = Subgrid.from_fine(
        fine, 3, 5.0, 0.03, porosity=np.maximum(porosity, 0.1), channels=[canal]
    )
    faces = [Faces(np.arange(10), np.zeros(10, int), "west")]
    model = parted(
        cells,
        scheme=scheme,
        precision=precision,
        boundaries=[
            Boundary("level", faces, Series([0.0, 600.0], [0.0, 1.5])),
            Boundary("discharge", edge_faces(cells.active, "south"), 2.0),
            Boundary("normal_depth", edge_faces(cells.active, "north"), slope=1e-3),
            Boundary("open", [Faces(np.arange(20, 30), np.full(10, 11), "east")]),
        ],
        infiltration=GreenAmpt(1e-6, 0.1, 0.3),
        sources=[Source(([20], [3]), 0.5)],
        structures=LINKS if scheme == "inertial" else (),
        **options,
    )
    model.set_evaporation(1e-7)
    return model


@pytest.mark.parametrize(("scheme", "precision", "tolerance"), RUNS)
def test_members_threads_and_restarts_change_no_bit_and_lose_no_water(
    scheme: Scheme, precision: Precision, tolerance: float
) -> None:
    links = LINKS if scheme == "inertial" else []
    rates = np.array([1e-5, 4e-5])
    both = busy(scheme, precision, members=2)
    both.set_rain(np.broadcast_to(rates[:, None, None], (2, 34, 12)))
    shared = busy(scheme, precision, threads=min(2, len(os.sched_getaffinity(0))))
    shared.set_rain(rates[1])
    whole = busy(scheme, precision)
    whole.set_rain(rates[1])
    for model in (both, shared, whole):
        model.track()
        model.run_until(600.0)
    halved = busy(scheme, precision)
    halved.restore(whole.state.copy())
    halved.set_rain(rates[1])
    for model in (both, shared, whole, halved):
        model.run_until(900.0)

    assert abs(whole.budget.relative_error) < tolerance
    assert whole.budget.infiltration > 0.0
    assert all(abs(whole.budget.structures[link.name]) > 1.0 for link in links)
    for got in (both.depth[1], shared.depth, halved.depth):
        np.testing.assert_array_equal(got, whole.depth)
    np.testing.assert_array_equal(both.tracked.max_level[1], whole.tracked.max_level)
    assert (whole.tracked.max_level >= whole.level - 1e-5)[whole.depth > 0.0].all()


def linked(cells: Subgrid, structure: Any, levels: ArrayLike) -> ShallowWater:
    """Two cells parted by a wall, joined by a structure."""
    wall = np.full((1, 3), np.inf)
    model = over(cells, face_crest_x=wall, scheme="inertial", structures=[structure])
    model.restore(model.still_water(np.array([levels], float)))
    return model


@pytest.mark.parametrize(
    "structure",
    [
        Weir("link", (0, 0), (0, 1), crest=-0.5, width=3.0),
        Gate("link", (0, 0), (0, 1), sill=-0.5, width=2.0),
        Culvert("link", (0, 0), (0, 1), -0.9, -0.9, length=20.0, diameter=1.0),
        Pump("link", (0, 1), (0, 0), capacity=0.5, start_level=-9.0, stop_level=-9.5),
    ],
    ids=["weir", "gate", "culvert", "pump"],
)
def test_structures_work_on_the_levels_of_the_tables(structure: Any) -> None:
    """Ditches of a tenth of the cells: levels decide, and the water that they hold runs out."""
    fine = np.full((10, 20), 1.0)
    fine[4] = -1.0
    model = linked(Subgrid.from_fine(fine, 10, 2.0, 0.03), structure, (0.5, 0.0))

    model.run(3600.0)

    west, east = model.level[0]
    if isinstance(structure, Pump):
        assert model.depth[0, 1] == 0.0
        assert west > 0.5
    else:
        assert west == pytest.approx(east, abs=2e-3)
        assert west == pytest.approx(0.25, abs=0.02)
    assert abs(model.budget.relative_error) < 1e-6


def test_a_sewer_takes_no_more_than_a_ditch_holds_and_levels_two_of_them() -> None:
    """Ditches of a tenth of the cells: their level falls ten times as fast as over the cells."""
    fine = np.full((10, 20), 1.0)
    fine[4] = -1.0
    cells = Subgrid.from_fine(fine, 10, 2.0, 0.03)
    pipe = Conduit("pipe", "west", "east", CrossSection("circular", 0.5), 20.0, 0.013)
    sewer = Drainage(
        Network([Junction("west", -1.5, 2.5), Junction("east", -1.5, 2.5)], [pipe]),
        {"west": (0, 0), "east": (0, 1)},
    )
    wall = np.full((1, 3), np.inf)
    model = over(cells, face_crest_x=wall, scheme="inertial", drainage=sewer)
    model.restore(model.still_water(np.array([[0.5, -1.0]])))
    before = model.budget.storage

    lowest = 1.0
    for _ in range(60):
        model.run(30.0)
        lowest = min(lowest, float(model.level[0, 0]))

    west, east = model.level[0]
    assert model.drainage is not None
    below = float(model.drainage.budget.storage[0])
    assert below > 0.1
    assert model.budget.storage + below == pytest.approx(before, rel=1e-6)
    assert west == pytest.approx(east, abs=5e-3)
    assert lowest > west - 0.05
