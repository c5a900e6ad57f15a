"""From members to probability, onset, peak and duration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anlan.assess import crossing, quantiles
from anlan.assess.hazard import largest_sum

HOURS = [0.0, 1.0, 2.0, 3.0]


def test_the_probability_is_the_share_of_members_that_cross() -> None:
    members = [[0.0, 0.4, 0.0, 0.0], [0.0, 0.1, 0.0, 0.0], [0.0] * 4, [0.5] * 4]
    assert crossing(members, 0.3, HOURS).probability == pytest.approx(0.5)


def test_reaching_a_threshold_exactly_is_not_crossing_it() -> None:
    assert not crossing([[0.0, 0.3, 0.3, 0.0]], 0.3, HOURS).crossed[0]


def test_onset_and_duration_fall_on_the_straight_line_between_times() -> None:
    # 0 → 0.4 → 0.4 → 0 crosses 0.1 a quarter into the first hour and 3/4 into the last.
    over = crossing([[0.0, 0.4, 0.4, 0.0]], 0.1, HOURS)
    assert over.onset_h == pytest.approx([0.25])
    assert over.above_h == pytest.approx([0.75 + 1.0 + 0.75])


def test_water_that_stands_at_issue_begins_at_issue() -> None:
    over = crossing([[0.4, 0.4, 0.0, 0.0]], 0.2, HOURS)
    assert over.onset_h == pytest.approx([0.0])
    assert over.above_h == pytest.approx([1.5])


def test_two_spells_add_up() -> None:
    over = crossing([[0.0, 0.4, 0.0, 0.4]], 0.2, HOURS)
    assert over.above_h == pytest.approx([0.5 + 0.5 + 0.5])


def test_a_dry_time_counts_as_below_and_the_crossing_as_when_it_is_wet() -> None:
    over = crossing([[np.nan, 0.4, np.nan, np.nan]], 0.2, HOURS)
    assert over.onset_h == pytest.approx([1.0])
    assert over.above_h == pytest.approx([0.0])


def test_onset_is_the_median_of_the_members_that_cross() -> None:
    members = np.array([[0, 0, 0, 0], [0, 2, 2, 2], [0, 0, 2, 2], [0, 0, 0, 2]])
    over = crossing(members, 1.0, HOURS)
    assert over.median_onset_h == pytest.approx(1.5)


def test_where_nobody_crosses_there_is_no_onset_and_no_duration() -> None:
    over = crossing(np.zeros((5, 4)), 0.1, HOURS)
    assert over.probability == 0
    assert np.isnan(over.median_onset_h)
    assert over.median_above_h == 0


def test_each_place_has_its_own_threshold() -> None:
    depth = np.full((3, 4, 2), 0.2)
    assert crossing(depth, np.array([0.1, 0.3]), HOURS).probability == pytest.approx([1.0, 0.0])


def test_quantiles_lie_between_members() -> None:
    assert quantiles(range(11)) == {"p10": 1.0, "p50": 5.0, "p90": 9.0}


def test_quantiles_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        quantiles([np.nan])


def test_times_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="need 2 times"):
        crossing([[0.0, 0.1, 0.2]], 0.1, [0.0, 1.0])


def test_the_wettest_three_hours() -> None:
    assert largest_sum([[1.0, 5.0, 6.0, 7.0, 2.0]], 3) == pytest.approx([18.0])
    assert largest_sum([[1.0, 2.0]], 12) == pytest.approx([3.0])


DEPTHS = arrays(np.float64, (6, 5), elements=st.one_of(st.just(np.nan), st.floats(0.0, 3.0)))


@given(depth=DEPTHS, low=st.floats(0.0, 3.0), more=st.floats(0.0, 3.0))
def test_a_higher_threshold_is_never_likelier_nor_earlier_nor_longer(
    depth: np.ndarray, low: float, more: float
) -> None:
    hours = np.arange(5.0)
    lower, higher = crossing(depth, low, hours), crossing(depth, low + more, hours)
    assert higher.probability <= lower.probability
    both = higher.crossed
    assert np.all(higher.onset_h[both] >= lower.onset_h[both] - 1e-9)
    assert np.all(higher.above_h <= lower.above_h + 1e-9)


@given(depth=DEPTHS, threshold=st.floats(0.0, 3.0))
def test_time_above_never_exceeds_the_run_and_needs_a_crossing(
    depth: np.ndarray, threshold: float
) -> None:
    over = crossing(depth, threshold, np.arange(5.0))
    assert np.all((over.above_h >= 0) & (over.above_h <= 4.0))
    assert np.all(over.above_h[~over.crossed] == 0)
