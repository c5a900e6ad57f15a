"""Who is touched: nobody counted twice, totals before quantiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.assess.impact import (
    by_group,
    high_count,
    median_count,
    summed_by,
    touched_in_villages,
)


def test_residents_are_the_flooded_share_of_the_village() -> None:
    touched = touched_in_villages([1000], [[0.1], [0.0]], [], np.zeros((2, 0)), [])
    assert touched == pytest.approx(np.array([[100.0], [0.0]]))


def test_the_larger_of_share_and_known_places_counts_never_their_sum() -> None:
    touched = touched_in_villages([1000], [[0.1], [0.3]], [250], [[True], [True]], [0])
    assert touched == pytest.approx(np.array([[250.0], [300.0]]))


def test_no_more_people_are_touched_than_live_there() -> None:
    touched = touched_in_villages([100], [[0.5]], [80, 80], [[True, True]], [0, 0])
    assert touched == pytest.approx(np.array([[100.0]]))


def test_a_village_of_unknown_population_still_counts_its_places() -> None:
    assert touched_in_villages([0], [[0.5]], [80], [[True]], [0]) == pytest.approx(
        np.array([[80.0]])
    )


def test_sums_go_to_their_group_and_nowhere_without_one() -> None:
    sums = summed_by([1.0, 10.0, 100.0], [[True, True, True], [True, False, True]], [0, 1, -1], 2)
    assert sums == pytest.approx(np.array([[1.0, 10.0], [1.0, 0.0]]))


def test_half_a_household_counts_as_one() -> None:
    assert median_count([0, 1]) == 1
    assert median_count([2, 2, 2]) == 2
    assert high_count(range(11)) == 9


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=6))
def test_grouping_loses_nothing(amounts: list[list[float]]) -> None:
    grouped = by_group(amounts, [1, 0, 1], 2)
    assert grouped.sum(axis=1) == pytest.approx(np.sum(amounts, axis=1))
