"""Structures that cannot be are refused with a sentence that says what to do."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anlan.hydraulics.works import (
    Bridge,
    Culvert,
    DifferenceCondition,
    Gate,
    LevelCondition,
    Pump,
    Rule,
    Structure,
    TimeCondition,
    Weir,
    check_structures,
)

A, B, OUT, SHUT = (0, 0), (0, 1), (0, 7), (1, 1)
NO_CONDITION: Any = (2.0,)
ACTIVE = np.array([[True, True], [True, False]])
WRONG: dict[str, Callable[[], object]] = {
    "pump 'P': stop_level 1.0 m must lie below start_level 1.0 m": lambda: Pump(
        "P", A, B, 1.0, start_level=1.0, stop_level=1.0
    ),
    "structure 'P': capacity is -2.0; it must be finite and at least 0": lambda: Pump(
        "P", A, B, -2.0, 1.0, 0.5
    ),
    "pump 'P': the heads of its capacity are [2.0, 1.0]; sort its points by rising head": lambda: (
        Pump("P", A, B, [(2.0, 1.0), (1.0, 2.0)], 1.0, 0.5)
    ),
    "pump 'P': capacity is []; give a number in m3/s or points": lambda: Pump(
        "P", A, B, [], 1.0, 0.5
    ),
    'pump \'P\': a rule sets 0.5; a pump is set "on", "off" or "auto"': lambda: Pump(
        "P", A, B, 1.0, 1.0, 0.5, rules=(Rule(set=0.5),)
    ),
    "structure 'G': width is nan; it must be finite and at least 0": lambda: Gate(
        "G", A, B, sill=0.0, width=math.nan
    ),
    "structure 'G': height is -1.0; it must be 0 or more (leave it out for no limit)": lambda: Gate(
        "G", A, B, 0.0, 2.0, height=-1.0
    ),
    "structure 'G': opening is 1.5; it is a share of the height and lies between 0 and 1": lambda: (
        Gate("G", A, B, 0.0, 2.0, 1.0, opening=1.5)
    ),
    "structure 'G': coefficient is 0.0; the contraction of a jet lies above 0": lambda: Gate(
        "G", A, B, 0.0, 2.0, 1.0, coefficient=0.0
    ),
    "structure 'G': speed is 0.0; it must be above 0": lambda: Gate(
        "G", A, B, 0.0, 2.0, 1.0, speed=0.0
    ),
    "structure 'G': a partial opening or a speed needs a height; give the height": lambda: Gate(
        "G", A, B, 0.0, 2.0, rules=(Rule(set=0.5),)
    ),
    "structure 'W': crest is inf; it must be a finite number": lambda: Weir(
        "W", A, B, math.inf, 2.0
    ),
    "structure 'W': from_cell and to_cell are both (0, 0); give the cells on its": lambda: Weir(
        "W", A, A, 0.0, 2.0
    ),
    "structure 'W': to_cell is 1; give (row, column) in whole numbers": lambda: Weir(
        "W",
        A,
        1,  # type: ignore[arg-type]
        0.0,
        2.0,
    ),
    "structure 'W': rules holds 'shut'; give Rule(when=, set=)": lambda: Weir(
        "W",
        A,
        B,
        0.0,
        2.0,
        rules=("shut",),  # type: ignore[arg-type]
    ),
    "structure 'C': diameter is None, width 2.0, height None; give diameter for a round": lambda: (
        Culvert("C", A, B, 0.0, 0.0, 10.0, width=2.0)
    ),
    "structure 'C': diameter is 0.0; it must be a finite number above 0": lambda: Culvert(
        "C", A, B, 0.0, 0.0, 10.0, diameter=0.0
    ),
    "structure 'C': entrance_loss and exit_loss are both 0; water that loses nothing": lambda: (
        Culvert("C", A, B, 0.0, 0.0, 10.0, diameter=1.0, entrance_loss=0.0, exit_loss=0.0)
    ),
    "structure 'C': barrels is 0; it must be a whole number of at least 1": lambda: Culvert(
        "C", A, B, 0.0, 0.0, 10.0, diameter=1.0, barrels=0
    ),
    "structure 'C': inlet is 'wingwall_0'; for a round culvert choose one of headwall": lambda: (
        Culvert("C", A, B, 0.0, 0.0, 10.0, diameter=1.0, inlet="wingwall_0")
    ),
    "bridge 'D': faces is empty; name at least one face": lambda: Bridge("D", (), 3.0),
    "bridge 'D': faces holds ('z', 0, 0); give (\"x\" or \"y\", row, column)": lambda: Bridge(
        "D",
        (("z", 0, 0),),  # type: ignore[arg-type]
        3.0,
    ),
    "bridge 'D': top 2.0 m must not lie below soffit 3.0 m": lambda: Bridge(
        "D", (("x", 0, 1),), 3.0, top=2.0
    ),
    "bridge 'D': pier_share is 1.0; it is a share of the width, at least 0 and below 1": lambda: (
        Bridge("D", (("x", 0, 1),), 3.0, pier_share=1.0)
    ),
    'Rule: set is \'open\'; choose "on", "off", "auto" or a share from 0 to 1': lambda: Rule(
        set="open"  # type: ignore[arg-type]
    ),
    "Rule: set is -0.5; a share lies between 0 and 1": lambda: Rule(set=-0.5),
    "Rule: when holds 2.0; give LevelCondition, DifferenceCondition or TimeCondition": lambda: Rule(
        when=NO_CONDITION
    ),
    'LevelCondition: side is \'over\'; choose "above" or "below"': lambda: LevelCondition(
        A,
        "over",  # type: ignore[arg-type]
        1.0,
    ),
    "DifferenceCondition: difference is nan; it must be a finite number": lambda: (
        DifferenceCondition(A, B, "above", math.nan)
    ),
    "TimeCondition: start 20.0 s must lie before end 10.0 s": lambda: TimeCondition(20.0, 10.0),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_record_that_cannot_be_is_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        WRONG[sentence]()


MISPLACED: dict[str, list[Structure]] = {
    "structure name 'S' is used twice; names must be unique": [
        Weir("S", A, B, 0.0, 1.0),
        Bridge("S", (("x", 0, 1),), 3.0),
    ],
    "structure 'S': to_cell (0, 7) lies outside the grid of 2 rows and 2 columns": [
        Weir("S", A, OUT, 0.0, 1.0)
    ],
    "structure 'S': to_cell (1, 1) is an inactive cell; choose a cell that holds water": [
        Weir("S", A, SHUT, 0.0, 1.0)
    ],
    "structure 'S': sensor_cell (0, 7) lies outside the grid": [
        Pump("S", A, B, 1.0, 1.0, 0.5, sensor_cell=OUT)
    ],
    "structure 'S': a rule's other (1, 1) is an inactive cell": [
        Weir(
            "S",
            A,
            B,
            0.0,
            1.0,
            rules=(Rule(when=(DifferenceCondition(A, SHUT, "above", 0.0),), set="off"),),
        )
    ],
    "bridge 'S': face ('x', 0, 0) does not lie between two active cells": [
        Bridge("S", (("x", 0, 0),), 3.0)
    ],
    "bridge 'S': face ('y', 1, 1) does not lie between two active cells": [
        Bridge("S", (("y", 1, 1),), 3.0)
    ],
}


@pytest.mark.parametrize("sentence", MISPLACED)
def test_a_structure_that_does_not_fit_the_grid_is_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        check_structures(MISPLACED[sentence], ACTIVE)


def test_structures_that_fit_are_let_be() -> None:
    check_structures(
        [Weir("W", A, (1, 0), 0.0, 1.0), Bridge("D", (("x", 0, 1), ("y", 1, 0)), 3.0)], ACTIVE
    )
