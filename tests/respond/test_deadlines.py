"""Deadlines: each fires once, climbs one rung, and tells those it skipped."""

from __future__ import annotations

import pytest

from anlan.respond import actions, views
from tests.respond.town import EAST_ONE, WEST_ONE, Desk

pytestmark = pytest.mark.both_engines


def report(desk: Desk, territory: str = EAST_ONE) -> str:
    """A report whose task is to be acknowledged within 15 min, done within 90, ladder 15 min."""
    act = desk.as_("resident-east")
    case_id = actions.open_case(act, desk.city, "resident_report", territory=territory)
    return str(views.case(desk.tx, case_id)["tasks"][0]["id"])


def fire(desk: Desk) -> list[tuple[str, list[str], list[str]]]:
    fired = actions.fire_timers(desk.as_("system"), desk.city)
    return [(each["cause"], each["told"], each["skipped"]) for each in fired]


def test_an_unacknowledged_task_climbs_grid_community_town_city_once_each(desk: Desk) -> None:
    task_id = report(desk)
    desk.wait(14)
    assert fire(desk) == []
    desk.wait(1)
    assert fire(desk) == [("task.ack", ["village-east-1"], ["grid-east-1"])]
    assert fire(desk) == []
    desk.wait(15)
    assert fire(desk) == [("task.ack", ["town-east"], ["grid-east-1", "village-east-1"])]
    desk.wait(15)
    told = [("task.ack", ["duty"], ["grid-east-1", "village-east-1", "town-east"])]
    assert fire(desk) == told
    desk.wait(15)
    assert fire(desk) == []
    [task] = views.tasks(desk.tx)
    assert (task["id"], task["escalation"], task["late"]) == (task_id, 3, True)


def test_an_acknowledged_task_does_not_climb(desk: Desk) -> None:
    task_id = report(desk)
    actions.task_command(desk.as_("grid-east-1"), desk.city, task_id, "acknowledge")
    desk.wait(30)
    assert fire(desk) == []


def test_a_task_not_done_in_time_is_late_and_climbs(desk: Desk) -> None:
    task_id = report(desk)
    actions.task_command(desk.as_("grid-east-1"), desk.city, task_id, "acknowledge")
    desk.wait(90)
    assert fire(desk) == [("task.done", ["village-east-1"], ["grid-east-1"])]
    done = {"text": "完成"}
    actions.task_command(desk.as_("grid-east-1"), desk.city, task_id, "complete", done)
    desk.wait(59)
    assert fire(desk) == []
    [task] = views.tasks(desk.tx)
    assert (task["late"], task["state"]) == (True, "done")


def test_after_an_outage_what_fell_due_fires_once_and_the_next_rung_gets_its_time(
    desk: Desk,
) -> None:
    report(desk)
    report(desk, WEST_ONE)
    desk.wait(80)  # acknowledgements were due 65 min ago; done is not due yet
    assert [told for _, told, _ in fire(desk)] == [["village-east-1"], ["town-west"]]
    desk.wait(9)
    assert fire(desk) == []


def test_oldest_first_whatever_the_kind(desk: Desk) -> None:
    report(desk)
    desk.wait(5)
    task_id = report(desk)  # acknowledge by 20, done by 95
    actions.task_command(desk.as_("grid-east-1"), desk.city, task_id, "acknowledge")
    desk.wait(91)  # the first: acknowledge was due at 15, done at 90
    assert [cause for cause, _, _ in fire(desk)] == ["task.ack", "task.done", "task.done"]


def test_a_case_past_its_time_climbs_only_when_no_open_task_does(desk: Desk) -> None:
    """Case due by 120. Its task is withdrawn at 130: at the next look nobody works on it."""
    task_id = report(desk)
    grid = desk.as_("grid-east-1")
    actions.task_command(grid, desk.city, task_id, "acknowledge")
    desk.wait(120)
    assert [cause for cause, _, _ in fire(desk)] == ["task.done"]
    [shown] = views.cases(desk.tx)
    assert (shown["late"], shown["escalation"]) == (True, 0)
    why = {"reason": "另行安排"}
    actions.task_command(desk.as_("town-east"), desk.city, task_id, "withdraw", why)
    desk.wait(60)
    assert fire(desk) == [("case.due", ["village-east-1"], ["grid-east-1"])]


def test_a_declined_task_reaches_the_next_rung_at_once_and_can_be_given_to_another(
    desk: Desk,
) -> None:
    task_id = report(desk)
    actions.task_command(
        desk.as_("grid-east-1"), desk.city, task_id, "decline", {"reason": "人在外地"}
    )
    [notice] = views.notices(desk.tx, "village-east-1")
    assert (notice["task"], notice["payload"]["why"]) == (task_id, "declined")
    to = {"assignee": "village-east-1"}
    actions.task_command(desk.as_("town-east"), desk.city, task_id, "assign", to)
    assert fire(desk) == []
    desk.wait(15)  # the new person has the same time to answer; then the next rung, not the same
    assert [told for _, told, _ in fire(desk)] == [["town-east"]]


def test_those_skipped_see_the_notice_too(desk: Desk) -> None:
    report(desk)
    desk.wait(15)
    fire(desk)
    assert len(views.notices(desk.tx, "grid-east-1")) == 1
    assert views.notices(desk.tx, "town-east") == []


def test_a_result_that_nobody_checks_climbs(desk: Desk) -> None:
    task_id = report(desk)
    grid = desk.as_("grid-east-1")
    actions.task_command(grid, desk.city, task_id, "acknowledge")
    actions.task_command(grid, desk.city, task_id, "complete", {"text": "完成"})
    desk.wait(59)
    assert fire(desk) == []
    desk.wait(1)
    assert fire(desk) == [("case.verify", ["village-east-1"], ["grid-east-1"])]
