"""People to shelters: as many as can arrive in time, by the shortest ways. Pure.

A transportation problem (Hitchcock 1941, doi:10.1002/sapm1941201224): groups of people, places
left in shelters, and a cost for each person on each way that arrives in time. Its optimal
corners are whole numbers, so nobody is split. Staying with what a plan already says is worth
`STAY_S` of travel to each person: a new forecast does not turn everybody round for a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

STAY_S = 600.0
LEFT_BEHIND_S = 1e6
"""What it counts to leave one person without a place: more than any way."""


@dataclass(frozen=True, slots=True)
class Group:
    """People at one place; ``latest_s``: by when they must have arrived, s from now."""

    id: str
    persons: int
    latest_s: float | None


@dataclass(frozen=True, slots=True)
class Haven:
    """A shelter with places left; ``dry``: whether forecast water leaves it alone."""

    id: str
    places: int
    dry: bool


@dataclass(frozen=True, slots=True)
class Move:
    """So many people of a group to a shelter, ``travel_s`` after now.

    ``late``: the water is there before they have arrived; they go all the same.
    """

    group: str
    haven: str
    persons: int
    travel_s: float
    late: bool = False


@dataclass(frozen=True)
class Allocation:
    """Who goes where, and who is left: group → (persons, why).

    Why: ``no_road`` (no dry shelter can be reached), ``no_places`` (those in reach are full).
    """

    moves: tuple[Move, ...]
    left: Mapping[str, tuple[int, str]]


Travel = Mapping[tuple[str, str], float]


def allocate(
    groups: Sequence[Group],
    havens: Sequence[Haven],
    travel: Travel,
    before: Mapping[tuple[str, str], int] | None = None,
) -> Allocation:
    """The allocation; ``travel``: s from now to arrival by group and shelter, where a road is.

    First those who can arrive before the water; then, into what places are left, those who
    cannot. ``before``: persons by group and shelter of the plan in force.
    """
    stay = before or {}
    first = _moves(groups, havens, travel, stay, late=False)
    still = [
        Group(group.id, group.persons - _sent(first, group=group.id), None) for group in groups
    ]
    spare = [
        Haven(haven.id, haven.places - _sent(first, haven=haven.id), haven.dry) for haven in havens
    ]
    moves = first + _moves(still, spare, travel, stay, late=True)
    dry = {haven.id for haven in havens if haven.dry}
    left = {}
    for group in groups:
        missing = group.persons - _sent(moves, group=group.id)
        if missing > 0:
            reached = any(at == group.id and haven in dry for at, haven in travel)
            left[group.id] = (missing, "no_places" if reached else "no_road")
    return Allocation(moves, left)


def _sent(moves: Sequence[Move], group: str | None = None, haven: str | None = None) -> int:
    return sum(
        move.persons
        for move in moves
        if group in (None, move.group) and haven in (None, move.haven)
    )


def _moves(
    groups: Sequence[Group],
    havens: Sequence[Haven],
    travel: Travel,
    stay: Mapping[tuple[str, str], int],
    late: bool,
) -> tuple[Move, ...]:
    ways = [
        (g, h)
        for g, group in enumerate(groups)
        for h, haven in enumerate(havens)
        if haven.dry
        and (group.id, haven.id) in travel
        and (group.latest_s is None or travel[group.id, haven.id] <= group.latest_s)
    ]
    counts = _solve(groups, havens, ways, travel, stay)
    return tuple(
        Move(groups[g].id, havens[h].id, count, travel[groups[g].id, havens[h].id], late)
        for (g, h), count in zip(ways, counts, strict=True)
        if count > 0
    )


def _solve(
    groups: Sequence[Group],
    havens: Sequence[Haven],
    ways: Sequence[tuple[int, int]],
    travel: Travel,
    stay: Mapping[tuple[str, str], int],
) -> list[int]:
    """Persons on each way."""
    if not ways:
        return []
    cost = np.array(
        [
            travel[groups[g].id, havens[h].id]
            - STAY_S * ((groups[g].id, havens[h].id) in stay)
            - LEFT_BEHIND_S
            # of two shelters equally far always the same one
            + 1e-3 * h
            for g, h in ways
        ]
    )
    columns = np.arange(len(ways))
    rows = [np.array([g for g, _ in ways]), len(groups) + np.array([h for _, h in ways])]
    limits = csr_array(
        (
            np.ones(2 * len(ways)),
            (np.concatenate(rows), np.concatenate([columns, columns])),
        ),
        shape=(len(groups) + len(havens), len(ways)),
    )
    most = np.array([group.persons for group in groups] + [haven.places for haven in havens])
    found = linprog(cost, A_ub=limits, b_ub=most, bounds=(0, None), method="highs-ds")
    if found.x is None:  # cannot be: sending nobody is allowed and the cost is bounded
        raise ArithmeticError(f"the allocation was not solved: {found.message}")
    return [int(count) for count in np.rint(found.x)]
