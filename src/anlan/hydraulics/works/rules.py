"""Rules of operation as data: when what holds, a structure is set how.

A tide gate that closes while the sea stands above the river::

    rules=(
        Rule(when=(DifferenceCondition(sea, river, "above", 0.0),), set="off"),
        Rule(set="on"),
    )

A pump that may not run while the outer river stands above its guaranteed level, and may again
once that has fallen 10 cm below it::

    rules=(
        Rule(when=(LevelCondition(outer, "above", 4.50),), set="off"),
        Rule(when=(LevelCondition(outer, "below", 4.40),), set="auto"),
    )
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Cell = tuple[int, int]
Side = Literal["above", "below"]
Setting = float | Literal["on", "off", "auto"]


@dataclass(frozen=True)
class LevelCondition:
    """The level at a cell stands above or below a mark; a dry cell stands at its bed.

    Args:
        cell: (row, column) where the level is read.
        side: "above" or "below"; at the mark itself neither holds.
        level: the mark, m, same datum as the bed.
    """

    cell: Cell
    side: Side
    level: float

    def __post_init__(self) -> None:
        check_cell("LevelCondition", "cell", self.cell)
        _check_side("LevelCondition", self.side)
        _check_mark("LevelCondition", "level", self.level)


@dataclass(frozen=True)
class DifferenceCondition:
    """The level at one cell stands more, or less, than so much above that at another.

    Args:
        cell: (row, column) of the first level.
        other: (row, column) of the level taken from it.
        side: "above" or "below"; at the mark itself neither holds.
        difference: the mark for level(cell) - level(other), m.
    """

    cell: Cell
    other: Cell
    side: Side
    difference: float

    def __post_init__(self) -> None:
        check_cell("DifferenceCondition", "cell", self.cell)
        check_cell("DifferenceCondition", "other", self.other)
        _check_side("DifferenceCondition", self.side)
        _check_mark("DifferenceCondition", "difference", self.difference)


@dataclass(frozen=True)
class TimeCondition:
    """The clock of the run stands within a period.

    Args:
        start: first moment of it, s since the start of the run.
        end: moment it is over, s; infinite for good.
    """

    start: float = -math.inf
    end: float = math.inf

    def __post_init__(self) -> None:
        if math.isnan(self.start) or math.isnan(self.end) or not self.start < self.end:
            raise ValueError(
                f"TimeCondition: start {self.start} s must lie before end {self.end} s"
            )


Condition = LevelCondition | DifferenceCondition | TimeCondition


@dataclass(frozen=True)
class Rule:
    """How a structure is set while all of some conditions hold.

    The rules of a structure are asked in order at every step and the first that holds is
    followed. Where none holds, the structure stays as the last one left it, so a gap between
    the marks of two rules is a dead band; a last rule without conditions always holds.

    Args:
        when: conditions that must all hold; none means always.
        set: "on" (a pump runs at any level; others are wholly open), "off" (a pump stands;
            others are shut), "auto" (a pump minds its levels; others are open as given) or, but
            for a pump, the share that is open, 0 to 1.
    """

    when: tuple[Condition, ...] = ()
    set: Setting = "auto"

    def __post_init__(self) -> None:
        for condition in self.when:
            if not isinstance(condition, Condition):
                raise ValueError(
                    f"Rule: when holds {condition!r}; give LevelCondition, DifferenceCondition "
                    "or TimeCondition"
                )
        if isinstance(self.set, str):
            if self.set not in ("on", "off", "auto"):
                raise ValueError(
                    f'Rule: set is {self.set!r}; choose "on", "off", "auto" or a share from 0 to 1'
                )
        elif not 0.0 <= self.set <= 1.0:
            raise ValueError(f"Rule: set is {self.set}; a share lies between 0 and 1")


def check_cell(owner: str, field: str, value: object) -> None:
    """Raise unless ``value`` is (row, column) in whole numbers.

    Raises:
        ValueError: it is not.
    """
    if not (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(k, int) or hasattr(k, "__index__") for k in value)
    ):
        raise ValueError(f"{owner}: {field} is {value!r}; give (row, column) in whole numbers")


def _check_side(owner: str, side: object) -> None:
    if side not in ("above", "below"):
        raise ValueError(f'{owner}: side is {side!r}; choose "above" or "below"')


def _check_mark(owner: str, field: str, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{owner}: {field} is {value}; it must be a finite number")
