"""How much of a discharge may move in one step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics.works import limited_volume

KEPT = settings(max_examples=200, derandomize=True, deadline=None)


def _volume(
    discharge: float,
    level_from: float,
    level_to: float,
    crest: float = -math.inf,
    lifts: bool = False,
    area_to: float = 100.0,
) -> float:
    """Over 10 s between a cell of 100 m2 and one of ``area_to``, beds at 0 m."""
    return float(
        limited_volume(
            discharge,
            10.0,
            100.0 * level_from,
            area_to * level_to,
            level_from,
            level_to,
            100.0,
            area_to,
            crest,
            lifts,
        )
    )


def test_a_small_discharge_moves_whole() -> None:
    assert _volume(2.0, 3.0, 1.0) == 20.0


def test_a_great_one_stops_at_equal_levels() -> None:
    """3 m and 1 m over 100 m2 each meet at 2 m: 100 m3."""
    assert _volume(500.0, 3.0, 1.0) == pytest.approx(100.0)


def test_unequal_cells_meet_where_their_areas_say() -> None:
    """2 m of fall over 100 and 300 m2: 2 / (1/100 + 1/300) = 150 m3."""
    assert _volume(500.0, 3.0, 1.0, area_to=300.0) == pytest.approx(150.0)


def test_nothing_is_drawn_from_below_the_crest() -> None:
    """0.4 m over a crest at 2.6 m: 40 m3."""
    assert _volume(500.0, 3.0, 1.0, crest=2.6) == pytest.approx(40.0)


def test_a_discharge_backwards_moves_backwards() -> None:
    assert _volume(-2.0, 1.0, 3.0) == -20.0
    assert _volume(-500.0, 1.0, 3.0) == pytest.approx(-100.0)


def test_a_pump_takes_all_that_is_held_and_that_exactly() -> None:
    assert _volume(500.0, 0.3, 5.0, lifts=True) == 100.0 * 0.3


def test_a_discharge_up_the_slope_moves_nothing_without_a_pump() -> None:
    """Levels may have changed since the discharge was found."""
    assert _volume(2.0, 1.0, 3.0) == 0.0


@KEPT
@given(
    discharge=st.floats(-100.0, 100.0),
    a=st.floats(0.0, 5.0),
    b=st.floats(0.0, 5.0),
    crest=st.floats(-1.0, 5.0),
    lifts=st.booleans(),
)
def test_no_cell_gives_more_than_it_holds_and_none_overtakes(
    discharge: float, a: float, b: float, crest: float, lifts: bool
) -> None:
    moved = _volume(discharge, a, b, crest, lifts)
    after_a, after_b = a - moved / 100.0, b + moved / 100.0
    assert min(after_a, after_b) >= -1e-12
    assert abs(moved) <= abs(discharge) * 10.0
    assert moved * discharge >= 0.0
    if not lifts:
        assert abs(after_a - after_b) <= abs(a - b) + 1e-12
        assert (after_a - after_b) * (a - b) >= -1e-12
