"""The order of the task board, and how much of what has ended it carries."""

from __future__ import annotations

import pytest

from anlan.respond import actions, views
from tests.respond.town import EAST_ONE, Desk


def test_open_tasks_come_first_and_only_the_newest_ended_ones_follow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_ENDED", 2)
    duty = "duty"
    for _ in range(4):
        actions.open_case(desk.as_(duty), desk.city, "resident_report", territory=EAST_ONE)
    ids = [task["id"] for task in views.tasks(desk.tx)]
    done = {"text": "已处置", "reason": "电话报告"}
    for task_id in ids[:3]:
        desk.wait(1)
        actions.task_command(desk.as_(duty), desk.city, task_id, "complete", done)
    assert [task["id"] for task in views.tasks(desk.tx)] == [ids[3], ids[2], ids[1]]
    buttons = views.buttons_of_tasks(desk.as_(duty), desk.city, ids)
    assert list(buttons) == [ids[3]]
    assert buttons[ids[3]] == ["assign", "acknowledge", "complete", "withdraw"]
