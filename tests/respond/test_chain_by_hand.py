"""The chain from a report or a level to a closed case, with no forecast anywhere."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sqlalchemy import select

from anlan import journal
from anlan.refusal import Refusal
from anlan.respond import actions, views
from anlan.respond.records import history_of, rebuild, tasks_of
from anlan.store import schema
from tests.respond.town import EAST, EAST_ONE, WEST_ONE, Desk

pytestmark = pytest.mark.both_engines


def report(desk: Desk, text: str = "积水没过膝盖，电话 13800000000") -> str:
    act = desk.as_("resident-east")
    return actions.open_case(
        act,
        desk.city,
        "resident_report",
        lon=121.10,
        lat=30.70,
        text=text,
        source="phone",
        reporter="resident-east",
    )


def test_a_residents_report_goes_to_the_grid_worker_of_that_village(desk: Desk) -> None:
    shown = views.case(desk.tx, report(desk))
    assert shown["territory"] == EAST_ONE
    assert (shown["state"], shown["owner"]) == ("assigned", "grid-east-1")
    assert [task["assignee"] for task in shown["tasks"]] == ["grid-east-1"]


def test_where_there_is_no_grid_worker_it_goes_to_the_village_officer(desk: Desk) -> None:
    act = desk.as_("resident-east")
    case_id = actions.open_case(act, desk.city, "resident_report", territory=WEST_ONE)
    assert views.case(desk.tx, case_id)["owner"] == "village-west-1"


def test_a_report_is_received_done_verified_by_another_and_closed(desk: Desk) -> None:
    case_id = report(desk)
    [task] = views.case(desk.tx, case_id)["tasks"]
    grid = desk.as_("grid-east-1")
    for command in ("acknowledge", "depart", "arrive"):
        actions.task_command(grid, desk.city, task["id"], command)
    assert views.case(desk.tx, case_id)["state"] == "working"
    done = {"text": "已排水，水深 5 厘米", "depth_m": 0.05}
    actions.task_command(grid, desk.city, task["id"], "complete", done)
    assert views.case(desk.tx, case_id)["state"] == "done_claimed"

    with pytest.raises(Refusal, match="may not 'verify'"):
        actions.case_command(grid, desk.city, case_id, "verify")
    town = desk.as_("town-east")
    assert views.case_buttons(town, desk.city, case_id) == ["verify", "reject", "cancel", "merge"]
    actions.case_command(town, desk.city, case_id, "verify")
    actions.case_command(town, desk.city, case_id, "close")

    shown = views.case(desk.tx, case_id)
    assert shown["state"] == "closed"
    assert shown["tasks"][0]["evidence"] == {"text": "已排水，水深 5 厘米", "depth_m": 0.05}
    assert [row["type"] for row in shown["history"]] == [
        "case.drafted",
        "case.submitted",
        "task.assigned",
        "case.assigned",
        "task.acknowledged",
        "case.accepted",
        "task.departed",
        "case.started",
        "task.arrived",
        "task.done",
        "case.done_claimed",
        "case.verified",
        "case.closed",
    ]
    timer = schema.timer.c
    assert not desk.tx.execute(select(timer.id).where(timer.fired_at.is_(None))).all()


def test_who_stood_in_for_the_doer_cannot_verify_either(desk: Desk) -> None:
    case_id = report(desk)
    [task] = views.case(desk.tx, case_id)["tasks"]
    for_grid = desk.as_("town-east", on_behalf="grid-east-1")
    told = {"text": "电话报告：已处置", "reason": "村里断网，电话报告"}
    actions.task_command(for_grid, desk.city, task["id"], "complete", told)
    with pytest.raises(Refusal, match="needs another person"):
        actions.case_command(desk.as_("town-east"), desk.city, case_id, "verify")
    assert actions.case_command(desk.as_("duty"), desk.city, case_id, "verify") == "verified"


def test_an_officer_of_another_town_has_no_say(desk: Desk) -> None:
    case_id = report(desk)
    with pytest.raises(Refusal, match="may not 'cancel'"):
        actions.case_command(
            desk.as_("town-west"), desk.city, case_id, "cancel", {"reason": "误报"}
        )


def test_free_text_stays_out_of_journal_and_history_and_can_be_erased(desk: Desk) -> None:
    case_id = report(desk, "姓名电话住址")
    for table in (schema.journal, schema.history, schema.case_item, schema.task):
        for row in desk.tx.execute(select(table)):
            assert "姓名" not in str(row)
    assert views.case(desk.tx, case_id)["text"] == "姓名电话住址"
    desk.tx.execute(schema.note.update().values(body=None))
    assert views.case(desk.tx, case_id)["text"] is None
    assert journal.verify(desk.tx).verified


def test_a_level_set_by_hand_with_no_forecast_opens_the_steps_for_everything(desk: Desk) -> None:
    """No forecast, no alert: caution closes both underpasses."""
    came = actions.set_level(desk.as_("duty"), desk.city, None, "III", "电话报告多处积水")
    opened = views.cases(desk.tx, incident=came.incident)
    assert sorted((case["plan_step"], case["place"] or case["territory"]) for case in opened) == [
        ("duty", EAST),
        ("duty", "990100002000"),
        ("shelters", "S1"),
        ("underpass", "U1"),
        ("underpass", "U2"),
    ]
    assert {case["owner"] for case in opened if case["plan_step"] == "underpass"} == {"crew-build"}


def test_dispatch_by_hand_reaches_the_person_named(desk: Desk) -> None:
    case_id = report(desk)
    task_id = actions.give_task(
        desk.as_("duty"), desk.city, case_id, "带泵支援", assignee="crew-water", ack_min=5
    )
    assert [task["id"] for task in views.tasks(desk.tx, assignee="crew-water")] == [task_id]


def test_the_history_alone_gives_case_and_tasks_back(desk: Desk) -> None:
    case_id = report(desk)
    [task] = views.case(desk.tx, case_id)["tasks"]
    actions.task_command(
        desk.as_("grid-east-1"), desk.city, task["id"], "decline", {"reason": "已在转移途中"}
    )
    state, of_task = rebuild(history_of(desk.tx, case_id))
    assert state == views.case(desk.tx, case_id)["state"]
    assert of_task == {row.id: row.state for row in tasks_of(desk.tx, case_id)}


def test_bad_reports_are_refused_with_what_would_do(desk: Desk) -> None:
    act = desk.as_("resident-east")
    with pytest.raises(Refusal, match="known: plan_step, resident_report"):
        actions.open_case(act, desk.city, "flood", territory=EAST_ONE)
    with pytest.raises(Refusal, match="where is it"):
        actions.open_case(act, desk.city, "resident_report", lon=121.0)
    with pytest.raises(Refusal, match="not in 试城"):
        actions.open_case(act, desk.city, "resident_report", territory="330482999000")
    with pytest.raises(Refusal, match="not uploaded"):
        actions.open_case(act, desk.city, "resident_report", territory=EAST_ONE, photos=["ab"])


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (121.0, None, "lat"),
        (math.nan, 30.7, "lon"),
        (121.0, math.inf, "lat"),
        (181.0, 30.7, "lon"),
        (0.0, 0.0, "lon"),
        (121.0, 31.3, "lat"),
    ],
)
@pytest.mark.parametrize("where", [{}, {"territory": EAST_ONE}, {"place": "U1"}])
def test_a_point_off_the_city_is_refused_even_when_the_territory_is_known(
    desk: Desk, lon: float, lat: float | None, field: str, where: dict[str, Any]
) -> None:
    with pytest.raises(Refusal) as refused:
        actions.open_case(desk.as_("duty"), desk.city, "resident_report", lon=lon, lat=lat, **where)
    assert (refused.value.field, refused.value.kind) == (field, "invalid")
    assert refused.value.remedy


def test_a_second_report_of_the_same_water_is_merged_into_the_first(desk: Desk) -> None:
    first, second = report(desk), report(desk)
    town = desk.as_("town-east")
    with pytest.raises(Refusal, match="cannot merge into"):
        actions.case_command(town, desk.city, second, "merge", {"into": second})
    actions.case_command(town, desk.city, second, "merge", {"into": first})
    shown = views.case(desk.tx, second)
    assert (shown["state"], shown["history"][-2]["payload"]["into"]) == ("merged", first)
    assert [task["state"] for task in shown["tasks"]] == ["expired"]
    assert views.case(desk.tx, first)["state"] == "assigned"


def test_work_goes_to_the_least_busy_of_those_who_hold_the_role(desk: Desk) -> None:
    desk.tx.execute(
        schema.account.insert().values(
            id="grid-east-0",
            name="",
            name_en="",
            role="grid_worker",
            territory=EAST_ONE,
            disabled=False,
        )
    )
    owners = [views.case(desk.tx, report(desk))["owner"] for _ in range(3)]
    assert owners == ["grid-east-0", "grid-east-1", "grid-east-0"]
