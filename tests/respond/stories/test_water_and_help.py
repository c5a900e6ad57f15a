"""From the first report to closing, by those who would do it: water, help, moving people, pumps."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.respond.stories.desk import Town

HOME = "330482101206"  # 王店桥村
WELL_DONE = {"verdict": "solved", "rating": 5, "text": "来得很快"}


def test_water_before_the_door_is_reported_looked_at_verified_and_closed(town: Town) -> None:
    resident = town.hand.account("resident")
    home = town.hand.city.accounts[resident].territory
    photo = town.photo(resident)
    case = town.report(
        resident, "resident_report", territory=home, text="门口积水没过小腿", photos=[photo]
    )
    doer = town.work(case, text="已清理雨水口，水退到 5 厘米", depth_m=0.05)
    assert town.hand.city.accounts[doer].role in ("grid_worker", "village_officer")
    assert town.refused(doer, f"/cases/{case}/verify")["kind"] == "forbidden"
    assert town.do(case, "verify", resident) == "verified"
    assert town.do(case, "close", town.near("town_officer", home)) == "closed"
    assert town.do(case, "rate", resident, **WELL_DONE) == "closed"
    shown = town.case(resident, case)
    assert (shown["verdict"], shown["rating"]) == ("solved", 5)


def test_a_call_for_help_says_who_is_there_and_keeps_the_number_sealed(town: Town) -> None:
    resident = town.hand.account("resident")
    home = town.hand.city.accounts[resident].territory
    form = {"need": ["medical", "move"], "people": 3, "frail": True, "contact": "13800000000"}
    case = town.report(resident, "help_request", territory=home, text="老人要吸氧", form=form)
    officer = town.task(case)["assignee"]
    shown = town.case(officer, case)["form"]
    # in the order of the pack, whatever the order of the taps
    assert shown == {
        "need": ["move", "medical"],
        "people": 3,
        "frail": True,
        "contact": {"sealed": True},
    }
    asked = {"key": "contact", "purpose": "联系求助人"}
    opened = town.post(officer, f"/cases/{case}/personal", asked)
    assert opened["value"] == "13800000000"
    stranger = town.hand.account("analyst")
    assert town.refused(stranger, f"/cases/{case}/personal", asked)["kind"] == "forbidden"
    town.work(case, text="已送氧气瓶并转移到安置点")
    town.do(case, "verify", town.near("town_officer", home))
    assert town.do(case, "close", town.duty) == "closed"
    # the journal knows that the number was opened, by whom, and nothing of the number
    journal = town.get(town.duty, "/journal", limit=400)
    [entry] = [row for row in journal if row["kind"] == "personal.opened"]
    assert (entry["actor"], entry["subject"]) == (officer, case)
    assert "13800000000" not in str(journal)


def test_a_household_is_moved_and_counted_at_the_shelter(town: Town) -> None:
    village = town.near("village_officer", HOME)
    shelter = next(iter(town.hand.city.shelters))
    form = {
        "address": "王店桥村 8 组 12 号",
        "people": 4,
        "needs": ["alone", "medicine"],
        "shelter": shelter,
    }
    told = town.refused(village, "/cases", {"kind": "evacuation", "territory": HOME, "form": {}})
    assert told["field"] == "form.address"
    case = town.report(village, "evacuation", territory=HOME, form=form)
    doer = town.task(case)["assignee"]
    task = town.task(case)["id"]
    for command in ("acknowledge", "depart", "arrive"):
        town.post(doer, f"/tasks/{task}/{command}")
    # a refusal without words on what was tried is no outcome
    bad = {"text": "不肯走", "form": {"outcome": "refused", "moved": 0}}
    assert town.refused(doer, f"/tasks/{task}/complete", bad)["field"] == "form.refusal"
    done = {"outcome": "sheltered", "moved": 4, "arrived_at": shelter}
    town.post(doer, f"/tasks/{task}/complete", {"text": "4 人已到安置点", "form": done})
    officer = town.near("town_officer", HOME)
    told = town.refused(officer, f"/cases/{case}/verify", {"form": {"counted": False}})
    assert "reject it" in told["message"]
    assert town.do(case, "verify", officer, form={"counted": True}) == "verified"
    assert town.do(case, "close", officer) == "closed"
    shown = town.case(officer, case)
    assert shown["form"]["moved"] == 4
    assert shown["form"]["address"] == {"sealed": True}


def test_pumps_are_sent_wait_for_the_river_and_come_back(town: Town) -> None:
    place = next(p for p in town.hand.city.places.values() if p.kind == "underpass")
    officer = town.near("town_officer", place.territory)
    form = {"equipment": ["pump_truck", "sandbags"], "depth_cm": 45, "power": False}
    case = town.report(officer, "pump_dispatch", place=place.id, form=form)
    crew = town.task(case)["assignee"]
    assert town.hand.city.accounts[crew].role == "crew"
    task = town.task(case)["id"]
    for command in ("acknowledge", "depart", "arrive"):
        town.post(crew, f"/tasks/{task}/{command}")
    due = town.case(officer, case)["due_at"]
    told = town.refused(crew, f"/cases/{case}/block", {"cause": "lunch", "reason": "吃饭"})
    assert "outfall_high" in told["message"]
    assert town.do(case, "block", crew, cause="outfall_high") == "blocked"
    assert town.case(officer, case)["paused"] == "outfall_high"
    town.hand.step(60)
    assert town.do(case, "unblock", crew) == "working"
    shown = town.case(officer, case)
    # the hour in which nobody could pump does not count
    assert _minutes(due, shown["due_at"]) == 60
    result = {"used": ["pump_truck"], "pumped_h": 2.5, "left_cm": 0}
    told = town.refused(crew, f"/tasks/{task}/complete", {"text": "水已排干", "form": result})
    assert told["field"] == "photos"
    proof = town.photo(crew)
    town.post(
        crew, f"/tasks/{task}/complete", {"text": "已排干", "photos": [proof], "form": result}
    )
    town.do(case, "verify", town.duty, form={"returned": True})
    assert town.do(case, "close", town.duty) == "closed"


def _minutes(earlier: str, later: str) -> float:
    gap = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    return gap / timedelta(minutes=1)
