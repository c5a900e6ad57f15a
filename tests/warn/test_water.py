"""The polygon where a run expects water."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from anlan.city import City
from anlan.warn.polygon import read_polygon
from anlan.warn.water import expected_water
from tests.warn.world import ZHAPU

RESOLUTION = 500.0


def test_wet_cells_of_the_town_lie_inside_and_dry_ones_outside(pinghu: City) -> None:
    terrain = pinghu.terrain(RESOLUTION)
    town = pinghu.territory.unit(ZHAPU)
    x, y = pinghu.to_xy(town.lon, town.lat)
    column, row = int((x - terrain.x0) / terrain.dx), int((y - terrain.y0) / terrain.dx)
    probability = np.full(terrain.unit.shape, 0.1)
    probability[row - 2 : row + 3, column - 2 : column + 3] = 0.6
    found = expected_water(pinghu, terrain, probability, 0.3, ZHAPU)
    assert found is not None
    assert shapely.intersects_xy(found, town.lon, town.lat)
    assert not shapely.intersects_xy(found, town.lon + 0.05, town.lat)
    # a warning takes it as it is
    assert read_polygon(shapely.geometry.mapping(found), town.polygon).area > 0
    # an area of 2.5 km, cut to the town and to the land
    metres = shapely.transform(found, lambda xy: np.column_stack(pinghu.to_xy(xy[:, 0], xy[:, 1])))
    assert 1e6 < metres.area <= 3.2e3**2


@pytest.mark.parametrize("probability", [0.0, np.nan, 0.29])
def test_where_no_water_is_expected_there_is_no_polygon(pinghu: City, probability: float) -> None:
    terrain = pinghu.terrain(RESOLUTION)
    field = np.full(terrain.unit.shape, probability)
    assert expected_water(pinghu, terrain, field, 0.3, ZHAPU) is None


def test_water_elsewhere_is_none_of_the_towns(pinghu: City) -> None:
    terrain = pinghu.terrain(RESOLUTION)
    far = pinghu.territory.unit("330482102000")
    x, y = pinghu.to_xy(far.lon, far.lat)
    column, row = int((x - terrain.x0) / terrain.dx), int((y - terrain.y0) / terrain.dx)
    field = np.zeros(terrain.unit.shape)
    field[row - 2 : row + 3, column - 2 : column + 3] = 1.0
    assert expected_water(pinghu, terrain, field, 0.3, ZHAPU) is None
    assert expected_water(pinghu, terrain, field, 0.3, far.code) is not None
