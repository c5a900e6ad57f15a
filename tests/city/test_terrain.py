"""The terrain at every resolution: connected rivers, closed dikes, ends on the right side."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from anlan.city import City, Terrain
from anlan.city.ground import read_ground
from anlan.refusal import Refusal

Floats = NDArray[np.float64]
Slices = tuple[slice, slice]
EVERY = pytest.mark.parametrize("resolution", [100, 200, 400])


@EVERY
def test_shapes_fit_and_beds_are_finite(pinghu: City, resolution: int) -> None:
    terrain = pinghu.terrain(resolution)
    ny, nx = terrain.shape

    assert terrain.dx == resolution
    assert terrain.crest_x.shape == (ny, nx + 1)
    assert terrain.crest_y.shape == (ny + 1, nx)
    assert np.isfinite(terrain.z).all()
    assert (terrain.manning[terrain.inside] > 0).all()
    assert not (terrain.sea & ~terrain.inside).any()


@EVERY
def test_the_rivers_are_one_connected_network(pinghu: City, resolution: int) -> None:
    terrain = pinghu.terrain(resolution)

    open_river = terrain.river & (terrain.polder < 0)
    _, pieces = ndimage.label(open_river)

    assert pieces == 1
    for name, width in (("R02", 90), ("R04", 50)):
        (line,) = (line for line in pinghu.lines if line.id == name)
        assert line.width_m == width
        assert line.bed_m is not None
        assert (terrain.z[open_river] <= line.bed_m).any()


@EVERY
def test_polders_and_the_sea_are_closed_on_every_side(pinghu: City, resolution: int) -> None:
    terrain = pinghu.terrain(resolution)

    for crest, west, east in sides(terrain):
        ring = terrain.polder[west] != terrain.polder[east]
        shore = terrain.sea[west] != terrain.sea[east]
        assert (crest[ring] >= 2.9).all()
        assert (crest[shore] >= 7.6).all()
        assert ring.any()
        assert shore.any()


@EVERY
def test_an_open_river_is_never_cut_by_its_own_dikes_or_a_road(
    pinghu: City, resolution: int
) -> None:
    terrain = pinghu.terrain(resolution)
    open_river = terrain.river & (terrain.polder < 0)

    for crest, west, east in sides(terrain):
        along = open_river[west] & open_river[east]
        assert (crest[along] == -np.inf).all()


@EVERY
def test_pumps_take_from_their_polder_and_gates_give_to_the_sea(
    pinghu: City, resolution: int
) -> None:
    terrain = pinghu.terrain(resolution)

    assert len(terrain.structures) == len(pinghu.structures)
    for structure in terrain.structures:
        inner, outer = structure.from_cell, structure.to_cell
        if structure.kind == "pump":
            assert terrain.polder[inner] >= 0
            assert terrain.polder[outer] == -1
            assert terrain.river[outer]
            assert structure.stop_level < structure.start_level
        else:
            assert terrain.river[inner]
            assert terrain.sea[outer]
            assert structure.capacity == np.inf


@EVERY
def test_river_mouths_on_the_rim_know_their_station(pinghu: City, resolution: int) -> None:
    terrain = pinghu.terrain(resolution)

    stations = {terrain.inland_stations[k] for k in terrain.inland_station[terrain.inland].tolist()}

    assert stations == {"jiaxing", "fengwei", "zhangyan"}
    assert (terrain.inland_station[~terrain.inland] == -1).all()
    assert not (terrain.inland & terrain.sea).any()


def test_the_ground_is_as_high_as_the_sources_say(pinghu: City) -> None:
    terrain = pinghu.terrain(100)
    fields = terrain.inside & ~terrain.sea & ~terrain.river & (terrain.z < 6.0)
    x, y = terrain.centres()
    lon, lat = pinghu.to_lonlat(*np.meshgrid(x, y))

    assert 1.35 <= terrain.z[fields].min() <= 1.5
    assert 3.0 <= np.percentile(terrain.z[fields], 99.5) <= 3.6
    coast = fields & (lat < 30.64) & (lon > 121.06)
    north_west = fields & (lat > 30.76) & (lon < 121.05)
    assert terrain.z[coast].mean() > 2.6  # published 2.66-3.16 along the bay
    assert terrain.z[north_west].mean() < 1.8  # published 1.06-1.76


def test_coarser_cells_keep_area_and_mean_height(pinghu: City) -> None:
    fine, coarse = (read_ground(pinghu.folder, pinghu.settings, dx) for dx in (100.0, 400.0))

    land = [ground.inside & ~ground.sea for ground in (fine, coarse)]

    assert land[1].sum() * 400**2 == pytest.approx(land[0].sum() * 100**2, rel=0.01)
    assert coarse.z[land[1]].mean() == pytest.approx(fine.z[land[0]].mean(), rel=0.02)


def test_a_narrow_river_is_rougher_so_that_it_carries_what_it_really_does(pinghu: City) -> None:
    terrain = pinghu.terrain(200)
    (line,) = (line for line in pinghu.lines if line.id == "R02")
    x, y = pinghu.to_xy(*np.array(line.geometry.coords[len(line.geometry.coords) // 2]))

    cell = terrain.cell(x, y)

    assert terrain.manning[cell] == pytest.approx(0.028 * 200 / 90)
    assert terrain.drain_rate[cell] == 0.0


def test_towns_drain_faster_than_fields(pinghu: City) -> None:
    terrain = pinghu.terrain(100)

    town = terrain.drain_rate[terrain.cell(*pinghu.to_xy(121.085, 30.622))]
    field = terrain.drain_rate[terrain.cell(*pinghu.to_xy(121.100, 30.770))]

    assert town == pytest.approx(8.0 / 3.6e6)  # mm/h in m/s
    assert field == pytest.approx(2.5 / 3.6e6)


@EVERY
def test_every_hazard_place_stands_on_a_computed_cell_of_its_kind(
    pinghu: City, resolution: int
) -> None:
    terrain = pinghu.terrain(resolution)

    for place in pinghu.places.values():
        cell = terrain.cell(*pinghu.to_xy(place.lon, place.lat))
        assert terrain.inside[cell], place.id
        if "海塘" in place.name:
            assert terrain.sea[cell], place.id
        elif place.kind == "dike_section":
            assert terrain.river[cell], place.id
        else:
            assert not terrain.sea[cell], place.id


def test_a_place_on_land_shares_no_200_m_cell_with_an_open_river(pinghu: City) -> None:
    terrain = pinghu.terrain(200)

    wet = [
        place.id
        for place in pinghu.places.values()
        for cell in [terrain.cell(*pinghu.to_xy(place.lon, place.lat))]
        if place.kind != "dike_section" and terrain.river[cell] and terrain.polder[cell] < 0
    ]

    assert wet == []


def test_cell_and_corners_agree(pinghu: City) -> None:
    terrain = pinghu.terrain(200)
    south_west, _, north_east, _ = terrain.corners_lonlat()
    ny, nx = terrain.shape

    x, y = pinghu.to_xy(*south_west)
    assert terrain.cell(x + 1, y + 1) == (0, 0)
    x, y = pinghu.to_xy(*north_east)
    assert terrain.cell(x - 1, y - 1) == (ny - 1, nx - 1)


def test_a_point_off_the_grid_is_refused(pinghu: City) -> None:
    with pytest.raises(Refusal, match="lies off the grid"):
        pinghu.terrain(400).cell(0.0, 0.0)


def test_a_resolution_that_does_not_divide_is_refused(pinghu: City) -> None:
    with pytest.raises(Refusal, match="250 m is not a whole multiple of the terrain's 100 m"):
        pinghu.terrain(250)


def test_the_terrain_is_built_once(pinghu: City) -> None:
    assert pinghu.terrain(400) is pinghu.terrain(400)


def test_a_city_without_sea_has_none(talstadt: City) -> None:
    terrain = talstadt.terrain(100)

    assert not terrain.sea.any()
    assert set(terrain.inland_stations) == {"oberpegel", "unterpegel"}
    assert set(terrain.inland_station[terrain.inland].tolist()) == {0, 1}
    assert [structure.kind for structure in terrain.structures] == ["pump", "flap_gate"]
    assert all(terrain.polder[each.from_cell] == 0 for each in terrain.structures)
    assert all(terrain.river[each.to_cell] for each in terrain.structures)


def sides(terrain: Terrain) -> list[tuple[Floats, Slices, Slices]]:
    """Inner faces with the cells on both of their sides."""
    return [
        (terrain.crest_x[:, 1:-1], np.s_[:, :-1], np.s_[:, 1:]),
        (terrain.crest_y[1:-1, :], np.s_[:-1, :], np.s_[1:, :]),
    ]


def test_people_live_inside_the_ring_dikes_where_there_are_any(pinghu: City) -> None:
    terrain = pinghu.terrain(200.0)
    assert not (terrain.dwelt & (terrain.river | terrain.sea)).any()
    for unit in np.unique(terrain.unit[terrain.dwelt]):
        own = terrain.dwelt & (terrain.unit == unit)
        inside_rings = own & (terrain.polder >= 0)
        assert not inside_rings.any() or (inside_rings == own).all()
    # every village has somewhere to live
    assert set(np.unique(terrain.unit[terrain.unit >= 0])) == set(
        np.unique(terrain.unit[terrain.dwelt])
    )
