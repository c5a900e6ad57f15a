"""A DingTalk group's robot, through a server that checks signatures as DingTalk's documents say."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.refusal import Refusal
from anlan.warn.channels import ActualMessage, settings
from anlan.warn.channels.channel import Line
from anlan.warn.channels.dingtalk import MOST_CALLED, MOST_SIGNS, sign, together
from tests.warn.channels.office import PHONES, START, Office
from tests.warn.channels.web import Provider, Request

SECRET = "SECab12"


class Group:
    """The group as its members see it; calls of one minute are counted."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.called: list[list[str]] = []
        self.code: int | None = None

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.method == "GET":
            return 404, {}
        assert request.path == "/robot/send"
        stamp = request.query["timestamp"]
        code = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        good = request.query["sign"] == base64.b64encode(code).decode()
        if request.query["access_token"] != "tok" or not good:
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if self.code is not None:
            return 200, {"errcode": self.code, "errmsg": "no"}
        body = request.json()
        assert body["msgtype"] == "text"
        self.texts.append(body["text"]["content"])
        self.called.append(body["at"]["atMobiles"])
        return 200, {"errcode": 0, "errmsg": "ok"}


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def dingtalk(group: Group) -> Iterator[Provider]:
    made = Provider(group.answer)
    yield made
    made.close()


@pytest.fixture
def line(office: Office, dingtalk: Provider, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("ANLAN_CHANNEL_DINGTALK_TOKEN", "tok")
    monkeypatch.setenv("ANLAN_CHANNEL_DINGTALK_SECRET", SECRET)
    table = f'kind = "dingtalk_robot"\nurl = "{dingtalk.url}"\ntime_out_s = 0.3'
    return office.configure("dingtalk", table)


def test_the_signature_is_that_of_the_documents() -> None:
    moment = datetime(2026, 7, 25, tzinfo=UTC)
    code = hmac.new(b"SECx", b"1784937600000\nSECx", hashlib.sha256).digest()
    quoted = base64.b64encode(code).decode().replace("+", "%2B").replace("/", "%2F")
    assert sign("SECx", moment) == "&timestamp=1784937600000&sign=" + quoted.replace("=", "%3D")


def test_what_waits_goes_in_one_call_each_text_once(
    office: Office, line: Line, group: Group, dingtalk: Provider
) -> None:
    office.plan("dingtalk", "wang", "甲村：转移。")
    office.plan("dingtalk", "li", "甲村：转移。")
    office.plan("dingtalk", "zhao", "乙村：[点我](http://x)")
    assert office.deliver() == {"sent": 3}
    (text,), (called,) = group.texts, group.called
    assert sorted(text.split("\n\n")) == ["乙村：[点我](http://x)", "甲村：转移。"]
    assert sorted(called) == sorted(PHONES.values())
    assert PHONES["wang"] not in text, "the group does not see numbers"


def test_never_more_than_twenty_calls_a_minute(
    office: Office, line: Line, group: Group, dingtalk: Provider
) -> None:
    calls = []
    for number in range(90):
        who = list(PHONES)[number % 3]
        with office.store.transaction() as tx:
            tx.exec_driver_sql("DELETE FROM delivery")
        office.plan("dingtalk", who, f"第{number}条")
        office.deliver()
        calls.append(len(dingtalk.requests))
        office.forward(seconds=1)
    assert all(later - earlier <= 20 for earlier, later in zip(calls, calls[60:], strict=False))
    assert calls[-1] >= 20


def test_silenced_its_messages_take_the_next_channel_at_once(
    office: Office, line: Line, group: Group, dingtalk: Provider
) -> None:
    group.code = 130101
    office.plan("dingtalk", "wang")
    assert office.deliver() == {"failed": 1}
    office.plan("dingtalk", "li")
    office.forward(seconds=1)
    assert office.deliver() == {"failed": 2, "sent": 1}
    assert len(dingtalk.requests) == 1, "a silenced robot is not called"
    group.code = None
    office.forward(seconds=600)
    office.plan("dingtalk", "zhao")
    office.deliver()
    assert len(group.texts) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("drop", "unknown"),
        ("slow", "unknown"),
        ("wrong", "unknown"),
        (500, "unknown"),
        (503, "queued"),
        (403, "failed"),
    ],
)
def test_what_a_fault_means(
    office: Office, line: Line, dingtalk: Provider, fault: str | int, state: str
) -> None:
    dingtalk.faults = [fault]
    office.plan("dingtalk", "wang")
    assert office.deliver() == {state: 1}


def test_a_host_that_is_away_is_asked_again(office: Office, line: Line, dingtalk: Provider) -> None:
    dingtalk.close()
    office.plan("dingtalk", "wang")
    assert office.deliver() == {"queued": 1}


@pytest.mark.parametrize(("code", "state"), [(310000, "failed"), (-1, "queued")])
def test_what_dingtalk_says_decides(
    office: Office, line: Line, group: Group, code: int, state: str
) -> None:
    group.code = code
    office.plan("dingtalk", "wang")
    assert office.deliver() == {state: 1}


@given(st.lists(st.integers(1, 3000), max_size=150))
def test_no_call_is_too_long_and_no_message_is_left_out(lengths: list[int]) -> None:
    messages = [
        (ActualMessage(f"D{n}", "A", 1, "dingtalk", "p", "字" * size, 0), "13900000000")
        for n, size in enumerate(lengths)
    ]
    calls = together(messages)
    assert sorted(m.key for c in calls for g in c.values() for m, _ in g) == sorted(
        m.key for m, _ in messages
    )
    for texts in calls:
        assert len("\n\n".join(texts)) <= MOST_SIGNS
        assert sum(map(len, texts.values())) <= MOST_CALLED


def test_a_robot_may_not_be_set_faster_than_dingtalk_allows(office: Office, line: Line) -> None:
    with pytest.raises(Refusal, match="more than the provider takes"):
        office.configure("dingtalk", 'kind = "dingtalk_robot"\nper_minute = 21')


def test_the_doctor_reaches_the_host_and_tells_nobody(
    office: Office, line: Line, group: Group, dingtalk: Provider
) -> None:
    found = settings.read_channels(office.city)["dingtalk"]
    assert "answers" in settings.probe(office.city, found)
    assert group.texts == []
    dingtalk.close()
    with pytest.raises(Refusal, match="does not answer"):
        settings.probe(office.city, found)


def test_the_moment_is_the_desks_own(office: Office, line: Line, dingtalk: Provider) -> None:
    office.plan("dingtalk", "wang")
    office.deliver()
    assert dingtalk.requests[0].query["timestamp"] == str(int(START.timestamp() * 1000))
