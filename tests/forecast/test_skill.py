"""Scores against what came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.forecast import skill


def test_brier_by_hand() -> None:
    assert skill.brier([1.0, 0.5], [1, 0]) == pytest.approx(0.125)
    assert np.isnan(skill.brier([], []))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(-5, 5))
def test_crps_equals_the_sum_over_pairs(members: list[float], observed: float) -> None:
    x = np.array(members)
    slow = np.abs(x - observed).mean() - 0.5 * np.abs(x[:, None] - x).mean()
    assert float(skill.crps(x, observed)) == pytest.approx(float(slow), abs=1e-12)


def test_one_member_s_crps_is_its_error() -> None:
    assert float(skill.crps([2.0], 5.0)) == 3.0


def test_coverage_counts_cases_inside_and_leaves_out_the_unknown() -> None:
    members = np.tile(np.linspace(0, 1, 11)[:, None], (1, 3))
    assert skill.coverage(members, np.array([0.5, 0.95, np.nan])) == 0.5
    assert np.isnan(skill.coverage(members, np.full(3, np.nan)))


def test_a_peak_is_judged_by_height_time_and_spread() -> None:
    t = 600.0 * np.arange(61)
    shape = np.exp(-(((t - 18000.0) / 5000.0) ** 2))
    members = np.stack([shape * h for h in (2.0, 3.0, 4.0)])
    seen = 3.5 * np.exp(-(((t - 18600.0) / 5000.0) ** 2))
    score = skill.peak(t, members, t, seen)
    assert score is not None
    assert score.error_m == pytest.approx(-0.5)
    assert score.late_s == -600.0
    assert score.inside


def test_a_peak_with_half_its_readings_missing_is_not_judged() -> None:
    t = 600.0 * np.arange(61)
    assert skill.peak(t, np.ones((2, 61)), t[:20], np.ones(20)) is None
