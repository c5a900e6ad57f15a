"""As many as can arrive in time get a place, by the shortest ways, and nobody is split."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.respond.evacuation.allocate import Allocation, Group, Haven, allocate
from anlan.respond.evacuation.changes import changes

HOUR = 3600.0
Travel = dict[tuple[str, str], float]


def went(found: Allocation) -> dict[tuple[str, str], int]:
    return {(move.group, move.haven): move.persons for move in found.moves}


def test_people_go_to_the_nearest_shelter_with_places() -> None:
    groups = [Group("low", 80, None)]
    havens = [Haven("near", 100, True), Haven("far", 100, True)]

    found = allocate(groups, havens, {("low", "near"): 600.0, ("low", "far"): 900.0})

    assert went(found) == {("low", "near"): 80}
    assert found.left == {}


def test_what_one_shelter_cannot_hold_goes_to_the_next() -> None:
    havens = [Haven("near", 50, True), Haven("far", 100, True)]
    travel = {("low", "near"): 600.0, ("low", "far"): 900.0}

    assert went(allocate([Group("low", 80, None)], havens, travel)) == {
        ("low", "near"): 50,
        ("low", "far"): 30,
    }


def test_whoever_cannot_arrive_before_the_water_goes_last_and_is_marked() -> None:
    groups = [Group("wet", 80, HOUR), Group("dry", 60, 3 * HOUR)]
    havens = [Haven("only", 100, True)]
    travel = {("wet", "only"): HOUR + 1, ("dry", "only"): 2 * HOUR}

    found = allocate(groups, havens, travel)

    assert [(move.group, move.persons, move.late) for move in found.moves] == [
        ("dry", 60, False),
        ("wet", 40, True),
    ]
    assert found.left == {"wet": (40, "no_places")}


def test_a_shelter_under_water_or_without_a_road_takes_nobody() -> None:
    groups = [Group("low", 80, None)]

    wet = allocate(groups, [Haven("wet", 100, False)], {("low", "wet"): 60.0})
    cut = allocate(groups, [Haven("cut", 100, True)], {})

    assert wet.left == cut.left == {"low": (80, "no_road")}


def test_those_for_whom_there_is_no_place_are_counted() -> None:
    found = allocate(
        [Group("a", 60, None), Group("b", 60, None)],
        [Haven("small", 70, True)],
        {("a", "small"): 60.0, ("b", "small"): 120.0},
    )

    assert went(found) == {("a", "small"): 60, ("b", "small"): 10}
    assert found.left == {"b": (50, "no_places")}


def test_a_plan_in_force_is_not_turned_round_for_a_few_minutes() -> None:
    groups, havens = [Group("low", 80, None)], [Haven("one", 100, True), Haven("two", 100, True)]
    travel = {("low", "one"): 900.0, ("low", "two"): 600.0}

    assert went(allocate(groups, havens, travel, {("low", "one"): 80})) == {("low", "one"): 80}
    travel["low", "one"] = 2000.0
    assert went(allocate(groups, havens, travel, {("low", "one"): 80})) == {("low", "two"): 80}


sizes = st.integers(0, 4)


@settings(max_examples=60)
@given(
    st.tuples(sizes, sizes),
    st.tuples(sizes, sizes),
    st.dictionaries(
        st.sampled_from([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]), st.integers(1, 9000)
    ),
)
def test_nobody_is_lost_no_shelter_overfull_and_no_choice_is_better(
    persons: tuple[int, int], places: tuple[int, int], ways: dict[tuple[str, str], int]
) -> None:
    groups = [Group(name, n, None) for name, n in zip("ab", persons, strict=True)]
    havens = [Haven(name, n, True) for name, n in zip("xy", places, strict=True)]
    travel = {pair: float(seconds) for pair, seconds in ways.items()}

    found = allocate(groups, havens, travel)

    moved = went(found)
    for group in groups:
        sent = sum(n for (g, _), n in moved.items() if g == group.id)
        assert sent + found.left.get(group.id, (0, ""))[0] == group.persons
    for haven in havens:
        assert sum(n for (_, h), n in moved.items() if h == haven.id) <= haven.places
    assert score(moved, travel) == best(groups, havens, travel)


def score(moved: dict[tuple[str, str], int], travel: Travel) -> tuple[int, float]:
    """More people first, then less travel."""
    return (-sum(moved.values()), sum(n * travel[pair] for pair, n in moved.items()))


def best(groups: list[Group], havens: list[Haven], travel: Travel) -> tuple[int, float]:
    """The best of all choices, one by one."""
    pairs = sorted(travel)
    scores = []
    for counts in product(range(5), repeat=len(pairs)):
        moved = dict(zip(pairs, counts, strict=True))
        fits = all(
            sum(n for (g, _), n in moved.items() if g == group.id) <= group.persons
            for group in groups
        ) and all(
            sum(n for (_, h), n in moved.items() if h == haven.id) <= haven.places
            for haven in havens
        )
        if fits:
            scores.append(score(moved, travel))
    return min(scores)


def group(
    name: str, persons: int, shelter: str, leave_by: str | None = None, left: int = 0
) -> dict[str, Any]:
    moves = [{"shelter": shelter, "shelter_name": shelter, "persons": persons - left}]
    return {
        "id": name, "name": name, "persons": persons, "moves": moves, "left": left,
        "leave_by": leave_by,
    }  # fmt: skip


def test_what_a_new_forecast_changes_is_named_group_by_group() -> None:
    old = [group("a", 10, "x", "2021-07-26T02:00:00+00:00"), group("b", 5, "x"), group("c", 3, "y")]
    new = [group("a", 10, "y", "2021-07-26T01:00:00+00:00"), group("b", 5, "x"), group("d", 8, "x")]

    found = [(each["group"], each["what"]) for each in changes(old, new)]

    assert found == [("a", "shelter"), ("a", "earlier"), ("d", "added"), ("c", "removed")]
    assert changes(old, old) == []
    assert changes([group("b", 5, "x")], [group("b", 5, "x", left=2)])[-1]["what"] == "left"
