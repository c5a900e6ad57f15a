"""Fields as bytes: dry is zero, shallow water fine, north first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecast.encoding import depth_bytes, depth_of, probability_bytes


def test_the_first_byte_is_the_north_west_corner() -> None:
    south_to_north = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert list(depth_bytes(south_to_north))[1:] == [0, 0, 0]
    assert depth_of(depth_bytes(south_to_north)[0]) == pytest.approx(1.0, abs=0.02)


def test_outside_the_domain_is_dry_for_depth_and_marked_for_probability() -> None:
    nothing = np.array([[np.nan]])
    assert list(depth_bytes(nothing)) == [0]
    assert list(probability_bytes(nothing)) == [255]
    assert list(probability_bytes(np.array([[0.5, 1.0]]))) == [100, 200]


@given(depth=st.floats(0.01, 5.0))
def test_a_depth_comes_back_to_a_centimetre_where_it_is_shallow(depth: float) -> None:
    (code,) = depth_bytes(np.array([[depth]]))
    # the step of the square law: 2 * 4.99 / 254 * sqrt(share), and half of it lost in rounding
    step = 2 * 4.99 / 254 * np.sqrt((depth - 0.01) / 4.99) + 4.99 / 254**2
    assert depth_of(code) == pytest.approx(depth, abs=0.5 * step + 1e-9)


@given(a=st.floats(0.0, 6.0), b=st.floats(0.0, 6.0))
def test_deeper_water_never_gets_a_lower_code(a: float, b: float) -> None:
    low, high = depth_bytes(np.array([[min(a, b), max(a, b)]]))
    assert low <= high
