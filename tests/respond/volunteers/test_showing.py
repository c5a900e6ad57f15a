"""How many come: the exact distribution, and how many to ask."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.volunteers.showing import (
    Past,
    arrivals,
    at_least,
    expected,
    how_many,
    places_for,
    quantile,
    rate,
)

chances = st.lists(st.floats(0.01, 0.99), max_size=30)


def binomial(n: int, p: Fraction, k: int) -> Fraction:
    return comb(n, k) * p**k * (1 - p) ** (n - k)


@given(st.integers(0, 40), st.fractions(0, 1, max_denominator=50))
def test_with_equal_chances_the_number_who_come_is_binomial(n: int, p: Fraction) -> None:
    found = arrivals([float(p)] * n)
    assert len(found) == n + 1
    for k, probability in enumerate(found):
        assert probability == pytest.approx(float(binomial(n, p, k)), abs=1e-12)


@given(chances)
def test_the_distribution_sums_to_one_with_the_right_mean(given_chances: list[float]) -> None:
    found = arrivals(given_chances)
    assert sum(found) == pytest.approx(1.0, abs=1e-12)
    mean = sum(k * probability for k, probability in enumerate(found))
    assert mean == pytest.approx(sum(given_chances), abs=1e-9)


def test_ten_asked_of_whom_half_come_bring_four_with_the_binomial_probability() -> None:
    wanted = sum(binomial(10, Fraction(1, 2), k) for k in range(4, 11))  # 848/1024
    assert at_least(arrivals([0.5] * 10), 4) == pytest.approx(float(wanted), abs=1e-12)
    assert float(wanted) == 848 / 1024


def test_four_are_needed_and_half_come_so_twelve_are_asked() -> None:
    # P(Bin(11, 1/2) >= 4) = 1816/2048 < 0.9 <= P(Bin(12, 1/2) >= 4) = 3797/4096
    assert how_many([0.5] * 30, 4, 0.9) == 12


@given(chances, st.integers(1, 10), st.floats(0.1, 0.99))
def test_no_fewer_would_do_and_all_are_asked_where_none_do(
    given_chances: list[float], needed: int, confidence: float
) -> None:
    number = how_many(given_chances, needed, confidence)
    if number < len(given_chances):
        assert at_least(arrivals(given_chances[:number]), needed) >= confidence
    if number > 0:
        assert at_least(arrivals(given_chances[: number - 1]), needed) < confidence


def test_nobody_is_asked_when_nobody_is_needed() -> None:
    assert how_many([0.5, 0.5], 0, 0.9) in (0, 1)


@given(st.integers(1, 20), st.floats(0.3, 1.0), st.floats(0.5, 0.99))
def test_as_many_yeses_are_taken_as_bring_enough_and_not_one_more(
    needed: int, show: float, confidence: float
) -> None:
    places = places_for(needed, show, confidence, 3 * needed)
    assert needed <= places <= 3 * needed
    if places < 3 * needed:
        assert at_least(arrivals([show] * places), needed) >= confidence
    if places > needed:
        assert at_least(arrivals([show] * (places - 1)), needed) < confidence


def test_the_span_of_a_fair_coin_thrown_ten_times() -> None:
    found = expected([0.5] * 10, 5)
    # cumulative in 1024ths: 1, 11, 56, 176, 386, 638, 848, 968
    assert (found.low, found.high) == (3, 7)
    assert found.mean == 5.0
    assert found.enough == pytest.approx(638 / 1024)
    assert quantile(arrivals([1.0] * 3), 0.1) == 3


def test_one_answer_makes_nobody_certain_or_lost() -> None:
    assert rate(0, 0, (3, 3)) == 0.5
    assert rate(1, 1, (3, 3)) == pytest.approx(4 / 7)
    assert rate(0, 1, (3, 3)) == pytest.approx(3 / 7)
    assert Past(2, 1, 1, 1).plus(Past(3, 3, 2, 1)) == Past(5, 4, 3, 2)
