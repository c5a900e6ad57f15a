"""Who goes where is proposed by the roads as forecast, with reasons, and decided by people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from anlan.refusal import Refusal
from anlan.respond import actions as respond
from anlan.respond.dispatch import actions
from anlan.respond.dispatch.actions import Sending
from anlan.respond.dispatch.needs import check
from anlan.respond.resources import assets, views
from anlan.store import schema
from tests.respond.dispatch.sending import A, B, C, equip, proposed, pump, report
from tests.respond.town import Desk


def test_the_nearest_pump_by_dry_roads_is_proposed_with_the_next_as_alternative(
    desk: Desk,
) -> None:
    equip(desk, pump("near", A), pump("far", C))
    case = report(desk, B)

    found = proposed(desk)

    [line] = found["lines"]
    assert (line["case"], line["asset"], line["rank"], line["able"]) == (case, "near", 1, 2)
    assert [other["asset"] for other in line["alternatives"]] == ["far"]
    assert (found["method"], found["without"]) == ("optimal", [])


def test_water_on_the_near_ones_road_sends_the_far_one_and_says_why(desk: Desk) -> None:
    equip(desk, pump("near", A), pump("far", C))
    report(desk, B)

    [line] = proposed(desk, [0.6, 0.6])["lines"]

    assert line["asset"] == "far"
    [other] = line["alternatives"]
    assert other["asset"] == "near"
    assert other["travel_min"] > line["travel_min"]


def test_a_case_that_gets_nobody_says_why(desk: Desk) -> None:
    equip(desk, pump("only", A))
    first, second = report(desk, B), report(desk, C)

    found = proposed(desk)
    [line], [left] = found["lines"], found["without"]
    assert {line["case"], left["case"]} == {first, second}
    assert left["why"] == "all_elsewhere"

    actions.accept(desk.as_("duty"), desk.city, [Sending(line["case"], "only")])
    assert [one["why"] for one in proposed(desk)["without"]] == ["none_ready"]


def test_accepting_binds_the_pump_and_gives_its_crew_a_task(desk: Desk) -> None:
    equip(desk, pump("near", A), pump("far", C))
    case = report(desk, B)

    [sent] = actions.accept(
        desk.as_("duty"), desk.city, [Sending(case, "near", "路线：short路")], "RUN"
    )

    T = schema.task
    task = desk.tx.execute(select(T).where(T.c.id == sent["task"])).one()
    assert (task.assignee, task.state) == ("crew-build", "assigned")
    assert task.instruction == "路线：short路"
    state = {one["id"]: (one["state"], one["case"]) for one in views.assets(desk.tx, desk.city)}
    assert state == {"near": ("out", case), "far": ("ready", None)} | {
        name: value for name, value in state.items() if name not in ("near", "far")
    }
    # the case has what it needs: nothing more is proposed for it
    assert proposed(desk)["lines"] == []
    J = schema.journal
    [entry] = desk.tx.execute(select(J).where(J.c.kind == "dispatch.accepted")).all()
    assert (entry.actor, entry.grounds) == ("duty", [f"case:{case}", "run:RUN"])


def test_a_pump_that_somebody_else_has_sent_meanwhile_is_a_conflict_and_nothing_happens(
    desk: Desk,
) -> None:
    equip(desk, pump("near", A))
    first, second = report(desk, B), report(desk, C)
    actions.accept(desk.as_("duty"), desk.city, [Sending(first, "near")])

    with pytest.raises(Refusal, match="'out' for case C0001"):
        actions.accept(desk.as_("duty"), desk.city, [Sending(second, "near")])


def test_when_its_task_has_ended_the_pump_is_brought_back_by_hand(desk: Desk) -> None:
    equip(desk, pump("near", A))
    case = report(desk, B)
    [sent] = actions.accept(desk.as_("duty"), desk.city, [Sending(case, "near")])

    with pytest.raises(Refusal, match="it comes back when that ends"):
        assets.set_state(desk.as_("duty"), desk.city, "near", "ready")
    crew = desk.as_("crew-build")
    respond.task_command(crew, desk.city, sent["task"], "acknowledge")
    respond.task_command(crew, desk.city, sent["task"], "complete", {"text": "已排干"})
    assets.set_state(desk.as_("duty"), desk.city, "near", "ready")

    [one] = [each for each in views.assets(desk.tx, desk.city) if each["id"] == "near"]
    assert (one["state"], one["case"], one["task"]) == ("ready", None, None)


def test_a_pair_that_a_person_refused_is_not_proposed_again_until_allowed(desk: Desk) -> None:
    equip(desk, pump("near", A), pump("far", C))
    case = report(desk, B)

    actions.refuse(desk.as_("duty"), desk.city, case, "near", "司机刚下夜班")
    assert [line["asset"] for line in proposed(desk)["lines"]] == ["far"]
    actions.forget_refusal(desk.as_("duty"), desk.city, case, "near")
    assert [line["asset"] for line in proposed(desk)["lines"]] == ["near"]
    with pytest.raises(Refusal, match="say why it should not go"):
        actions.refuse(desk.as_("duty"), desk.city, case, "near", " ")


@pytest.mark.parametrize("who", ["town-west", "village-west-1", "resident-east"])
def test_nobody_decides_about_a_case_elsewhere(desk: Desk, who: str) -> None:
    equip(desk, pump("near", A))
    case = report(desk, B)

    with pytest.raises(Refusal, match="there is no case C0001 that you may ask for"):
        actions.accept(desk.as_(who), desk.city, [Sending(case, "near")])


def test_a_town_sends_what_is_its_own_and_not_what_is_the_departments(desk: Desk) -> None:
    equip(desk, pump("near", A))
    case = report(desk, B)

    with pytest.raises(Refusal, match="town-east has no say over this"):
        actions.accept(desk.as_("town-east"), desk.city, [Sending(case, "near")])
    actions.accept(desk.as_("duty"), desk.city, [Sending(case, "near")])


def test_faults_of_the_rules_are_named(desk: Desk) -> None:
    equip(desk, pump("near", A))
    path = desk.city.folder / "dispatch.toml"
    assert check(desk.city.folder, ["resident_report", "plan_step"]) == []

    path.write_text(path.read_text("utf-8").replace('["pump"]', '["submarine"]'), "utf-8")
    [fault] = check(desk.city.folder, ["resident_report", "plan_step"])
    assert (fault.field, fault.value) == ("need.pumping.assets", "submarine")
    path.write_text("[[need]]\nid = 3\n", "utf-8")
    assert "need.0.id" in [fault.field for fault in check(desk.city.folder, [])]
    (desk.city.folder / "city.toml").write_text("[vehicles.truck]\nlimit_m = true\n", "utf-8")
    assert "vehicles.truck.limit_m" in [f.field for f in check(desk.city.folder, [])]
