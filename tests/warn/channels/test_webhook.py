"""A system of the city's own, told by signed calls."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.channel import Line
from tests.warn.channels.office import START, Office
from tests.warn.channels.web import Provider, Request


def checked(request: Request) -> tuple[int, Any]:
    """As the other system would: the signature over moment and body."""
    if request.method == "GET":
        return 405, {}
    stamp, code = (
        part.partition("=")[2] for part in request.headers["x-anlan-signature"].split(",")
    )
    mine = hmac.new(b"shared", f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    return (200, {}) if hmac.compare_digest(mine, code) else (401, {})


@pytest.fixture
def gateway() -> Iterator[Provider]:
    made = Provider(checked)
    yield made
    made.close()


@pytest.fixture
def line(office: Office, gateway: Provider, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("ANLAN_CHANNEL_GATEWAY_SECRET", "shared")
    table = f'kind = "webhook"\nurl = "{gateway.url}/in"\ntime_out_s = 0.3\nsettle_s = 1'
    return office.configure("gateway", table)


def test_each_message_is_a_signed_call(office: Office, line: Line, gateway: Provider) -> None:
    name = office.plan("gateway", "wang", "转移。")
    assert office.deliver() == {"sent": 1}
    (request,) = gateway.requests
    assert request.json() == {
        "delivery": name,
        "alert": "Actual",
        "version": 1,
        "channel": "gateway",
        "person": "wang",
        "text": "转移。",
        "repeat": 0,
    }
    assert request.headers["idempotency-key"] == name
    assert request.headers["x-anlan-signature"].startswith(f"t={int(START.timestamp())},v1=")


def test_a_repeat_bears_the_same_key_and_the_mark(
    office: Office, line: Line, gateway: Provider
) -> None:
    gateway.faults = ["drop"]
    name = office.plan("gateway", "wang")
    assert office.deliver() == {"unknown": 1}
    office.forward(seconds=2)
    assert office.deliver() == {"sent": 1}
    assert [request.headers["idempotency-key"] for request in gateway.requests] == [name, name]
    assert gateway.requests[1].json()["text"].startswith("【重发】")


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("slow", "unknown"),
        (500, "unknown"),
        (502, "unknown"),
        (429, "queued"),
        (503, "queued"),
        (302, "failed"),
        (404, "failed"),
    ],
)
def test_what_a_fault_means(
    office: Office, line: Line, gateway: Provider, fault: str | int, state: str
) -> None:
    gateway.faults = [fault]
    office.plan("gateway", "wang")
    assert office.deliver() == {state: 1}


def test_receipts_are_those_of_its_own_deliveries(office: Office, line: Line) -> None:
    name = office.plan("gateway", "wang")
    other = office.plan("voice", "li")
    office.deliver()
    rows = [{"delivery": each, "state": "delivered"} for each in (name, other, "D0")]
    assert line.take_report(json.dumps(rows).encode()) == {"known": 1, "unknown": 2}
    assert (office.row(name).state, office.row(other).state) == ("delivered", "sent")
    with pytest.raises(Refusal, match="no receipt"):
        line.take_report(b'[{"delivery": "D0", "state": "planned"}]')


def test_the_doctor_reaches_it_without_a_message(
    office: Office, line: Line, gateway: Provider
) -> None:
    found = settings.read_channels(office.city)["gateway"]
    assert settings.probe(office.city, found).endswith("answers (HTTP 405)")
    assert [request.method for request in gateway.requests] == ["GET"]


def test_an_open_line_to_the_world_is_refused(office: Office, line: Line) -> None:
    with pytest.raises(Refusal, match="leaves the line open"):
        office.configure("gateway", 'kind = "webhook"\nurl = "http://gateway.example/in"')
