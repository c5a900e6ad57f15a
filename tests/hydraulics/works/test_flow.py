"""All structures together: water is kept, and a step asks for no memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numba.core.runtime import _nrt_python  # type: ignore[attr-defined]

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works import (
    Bridge,
    Culvert,
    DifferenceCondition,
    Gate,
    Pump,
    Rule,
    Structure,
    Weir,
    Works,
    pack_works,
    set_discharges,
)
from tests.hydraulics.works.rooms import Rooms

SHUT_AGAINST_HIGH_WATER = (
    Rule(when=(DifferenceCondition((0, 1), (0, 0), "above", 0.5),), set="off"),
    Rule(set="on"),
)
EVERY_KIND: Sequence[Structure] = (
    Weir("weir", (0, 0), (0, 1), crest=0.8, width=6.0, rules=SHUT_AGAINST_HIGH_WATER),
    Gate("gate", (0, 1), (0, 2), sill=0.2, width=3.0, height=1.0, opening=0.4, speed=0.01),
    Gate("flap", (0, 0), (0, 2), sill=0.0, width=2.0, flap=True),
    Culvert("pipe", (0, 2), (0, 3), 0.3, 0.1, length=40.0, diameter=1.2),
    Culvert("box", (0, 3), (0, 0), 0.0, 0.2, length=15.0, width=2.0, height=1.0, flap=True),
    Pump("pump", (0, 3), (0, 0), [(0.0, 3.0), (2.0, 1.0)], start_level=0.6, stop_level=0.3),
    Bridge("bridge", (("x", 0, 1),), soffit=2.0),
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    levels=st.lists(st.floats(0.0, 4.0), min_size=4, max_size=4),
    dt=st.sampled_from([1.0, 30.0, 600.0]),
)
def test_structures_neither_make_nor_lose_water(levels: list[float], dt: float) -> None:
    rooms = Rooms(EVERY_KIND, levels)
    for _ in range(30):
        rooms.step(dt)
        assert rooms.level.min() >= -1e-12
    assert rooms.level.sum() == pytest.approx(sum(levels), rel=1e-12, abs=1e-12)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(level=st.floats(0.0, 4.0))
def test_still_water_stays_still_but_for_pumps(level: float) -> None:
    rooms = Rooms([s for s in EVERY_KIND if not isinstance(s, Pump)], [level] * 4)
    rooms.run(600.0, 60.0)
    assert np.all(rooms.level == level)
    assert np.all(rooms.volume == 0.0)


def test_two_halves_of_a_run_equal_the_whole() -> None:
    """The levels and the memory are all that the second half needs."""
    whole = Rooms(EVERY_KIND, [3.0, 1.0, 0.5, 2.0])
    whole.run(1200.0, 30.0)

    first = Rooms(EVERY_KIND, [3.0, 1.0, 0.5, 2.0])
    first.run(600.0, 30.0)
    second = Rooms(EVERY_KIND, list(first.level))
    second.memory[:] = first.memory
    second.time = first.time
    second.run(600.0, 30.0)

    assert np.array_equal(second.level, whole.level)
    assert np.array_equal(second.memory, whole.memory)


def test_no_structures_are_no_trouble() -> None:
    rooms = Rooms([], [1.0, 2.0])
    rooms.step(10.0)
    assert rooms.level.tolist() == [1.0, 2.0]


@njit(error_model="numpy")
def _steps(works: Works, memory: Array, discharge: Array, level: Array, count: int) -> None:
    for step in range(count):
        set_discharges(works, memory, discharge, level, float(step), 1.0)


def test_many_steps_ask_for_no_more_memory_than_one() -> None:
    works = pack_works(EVERY_KIND, np.ones((1, 4), np.bool_), 0.0)
    level = np.array([3.0, 1.0, 0.5, 2.0])
    arrays = (works, works.memory[0], works.discharge[0], level)
    _steps(*arrays, 1)
    _nrt_python.memsys_enable_stats()

    def asked_for(count: int) -> int:
        before = _nrt_python.memsys_get_stats_alloc()
        _steps(*arrays, count)
        return int(_nrt_python.memsys_get_stats_alloc() - before)

    assert asked_for(1000) == asked_for(1)
