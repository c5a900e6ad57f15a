"""Earliest arrival is what trying every way gives, and nobody overtakes by starting later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.respond.roads.search import Arc, Passing, drive, earliest

NODES = 6
TIMES = (0.0, 600.0, 1200.0, 1800.0)
paces = st.lists(st.sampled_from([0.0, 0.0, 0.5, 3.0, 10.0]), min_size=4, max_size=4)
arcs_ = st.lists(
    st.builds(
        Arc,
        st.integers(0, NODES - 1),
        st.integers(0, NODES - 1),
        st.floats(1.0, 9000.0),
        paces,
    ),
    max_size=14,
)
moments = st.floats(0.0, 3000.0)


def out_of(arcs: list[Arc]) -> list[list[int]]:
    return [[k for k, arc in enumerate(arcs) if arc.start == node] for node in range(NODES)]


def every_way(arcs: list[Arc], start: int, goal: int) -> Iterator[list[int]]:
    """Every way without a circle, as arcs."""

    def go(node: int, seen: frozenset[int], way: list[int]) -> Iterator[list[int]]:
        if node == goal:
            yield way
            return
        for k, arc in enumerate(arcs):
            if arc.start == node and arc.end not in seen:
                yield from go(arc.end, seen | {arc.end}, [*way, k])

    yield from go(start, frozenset({start}), [])


def driven(arcs: list[Arc], way: list[int], at: float) -> float:
    for k in way:
        passing = drive(arcs[k].length_m, arcs[k].speeds, TIMES, at)
        if passing is None:
            return math.inf
        at = passing.leave
    return at


@given(arcs_, moments)
def test_the_search_arrives_when_the_best_of_all_ways_does(arcs: list[Arc], at: float) -> None:
    found = earliest(arcs, out_of(arcs), TIMES, 0, at)

    for goal in range(NODES):
        best = min((driven(arcs, way, at) for way in every_way(arcs, 0, goal)), default=math.inf)
        assert found.arrival.get(goal, math.inf) == pytest.approx(best)


@given(arcs_, moments)
def test_the_way_told_is_the_way_that_arrives_then(arcs: list[Arc], at: float) -> None:
    found = earliest(arcs, out_of(arcs), TIMES, 0, at)

    for goal, arrival in found.arrival.items():
        way = found.way(arcs, goal)
        assert way is not None
        assert driven(arcs, [arc for arc, _ in way], at) == pytest.approx(arrival)
        for (_, before), (_, after) in pairwise(way):
            assert after.enter >= before.leave


@given(st.floats(1.0, 9000.0), paces, moments, st.floats(0.0, 2000.0))
def test_who_starts_later_never_arrives_earlier(
    length: float, speeds: list[float], at: float, later: float
) -> None:
    first, second = (drive(length, speeds, TIMES, moment) for moment in (at, at + later))

    if first is None:
        assert second is None
    elif second is not None:
        assert second.leave >= first.leave - 1e-6


@given(st.floats(1.0, 9000.0), paces, moments)
def test_nobody_is_on_a_road_while_it_is_closed(
    length: float, speeds: list[float], at: float
) -> None:
    passing = drive(length, speeds, TIMES, at)

    if passing is not None:
        ends = [*TIMES[1:], math.inf]
        for begin, end, pace in zip(TIMES, ends, speeds, strict=True):
            on_it = min(end, passing.leave) - max(begin, passing.enter)
            assert pace > 0 or on_it <= 1e-6 or passing.leave <= TIMES[0]


def test_a_road_that_floods_in_ten_minutes_is_left_before_or_driven_after() -> None:
    speeds = [10.0, 0.0, 10.0, 10.0]  # closed from 600 s to 1200 s

    assert drive(5000.0, speeds, TIMES, 0.0) == Passing(0.0, 500.0)
    assert drive(5000.0, speeds, TIMES, 200.0) == Passing(1200.0, 1700.0)
    assert drive(5000.0, [10.0, 0.0, 0.0, 0.0], TIMES, 200.0) is None
