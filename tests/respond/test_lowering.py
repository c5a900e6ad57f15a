"""Raising and lowering the level: what starts, what stops, what is undone, and what is foreseen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from anlan.respond import actions
from anlan.respond.levels import Change
from anlan.respond.records import C, T
from anlan.store import schema
from tests.respond.town import PLAN, Desk

pytestmark = pytest.mark.both_engines

UNDO = """
when_lowered = "stop"
stand_down = { title = "开放", title_en = "Reopen", text = "查看", ack_min = 15, done_min = 60 }
"""


@pytest.fixture
def town(desk: Desk) -> Desk:
    """The town, whose plan reopens an underpass, and runs shelters on without undoing them."""
    path = Path(desk.city.folder) / "plan.toml"
    wanted = 'select = ["underpass"]\n'
    path.write_text(PLAN.replace(wanted, wanted + UNDO), encoding="utf-8")
    return desk


def cases(desk: Desk, step: str) -> list[tuple[str, str]]:
    rows = desk.tx.execute(C.select().where(C.c.plan_step == step).order_by(C.c.id)).all()
    return [(row.place or row.territory, row.state) for row in rows]


def work(desk: Desk, step: str, place: str, commands: Sequence[str]) -> None:
    """Let the holder of the newest task of a step at a place do what is named."""
    row = desk.tx.execute(
        T.select()
        .join(C, C.c.id == T.c.case_id)
        .where(C.c.plan_step == step, C.c.place == place)
        .order_by(T.c.id.desc())
    ).first()
    assert row is not None
    for command in commands:
        actions.task_command(desk.as_(row.assignee), desk.city, row.id, command, {"text": "好"})


def steps_of(change: Change) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    return {each.key for each in change.starts}, {each.key for each in change.stands_down}


def test_what_is_foreseen_is_what_setting_the_level_then_does(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "IV").incident
    foreseen = actions.foresee(town.tx, town.now, town.city, incident, "II")
    before = len(town.tx.execute(C.select()).all())
    came = actions.set_level(duty, town.city, incident, "II")
    assert len(came.opened) == len(foreseen.starts) == 5
    assert len(town.tx.execute(C.select()).all()) == before + 5


def test_foreseeing_changes_nothing(town: Desk) -> None:
    incident = actions.set_level(town.as_("duty"), town.city, None, "III").incident
    tables = (C, T, schema.journal)
    before = [town.tx.execute(table.select()).all() for table in tables]
    actions.foresee(town.tx, town.now, town.city, incident, "")
    assert [town.tx.execute(table.select()).all() for table in tables] == before


def test_lowering_undoes_what_was_done_and_withdraws_what_nobody_began(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "underpass", "U1", ["acknowledge", "complete"])
    came = actions.set_level(duty, town.city, incident, "IV")
    assert cases(town, "underpass") == [("U1", "done_claimed"), ("U2", "cancelled")]
    assert cases(town, "underpass:down") == [("U1", "assigned")]
    assert len(came.opened) == 1


def test_a_step_that_stops_is_cancelled_though_begun_and_is_undone(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "underpass", "U1", ["acknowledge", "depart"])
    came = actions.set_level(duty, town.city, incident, "IV")
    assert ("U1", "cancelled") in cases(town, "underpass")
    assert cases(town, "underpass:down") == [("U1", "assigned")]
    assert len(came.withdrawn) == 3, "two underpasses and a shelter nobody opened"


def test_a_step_that_finishes_runs_on_when_the_level_falls(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "shelters", "S1", ["acknowledge", "depart"])
    foreseen = actions.foresee(town.tx, town.now, town.city, incident, "")
    assert [row.plan_step for row in foreseen.runs_on] == ["shelters"]
    actions.set_level(duty, town.city, incident, "")
    assert cases(town, "shelters") == [("S1", "working")]


def test_raising_again_takes_the_undoing_back_while_nobody_began_it(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "underpass", "U1", ["acknowledge", "complete"])
    actions.set_level(duty, town.city, incident, "IV")
    actions.set_level(duty, town.city, incident, "III")
    assert cases(town, "underpass:down") == [("U1", "cancelled")]
    closed = [place for place, state in cases(town, "underpass") if state != "cancelled"]
    assert closed == ["U1", "U2"], "U1 still stands closed and is not closed twice"


def test_what_was_undone_is_done_again_when_the_level_rises(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "underpass", "U1", ["acknowledge", "complete"])
    actions.set_level(duty, town.city, incident, "IV")
    work(town, "underpass:down", "U1", ["acknowledge", "complete"])
    foreseen = actions.foresee(town.tx, town.now, town.city, incident, "III")
    starts, downs = steps_of(foreseen)
    assert {("underpass", "U1"), ("underpass", "U2")} <= starts
    assert not downs


def test_lowering_twice_undoes_once(town: Desk) -> None:
    duty = town.as_("duty")
    incident = actions.set_level(duty, town.city, None, "III").incident
    work(town, "underpass", "U1", ["acknowledge", "complete"])
    actions.set_level(duty, town.city, incident, "IV")
    came = actions.set_level(duty, town.city, incident, "")
    assert came.opened == ()
    assert len(cases(town, "underpass:down")) == 1
