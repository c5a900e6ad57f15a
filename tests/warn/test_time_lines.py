"""Time lines in simulated time: pushed at 1 s, expected between 2 and 2.5 s.

Every quarter of a second the desk does what it does: rules, timers, hand-offs.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from anlan.store import Store, schema
from anlan.warn import actions
from anlan.warn.records import facts_of
from tests.warn.world import START, ZHAPU, World

STEP = 0.25
WAIT_MINUTES = 1.0 / 60  # every wait of these cities is one second
RULES = f"""
approver_roles = ["commander", "duty_officer"]
lower_hold_minutes = {WAIT_MINUTES}
[approve_within_minutes]
yellow = {WAIT_MINUTES}
orange = {WAIT_MINUTES}
[[rule]]
id = "tide"
event = "storm_tide"
name = "风暴潮"
name_en = "Storm tide"
code = "11E02"
categories = ["Met"]
source = "test"
areas = [["330482101000"]]
[rule.levels]
stations = ["zhapu"]
colours = {{ yellow = 4.00, orange = 4.50 }}
hold_minutes = 0
fall_minutes = {WAIT_MINUTES}
fall_by_m = 0.10
max_gap_minutes = 90
near_m = 0.0
"""


@dataclass
class Line:
    """What happens at which second, and when each kind of entry came into the journal."""

    world: World
    pushed: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    second: float = 0.0
    found: list[tuple[float, str]] = field(default_factory=list)
    down: tuple[float, float] = (0.0, 0.0)

    def push(self, second: float, do: Callable[[], None]) -> None:
        """Something happens at a second."""
        self.pushed.append((second, do))

    def tide(self, second: float, *levels: float) -> None:
        """A reading (m, 1985 datum) each quarter of a second from then on."""
        for number, level in enumerate(levels):
            self.push(second + number * STEP, partial(self.world.read, "zhapu", level))

    def run(self, until: float) -> None:
        """Up to a second, a quarter at a time; nothing happens while the desk is down."""
        while self.second <= until:
            self.world.now = START + timedelta(seconds=self.second)
            begin, end = self.down
            if not begin < self.second < end:
                if end and self.second == end:
                    self.world.store.close()
                    self.world.store = Store(self.world.folder)
                before = len(self.world.rows(schema.journal))
                for when, do in [each for each in self.pushed if each[0] <= self.second]:
                    self.pushed.remove((when, do))
                    do()
                self._beat(before)
            self.second += STEP

    def _beat(self, before: int) -> None:
        self.world.fire()
        self.world.evaluate()
        self.world.deliver()
        new = self.world.rows(schema.journal)[before:]
        self.found += [(self.second, row.kind) for row in new]

    def times(self, kind: str) -> list[float]:
        """When entries of a kind came."""
        return [second for second, each in self.found if each == kind]

    def draft(self) -> str:
        """The draft that waits."""
        (row,) = self.world.rows(schema.alert, state="draft")
        return str(row.id)


@pytest.fixture
def line(world: World, tmp_path: Path) -> Line:
    """A city all of whose waits are one second."""
    folder = tmp_path / "quick"
    folder.mkdir()
    (folder / "rules.toml").write_text(RULES, "utf-8")
    shutil.copy(world.city.folder / "messages.toml", folder / "messages.toml")
    text = (folder / "messages.toml").read_text("utf-8")
    quick = text
    for tier in ("grid", "community", "town"):
        quick = quick.replace(f"\n{tier} = 15\n", f"\n{tier} = {WAIT_MINUTES}\n")
    assert quick != text
    (folder / "messages.toml").write_text(quick, "utf-8")
    world.city = replace(world.city, folder=folder)
    return Line(world)


def within(found: list[float], first: float, last: float) -> bool:
    return len(found) == 1 and first <= found[0] <= last


def test_a_level_crossed_at_1_s_is_drafted_at_once(line: Line) -> None:
    line.tide(0, 3.0, 3.0, 3.0, 3.0, 4.6, 4.6, 4.6, 4.6)
    line.run(3)
    assert within(line.times("alert.drafted"), 1.0, 1.5)


def test_an_officer_asleep_since_1_s_is_passed_over_between_2_and_2_5_s_once(line: Line) -> None:
    line.tide(1, 4.2, 4.2)
    line.run(8)
    assert within(line.times("alert.unapproved"), 2.0, 2.5)


def test_an_officer_who_decides_in_time_is_not_passed_over(line: Line) -> None:
    line.tide(1, 4.2, 4.2)
    line.push(1.75, lambda: line.world.approve(line.draft(), "duty-1"))
    line.run(6)
    assert line.times("alert.unapproved") == []
    assert within(line.times("alert.issued"), 1.75, 1.75)


def test_silence_after_a_warning_at_1_s_climbs_from_2_s_a_step_a_second(line: Line) -> None:
    line.tide(0.5, 4.6, 4.6)
    line.push(1, lambda: line.world.approve(line.draft(), "duty-1", "boss"))
    line.run(12)
    climbs = line.times("delivery.escalated")
    assert 2.0 <= climbs[0] <= 2.5
    told = [
        (row.tier, row.planned_at)
        for row in line.world.rows(schema.delivery)
        if row.reason.startswith("escalation")
    ]
    first = {tier: min(at for each, at in told if each == tier) for tier, _ in told}
    assert first["community"] <= first["town"] <= first["city"]
    assert (first["town"] - first["community"]).total_seconds() in (0.0, 1.0, 1.25)
    # once: nobody is told of the same silence again, however long it lasts
    before = len(told)
    line.run(30)
    after = [r for r in line.world.rows(schema.delivery) if r.reason.startswith("escalation")]
    assert len(after) == before


def test_an_answer_at_1_75_s_stops_the_climb_of_its_own_branch_alone(line: Line) -> None:
    line.tide(0.5, 4.6, 4.6)
    line.push(1, lambda: line.world.approve(line.draft(), "duty-1", "boss"))

    def answer() -> None:
        (row,) = line.world.rows(schema.delivery, person="zhapu-grid")
        line.world.act("zhapu-grid", lambda act: actions.acknowledge(act, row.id))

    line.push(1.75, answer)
    line.run(2.75)
    (mine,) = line.world.rows(schema.delivery, person="zhapu-grid")
    climbed = {entry.subject for entry in line.world.journal("delivery.escalated")}
    assert mine.id not in climbed
    assert climbed  # the others were silent


def test_deadlines_due_while_the_desk_was_down_fire_once_at_the_restart_oldest_first(
    line: Line,
) -> None:
    line.tide(0.5, 4.6, 4.6)
    line.push(1, lambda: line.world.approve(line.draft(), "duty-1", "boss"))
    line.down = (1.0, 6.0)
    line.run(9)
    climbs = line.times("delivery.escalated")
    assert climbs
    assert climbs[0] == 6.0
    fired = [row for row in line.world.rows(schema.timer) if row.fired_at is not None]
    at_restart = [row for row in fired if row.fired_at == START + timedelta(seconds=6)]
    assert at_restart == sorted(at_restart, key=lambda row: row.due_at)
    entries = [entry.subject for entry in line.world.journal("delivery.escalated")]
    assert len(entries) == len(set(entries))


def test_water_down_since_1_s_is_put_before_an_officer_between_3_and_3_5_s(line: Line) -> None:
    """One second for the gauge to be called down, another for everything to lie below."""
    line.tide(0, 4.2)
    line.push(0.25, lambda: line.world.approve(line.draft(), "duty-1"))
    line.tide(1, *[3.5] * 16)
    line.run(4.5)
    drafted = line.times("alert.drafted")
    assert drafted[0] == 0.0
    assert 2.0 <= drafted[1] <= 3.5
    (row,) = line.world.rows(schema.alert, state="draft")
    assert row.msg_type == "Cancel"


def wait_for_it(line: Line, **minutes: float) -> None:
    """Give the rules these waits instead."""
    file = line.world.city.folder / "rules.toml"
    text = file.read_text("utf-8")
    for name, value in minutes.items():
        text, changed = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        assert changed == 1, name
    file.write_text(text, "utf-8")


def test_a_level_crossed_at_1_s_and_held_is_drafted_between_2_and_2_5_s(line: Line) -> None:
    wait_for_it(line, hold_minutes=WAIT_MINUTES, fall_minutes=2 * WAIT_MINUTES)
    line.tide(0.5, 3.0, 3.0, *[4.6] * 12)
    line.run(4)
    assert within(line.times("alert.drafted"), 2.0, 2.5)


def test_a_level_that_sinks_again_before_it_was_held_is_not_drafted(line: Line) -> None:
    wait_for_it(line, hold_minutes=WAIT_MINUTES, fall_minutes=2 * WAIT_MINUTES)
    line.tide(0.5, 3.0, 3.0, 4.6, 4.6, 4.6, *[3.0] * 8)
    line.run(5)
    assert line.times("alert.drafted") == []


def test_water_down_since_1_s_is_lowered_between_2_and_2_5_s_where_nothing_else_is_waited_for(
    line: Line,
) -> None:
    wait_for_it(line, lower_hold_minutes=0)
    line.tide(0, 4.2)
    line.push(0.25, lambda: line.world.approve(line.draft(), "duty-1"))
    line.tide(1, *[3.5] * 12)
    line.run(4)
    first, *others = line.times("alert.drafted")
    assert (first, within(others, 2.0, 2.5)) == (0.0, True)


def test_water_that_trembles_about_the_level_neither_lowers_nor_doubles(line: Line) -> None:
    line.tide(0, 4.2)
    line.push(0.25, lambda: line.world.approve(line.draft(), "duty-1"))
    line.tide(1, *[3.95, 4.05] * 16)  # within the margin of 0.10 m below 4.00
    line.run(9)
    assert line.times("alert.drafted") == [0.0]


def test_a_draft_that_sinks_keeps_the_area_that_was_drawn_for_it(line: Line) -> None:
    town = line.world.city.territory.unit(ZHAPU)
    ring = [(town.lon + x / 100, town.lat + y / 100) for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))]
    drawn = {"type": "Polygon", "coordinates": [ring]}
    line.tide(0, 4.6)
    line.push(
        0.5,
        lambda: line.world.act(
            "duty-1",
            lambda act: actions.narrow(act, line.world.city, line.draft(), drawn),
        ),
    )
    line.tide(1, *[4.2] * 16)
    line.run(4.5)
    assert len(line.times("alert.redrafted")) == 1
    (row,) = line.world.rows(schema.alert, state="draft")
    with line.world.store.read() as conn:
        kept = facts_of(conn, row.id).get("polygon")
    assert (row.colour, bool(kept)) == ("yellow", True)
