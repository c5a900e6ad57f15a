"""Rules of operation, followed through sequences of levels and times."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.hydraulics.works import (
    DifferenceCondition,
    Gate,
    LevelCondition,
    Pump,
    Rule,
    Structure,
    TimeCondition,
    Weir,
    pack_works,
    set_discharges,
)
from anlan.hydraulics.works.operation import OPENING, RUNNING
from tests.hydraulics.works.rooms import Rooms

RIVER, SEA, OUTER = (0, 0), (0, 1), (0, 2)


def _tide_gate(*rules: Rule, height: float = 2.0, speed: float = np.inf) -> Gate:
    return Gate("gate", RIVER, SEA, sill=0.0, width=4.0, height=height, speed=speed, rules=rules)


def _openings(rooms: Rooms, sea: list[float], dt: float = 60.0) -> list[float]:
    """Share open after each step, as the sea takes these levels and the river keeps its own."""
    found = []
    river = rooms.level[0]
    for level in sea:
        rooms.level[:2] = river, level
        rooms.step(dt)
        found.append(float(rooms.memory[0, OPENING]))
    return found


def test_a_tide_gate_closes_while_the_sea_stands_above_the_river() -> None:
    gate = _tide_gate(
        Rule(when=(DifferenceCondition(SEA, RIVER, "above", 0.0),), set="off"), Rule(set="on")
    )
    rooms = Rooms([gate], [1.5, 0.0])
    assert _openings(rooms, [1.0, 1.4, 1.5, 1.6, 2.0, 1.4]) == [1.0, 1.0, 1.0, 0.0, 0.0, 1.0]
    assert rooms.level[1] > 1.4  # open again, it lets the river out


def test_a_gap_between_two_rules_is_a_dead_band() -> None:
    gate = _tide_gate(
        Rule(when=(LevelCondition(SEA, "above", 2.0),), set="off"),
        Rule(when=(LevelCondition(SEA, "below", 1.8),), set="on"),
    )
    rooms = Rooms([gate], [3.0, 0.0])
    assert _openings(rooms, [1.9, 2.1, 1.9, 1.81, 1.7, 1.9]) == [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]


def test_the_first_rule_that_holds_is_followed() -> None:
    gate = _tide_gate(
        Rule(when=(LevelCondition(SEA, "above", 2.0),), set=0.0),
        Rule(when=(LevelCondition(SEA, "above", 1.0),), set=0.25),
        Rule(set=0.5),
    )
    assert _openings(Rooms([gate], [3.0, 0.0]), [0.5, 1.5, 2.5, 1.5]) == [0.5, 0.25, 0.0, 0.25]


def test_all_conditions_of_a_rule_must_hold() -> None:
    both = (LevelCondition(SEA, "above", 1.0), LevelCondition(RIVER, "below", 1.0))
    gate = _tide_gate(Rule(when=both, set="off"), Rule(set="on"))
    assert _openings(Rooms([gate], [0.5, 0.0]), [0.9, 1.1]) == [1.0, 0.0]
    assert _openings(Rooms([gate], [1.5, 0.0]), [0.9, 1.1]) == [1.0, 1.0]


def test_rules_may_go_by_the_clock() -> None:
    """Shut in [100 s, 200 s): steps of 50 s see 0, 50, 100, 150, 200 s at their starts."""
    gate = _tide_gate(Rule(when=(TimeCondition(100.0, 200.0),), set="off"), Rule(set="on"))
    assert _openings(Rooms([gate], [3.0, 0.0]), [0.0] * 5, dt=50.0) == [1.0, 1.0, 0.0, 0.0, 1.0]


def test_a_gate_with_a_speed_closes_gradually_and_stops_where_it_should() -> None:
    """0.01 per second over steps of 30 s: 1, then 0.7, 0.4, 0.25, which it was set to."""
    gate = _tide_gate(Rule(set=0.25), speed=0.01)
    shares = _openings(Rooms([gate], [3.0, 0.0]), [0.0] * 4, dt=30.0)
    assert shares == pytest.approx([0.7, 0.4, 0.25, 0.25])


def test_auto_brings_a_gate_back_to_the_opening_it_was_given() -> None:
    gate = Gate(
        "gate",
        RIVER,
        SEA,
        sill=0.0,
        width=4.0,
        height=2.0,
        opening=0.6,
        rules=(Rule(when=(LevelCondition(SEA, "above", 2.0),), set="off"), Rule()),
    )
    assert _openings(Rooms([gate], [3.0, 0.0]), [1.0, 2.5, 1.0]) == [0.6, 0.0, 0.6]


def test_half_the_boards_of_a_weir_leave_half_its_width() -> None:
    weir = Weir("weir", RIVER, SEA, crest=0.5, width=4.0, rules=(Rule(set=0.5),))
    whole = Weir("weir", RIVER, SEA, crest=0.5, width=4.0)
    shares = [Rooms([w], [1.0, 0.0]).discharge_at(1.0, 0.0) for w in (weir, whole)]
    assert shares[0] == pytest.approx(0.5 * shares[1])


def test_a_pump_stands_while_the_outer_river_is_above_its_guaranteed_level() -> None:
    """Off above 4.5 m, allowed again below 4.4 m; its own sump wants it all the time."""
    pump = Pump(
        "pump",
        RIVER,
        OUTER,
        capacity=1.0,
        start_level=1.0,
        stop_level=0.5,
        rules=(
            Rule(when=(LevelCondition(OUTER, "above", 4.5),), set="off"),
            Rule(when=(LevelCondition(OUTER, "below", 4.4),), set="auto"),
        ),
    )
    rooms = Rooms([pump], [3.0, 0.0, 0.0])
    running = []
    for outer in [4.0, 4.45, 4.55, 4.45, 4.35]:
        rooms.discharge_at(3.0, 0.0, outer)
        running.append(float(rooms.memory[0, RUNNING]))
    assert running == [1.0, 1.0, 0.0, 0.0, 1.0]


def test_a_pump_allowed_again_between_its_levels_waits_for_its_start_level() -> None:
    off_first = (Rule(when=(TimeCondition(end=60.0),), set="off"), Rule())
    pump = Pump("pump", RIVER, SEA, 1.0, start_level=1.2, stop_level=1.0, rules=off_first)
    rooms = Rooms([pump], [1.1, 0.0])
    rooms.run(120.0, 60.0)
    assert rooms.volume[0] == 0.0


def test_a_pump_set_on_runs_below_its_stop_level_until_nothing_is_left() -> None:
    pump = Pump("pump", RIVER, SEA, 1.0, start_level=9.0, stop_level=8.0, rules=(Rule(set="on"),))
    rooms = Rooms([pump], [0.1, 0.0])
    rooms.run(100.0, 10.0)
    assert rooms.level[0] == 0.0
    assert rooms.volume[0] == pytest.approx(40.0)


def test_rules_count_levels_on_the_callers_datum() -> None:
    gate = Gate(
        "gate",
        RIVER,
        SEA,
        sill=100.0,
        width=4.0,
        height=2.0,
        rules=(Rule(when=(LevelCondition(SEA, "above", 102.0),), set="off"), Rule(set="on")),
    )
    rooms = Rooms([gate], [103.0, 101.0], zero=100.0)
    assert _openings(rooms, [101.9, 102.1]) == [1.0, 0.0]


def test_each_member_of_an_ensemble_follows_its_own_water() -> None:
    """Three members, one river: what a member does is what it does alone, to the last bit."""
    rules = (Rule(when=(LevelCondition(SEA, "above", 2.0),), set="off"), Rule(set="on"))
    structures: list[Structure] = [
        _tide_gate(*rules, speed=0.01),
        Pump("pump", RIVER, SEA, 1.0, start_level=2.5, stop_level=2.0),
    ]
    levels = np.array([[3.0, 1.0], [3.0, 2.5], [1.0, 0.5]])
    works = pack_works(structures, np.ones((1, 2), np.bool_), 0.0, members=3)
    for m in range(3):
        set_discharges(works, works.memory[m], works.discharge[m], levels[m], 0.0, 30.0)
    for m in range(3):
        alone = Rooms(structures, list(levels[m]))
        set_discharges(alone.works, alone.memory, alone.discharge, levels[m], 0.0, 30.0)
        assert np.array_equal(works.memory[m], alone.memory)
        assert np.array_equal(works.discharge[m], alone.discharge)
    assert works.memory[:, 0, OPENING] == pytest.approx([1.0, 0.7, 1.0])
