"""What comes too late for a task: kept as a note, its time kept, and only for who had a part."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from anlan.refusal import Refusal
from anlan.respond import actions, noting, task
from anlan.respond.machine import Who, possible
from anlan.respond.records import get_task, history_of
from tests.respond.town import EAST_ONE, START, Desk

COURSE = Path(__file__).parents[2] / "web" / "src" / "phone" / "course.json"


def given(desk: Desk, assignee: str = "grid-east-1") -> str:
    """A task of the assignee in a case of the east village."""
    case = actions.open_case(
        desk.as_("system"), desk.city, "resident_report", territory=EAST_ONE, text="水"
    )
    return actions.give_task(desk.as_("system"), desk.city, case, "查看", assignee=assignee)


def test_the_phone_expects_of_a_task_what_the_machine_does() -> None:
    """The table by which a phone without a signal goes on is the machine's own."""
    course = json.loads(COURSE.read_text(encoding="utf-8"))
    mine = Who("me", frozenset({"assignee"}))
    moves = {move.command: move for move in task.TASK.moves if "assignee" in move.by}
    moves |= {move.command: move for move in task.TASK.moves if "eligible" in move.by}
    assert set(course) == set(moves) - {"deliver"}
    for command, after in course.items():
        assert after["state"] == moves[command].target
        expected = [one for one in possible(task.TASK, after["state"], mine) if one != "deliver"]
        assert after["allowed"] == expected


def test_a_note_changes_no_state_and_keeps_its_words_apart(desk: Desk) -> None:
    task_id = given(desk)
    before = get_task(desk.tx, task_id)
    noting.note(desk.as_("grid-east-1"), desk.city, task_id, {"text": "水到膝盖，李阿婆已转移"})
    assert get_task(desk.tx, task_id) == before
    last = history_of(desk.tx, before.case_id)[-1]
    assert last.type == "task.noted"
    assert "李阿婆" not in json.dumps(last.payload, ensure_ascii=False)


def test_who_had_the_task_before_may_still_note_and_is_told_what_happened(desk: Desk) -> None:
    task_id = given(desk)
    desk.wait(5)
    actions.task_command(
        desk.as_("village-east-1"), desk.city, task_id, "assign", {"assignee": "crew-build"}
    )
    former = desk.as_("grid-east-1")
    noting.note(former, desk.city, task_id, {"text": "已设警示"})
    told = noting.standing(former, desk.city, task_id)
    assert told["assignee"] == "crew-build"
    assert told["happened"] == {
        "type": "task.assigned",
        "at": (START + timedelta(minutes=5)).isoformat(),
        "actor": "village-east-1",
    }


@pytest.mark.parametrize("stranger", ["resident-east", "village-west-1", "town-west"])
def test_to_who_never_had_a_part_the_task_does_not_exist(desk: Desk, stranger: str) -> None:
    task_id = given(desk)
    for job in (
        lambda: noting.note(desk.as_(stranger), desk.city, task_id, {"text": "x"}),
        lambda: noting.standing(desk.as_(stranger), desk.city, task_id),
    ):
        with pytest.raises(Refusal) as refused:
            job()
        assert refused.value.kind == "not_found"


@pytest.mark.parametrize(
    "empty", [{}, {"text": " "}, {"photos": []}, {"reason": "x"}, {"photos": ["never-uploaded"]}]
)
def test_a_note_needs_words_or_a_photo_that_is_there(desk: Desk, empty: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        noting.note(desk.as_("grid-east-1"), desk.city, given(desk), empty)


def test_what_was_done_without_a_signal_counts_from_when_it_was_done(desk: Desk) -> None:
    task_id = given(desk)
    mine = desk.as_("grid-east-1")
    due = get_task(desk.tx, task_id).due_at
    desk.now = due + timedelta(minutes=10)
    late = desk.as_("grid-east-1")
    actions.task_command(late, desk.city, task_id, "acknowledge", {"age_s": 7200})
    actions.task_command(late, desk.city, task_id, "complete", {"text": "完成", "age_s": 900})
    row = get_task(desk.tx, task_id)
    assert row.done_at == due - timedelta(minutes=5)
    assert not row.late
    assert row.acknowledged_at >= mine.now


@pytest.mark.parametrize("age", [-1, 1e8, "soon", True, float("nan")])
def test_an_age_that_is_none_is_refused(desk: Desk, age: object) -> None:
    with pytest.raises(Refusal, match="age_s"):
        actions.task_command(
            desk.as_("grid-east-1"), desk.city, given(desk), "acknowledge", {"age_s": age}
        )


def test_no_age_makes_a_deed_older_than_the_task(desk: Desk) -> None:
    task_id = given(desk)
    desk.wait(1)
    actions.task_command(
        desk.as_("grid-east-1"), desk.city, task_id, "acknowledge", {"age_s": 86400}
    )
    assert get_task(desk.tx, task_id).acknowledged_at == START
