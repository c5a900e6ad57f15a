"""Rules followed and structures set, step by step: compiled."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works.compiled import law

# Columns of a structure's memory: what a run must keep to go on bit for bit.
RUNNING, OPENING, TARGET = 0, 1, 2
MEMORY = 3
# Target of a pump that minds its levels.
AUTO = -1.0
LEVEL, CLOCK = 0, 1


class RuleTable(NamedTuple):
    """Rules of all structures in order, and their conditions in order.

    Attributes:
        first: (k + 1,) int64 rules of structure k are [first[k], first[k + 1]).
        target: (r,) share that is open, or for a pump 1 on, 0 off, ``AUTO``.
        conditions: (r + 1,) int64 conditions of rule r likewise.
        kind: (c,) int64 ``LEVEL`` (between low and high, neither included) or ``CLOCK`` (from low
            until before high).
        cell: (c,) int64 place of the level among the watched cells.
        other: (c,) int64 place of the level taken from it; -1 for none.
        low: (c,) m or s.
        high: (c,) m or s.
    """

    first: Any
    target: Any
    conditions: Any
    kind: Any
    cell: Any
    other: Any
    low: Any
    high: Any


@law
def _holds(rules: RuleTable, rule: int, level: Array, time: float) -> bool:
    for c in range(rules.conditions[rule], rules.conditions[rule + 1]):
        if rules.kind[c] == CLOCK:
            if not rules.low[c] <= time < rules.high[c]:
                return False
        else:
            value = level[rules.cell[c]]
            if rules.other[c] >= 0:
                value -= level[rules.other[c]]
            if not rules.low[c] < value < rules.high[c]:
                return False
    return True


@law
def follow_rules(rules: RuleTable, k: int, memory: Array, level: Array, time: float) -> None:
    """Set the target of structure ``k`` by the first of its rules that holds, if any does."""
    for rule in range(rules.first[k], rules.first[k + 1]):
        if _holds(rules, rule, level, time):
            memory[k, TARGET] = rules.target[rule]
            break


@law
def mind_levels(k: int, memory: Array, at_sensor: float, start: float, stop: float) -> None:
    """Switch pump ``k`` as its target, or else the level at its sensor, will have it."""
    target = memory[k, TARGET]
    if target >= 0.0:
        memory[k, RUNNING] = target
    elif at_sensor >= start:
        memory[k, RUNNING] = 1.0
    elif at_sensor <= stop:
        memory[k, RUNNING] = 0.0


@law
def move_opening(k: int, memory: Array, speed: float, dt: float) -> None:
    """Bring the opening of structure ``k`` nearer to its target, by ``speed`` dt at most."""
    way = memory[k, TARGET] - memory[k, OPENING]
    reach = speed * dt
    if math.isinf(speed) or abs(way) <= reach:
        memory[k, OPENING] = memory[k, TARGET]
    else:
        memory[k, OPENING] += reach if way > 0.0 else -reach
