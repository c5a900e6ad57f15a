"""Work that a checker rejects is done once more, and only the new work counts."""

from __future__ import annotations

from anlan.respond import actions, views
from anlan.respond.records import history_of, rebuild, tasks_of
from tests.respond.town import EAST_ONE, Desk

DONE = {"text": "已处置"}


def claimed(desk: Desk) -> str:
    act = desk.as_("resident-east")
    case_id = actions.open_case(
        act, desk.city, "resident_report", territory=EAST_ONE, reporter="resident-east"
    )
    finish(desk, case_id)
    return case_id


def finish(desk: Desk, case_id: str, who: str = "grid-east-1") -> None:
    task = tasks_of(desk.tx, case_id)[-1]
    assert task.assignee == who
    for command in ("acknowledge", "depart", "complete"):
        payload = DONE if command == "complete" else {}
        actions.task_command(desk.as_(who), desk.city, task.id, command, payload)


def test_a_rejected_case_stays_under_way_until_its_doer_has_done_it_again(desk: Desk) -> None:
    case_id = claimed(desk)
    reject = {"reason": "仍有积水"}
    for round_ in (2, 3):
        # within the very minute: order decides, not the clock
        state = actions.case_command(desk.as_("town-east"), desk.city, case_id, "reject", reject)
        assert state == "working"
        work = tasks_of(desk.tx, case_id)
        assert len(work) == round_
        assert (work[-1].title, work[-1].state, work[-1].assignee) == (
            work[0].title,
            "assigned",
            "grid-east-1",
        )
        assert work[-1].due_at - work[-1].opened_at == work[0].due_at - work[0].opened_at
        finish(desk, case_id)
        assert views.case(desk.tx, case_id)["state"] == "done_claimed"
    last = [row for row in history_of(desk.tx, case_id) if row.type == "case.done_claimed"][-1]
    assert last.payload["tasks"] == [tasks_of(desk.tx, case_id)[-1].id]
    assert actions.case_command(desk.as_("duty"), desk.city, case_id, "verify") == "verified"


def test_a_case_verified_in_error_can_be_rejected_too(desk: Desk) -> None:
    case_id = claimed(desk)
    actions.case_command(desk.as_("town-east"), desk.city, case_id, "verify")
    why = {"reason": "看错了地方"}
    assert actions.case_command(desk.as_("duty"), desk.city, case_id, "reject", why) == "working"
    assert [task.state for task in tasks_of(desk.tx, case_id)] == ["done", "assigned"]


def test_withdrawing_the_second_try_does_not_let_the_first_count_again(desk: Desk) -> None:
    case_id = claimed(desk)
    actions.case_command(desk.as_("duty"), desk.city, case_id, "reject", {"reason": "仍有积水"})
    again = tasks_of(desk.tx, case_id)[-1].id
    why = {"reason": "改由他人"}
    actions.task_command(desk.as_("town-east"), desk.city, again, "withdraw", why)
    assert views.case(desk.tx, case_id)["state"] == "working"
    assert rebuild(history_of(desk.tx, case_id))[0] == "working"
