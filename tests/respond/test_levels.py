"""The plan: what it proposes, what a level opens, and what lowering it takes back."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from anlan.refusal import Refusal
from anlan.respond import actions, check, views
from anlan.respond.plan import Plan, faults, load, look_up, propose
from anlan.store import schema
from tests.respond.town import EAST, EAST_ONE, PLAN, ROOT, START, WEST_ONE, Desk

pytestmark = pytest.mark.both_engines

TEST_PLAN = Plan.model_validate(tomllib.loads(PLAN))
ORANGE = [{"event": "storm_tide", "colour": "orange"}]


def document(u1: float = 0.0, h1: float = 0.0, old_houses: float = 0.0) -> dict[str, Any]:
    """An assessment with the parts that respond reads: probabilities of attention by place."""
    places = [("U1", EAST_ONE, u1), ("U2", WEST_ONE, 0.0), ("H1", EAST_ONE, h1)]
    return {
        "places": [
            {"id": name, "territory": code, "attention": {"probability": probability}}
            for name, code, probability in places
        ],
        "villages": [],
        "city": {"old_houses": {"p50": old_houses}},
        "tide": None,
    }


def assess(desk: Desk, content: dict[str, Any], run: str = "R1", level: str = "") -> None:
    values = {"run": run, "made_at": desk.now, "level": level, "reason": "r", "content": content}
    desk.tx.execute(schema.assessment.insert().values(**values))


def issue(desk: Desk, colour: str, area: str = ROOT, alert: str = "A1") -> str:
    desk.tx.execute(
        schema.alert.insert().values(
            id=alert, chain=alert, version=1, rule="r", area=area, area_name="试城",
            event="storm_tide", event_name="风暴潮", colour=colour, msg_type="Alert",
            status="Exercise", state="issued", official=False, issuer="", drafted_at=START,
            sent_at=START, expires_at=START + timedelta(hours=12), headline="", description="",
            instruction="", grounds=[], references=[], approvals_needed=1,
        )
    )  # fmt: skip
    return alert


def steps(desk: Desk) -> list[tuple[str, str, str]]:
    rows = views.cases(desk.tx)
    return sorted(
        (row["plan_step"], row["place"] or row["territory"], row["state"]) for row in rows
    )


def test_the_highest_level_with_a_trigger_that_holds_is_proposed_with_its_reason() -> None:
    assert propose(TEST_PLAN, {"alerts": [], "assessment": None}) == ("", "")
    level, reason = propose(TEST_PLAN, {"alerts": ORANGE, "assessment": None})
    assert (level, reason) == ("IV", "风暴潮黄色（现为橙色）")
    level, reason = propose(TEST_PLAN, {"alerts": ORANGE, "assessment": document(old_houses=7)})
    assert level == "II"
    assert "现为7，启动值5" in reason


def test_what_is_not_known_triggers_nothing() -> None:
    assert look_up({"tide": None}, "tide.peak.p50") is None
    assert look_up({"stations": [{"id": "Z", "peak": {"p50": 2.5}}]}, "stations.Z.peak.p50") == 2.5
    assert look_up({"v": [{"code": "1", "p": {"0.50": 0.4}}]}, "v.1.p.0.50") == 0.4


def test_a_proposal_waits_for_a_person(desk: Desk) -> None:
    incident = actions.open_incident(desk.as_("duty"), desk.city, "台风")
    actions.propose_level(desk.as_("system"), desk.city, "III", "橙色", "R1")
    [shown] = views.incidents(desk.tx)
    assert (shown["level"], shown["proposed_level"]) == ("", "III")
    assert steps(desk) == []
    with pytest.raises(Refusal, match="commander or duty officer"):
        actions.set_level(desk.as_("system"), desk.city, incident, "III")
    with pytest.raises(Refusal, match="commander or duty officer"):
        actions.set_level(desk.as_("town-east"), desk.city, incident, "III")


@pytest.mark.parametrize(("colour", "opened"), [("yellow", False), ("orange", True), ("red", True)])
def test_an_orange_alert_opens_an_incident_once(desk: Desk, colour: str, opened: bool) -> None:
    system = desk.as_("system")
    assert (actions.on_alert(system, desk.city, issue(desk, colour)) is not None) is opened
    second = issue(desk, colour, alert="A2")
    assert actions.on_alert(system, desk.city, second) is None
    assert [row["proposed_level"] for row in views.incidents(desk.tx)] == ["IV"] * opened


def test_only_places_that_the_forecast_points_at_are_closed(desk: Desk) -> None:
    assess(desk, document(u1=0.4))
    actions.set_level(desk.as_("duty"), desk.city, None, "III")
    assert [place for step, place, _ in steps(desk) if step == "underpass"] == ["U1"]


def test_an_alert_affects_the_places_inside_its_area(desk: Desk) -> None:
    """The forecast sees no water at the old houses; the alert over East town moves them out."""
    assess(desk, document())
    issue(desk, "orange", area=f"{EAST} {EAST_ONE}")
    actions.set_level(desk.as_("duty"), desk.city, None, "II")
    assert [place for step, place, _ in steps(desk) if step == "move"] == ["H1"]


def test_raising_adds_only_what_was_not_opened_and_a_wider_forecast_extends(desk: Desk) -> None:
    assess(desk, document(u1=0.4))
    came = actions.set_level(desk.as_("duty"), desk.city, None, "IV")
    assert len(came.opened) == 2
    raised = actions.set_level(desk.as_("duty"), desk.city, came.incident, "III")
    assert len(raised.opened) == 2  # the shelter and U1; duty stands already
    assert actions.extend(desk.as_("system"), desk.city, came.incident) == []
    desk.wait(360)
    wider = document(u1=0.4)
    wider["places"][1]["attention"]["probability"] = 0.5
    assess(desk, wider, "R2")
    [added] = actions.extend(desk.as_("system"), desk.city, came.incident)
    assert views.case(desk.tx, added)["place"] == "U2"


def test_a_proposal_falls_when_the_alert_is_over_and_the_assessment_has_aged(desk: Desk) -> None:
    system = desk.as_("system")
    assess(desk, document(old_houses=7))
    actions.on_alert(system, desk.city, issue(desk, "orange"))
    assert [row["proposed_level"] for row in views.incidents(desk.tx)] == ["II"]
    desk.tx.execute(schema.alert.update().values(state="cancelled"))
    actions.on_assessments(desk.as_("system"), desk.city)
    assert [row["proposed_level"] for row in views.incidents(desk.tx)] == [""]


def test_a_new_assessment_extends_the_level_that_stands(desk: Desk) -> None:
    assess(desk, document())
    actions.set_level(desk.as_("duty"), desk.city, None, "III")
    desk.wait(360)
    assess(desk, document(u1=0.5), "R2")
    [added] = actions.on_assessments(desk.as_("system"), desk.city, ["R2"])
    assert views.case(desk.tx, added)["place"] == "U1"
    assert actions.on_assessments(desk.as_("system"), desk.city) == []


def test_an_assessment_past_its_horizon_says_nothing(desk: Desk) -> None:
    """Two days on, nobody knows which underpass is dry: caution closes both."""
    assess(desk, document())
    desk.wait(49 * 60)
    actions.set_level(desk.as_("duty"), desk.city, None, "III")
    assert [place for step, place, _ in steps(desk) if step == "underpass"] == ["U1", "U2"]


def test_lowering_withdraws_what_nobody_began_and_raising_again_opens_it_anew(desk: Desk) -> None:
    assess(desk, document(u1=0.4))
    duty = desk.as_("duty")
    came = actions.set_level(duty, desk.city, None, "III")
    [shelter] = [t for t in views.tasks(desk.tx) if t["title"].startswith("开放")]
    actions.task_command(desk.as_("village-east-1"), desk.city, shelter["id"], "acknowledge")
    actions.set_level(duty, desk.city, came.incident, "IV")
    assert ("underpass", "U1", "cancelled") in steps(desk)
    assert ("shelters", "S1", "accepted") in steps(desk)
    again = actions.set_level(duty, desk.city, came.incident, "III")
    assert [views.case(desk.tx, name)["place"] for name in again.opened] == ["U1"]


def test_a_step_waits_for_the_one_before_it_nearby(desk: Desk) -> None:
    """Moving people out of East village waits for its shelter; West has none to wait for."""
    actions.set_level(desk.as_("duty"), desk.city, None, "II")
    assert ("move", "H1", "draft") in steps(desk)
    assert ("move", "H2", "assigned") in steps(desk)
    [shelter] = [t for t in views.tasks(desk.tx) if t["title"].startswith("开放")]
    village = desk.as_("village-east-1")
    actions.task_command(village, desk.city, shelter["id"], "acknowledge")
    actions.task_command(village, desk.city, shelter["id"], "complete", {"text": "床位 300"})
    assert ("move", "H1", "assigned") in steps(desk)


def test_a_step_that_has_waited_long_enough_begins_without(desk: Desk) -> None:
    actions.set_level(desk.as_("duty"), desk.city, None, "II")
    desk.wait(90)
    actions.fire_timers(desk.as_("system"), desk.city)
    assert ("move", "H1", "assigned") in steps(desk)


def test_an_incident_closes_when_every_case_has_an_outcome_or_is_cancelled_with_it(
    desk: Desk,
) -> None:
    duty = desk.as_("duty")
    came = actions.set_level(duty, desk.city, None, "IV")
    with pytest.raises(Refusal, match="2 cases without outcome"):
        actions.close_incident(duty, desk.city, came.incident, "雨停")
    assert actions.close_incident(duty, desk.city, came.incident, "雨停", cancel_open=True)
    assert {state for _, _, state in steps(desk)} == {"cancelled"}
    assert {task["state"] for task in views.tasks(desk.tx)} == {"expired"}
    with pytest.raises(Refusal, match="closed; open a new one"):
        actions.set_level(duty, desk.city, came.incident, "IV")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("ack_min = 10", "ack_min = 0"), "greater than 0"),
        (('after = ["shelters"]', 'after = ["move"]'), "must stand before it"),
        (('level = "III"', 'level = "V"'), "'IV', 'III', 'II' or 'I'"),
        (('of = "forecast"', 'off = "forecast"'), "not permitted"),
        (('id = "underpass"', 'id = "duty"'), "stands twice"),
        (('duty_officer = ["commander"]', ""), ""),
        (("crew = [", "crews = ["), "role 'crew' is asked but has no ladder"),
    ],
)
def test_faults_of_a_plan_are_named(change: tuple[str, str], says: str) -> None:
    found = faults(PLAN.replace(*change))
    assert says in " ".join(what for _, what in found)


def test_pinghus_own_plan_is_sound() -> None:
    folder = Path(__file__).parents[2] / "cities/pinghu"
    assert check(folder) == []
    wanted = {"pre_drain", "underpass", "move_residents", "pump_trucks", "volunteers", "duty"}
    assert wanted <= {step.id for step in load(folder).step}
