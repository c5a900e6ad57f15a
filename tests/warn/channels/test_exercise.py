"""Exercise traffic cannot reach a real outlet: by type, for every channel that there is.

Each channel is opened against a listener that counts connections. None may come.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from anlan.refusal import Refusal
from anlan.warn import actions, live_outlets
from anlan.warn.channels import (
    ActualMessage,
    ExerciseMessage,
    ExerciseOutlet,
    RealOutlet,
    hand_over,
)
from anlan.warn.channels.channel import Line
from anlan.warn.channels.settings import KINDS
from anlan.warn.channels.web_push import packed
from tests.warn.channels.office import Office, wait_for
from tests.warn.channels.test_web_push import Browser

KEY = packed(b"\x07" * 32)
TEMPLATE = '[[real.template]]\ncode = "1"\ntext = "{1}"'
TABLES = {
    "email": 'host = "127.0.0.1"\nport = PORT\nsecurity = "none"\nsender = "a@b.example"',
    "smpp": 'host = "127.0.0.1"\nport = PORT\nuser = "u"\nsender = "1069"',
    "aliyun_sms": 'url = "http://127.0.0.1:PORT"\nsign_name = "s"\n'
    + TEMPLATE.replace("{1}", "${a}"),
    "tencent_sms": 'url = "http://127.0.0.1:PORT"\nsign_name = "s"\napp_id = "1"\n' + TEMPLATE,
    "dingtalk_robot": 'url = "http://127.0.0.1:PORT"',
    "dingtalk_notice": 'url = "http://127.0.0.1:PORT"\nagent_id = 1',
    "dingtalk_gov": 'url = "http://127.0.0.1:PORT"\ntenant_id = 1',
    "webhook": 'url = "http://127.0.0.1:PORT"',
    "web_push": 'subject = "mailto:duty@pinghu.example"',
    "mqtt": 'url = "mqtt://127.0.0.1:PORT"',
}
CONTACTS = {
    "wang,email": "wang@town.example",
    "wang,dingtalk": "wang",
    "wang,dingtalk_gov": "wang",
    "wang,mqtt": "speakers/1",
}


class Listener:
    """Counts connections; says nothing."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.count = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self.count += 1
            line.close()

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture(params=sorted(KINDS))
def line(
    request: pytest.FixtureRequest,
    office: Office,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> Line:
    """An open line of each kind, not started: what is sent by it is all that may connect."""
    for secret in KINDS[request.param].secrets:
        monkeypatch.setenv(f"ANLAN_CHANNEL_REAL_{secret}".upper(), KEY)
    table = TABLES[request.param].replace("PORT", str(listener.port))
    office.allow("127.0.0.0/8")
    browser = Browser()
    browser.url = f"http://127.0.0.1:{listener.port}"
    endpoint = {"wang,web_push": browser.subscription()}
    return office.configure(
        "real", f'kind = "{request.param}"\ntime_out_s = 0.3\n{table}', CONTACTS | endpoint
    )


def message(kind: type[ActualMessage] | type[ExerciseMessage]) -> Any:
    return kind("D1", "A", 1, "real", "wang", "【演练】转移", 0)


def test_every_channel_is_tried_here() -> None:
    assert set(TABLES) == set(KINDS)


def test_an_actual_message_does_call(line: Line, listener: Listener) -> None:
    """Else the tests below would prove nothing."""
    line.start()
    line.send([message(ActualMessage)])
    wait_for(lambda: listener.count)


def test_an_exercise_alert_fails_at_a_real_channel_and_nobody_is_called(
    office: Office, line: Line, listener: Listener
) -> None:
    name = office.plan("real", "wang", "【演练】转移", status="Exercise")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "no outlet for this channel and status"
    assert listener.count == 0


def test_an_exercise_message_is_refused_by_the_line_itself(line: Line, listener: Listener) -> None:
    for messages in (
        [message(ExerciseMessage)],
        [message(ActualMessage), message(ExerciseMessage)],
    ):
        with pytest.raises(Refusal, match="do not fit outlet"):
            line.send(messages)
        with pytest.raises(Refusal, match="do not fit outlet"):
            hand_over(line, messages)
    assert listener.count == 0


def test_no_class_is_a_message_or_an_outlet_of_both_kinds(line: Line) -> None:
    assert isinstance(line, RealOutlet)
    assert not isinstance(line, ExerciseOutlet)
    assert not issubclass(ExerciseMessage, ActualMessage)
    assert not issubclass(ActualMessage, ExerciseMessage)


class Disguised(ActualMessage):
    """A message of another kind that claims to be an actual one."""


def test_a_kind_derived_from_the_actual_one_passes_no_line(line: Line, listener: Listener) -> None:
    with pytest.raises(Refusal):
        line.send([message(Disguised)])
    assert listener.count == 0


def test_on_a_desk_that_is_not_cleared_no_channel_is_even_opened(
    office: Office, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(
        "real", f'kind = "email"\n{TABLES["email"].replace("PORT", str(listener.port))}', CONTACTS
    )
    office.city = replace(office.city, settings={"sender": {"actual": False}})
    outlets = live_outlets(office.city, office.folder, office.store, office.clock, office.vault)
    assert all(isinstance(each, ExerciseOutlet) for each in outlets.values())
    for status, who in itertools.product(("Actual", "Exercise"), ("wang", "li")):
        office.plan("real", who, "【演练】转移", status=status)
    counts = actions.deliver(office.store, office.clock.now(), outlets)
    assert (counts["sent"], counts["failed"]) == (2, 2)
    assert listener.count == 0


def test_a_message_of_an_exercise_must_bear_its_mark() -> None:
    with pytest.raises(Refusal, match="lacks its mark"):
        ExerciseMessage("D1", "A", 1, "real", "wang", "转移", 0)
