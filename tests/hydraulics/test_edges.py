"""What happens at the edges of the domain, at sources, and under wind."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from anlan.hydraulics import Boundary, Series, ShallowWater, Source, State, edge_faces
from anlan.hydraulics.edges import Faces
from tests.hydraulics import basins
from tests.hydraulics.basins import Scheme

G = 9.81
pytestmark = pytest.mark.parametrize("scheme", basins.SCHEMES)


def _channel(scheme: Scheme, outlet: Boundary) -> ShallowWater:
    """One row of 40 cells of 50 m that falls by 0.001; 1 m2/s over 50 m enter in the west."""
    active = np.ones((1, 40), np.bool_)
    inflow = Boundary("discharge", edge_faces(active, "west"), 50.0)
    bed = 0.05 * np.arange(40.0)[None, ::-1]
    return basins.model(
        bed, 50.0, 0.03, boundaries=[inflow, outlet], scheme=scheme, precision="double"
    )


@pytest.mark.parametrize("kind", ["normal_depth", "open"])
def test_a_discharge_runs_down_a_slope_at_its_normal_depth(scheme: Scheme, kind: str) -> None:
    """Manning: h = (n q / sqrt(S))^(3/5) = (0.03 x 1 / sqrt(0.001))^0.6 = 0.969 m."""
    east = edge_faces(np.ones((1, 40), np.bool_), "east")
    outlet = (
        Boundary("normal_depth", east, slope=0.001)
        if kind == "normal_depth"
        else Boundary("open", east)
    )
    channel = _channel(scheme, outlet)

    channel.run(6 * 3600.0)

    normal = (0.03 * 1.0 / np.sqrt(0.001)) ** 0.6
    assert normal == pytest.approx(0.969, abs=1e-3)
    assert channel.state.depth[0, 5:] == pytest.approx(np.full(35, normal), rel=5e-3)
    assert channel.state.qx is not None
    assert channel.state.qx[0] == pytest.approx(np.ones(41), rel=1e-3)
    came, went = channel.budget.boundaries
    assert came == pytest.approx(50.0 * 6 * 3600.0, rel=1e-6)
    assert -went == pytest.approx(came - channel.budget.storage, rel=1e-9)


def test_a_discharge_is_shared_out_by_conveyance(scheme: Scheme) -> None:
    """Cells 2 m and 1 m deep: 2^(5/3) = 3.17 times as much to the deeper."""
    active = np.ones((2, 5), np.bool_)
    bed = np.array([[0.0], [1.0]]) * np.ones(5)
    inflow = Boundary("discharge", edge_faces(active, "west"), 8.0)
    river = basins.model(bed, 10.0, 0.03, boundaries=[inflow], scheme=scheme, precision="double")
    river.restore(river.still_water(2.0))

    river.advance(0.5)

    assert river.state.qx is not None
    deep, shallow = river.state.qx[:, 0]
    assert deep / shallow == pytest.approx(2.0 ** (5.0 / 3.0), rel=1e-6)
    assert (deep + shallow) * 10.0 == pytest.approx(8.0, rel=1e-9)


def test_a_discharge_out_takes_no_more_than_is_there(scheme: Scheme) -> None:
    active = np.ones((3, 5), np.bool_)
    out = Boundary("discharge", edge_faces(active, "north"), -1000.0)
    pond = basins.model(np.zeros((3, 5)), 10.0, 0.03, boundaries=[out], scheme=scheme)
    pond.restore(pond.still_water(0.1))

    pond.run(3600.0)

    assert pond.state.depth.min() >= 0.0
    # 150 m3 in all; a film stays that flows to the edge too slowly to be gone.
    assert 130.0 < pond.budget.outflow < 150.0
    assert abs(pond.budget.relative_error) <= 1e-6


@pytest.mark.parametrize("side", ["west", "east", "south", "north"])
def test_a_basin_fills_to_the_level_outside(scheme: Scheme, side: str) -> None:
    """A level that rises from 0 to 1 m within 1 h, then stays, around 20 cells of 400 m2."""
    active = np.ones((4, 5), np.bool_)
    tide = Series([0.0, 3600.0], [0.0, 1.0])
    edge = Boundary("level", edge_faces(active, side), tide, name="tide")  # type: ignore[arg-type]
    pond = basins.model(np.zeros((4, 5)), 20.0, 0.1, boundaries=[edge], scheme=scheme)

    pond.run(3600.0)
    assert pond.state.depth == pytest.approx(np.full((4, 5), 1.0), abs=0.05)
    pond.run(6 * 3600.0)

    assert pond.state.depth == pytest.approx(np.full((4, 5), 1.0), abs=2e-3)
    assert pond.budget.boundaries[0] == pytest.approx(pond.budget.storage, rel=1e-6)
    assert pond.budget.storage == pytest.approx(20 * 400.0, rel=2e-3)


def test_an_open_edge_lets_nothing_in_and_swallows_a_wave(scheme: Scheme) -> None:
    """A hump of 0.1 m on 1 m of water runs out; what comes back is a tenth of it at most."""
    active = np.ones((1, 60), np.bool_)
    edges = [Boundary("open", edge_faces(active, side)) for side in ("west", "east")]
    x = np.arange(60)
    hump = 1.0 + 0.1 * np.exp(-(((x - 30) / 5.0) ** 2))
    sea = basins.model(
        np.zeros((1, 60)), 10.0, 0.0, boundaries=edges, scheme=scheme, precision="double"
    )
    sea.restore(sea.still_water(hump[None, :]))

    sea.run(150.0)  # 470 m at sqrt(g h) = 3.1 m/s: out, and back to the middle

    assert sea.budget.inflow == 0.0
    assert sea.state.depth.max() < 1.01


def test_edges_without_a_boundary_are_closed(scheme: Scheme) -> None:
    active = np.ones((4, 4), np.bool_)
    half = Boundary("normal_depth", edge_faces(active, "east", 0, 1), slope=0.01)
    pond = basins.model(
        np.zeros((4, 4)), 10.0, 0.03, boundaries=[half], face_crest_y=_wall(4, 4, 2), scheme=scheme
    )
    pond.restore(pond.still_water(0.5))

    pond.run(1800.0)

    assert pond.state.depth[:2].max() < 0.3
    assert pond.state.depth[2:] == pytest.approx(np.full((2, 4), 0.5), rel=1e-6)


def _wall(ny: int, nx: int, row: int) -> basins.Numbers:
    crest = np.full((ny + 1, nx), -np.inf)
    crest[row] = np.inf
    return crest


def test_sources_give_and_take_their_discharge(scheme: Scheme) -> None:
    """0 rising to 2 m3/s in 600 s gives 600 m3 over 2 cells; a well takes 0.5 m3/s, 300 m3."""
    pond = basins.model(
        np.zeros((3, 5)),
        20.0,
        0.03,
        sources=[
            Source(([0, 0], [0, 1]), Series([0.0, 600.0], [0.0, 2.0]), "pipe"),
            Source(([2], [4]), -0.5, "well"),
        ],
        scheme=scheme,
        precision="double",
    )
    pond.restore(pond.still_water(1.0))

    pond.run(600.0)

    assert pond.budget.inflow == pytest.approx(600.0, rel=1e-9)
    assert pond.budget.outflow == pytest.approx(300.0, rel=1e-9)
    assert abs(pond.budget.relative_error) <= 1e-12


def test_a_well_takes_no_more_than_is_there(scheme: Scheme) -> None:
    wells = [Source(np.ones((2, 2), np.bool_), -10.0, "well")]
    pond = basins.model(np.zeros((2, 2)), 10.0, 0.03, sources=wells, scheme=scheme)
    pond.restore(pond.still_water(0.01))

    pond.run(60.0)

    assert pond.budget.outflow == pytest.approx(4.0, rel=1e-6)
    assert not pond.state.depth.any()


def test_wind_piles_water_up_until_its_slope_holds_it(scheme: Scheme) -> None:
    """Stress tau = 1e-3 m2/s2 over 2 m of water: d(eta)/dx = tau / (g h) = 5.1e-5, 0.10 m in 2 km.

    h dh/dx = tau / g over a flat bed, so h^2 = h0^2 + 2 tau x / g.
    """
    x = 100.0 * (np.arange(20) + 0.5)
    lake = basins.model(np.zeros((1, 20)), 100.0, 0.3, scheme=scheme, precision="double")
    lake.restore(lake.still_water(2.0))
    lake.set_wind(1e-3, 5e-4)

    lake.run(12 * 3600.0)

    depth = lake.state.depth[0]
    slope = np.diff(depth) / 100.0
    held = 1e-3 / (G * 0.5 * (depth[1:] + depth[:-1]))
    assert slope == pytest.approx(held, rel=0.02)
    assert depth[-1] - depth[0] == pytest.approx(0.097, abs=0.002)
    assert depth**2 - depth[0] ** 2 == pytest.approx(2e-3 * (x - x[0]) / G, rel=0.02, abs=1e-3)


def test_velocity_is_that_of_the_flow(scheme: Scheme) -> None:
    """1 m2/s in 2 m of water is 0.5 m/s."""
    qx = np.full((3, 7), 1.0)
    qx[:, [0, -1]] = 0.0
    flow = basins.model(np.zeros((3, 6)), 10.0, 0.03, scheme=scheme)
    flow.restore(State(time=0.0, depth=np.full((3, 6), 2.0), qx=qx))
    u, v = flow.velocity
    assert u[:, 1:-1] == pytest.approx(np.full((3, 4), 0.5), rel=1e-6)
    assert not v.any()


@pytest.mark.parametrize("step", [1, 2, 5])
def test_a_rising_tide_along_a_staircase_drives_no_current_of_its_own(
    scheme: Scheme, step: int
) -> None:
    """5 m of water, half a metre more in an hour, then none: what moves is the rise, twice over.

    The rise alone asks for some 0.1 m/s across an edge that is 40 cells of 50 m away at most.
    """
    rows, columns = np.indices((30, 30))
    active = rows <= 15 + columns // step
    places = np.argwhere(active)
    tide = Series([0.0, 3600.0], [0.0, 0.5])
    stretches = []
    sides: tuple[tuple[Literal["north", "west"], int, int], ...] = (
        ("north", 1, 0),
        ("west", 0, -1),
    )
    for side, dj, di in sides:
        beyond = places + np.array([dj, di])
        inside = (beyond >= 0).all(axis=1) & (beyond < 30).all(axis=1)
        at = places[inside][~active[tuple(beyond[inside].T)]]
        stretches.append(Faces(at[:, 0], at[:, 1], side))
    bay = basins.model(
        np.where(active, -5.0, np.nan),
        50.0,
        0.02,
        active=active,
        boundaries=[Boundary("level", [s for s in stretches if len(s)], tide)],
        scheme=scheme,
    )
    bay.restore(bay.still_water(0.0))

    fastest = 0.0
    for hour in (1.0, 1.5, 2.0):
        bay.run_until(hour * 3600.0)
        fastest = max(fastest, *(float(np.nanmax(np.abs(u))) for u in bay.velocity))

    assert fastest < 0.25
    assert np.abs(bay.level[active] - 0.5).max() < 0.1  # it swings to and fro


def test_water_enters_a_dry_domain_as_a_wave_does_not_in_one_gulp(scheme: Scheme) -> None:
    """A level of 2 m stands at a dry flat: no cell gets deeper, from the first step on."""
    flat = basins.model(
        np.zeros((4, 30)),
        5.0,
        0.03,
        boundaries=[Boundary("level", edge_faces(np.ones((4, 30), np.bool_), "west"), 2.0)],
        scheme=scheme,
    )
    assert flat.suggested_step() <= 0.7 * 5.0 / np.sqrt(G * 2.0)
    flat.track([], interval=0.0)

    flat.run(12.0)  # before the wave meets the far end

    assert 0.5 < flat.depth[0, 0] < 2.0
    # Without advection a front over smooth ground heaps up a little.
    assert flat.tracked.max_depth.max() < (2.1 if scheme == "full" else 2.6)


def test_a_source_fills_a_dry_cell_no_faster_than_its_water_spreads(scheme: Scheme) -> None:
    """50 m3/s into one cell of 10 m: its wave, (g Q / dx)^(1/3), bounds the first step."""
    flat = basins.model(
        np.zeros((21, 21)), 10.0, 0.03, sources=[Source(([10], [10]), 50.0)], scheme=scheme
    )
    assert flat.suggested_step() <= 0.7 * 10.0 / (G * 50.0 / 10.0) ** (1.0 / 3.0)
    flat.track([], interval=0.0)

    flat.run(30.0)

    assert flat.tracked.max_depth.max() < 3.0
    assert flat.budget.storage == pytest.approx(1500.0, rel=1e-6)
