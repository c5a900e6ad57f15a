"""The plan as a checklist: per level, per town, what is done, what is late, by whom."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.respond import actions
from anlan.respond.checklist import checklist
from anlan.respond.records import C, T
from tests.respond.town import EAST, WEST, Desk

pytestmark = pytest.mark.both_engines


@pytest.fixture
def incident(desk: Desk) -> str:
    return actions.set_level(desk.as_("duty"), desk.city, None, "IV").incident


def step(desk: Desk, incident: str, name: str, within: str = "") -> dict[str, Any]:
    def sees(code: str) -> bool:
        return not within or desk.city.territory.is_within(code, within)

    shown = checklist(desk.tx, desk.city, desk.now, incident, sees)
    return next(one for level in shown["levels"] for one in level["steps"] if one["id"] == name)


def complete(desk: Desk, assignee: str) -> None:
    row = desk.tx.execute(
        T.select().join(C, C.c.id == T.c.case_id).where(T.c.assignee == assignee)
    ).first()
    assert row is not None
    for command in ("acknowledge", "complete"):
        actions.task_command(desk.as_(assignee), desk.city, row.id, command, {"text": "在岗"})


def test_what_is_done_and_what_is_late_stand_by_town_and_by_person(
    desk: Desk, incident: str
) -> None:
    complete(desk, "town-east")
    desk.wait(61)
    found = step(desk, incident, "duty")
    assert found["counts"] == {"done": 1, "late": 1}
    assert found["towns"] == [{"name": "东镇", "done": 1}, {"name": "西镇", "late": 1}]
    late = next(row for row in found["rows"] if row["status"] == "late")
    assert (late["who"], late["unanswered"]) == ("town-west", True)


def test_done_after_its_time_is_not_done_in_time(desk: Desk, incident: str) -> None:
    desk.wait(61)
    complete(desk, "town-west")
    assert step(desk, incident, "duty")["counts"] == {"late": 1, "done_late": 1}


def test_a_level_ahead_shows_what_it_would_open(desk: Desk, incident: str) -> None:
    found = step(desk, incident, "underpass")
    assert (found["total"], found["coming"]) == (0, 2)
    actions.set_level(desk.as_("duty"), desk.city, incident, "III")
    found = step(desk, incident, "underpass")
    assert (found["total"], found["coming"]) == (2, 0)


def test_withdrawn_is_shown_and_not_counted(desk: Desk, incident: str) -> None:
    actions.set_level(desk.as_("duty"), desk.city, incident, "III")
    actions.set_level(desk.as_("duty"), desk.city, incident, "IV")
    found = step(desk, incident, "underpass")
    assert (found["total"], found["counts"]) == (0, {"withdrawn": 2})


def test_a_town_sees_its_own_rows_alone(desk: Desk, incident: str) -> None:
    assert [row["who"] for row in step(desk, incident, "duty", EAST)["rows"]] == ["town-east"]
    assert step(desk, incident, "underpass", WEST)["coming"] == 1
