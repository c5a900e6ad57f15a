"""Degrees to metres and back, and systems that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.city.projection import Projection, projected
from anlan.refusal import Refusal

PINGHU = Projection("EPSG:4549")
TALSTADT = Projection("EPSG:25832")


@given(st.floats(120.5, 121.7), st.floats(30.2, 31.2))
def test_pinghu_there_and_back_is_the_same_point_to_a_millimetre(lon: float, lat: float) -> None:
    back = PINGHU.to_lonlat(*PINGHU.to_xy(lon, lat))

    assert back == pytest.approx((lon, lat), abs=1e-8)  # 1e-8 degrees are 1 mm


@given(st.floats(540_000, 546_000), st.floats(5_430_000, 5_435_000))
def test_talstadt_there_and_back_is_the_same_point_to_a_millimetre(x: float, y: float) -> None:
    assert TALSTADT.to_xy(*TALSTADT.to_lonlat(x, y)) == pytest.approx((x, y), abs=1e-3)


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    (x0, y0), (x1, y1) = PINGHU.to_xy(121.0, 30.7), PINGHU.to_xy(121.0, 30.7 + 1 / 60)

    assert np.hypot(x1 - x0, y1 - y0) == pytest.approx(1852, rel=0.003)


def test_longitude_comes_first_and_east_is_x() -> None:
    (x0, _), (x1, _) = PINGHU.to_xy(121.0, 30.7), PINGHU.to_xy(121.1, 30.7)

    assert 9_000 < x1 - x0 < 10_000


def test_arrays_give_arrays_of_their_shape() -> None:
    x, y = PINGHU.to_xy(np.full((2, 3), 121.0), np.full((2, 3), 30.7))

    assert x.shape == y.shape == (2, 3)


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:4490", "not in metres"),
        ("EPSG:2263", "US survey foot"),
        ("Pinghu", "not a coordinate reference system"),
    ],
)
def test_a_system_that_is_not_in_metres_is_refused(crs: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        projected(crs)
