"""A joint team of two cities: two territory roots, one case, two signatures."""

from __future__ import annotations

from tests.respond.firms.conftest import DUTY, ITS_ACCOUNT, TOWN, Help

JINSHAN, JIASHAN = "310116000000", "330421000000"
PARTNER, STRANGER = "partner-jinshan-1", "partner-jiashan-1"


def opened(help_: Help) -> str:
    body = {
        "kind": "joint_team",
        "text": "界河水闸同步开启",
        "territory": "330482108000",
        "form": {"subject": "river"},
    }
    return str(help_.post(DUTY, "/cases", body)["id"])


def test_two_cities_work_one_case_and_close_it_when_both_have_signed(help_: Help) -> None:
    case_id = opened(help_)
    help_.get(PARTNER, f"/joint/{case_id}", status=404)
    cities = help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN})["cities"]
    assert [city["name"] for city in cities] == ["平湖市", "上海市金山区"]
    assert help_.get(PARTNER, "/me/joint") == [case_id]
    assert help_.get(PARTNER, f"/joint/{case_id}")["may_sign"] is None

    work = {"title": "金山侧同步开闸", "instruction": "18 时", "assignee": PARTNER}
    help_.post(DUTY, f"/joint/{case_id}/tasks", work)
    tasks = help_.case(case_id)["tasks"]
    assert {task["assignee"] for task in tasks} >= {PARTNER}
    for task in tasks:
        help_.done(task, text="已按约定开闸")
    other = "duty-2" if any(task["assignee"] == DUTY for task in tasks) else DUTY
    help_.post(other, f"/cases/{case_id}/verify")

    answer = help_.post(other, f"/cases/{case_id}/close", status=409)
    assert "金山" in answer["message"]
    assert "平湖" in answer["message"]
    help_.post(PARTNER, f"/joint/{case_id}/sign", {"text": "金山侧无异议"})
    help_.post("partner-jinshan-2", f"/joint/{case_id}/sign", {"text": "再签"}, status=409)
    help_.post(other, f"/cases/{case_id}/close", status=409)
    help_.post(DUTY, f"/joint/{case_id}/sign", {"text": "平湖侧同意办结"})
    help_.post(other, f"/cases/{case_id}/close")
    case = help_.case(case_id)
    assert case["state"] == "closed"
    signed = [one for one in case["history"] if one["type"] == "case.signed"]
    assert [one["payload"]["text"] for one in signed] == ["金山侧无异议", "平湖侧同意办结"]


def test_a_partner_sees_the_joint_case_and_nothing_else_of_the_city(help_: Help) -> None:
    case_id = opened(help_)
    help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN})
    other = opened(help_)
    assert help_.get(PARTNER, f"/cases/{case_id}")["id"] == case_id
    help_.get(PARTNER, f"/cases/{other}", status=404)
    help_.get(STRANGER, f"/joint/{case_id}", status=404)
    help_.post(STRANGER, f"/joint/{case_id}/sign", {"text": "x"}, status=404)
    for path in ("/firms", "/passes", "/incidents", "/journal", "/deliveries"):
        help_.get(PARTNER, path, status=403)
    assert help_.get(PARTNER, "/tasks") == []
    assert help_.get(PARTNER, "/cases") == []


def test_only_the_citys_desk_asks_a_neighbour_in_and_only_one_that_is_known(help_: Help) -> None:
    case_id = opened(help_)
    help_.post(TOWN, f"/joint/{case_id}/join", {"root": JINSHAN}, status=403)
    help_.post(ITS_ACCOUNT, f"/joint/{case_id}/join", {"root": JINSHAN}, status=403)
    answer = help_.post(DUTY, f"/joint/{case_id}/join", {"root": "110000000000"}, status=422)
    assert "嘉善县" in answer["remedy"]
    work = {"title": "x", "assignee": PARTNER}
    help_.post(DUTY, f"/joint/{case_id}/tasks", work, status=409)


def test_a_signature_does_not_outlive_the_work_that_it_was_for(help_: Help) -> None:
    case_id = opened(help_)
    help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN})
    [task] = help_.case(case_id)["tasks"]
    help_.done(task, text="已开闸")
    other = "duty-2" if task["assignee"] == DUTY else DUTY
    help_.post(other, f"/cases/{case_id}/verify")
    help_.post(PARTNER, f"/joint/{case_id}/sign", {"text": "同意"})
    help_.post(other, f"/cases/{case_id}/reject", {"reason": "又关上了"})
    assert help_.get(PARTNER, f"/joint/{case_id}")["may_sign"] is None
    [again] = [one for one in help_.case(case_id)["tasks"] if one["state"] == "assigned"]
    help_.hand.step(1)
    help_.done(again, text="再次开闸")
    other = "duty-2" if again["assignee"] == DUTY else DUTY
    help_.post(other, f"/cases/{case_id}/verify")
    help_.post(DUTY, f"/joint/{case_id}/sign", {"text": "同意"})
    answer = help_.post(DUTY, f"/cases/{case_id}/close", status=409)
    assert "金山" in answer["message"]
    help_.post(PARTNER, f"/joint/{case_id}/sign", {"text": "仍同意"})
    help_.post(DUTY, f"/cases/{case_id}/close")


def test_a_partner_is_given_no_work_outside_a_joint_case(help_: Help) -> None:
    body = {"kind": "resident_report", "territory": "330482108000", "text": "积水"}
    case_id = help_.post(DUTY, "/cases", body)["id"]
    [task] = help_.case(case_id)["tasks"]
    for path, key in ((f"/tasks/{task['id']}", "assignee"), (f"/cases/{case_id}", "owner")):
        answer = help_.post(DUTY, f"{path}/assign", {key: PARTNER}, status=409)
        assert "takes no part" in answer["message"]


def test_a_case_of_another_kind_takes_no_partner(help_: Help) -> None:
    body = {"kind": "resident_report", "territory": "330482108000", "text": "积水"}
    case_id = help_.post(DUTY, "/cases", body)["id"]
    help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN}, status=404)


def test_joining_twice_changes_nothing(help_: Help) -> None:
    case_id = opened(help_)
    first = help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN})
    assert help_.post(DUTY, f"/joint/{case_id}/join", {"root": JINSHAN}) == first
    three = help_.post(DUTY, f"/joint/{case_id}/join", {"root": JIASHAN})["cities"]
    assert len(three) == 3
