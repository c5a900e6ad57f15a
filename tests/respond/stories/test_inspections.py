"""Inspections from finding to closing: hazards, emergency food, offences without a trip."""

from __future__ import annotations

from sqlalchemy import select

from anlan.store import schema
from tests.respond.stories.desk import Town

HOME = "330482101206"


def test_a_hazard_is_put_right_and_passed_by_somebody_who_did_neither(town: Town) -> None:
    finder = town.near("grid_worker", HOME)
    form = {"items": ["drain_blocked", "electric"], "grade": "major"}
    told = town.refused(
        finder, "/cases", {"kind": "hazard_inspection", "territory": HOME, "form": form}
    )
    assert told["field"] == "form.stopgap"
    form["stopgap"] = "已断电，设围挡"
    case = town.report(finder, "hazard_inspection", territory=HOME, form=form)
    doer = town.task(case)["assignee"]
    task = town.task(case)["id"]
    for command in ("acknowledge", "depart", "arrive"):
        town.post(doer, f"/tasks/{task}/{command}")
    after = town.photo(doer)
    half = {"text": "已疏通", "photos": [after], "form": {"after": {"drain_blocked": [after]}}}
    told = town.refused(doer, f"/tasks/{task}/complete", half)
    assert told["field"] == "form.after"
    whole = {"after": {"drain_blocked": [after], "electric": [after]}}
    town.post(doer, f"/tasks/{task}/complete", {**half, "form": whole})

    passed = {"form": {"passed": {"drain_blocked": True, "electric": True}}}
    # neither who found it nor who put it right
    for party in (finder, doer):
        assert town.refused(party, f"/cases/{case}/verify", passed)["kind"] == "forbidden"
    inspector = town.near("town_officer", HOME)
    failed = {"form": {"passed": {"drain_blocked": True, "electric": False}}}
    assert "does not pass" in town.refused(inspector, f"/cases/{case}/verify", failed)["message"]
    due = town.case(inspector, case)["due_at"]
    town.hand.step(30)
    assert town.do(case, "reject", inspector, reason="配电箱仍在低处") == "working"
    # what is to be done again gets its time again, and the case says so
    assert town.case(inspector, case)["due_at"] > due
    town.work(case, text="已抬高配电箱", photos=[after], form=whole)
    assert town.do(case, "verify", inspector, **passed) == "verified"
    assert town.do(case, "close", inspector) == "closed"


def test_an_inspector_of_another_town_finds_nothing_here(town: Town) -> None:
    stranger = town.near("village_officer", "330482001001")
    form = {"items": ["basement"], "grade": "general"}
    body = {"kind": "hazard_inspection", "territory": HOME, "form": form}
    told = town.refused(stranger, "/cases", body)
    assert told["kind"] == "not_found"
    listed = town.get(town.near("village_officer", HOME), "/cases")
    assert all(form != item["form"] for item in listed)


def test_food_that_got_wet_is_destroyed_and_the_kitchen_passes_at_the_second_look(
    town: Town,
) -> None:
    inspector = town.near("liaison", HOME)
    shelter = next(iter(town.hand.city.shelters.values()))
    form = {
        "site": "shelter_kitchen",
        "shelter": shelter.id,
        "meals": 180,
        "findings": ["soaked_food", "samples"],
        "stopped": True,
    }
    case = town.report(inspector, "food_inspection", territory=shelter.territory, form=form)
    measure = {"soaked_food": "封存大米 12 袋，已销毁", "samples": "补留样柜"}
    doer = town.work(case, text="整改完成", form={"measure": measure, "destroyed_kg": 300})
    shown = town.case(town.duty, case)
    assert shown["form"]["measure"] == measure
    assert doer != inspector
    yes = {"passed": {"soaked_food": True, "samples": True}}
    told = town.refused(inspector, f"/cases/{case}/verify", {"form": yes})
    assert told["kind"] == "forbidden"
    assert town.do(case, "verify", town.duty, form=yes) == "verified"
    assert town.do(case, "close", town.duty) == "closed"
    # the words of an inspection are notes that can be erased, never part of the history
    with town.hand.store.read() as conn:
        for table in (schema.history, schema.case_item, schema.task, schema.journal):
            assert all("大米" not in str(row) for row in conn.execute(select(table)))


def test_a_site_is_asked_only_for_what_belongs_to_it(town: Town) -> None:
    inspector = town.near("liaison", HOME)
    form = {"site": "market", "shelter": "SH01", "stopped": False}
    told = town.refused(
        inspector, "/cases", {"kind": "food_inspection", "territory": HOME, "form": form}
    )
    assert (told["field"], told["remedy"]) == ("form.shelter", "leave it out")


def test_a_shop_is_told_once_puts_it_right_by_photo_and_is_checked_once(town: Town) -> None:
    firm = next(a for a in town.hand.city.accounts.values() if a.role == "firm")
    officer = town.near("village_officer", firm.territory)
    form = {
        "party": firm.id,
        "findings": ["sign_unsafe", "exit_blocked"],
        "basis": "《浙江省消防条例》",
    }
    case = town.report(officer, "minor_offence", territory=firm.territory, form=form)
    # told once: the findings stand in the form of the firm's own task, and cannot grow
    [mine] = [item for item in town.get(firm.id, "/tasks", mine=True) if item["case"] == case]
    assert mine["assignee"] == firm.id
    assert town.case(firm.id, case)["form"]["findings"] == form["findings"]
    proof = town.photo(firm.id)
    town.post(firm.id, f"/tasks/{mine['id']}/acknowledge")
    more = {"findings": ["drain_grease"]}
    told = town.refused(firm.id, f"/tasks/{mine['id']}/complete", {"text": "已改", "form": more})
    assert told["field"] == "form.findings"
    proofs = {"proof": {"sign_unsafe": [proof], "exit_blocked": [proof]}}
    # put right without a trip: nobody has to be on site for it
    town.post(firm.id, f"/tasks/{mine['id']}/complete", {"photos": [proof], "form": proofs})
    # checked once: all findings in one answer, or it is no check
    told = town.refused(
        officer, f"/cases/{case}/verify", {"form": {"settled": {"sign_unsafe": True}}}
    )
    assert told["field"] == "form.settled"
    both = {"settled": {"sign_unsafe": True, "exit_blocked": True}}
    assert town.do(case, "verify", officer, form=both) == "verified"
    assert town.do(case, "close", officer) == "closed"
    assert [row["type"] for row in town.case(firm.id, case)["history"]].count("task.arrived") == 0


def test_a_photo_in_a_form_is_seen_by_who_sees_the_case_and_by_nobody_else(town: Town) -> None:
    finder = town.near("grid_worker", HOME)
    photo = town.photo(finder)
    form = {"items": ["basement"], "grade": "general", "before": [photo]}
    town.report(finder, "hazard_inspection", territory=HOME, form=form)
    path = f"/api/v1/attachments/{photo}"

    def seen_by(who: str) -> int:
        return int(town.client.get(path, headers=town.hand.key(who)).status_code)

    assert seen_by(town.near("village_officer", HOME)) == 200
    assert seen_by(town.near("village_officer", "330482001001")) == 404
    assert seen_by(town.hand.account("resident")) == 404


def test_an_officer_names_only_parties_of_their_own_part_of_the_city(town: Town) -> None:
    firms = [a for a in town.hand.city.accounts.values() if a.role == "firm"]
    officer = town.near("village_officer", firms[0].territory)
    stranger = next(firm for firm in firms if firm.territory != firms[0].territory)
    form = {"party": stranger.id, "findings": ["sign_unsafe"], "basis": "依据"}
    body = {"kind": "minor_offence", "territory": firms[0].territory, "form": form}
    assert town.refused(officer, "/cases", body)["field"] == "form.party"


def test_halves_of_characters_are_refused_in_a_sentence(town: Town) -> None:
    officer = town.near("village_officer", HOME)
    form = {"items": ["basement"], "grade": "general", "passed": {"\ud800": True}}
    body = {"kind": "hazard_inspection", "territory": HOME, "form": form}
    assert town.refused(officer, "/cases", body)["field"] == "form.passed"
    case = town.report(
        officer,
        "hazard_inspection",
        territory=HOME,
        form={"items": ["basement"], "grade": "general"},
    )
    assert town.refused(officer, f"/cases/{case}/cancel", {"reason": "\ud800"})["field"] == "reason"
    verify = {"form": {"passed": {"\udfff": True}}}
    told = town.refused(town.duty, f"/cases/{case}/verify", verify)
    assert told["kind"] in ("conflict", "invalid")
