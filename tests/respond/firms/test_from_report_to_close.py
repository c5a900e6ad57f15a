"""Each kind of a firm's case, from first report to closing, by the hands of those who do it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.respond.firms.conftest import (
    DUTY,
    FIRM,
    ITS_ACCOUNT,
    OTHER_TOWN,
    TOWN,
    Help,
)

OTHER_OF_TOWN = "town-danghu-2"


def picture(shade: int) -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 80, 80)).save(raw, "PNG")
    return raw.getvalue()


FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(2000)


def send(help_: Help, case: str, shot: str, content: bytes, status: int = 200) -> Any:
    answer = help_.at(ITS_ACCOUNT).post(
        "/api/v1/me/firm/shots",
        data={"case": case, "shot": shot},
        files={"file": ("x", content)},
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_question_put_on_the_page_is_answered_confirmed_rated_and_closed(help_: Help) -> None:
    body = {"kind": "firm_question", "text": "冷库停电怎么办", "form": {"topic": "power"}}
    case_id = help_.post(ITS_ACCOUNT, "/me/firm/requests", body)["id"]
    assert help_.dossier()["colour"] == "yellow"
    [task] = help_.case(case_id)["tasks"]
    assert help_.hand.city.accounts[task["assignee"]].role == "town_officer"
    help_.done(task, text="供电所今日 18 时前接应急电源")
    help_.post(OTHER_OF_TOWN, f"/cases/{case_id}/verify", status=403)
    help_.post(ITS_ACCOUNT, f"/cases/{case_id}/verify")
    help_.post(ITS_ACCOUNT, f"/cases/{case_id}/rate", {"verdict": "solved", "rating": 5})
    help_.post(DUTY, f"/cases/{case_id}/close")
    assert help_.case(case_id)["state"] == "closed"
    assert help_.dossier()["colour"] == "green"


def test_a_question_heard_at_the_gate_is_answered_on_the_spot(help_: Help) -> None:
    body = {
        "kind": "firm_question",
        "text": "沙袋到哪里领",
        "form": {"topic": "flood"},
        "answer": "镇仓库，今天送到门口",
    }
    case_id = help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"]
    case = help_.case(case_id)
    assert (case["state"], case["reporter"]) == ("done_claimed", ITS_ACCOUNT)
    said = [happening["payload"].get("text") for happening in case["history"]]
    assert "镇仓库，今天送到门口" in said
    # the firm has the last word on it, on its own page
    [own] = help_.get(ITS_ACCOUNT, "/me/firm")["cases"]
    assert "verify" in own["allowed"]
    help_.post(ITS_ACCOUNT, f"/cases/{case_id}/verify")
    help_.post(DUTY, f"/cases/{case_id}/close")


def test_a_visit_fills_the_dossier_and_what_it_saw_counts_for_the_colour(help_: Help) -> None:
    body = {"kind": "firm_visit", "text": "雨后走访", "form": {"purpose": "during"}}
    case_id = help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"]
    [task] = help_.case(case_id)["tasks"]
    seen = {"water_in": True, "depth_cm": 20, "power_off": False, "work": "stopped"}
    help_.done(task, text="车间进水 20 厘米", form=seen)
    firm = help_.dossier()
    assert (firm["operation"], firm["colour"]) == ("stopped", "red")
    assert firm["visited_at"] is not None
    visitor = task["assignee"]
    help_.post(visitor, f"/cases/{case_id}/verify", status=403)
    help_.post(DUTY, f"/cases/{case_id}/verify")
    help_.post(DUTY, f"/cases/{case_id}/close")


def test_a_remote_check_is_filmed_against_its_list_judged_shot_by_shot_and_closed(
    help_: Help,
) -> None:
    form = {"shots": ["gate", "switch_room"]}
    body = {"kind": "remote_check", "form": form}
    case_id = help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"]
    [listed] = help_.get(ITS_ACCOUNT, "/me/firm")["checks"].values()
    assert [(one["shot"], one["state"]) for one in listed] == [
        ("gate", "wanted"),
        ("switch_room", "wanted"),
    ]
    by_holder = {task["assignee"]: task for task in help_.case(case_id)["tasks"]}
    inspector = next(name for name in by_holder if name != ITS_ACCOUNT)

    assert send(help_, case_id, "exits", picture(1), status=422)["field"] == "shot"
    assert send(help_, case_id, "gate", b"no picture", status=422)["field"] == "file"
    send(help_, case_id, "gate", picture(10))
    send(help_, case_id, "switch_room", FILM)
    done = {task["assignee"]: task["state"] for task in help_.case(case_id)["tasks"]}
    assert (done[ITS_ACCOUNT], done[inspector]) == ("done", "assigned")
    shown = help_.at(inspector).get(f"/api/v1/checks/{case_id}/shot?number=2")
    assert (shown.headers["content-type"], shown.content) == ("video/mp4", FILM)
    part = help_.at(inspector).get(
        f"/api/v1/checks/{case_id}/shot?number=2", headers={"Range": "bytes=4-7"}
    )
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert help_.at(inspector).get(f"/api/v1/checks/{case_id}/shot?number=1").content[:2] == (
        b"\xff\xd8"
    )

    refused = {"number": 1, "accepted": False, "reason": "看不到挡水板"}
    help_.post(inspector, f"/checks/{case_id}/judge", refused)
    assert [reason["code"] for reason in help_.dossier()["reasons"]] == [
        "open_case",
        "refused_shots",
    ]
    [listed] = help_.get(ITS_ACCOUNT, "/me/firm")["checks"].values()
    assert (listed[0]["state"], listed[0]["sent"]["reason"]) == ("refused", "看不到挡水板")
    send(help_, case_id, "gate", picture(30))
    for number in (2, 3):
        help_.post(inspector, f"/checks/{case_id}/judge", {"number": number, "accepted": True})
    # the last one accepted is the end of the inspector's work
    assert help_.case(case_id)["state"] == "done_claimed"
    help_.post(DUTY, f"/cases/{case_id}/verify")
    help_.post(DUTY, f"/cases/{case_id}/close")
    send(help_, case_id, "gate", picture(50), status=409)


def test_a_firm_asks_once_to_resume_and_has_an_end_to_its_questions(help_: Help) -> None:
    asked_to_resume(help_)
    again = {"kind": "resumption", "text": "再申请", "form": SELF_CHECK}
    help_.post(ITS_ACCOUNT, "/me/firm/requests", again, status=409)
    question = {"kind": "firm_question", "text": "?", "form": {"topic": "other"}}
    for _ in range(20):
        help_.post(ITS_ACCOUNT, "/me/firm/requests", question)
    help_.post(ITS_ACCOUNT, "/me/firm/requests", question, status=409)


def test_a_film_that_nobody_asked_for_is_not_kept(help_: Help) -> None:
    body = {"kind": "remote_check", "form": {"shots": ["gate"]}}
    case_id = help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"]
    send(help_, case_id, "exits", FILM, status=422)
    assert not list(help_.hand.store.data_dir.glob("films/*"))


def test_a_check_is_nobodys_elses(help_: Help) -> None:
    body = {"kind": "remote_check", "form": {"shots": ["gate"]}}
    case_id = help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"]
    send(help_, case_id, "gate", picture(10))
    help_.get(OTHER_TOWN, f"/checks/{case_id}", status=404)
    help_.get(OTHER_TOWN, f"/checks/{case_id}/shot?number=1", status=404)
    help_.get("firm-002", f"/me/firm/shot?case={case_id}&number=1", status=404)
    stranger = help_.at("firm-002").post(
        "/api/v1/me/firm/shots",
        data={"case": case_id, "shot": "gate"},
        files={"file": ("x", picture(20))},
    )
    assert stranger.status_code == 404


SELF_CHECK = {"water_out": True, "equipment_dry": True, "staff_told": True}
SAFE = {"electric_safe": True, "structure_safe": True, "dangerous_goods_safe": True}


def asked_to_resume(help_: Help) -> tuple[str, Any]:
    help_.post(ITS_ACCOUNT, "/me/firm/operation", {"operation": "stopped"})
    body = {"kind": "resumption", "text": "已清淤消毒", "form": SELF_CHECK}
    case_id = help_.post(ITS_ACCOUNT, "/me/firm/requests", body)["id"]
    [task] = help_.case(case_id)["tasks"]
    return case_id, task


def test_work_resumes_when_another_person_than_the_inspector_decides_so(help_: Help) -> None:
    case_id, task = asked_to_resume(help_)
    assert help_.dossier()["colour"] == "red"
    help_.done(task, text="逐项查验合格", form=SAFE)
    inspector = task["assignee"]
    # neither the inspector nor the firm decides
    help_.post(inspector, f"/cases/{case_id}/verify", status=403)
    help_.post(ITS_ACCOUNT, f"/cases/{case_id}/verify", status=403)
    assert help_.dossier()["operation"] == "stopped"
    other = OTHER_OF_TOWN if inspector == TOWN else TOWN
    help_.hand.step(1)
    help_.post(other, f"/cases/{case_id}/verify")
    assert help_.dossier()["operation"] == "running"
    help_.post(DUTY, f"/cases/{case_id}/close")
    assert help_.dossier()["colour"] == "green"


def test_work_does_not_resume_where_one_point_failed(help_: Help) -> None:
    case_id, task = asked_to_resume(help_)
    help_.done(task, text="配电间仍潮湿", form={**SAFE, "electric_safe": False})
    other = OTHER_OF_TOWN if task["assignee"] == TOWN else TOWN
    help_.post(other, f"/cases/{case_id}/verify", status=409)
    help_.post(other, f"/cases/{case_id}/reject", {"reason": "电气整改后再查"})
    assert help_.dossier()["operation"] == "stopped"
    again = [t for t in help_.case(case_id)["tasks"] if t["state"] == "assigned"]
    help_.done(again[0], text="已烘干复测", form=SAFE)
    help_.hand.step(1)
    help_.post(DUTY, f"/cases/{case_id}/verify")
    assert help_.dossier()["operation"] == "running"


def test_a_firm_cannot_tell_itself_running(help_: Help) -> None:
    help_.post(ITS_ACCOUNT, "/me/firm/operation", {"operation": "stopped"})
    answer = help_.post(ITS_ACCOUNT, "/me/firm/operation", {"operation": "running"}, status=422)
    assert "resumption" in answer["message"]
    help_.post(TOWN, f"/firms/{FIRM}/operation", {"operation": "running"}, status=422)


def test_a_plan_has_measures_that_fall_due_and_are_ended_with_words(help_: Help) -> None:
    body = {"text": "加高配电间门槛", "department": "住建局", "due_at": "2021-07-25T18:00:00+08:00"}
    measure = help_.post(TOWN, f"/firms/{FIRM}/measures", body)["id"]
    assert help_.dossier()["colour"] == "green"
    help_.hand.step(8 * 60)
    assert [reason["code"] for reason in help_.dossier()["reasons"]] == ["measures_overdue"]
    done = {"measure": measure, "text": "已加高 30 厘米"}
    help_.post(TOWN, f"/firms/{FIRM}/measures/end", done)
    help_.post(TOWN, f"/firms/{FIRM}/measures/end", done, status=409)
    assert help_.dossier()["colour"] == "green"
    [shown] = help_.get(ITS_ACCOUNT, "/me/firm")["measures"]
    assert (shown["state"], shown["ended_text"]) == ("done", "已加高 30 厘米")


def test_a_colour_set_by_hand_shows_who_why_and_what_the_facts_say_and_ends(help_: Help) -> None:
    body = {"colour": "red", "reason": "业主失联", "hours": 2}
    help_.post(TOWN, f"/firms/{FIRM}/colour", body)
    firm = help_.dossier()
    assert (firm["colour"], firm["colour_worked_out"]) == ("red", "green")
    assert firm["colour_set"]["reason"] == "业主失联"
    help_.post(TOWN, f"/firms/{FIRM}/colour", {"colour": "red", "reason": " "}, status=422)
    help_.hand.step(121)
    assert help_.dossier()["colour"] == "green"


def test_a_town_sees_its_own_firms_and_a_firm_itself_alone(help_: Help) -> None:
    towns = {line["town"] for line in help_.get(TOWN, "/firms")}
    assert towns == {"330482001000"}
    assert len(help_.get(DUTY, "/firms")) == 54
    help_.get(OTHER_TOWN, f"/firms/{FIRM}", status=404)
    help_.post(OTHER_TOWN, f"/firms/{FIRM}/colour", {"reason": "x"}, status=404)
    help_.get(ITS_ACCOUNT, "/firms", status=403)
    help_.get("grid-001001", "/me/firm", status=404)
    assert help_.get(ITS_ACCOUNT, "/me/firm")["id"] == FIRM
