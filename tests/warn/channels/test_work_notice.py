"""DingTalk's work notices, through a server with tokens, tasks and results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.work_notice import Notices
from tests.warn.channels.office import Office, wait_for
from tests.warn.channels.web import Provider, Request

pytestmark = pytest.mark.both_engines
CONTACTS = {"wang,dingtalk": "manager4220", "li,dingtalk": "user-li", "zhao,dingtalk": "user-zhao"}


class Organisation:
    """Gives tokens that grow old, takes notices, and tells what became of them."""

    def __init__(self) -> None:
        self.tokens = 0
        self.notices: list[dict[str, Any]] = []
        self.result: dict[str, list[str]] = {}
        self.code = 0

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.path == "/gettoken":
            if (request.query["appkey"], request.query["appsecret"]) != ("key", "sec&ret"):
                return 200, {"errcode": 40089, "errmsg": "no"}
            self.tokens += 1
            return 200, {"errcode": 0, "access_token": f"t{self.tokens}", "expires_in": 7200}
        if request.query["access_token"] != f"t{self.tokens}":
            return 200, {"errcode": 40014, "errmsg": "invalid access_token"}
        if self.code:
            return 200, {"errcode": self.code, "errmsg": "no"}
        if request.path == "/topapi/message/corpconversation/asyncsend_v2":
            self.notices.append(request.json())
            return 200, {"errcode": 0, "task_id": 256271667526 + len(self.notices)}
        assert request.path == "/topapi/message/corpconversation/getsendresult"
        return 200, {"errcode": 0, "send_result": self.result}


@pytest.fixture
def organisation() -> Organisation:
    return Organisation()


@pytest.fixture
def dingtalk(organisation: Organisation) -> Iterator[Provider]:
    made = Provider(organisation.answer)
    yield made
    made.close()


@pytest.fixture
def line(office: Office, dingtalk: Provider, monkeypatch: pytest.MonkeyPatch) -> Notices:
    monkeypatch.setenv("ANLAN_CHANNEL_NOTICE_APP_KEY", "key")
    monkeypatch.setenv("ANLAN_CHANNEL_NOTICE_APP_SECRET", "sec&ret")
    table = f"""
    kind = "dingtalk_notice"
    url = "{dingtalk.url}"
    agent_id = 153858650
    poll_s = 0.05
    time_out_s = 0.3
    """
    made = office.configure("notice", table, CONTACTS)
    assert isinstance(made, Notices)
    return made


def test_people_with_one_text_are_told_in_one_call(
    office: Office, line: Notices, organisation: Organisation
) -> None:
    office.plan("notice", "wang", "转移。")
    office.plan("notice", "li", "转移。")
    office.plan("notice", "zhao", "值守。")
    assert office.deliver() == {"sent": 3}
    found = {
        notice["msg"]["text"]["content"]: set(notice["userid_list"].split(","))
        for notice in organisation.notices
    }
    assert found == {"转移。": {"manager4220", "user-li"}, "值守。": {"user-zhao"}}
    assert {notice["agent_id"] for notice in organisation.notices} == {153858650}
    assert organisation.tokens == 1


def test_results_turn_sent_into_delivered_read_and_failed(
    office: Office, line: Notices, organisation: Organisation
) -> None:
    names = {who: office.plan("notice", who) for who in ("wang", "li", "zhao")}
    office.deliver()
    organisation.result = {
        "unread_user_id_list": ["manager4220"],
        "read_user_id_list": ["user-li", "stranger"],
        "invalid_user_id_list": ["user-zhao"],
    }
    line.start()
    wait_for(lambda: office.row(names["zhao"]).state == "failed")
    wait_for(lambda: office.row(names["li"]).state == "read")
    assert office.row(names["wang"]).state == "delivered"
    organisation.result = {"read_user_id_list": ["manager4220"]}
    wait_for(lambda: office.row(names["wang"]).state == "read")


def test_a_token_is_replaced_before_and_when_it_grows_old(
    office: Office, line: Notices, organisation: Organisation
) -> None:
    office.plan("notice", "wang")
    office.deliver()
    office.forward(seconds=6900)
    office.plan("notice", "li")
    office.deliver()
    assert organisation.tokens == 2
    organisation.tokens = 7  # somebody else signed in: ours is no longer good
    office.plan("notice", "zhao")
    office.deliver()
    assert [notice["userid_list"] for notice in organisation.notices][-1] == "user-zhao"


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        ([None, "drop"], "unknown"),
        ([None, "slow"], "unknown"),
        ([None, "wrong"], "unknown"),
        ([None, 500], "unknown"),
        ([None, 503], "queued"),
        (["drop"], "queued"),
        ([500], "queued"),
    ],
    ids=str,
)
def test_what_a_fault_means_of_the_notice_and_of_the_token_before_it(
    office: Office, line: Notices, dingtalk: Provider, faults: list[Any], state: str
) -> None:
    dingtalk.faults = list(faults)
    office.plan("notice", "wang")
    assert office.deliver() == {state: 1}


@pytest.mark.parametrize(("code", "state"), [(-1, "queued"), (90018, "queued"), (33012, "failed")])
def test_what_dingtalk_says_decides(
    office: Office, line: Notices, organisation: Organisation, code: int, state: str
) -> None:
    organisation.code = code
    office.plan("notice", "wang")
    assert office.deliver() == {state: 1}


def test_a_text_that_is_too_long_falls_to_the_next_channel(office: Office, line: Notices) -> None:
    office.plan("notice", "wang", "字" * 700)
    assert office.deliver() == {"failed": 1}


def test_no_userid_is_readable_on_disk(office: Office, line: Notices) -> None:
    office.plan("notice", "wang")
    office.deliver()
    assert b"manager4220" not in office.everything_on_disk()


def test_the_doctor_asks_for_a_token(
    office: Office, line: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings.read_channels(office.city)["notice"]
    assert "lets the app in" in settings.probe(office.city, found)
    monkeypatch.setenv("ANLAN_CHANNEL_NOTICE_APP_SECRET", "old")
    with pytest.raises(Refusal, match="does not let the app in"):
        settings.probe(office.city, found)
