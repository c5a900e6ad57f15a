"""What may come along with a command, and that nothing else gets into the history."""

from __future__ import annotations

import math

import pytest

from anlan.refusal import Refusal
from anlan.respond import actions, views
from anlan.respond.payload import checked
from anlan.respond.records import history_of, set_apart
from tests.respond.town import EAST_ONE, Desk


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("evil", "张三 13800000000"),
        ("text_note", [1]),
        ("reason_note", "abc"),
        ("text", "长" * 2001),
        ("text", 5),
        ("reason", ["words"]),
        ("photos", "ab"),
        ("photos", ["ab"] * 11),
        ("photos", [1]),
        ("depth_m", "very"),
        ("depth_m", math.nan),
        ("depth_m", -0.1),
        ("depth_m", True),
        ("lon", {"a": 1}),
        ("lon", 10**400),
        ("lat", math.inf),
        ("lat", 90.1),
        ("assignee", "grid-east-1"),  # goes with assign alone
        ("into", "C0001"),
        ("ack_min", 5),
    ],
)
def test_what_is_not_on_the_table_is_refused_by_name(desk: Desk, key: str, value: object) -> None:
    case_id = actions.open_case(desk.as_("duty"), desk.city, "resident_report", territory=EAST_ONE)
    [task] = views.tasks(desk.tx)
    before = len(history_of(desk.tx, case_id))
    with pytest.raises(Refusal) as refused:
        actions.task_command(
            desk.as_("grid-east-1"), desk.city, task["id"], "acknowledge", {key: value}
        )
    assert (refused.value.field, refused.value.kind) == (key, "invalid")
    assert refused.value.remedy
    with pytest.raises(Refusal) as refused:
        actions.case_command(desk.as_("duty"), desk.city, case_id, "cancel", {key: value})
    assert refused.value.field == key
    assert len(history_of(desk.tx, case_id)) == before
    assert views.tasks(desk.tx)[0]["state"] == "assigned"


def test_what_is_on_the_table_comes_through_and_nulls_are_left_out() -> None:
    given = {"text": "积水", "photos": ["ab"], "lon": 121, "lat": 30.5, "depth_m": 0.0}
    assert checked(given | {"reason": None}, "complete") == given
    assert checked({"assignee": "a", "ack_min": 15}, "assign") == {"assignee": "a", "ack_min": 15}


def test_a_note_cannot_be_named_from_outside(desk: Desk) -> None:
    with pytest.raises(Refusal, match="may not be given"):
        set_apart(desk.as_("duty"), "task.complete", {"text_note": "0" * 64})


def test_a_report_longer_than_a_note_may_be_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match="2000"):
        actions.open_case(
            desk.as_("duty"), desk.city, "resident_report", territory=EAST_ONE, text="长" * 2001
        )
