"""Freight passes over HTTP: asked for, decided by the task force, verified without signal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.respond.firms import token
from tests.respond.firms.conftest import (
    CHECKER,
    DUTY,
    FIRM,
    ITS_ACCOUNT,
    LIAISON,
    NOON,
    OTHER_TOWN,
    TOWN,
    Help,
)

ASKED = {
    "plate": "浙f 12345",
    "cargo": "food",
    "origin": "独山港",
    "destination": "上海金山",
    "valid_from": "2021-07-25T12:00:00+08:00",
    "valid_to": "2021-07-26T12:00:00+08:00",
}


def asked(help_: Help) -> str:
    return str(help_.post(ITS_ACCOUNT, "/me/firm/passes", ASKED)["id"])


def checked(help_: Help, text: str, now: object = NOON) -> token.Verdict:
    """As a phone without signal does it: by the kit alone."""
    kit = help_.get(CHECKER, "/passes/kit")
    keys = {name: bytes.fromhex(raw) for name, raw in kit["keys"].items()}
    revoked = token.read_list(kit["revoked"], keys)
    assert revoked is not None
    old = timedelta(hours=kit["list_old_h"])
    return token.judge(text, keys, revoked, NOON, exercise=kit["exercise"], list_old=old)


def test_a_pass_goes_from_the_firms_request_to_a_closed_case(help_: Help) -> None:
    pass_id = asked(help_)
    [one] = help_.get(LIAISON, "/passes")
    assert (one["id"], one["state"], one["plate"]) == (pass_id, "asked", "浙F12345")
    assert one["token"] == ""
    case = help_.case(one["case"])
    assert [task["assignee"] for task in case["tasks"]] == [LIAISON]

    written = help_.post(LIAISON, f"/passes/{pass_id}/issue")["token"]

    assert help_.case(one["case"])["state"] == "done_claimed"
    help_.post(ITS_ACCOUNT, f"/cases/{one['case']}/verify")
    help_.post(ITS_ACCOUNT, f"/cases/{one['case']}/rate", {"verdict": "solved", "rating": 5})
    help_.post(DUTY, f"/cases/{one['case']}/close")
    assert help_.case(one["case"])["state"] == "closed"
    shown = help_.get(ITS_ACCOUNT, "/me/firm")["passes"]
    assert [each["token"] for each in shown] == [written]
    found = checked(help_, written)
    assert found.state == "valid"
    assert found.grant is not None
    assert (found.grant.plate, found.grant.exercise) == ("浙F12345", True)
    assert help_.post(CHECKER, "/passes/check", {"token": written})["state"] == "valid"


def test_a_revoked_pass_stands_on_the_next_list(help_: Help) -> None:
    pass_id = asked(help_)
    written = help_.post(DUTY, f"/passes/{pass_id}/issue")["token"]
    assert checked(help_, written).state == "valid"
    help_.post(LIAISON, f"/passes/{pass_id}/revoke", {"reason": "车辆故障，换车"})
    assert checked(help_, written).state == "revoked"
    assert help_.post(CHECKER, "/passes/check", {"token": written})["state"] == "revoked"
    [one] = help_.get(ITS_ACCOUNT, "/me/firm")["passes"]
    assert (one["state"], one["reason"], one["token"]) == ("revoked", "车辆故障，换车", "")


def test_a_retired_key_voids_what_it_signed_and_a_new_one_signs_on(help_: Help) -> None:
    first = help_.post(DUTY, f"/passes/{asked(help_)}/issue")["token"]
    help_.post(DUTY, "/passes/keys/retire", {"reason": "钥匙文件外泄"})
    second = help_.post(DUTY, f"/passes/{asked(help_)}/issue")["token"]
    assert checked(help_, first).state == "unknown_key"
    assert checked(help_, second).state == "valid"


def test_a_pass_is_decided_once(help_: Help) -> None:
    pass_id = asked(help_)
    help_.post(LIAISON, f"/passes/{pass_id}/refuse", {"reason": "时段不符"})
    for verb, body in (("issue", {}), ("refuse", {"reason": "x"}), ("revoke", {"reason": "x"})):
        help_.post(LIAISON, f"/passes/{pass_id}/{verb}", body, status=409)
    [one] = help_.get(ITS_ACCOUNT, "/me/firm")["passes"]
    assert (one["state"], one["reason"]) == ("refused", "时段不符")


def test_who_is_not_of_the_task_force_decides_nothing(help_: Help) -> None:
    pass_id = asked(help_)
    help_.post(TOWN, f"/passes/{pass_id}/issue", status=403)
    help_.post("liaison-water", f"/passes/{pass_id}/issue", status=403)
    help_.post(OTHER_TOWN, f"/passes/{pass_id}/issue", status=404)
    help_.post(ITS_ACCOUNT, f"/passes/{pass_id}/issue", status=403)
    assert help_.get(OTHER_TOWN, "/passes") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"plate": "13800001234"}, "plate"),
        ({"plate": "浙F"}, "plate"),
        ({"destination": "金山 13800001234"}, "destination"),
        ({"origin": ""}, "origin"),
        ({"origin": "港\x00"}, "origin"),
        ({"cargo": "weapons"}, "form.cargo"),
        ({"valid_to": "2021-07-25T11:00:00+08:00"}, "valid_to"),
        ({"valid_to": "2021-08-25T12:00:00+08:00"}, "valid_to"),
        ({"valid_from": "2021-07-25T12:00:00"}, "valid_from"),
    ],
)
def test_what_cannot_stand_on_a_pass_is_refused_by_name(
    help_: Help, change: dict[str, str], field: str
) -> None:
    answer = help_.post(ITS_ACCOUNT, "/me/firm/passes", {**ASKED, **change}, status=422)
    assert answer["field"] == field
    assert help_.get(LIAISON, "/passes") == []


def test_asked_twice_with_one_key_there_is_one_pass(help_: Help) -> None:
    phone = help_.at(ITS_ACCOUNT)
    key = {"Idempotency-Key": "k1"}
    ids = {
        phone.post("/api/v1/me/firm/passes", json=ASKED, headers=key).json()["id"] for _ in range(2)
    }
    assert len(ids) == len(help_.get(LIAISON, "/passes")) == 1


def test_the_kit_of_a_checker_names_no_firm_and_no_vehicle(help_: Help) -> None:
    help_.post(DUTY, f"/passes/{asked(help_)}/issue")
    answer = help_.at(CHECKER).get("/api/v1/passes/kit").text
    assert FIRM not in answer
    assert "浙F12345" not in answer


def test_the_journal_tells_of_passes_without_their_words(help_: Help) -> None:
    pass_id = asked(help_)
    help_.post(LIAISON, f"/passes/{pass_id}/issue")
    help_.post(LIAISON, f"/passes/{pass_id}/revoke", {"reason": "换车"})
    text = help_.at(DUTY).get("/api/v1/journal?limit=100").text
    for kind in ("pass.asked", "pass.issued", "pass.revoked"):
        assert kind in text
    assert "换车" not in text
    assert "浙F12345" not in text
