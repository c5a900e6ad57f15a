"""专有钉钉 (浙政钉), through a platform that checks each signature as its documents say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.channel import Line
from tests.warn.channels.office import START, Office
from tests.warn.channels.web import Provider, Request

SECRET = "s3cret"


class Platform:
    """Takes each bizMsgId once, and signatures whose nonce is new."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[str, str]] = {}
        self.nonces: set[str] = set()
        self.error = ""

    def answer(self, request: Request) -> tuple[int, Any]:
        form = dict(parse_qsl(request.body.decode()))
        if not self._signed(request, form):
            return 200, {"success": False, "errorCode": "1001", "errorMsg": "签名不正确"}
        if request.path == "/gettoken.json":
            return 200, {"success": True, "content": {"success": True, "data": {}}}
        assert request.path == "/message/workNotification"
        assert form["tenantId"] == "196729"
        if self.error:
            return 200, {"success": False, "errorCode": self.error, "errorMsg": form["msg"]}
        name = form["bizMsgId"]
        if name in self.taken:
            inner = {"success": False, "errorCode": "BIZ", "errorMsg": "bizMsgId 重复"}
            return 200, {"success": True, "content": json.dumps(inner)}
        said = json.loads(form["msg"])
        assert said["msgtype"] == "text"
        self.taken[name] = (form["receiverIds"], said["text"]["content"])
        inner = {"success": True, "content": {"msgId": "m1"}}
        return 200, {"success": True, "content": json.dumps(inner)}

    def _signed(self, request: Request, form: dict[str, str]) -> bool:
        head = request.headers
        assert head["x-hmac-auth-version"] == "1.0"
        assert head["apikey"] == "app"
        datetime.strptime(head["x-hmac-auth-timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
        given = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        said = (
            request.method,
            head["x-hmac-auth-timestamp"],
            head["x-hmac-auth-nonce"],
            request.path,
            given,
        )
        code = hmac.new(SECRET.encode(), "\n".join(said).encode(), hashlib.sha256).digest()
        fresh = head["x-hmac-auth-nonce"] not in self.nonces
        self.nonces.add(head["x-hmac-auth-nonce"])
        return fresh and base64.b64encode(code).decode() == head["x-hmac-auth-signature"]


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def server(platform: Platform) -> Iterator[Provider]:
    made = Provider(platform.answer)
    yield made
    made.close()


@pytest.fixture
def line(office: Office, server: Provider, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("ANLAN_CHANNEL_ZWDING_APP_KEY", "app")
    monkeypatch.setenv("ANLAN_CHANNEL_ZWDING_APP_SECRET", SECRET)
    table = (
        f'kind = "dingtalk_gov"\nurl = "{server.url}"\ntenant_id = 196729\n'
        "time_out_s = 0.3\nsettle_s = 1"
    )
    return office.configure("zwding", table, {"wang,dingtalk_gov": "31000"})


def test_a_notice_is_signed_and_reaches_the_account(
    office: Office, line: Line, platform: Platform, server: Provider
) -> None:
    name = office.plan("zwding", "wang", "水位上涨，请转移。a=1&b=2 %41")
    assert office.deliver() == {"sent": 1}
    assert platform.taken == {name: ("31000", "水位上涨，请转移。a=1&b=2 %41")}
    stamp = server.requests[0].headers["x-hmac-auth-timestamp"]
    assert datetime.fromisoformat(stamp) == START
    assert stamp.endswith("+08:00")


def test_a_repeat_of_what_it_has_is_told_nobody_twice(
    office: Office, line: Line, platform: Platform, server: Provider
) -> None:
    server.faults = ["drop"]
    name = office.plan("zwding", "wang", "请转移。")
    assert office.deliver() == {"unknown": 1}
    office.forward(seconds=2)
    assert office.deliver() == {"sent": 1}
    assert platform.taken == {name: ("31000", "请转移。")}
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "state"),
    [("slow", "unknown"), ("wrong", "unknown"), (500, "unknown"), (429, "queued"), (403, "failed")],
)
def test_what_a_fault_means(
    office: Office, line: Line, server: Provider, fault: str | int, state: str
) -> None:
    server.faults = [fault]
    office.plan("zwding", "wang")
    assert office.deliver() == {state: 1}


def test_what_the_platform_refuses_fails_with_its_code_and_none_of_its_words(
    office: Office, line: Line, platform: Platform
) -> None:
    platform.error = "52001"
    name = office.plan("zwding", "wang", "请转移。")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: errorCode 52001"


def test_the_longest_text_fits_what_the_platform_takes(
    office: Office, line: Line, platform: Platform
) -> None:
    office.plan("zwding", "wang", "字" * line.longest)
    assert office.deliver() == {"sent": 1}


def test_the_doctor_tells_a_wrong_secret(
    office: Office, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings.read_channels(office.city)["zwding"]
    assert settings.probe(office.city, found) == "the platform knows this app"
    monkeypatch.setenv("ANLAN_CHANNEL_ZWDING_APP_SECRET", "another")
    with pytest.raises(Refusal, match="does not let this app in") as refused:
        settings.probe(office.city, found)
    assert "another" not in refused.value.message
