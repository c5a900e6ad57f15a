"""E-mail, through a real SMTP server that can be told how to behave."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.channel import Line
from tests.warn.channels.office import Office, free_port

CONTACTS = {
    "wang,email": "wang@town.example",
    "li,email": "li@town.example",
    "zhao,email": "gone@town.example",
}


class Relay:
    """What the server took, and the code that it gives instead of 250."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.to: list[str] = []
        self.answers: dict[str, str] = {}
        self.drop_after_text = False
        self.sessions = 0

    async def handle_EHLO(  # noqa: N802  the server's own names
        self, server: SMTP, session: Session, envelope: Envelope, host: str, said: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = host
        return said

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append(letter)
        self.to += envelope.rcpt_tos
        if self.drop_after_text:
            assert server.transport is not None
            server.transport.close()
        return self.answers.get("DATA", "250 taken")


def let_in(
    server: object, session: object, envelope: object, way: object, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def relay() -> Iterator[tuple[Relay, int]]:
    """A server on a free port."""
    kept, port = Relay(), free_port()
    server = Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        authenticator=let_in,
        auth_require_tls=False,
    )
    server.start()
    yield kept, port
    server.stop()


def open_mail(office: Office, port: int, more: str = "") -> Line:
    return office.configure(
        "email",
        f"""
        kind = "email"
        host = "127.0.0.1"
        port = {port}
        security = "none"
        sender = "alert@pinghu.example"
        sender_name = "平湖市防指"
        time_out_s = 2
        {more}
        """,
        CONTACTS,
    )


def test_a_letter_reaches_one_person_with_their_own_text(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    open_mail(office, port)
    name = office.plan("email", "wang", "海塘水位上涨，立即转移。\n.第二行以点开头")
    assert office.deliver() == {"sent": 1}
    (letter,) = kept.letters
    assert kept.to == ["wang@town.example"]
    assert letter["To"] == "wang@town.example"
    assert letter["Subject"] == "海塘水位上涨，立即转移。"
    assert letter.get_content().split("\r\n")[:2] == ["海塘水位上涨，立即转移。", ".第二行以点开头"]
    assert name in letter["Message-ID"]
    assert letter["Auto-Submitted"] == "auto-generated"


def test_one_connection_carries_a_batch(office: Office, relay: tuple[Relay, int]) -> None:
    kept, port = relay
    open_mail(office, port)
    for who in ("wang", "li", "zhao"):
        office.plan("email", who)
    assert office.deliver() == {"sent": 3}
    assert kept.sessions == 1


def test_a_refused_address_falls_to_the_next_channel_and_holds_up_nobody(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    kept.answers["gone@town.example"] = "550 5.1.1 <gone@town.example> no such person"
    open_mail(office, port)
    lost, good = office.plan("email", "zhao"), office.plan("email", "wang")
    assert office.deliver() == {"sent": 1, "failed": 1}
    assert office.row(lost).reason == "refused by the outlet: SMTP 550"
    assert office.row(good).state == "sent"
    office.forward(seconds=1)
    assert [row.channel for row in office.rows(person="zhao", state="planned")] == ["voice"]


def test_put_off_by_the_relay_it_waits_and_goes_unmarked_later(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    kept.answers["wang@town.example"] = "450 greylisted"
    open_mail(office, port)
    name = office.plan("email", "wang")
    assert office.deliver() == {"queued": 1}
    assert office.deliver() == {"queued": 1}, "asked again at once"
    assert kept.sessions == 1
    del kept.answers["wang@town.example"]
    office.forward(seconds=6)
    assert office.deliver() == {"sent": 1}
    assert (office.row(name).repeat, "重发" in office.row(name).body) == (0, False)


def test_put_off_for_too_long_it_falls_to_the_next_channel(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    kept.answers["wang@town.example"] = "450 mailbox busy"
    open_mail(office, port, "give_up_s = 60")
    office.plan("email", "wang")
    office.deliver()
    office.forward(seconds=61)
    assert office.deliver() == {"failed": 1}


def test_a_relay_that_is_away_for_too_long_gives_its_messages_to_the_next_channel(
    office: Office,
) -> None:
    open_mail(office, free_port(), "give_up_s = 60")
    name = office.plan("email", "wang")
    assert office.deliver() == {"queued": 1}
    office.forward(seconds=61)
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: not reachable: no connection"
    office.plan("email", "li")
    office.forward(seconds=6)
    assert office.deliver() == {"failed": 2, "sent": 1}, "later ones need not wait as long"


def test_a_line_lost_after_the_text_is_unknown_and_only_then_repeated_and_marked(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    kept.drop_after_text = True
    open_mail(office, port, "settle_s = 60")
    name = office.plan("email", "wang")
    assert office.deliver() == {"unknown": 1}
    assert len(kept.letters) == 1, "the relay has it"
    kept.drop_after_text = False
    office.forward(seconds=59)
    assert office.deliver() == {"unknown": 1}, "it may still be settled"
    office.forward(seconds=2)
    assert office.deliver() == {"sent": 1}
    assert office.row(name).repeat == 1
    assert kept.letters[1].get_content().startswith("【重发】")
    assert kept.letters[0]["Message-ID"] != kept.letters[1]["Message-ID"]


def test_superseded_while_it_waits_a_message_goes_no_more(
    office: Office, relay: tuple[Relay, int]
) -> None:
    kept, port = relay
    kept.answers["wang@town.example"] = "450 greylisted"
    kept.drop_after_text = True
    open_mail(office, port)
    unknown, waiting = office.plan("email", "li"), office.plan("email", "wang")
    with office.store.transaction() as tx:
        tx.exec_driver_sql("UPDATE alert SET state = 'superseded'")
    assert office.deliver() == {"unknown": 1, "suppressed": 1}
    office.forward(seconds=61)
    assert office.deliver() == {"unknown": 1, "suppressed": 1}
    assert (office.row(waiting).state, office.row(unknown).repeat) == ("suppressed", 0)
    assert len(kept.letters) == 1


def test_who_has_no_address_falls_to_the_next_channel(
    office: Office, relay: tuple[Relay, int]
) -> None:
    _, port = relay
    open_mail(office, port)
    (office.folder / "contacts.csv").write_text("person,kind,address\n", "utf-8")
    with office.store.transaction() as tx:
        tx.exec_driver_sql("DELETE FROM contact")
    name = office.plan("email", "wang")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: no address"


def test_a_text_cannot_forge_a_header(office: Office, relay: tuple[Relay, int]) -> None:
    kept, port = relay
    open_mail(office, port)
    office.plan("email", "wang", "水\x1b位\r\nBcc: all@town.example\r\n\r\nX")
    assert office.deliver() == {"sent": 1}
    assert kept.to == ["wang@town.example"]
    assert kept.letters[0]["Bcc"] is None
    assert kept.letters[0]["Subject"] == "水位"


def test_the_doctor_says_whether_the_relay_knows_us(
    office: Office, relay: tuple[Relay, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, port = relay
    monkeypatch.setenv("ANLAN_CHANNEL_EMAIL_PASSWORD", "right")
    open_mail(office, port, 'user = "desk"')
    found = settings.read_channels(office.city)["email"]
    assert settings.probe(office.city, found) == f"relay 127.0.0.1:{port} answers"
    monkeypatch.setenv("ANLAN_CHANNEL_EMAIL_PASSWORD", "wrong")
    with pytest.raises(Refusal, match="refuses user 'desk'") as refused:
        settings.probe(office.city, found)
    assert "wrong" not in refused.value.message
    monkeypatch.delenv("ANLAN_CHANNEL_EMAIL_PASSWORD")
    with pytest.raises(Refusal, match="ANLAN_CHANNEL_EMAIL_PASSWORD, which is not set"):
        settings.probe(office.city, found)


BOUNCE = """From: MAILER-DAEMON@relay.example
To: alert@pinghu.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=utf-8

The letter could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Queue-ID: 4F3

Final-Recipient: rfc822; wang@town.example
Action: ACTION
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--B
Content-Type: KIND

RETURNED
--B--
"""


def bounce(letter: EmailMessage, action: str, kind: str) -> bytes:
    """What a mail server sends back of a letter."""
    returned = letter.as_string() if kind == "message/rfc822" else ""
    returned = returned or "".join(f"{name}: {value}\n" for name, value in letter.items())
    text = BOUNCE.replace("ACTION", action).replace("KIND", kind).replace("RETURNED", returned)
    return text.encode()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_letter_that_comes_back_failed_and_the_next_channel_has_its_turn(
    office: Office, relay: tuple[Relay, int], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("ANLAN_CHANNEL_EMAIL_REPORT_TOKEN", "tok")
    line = open_mail(office, relay[1])
    assert line.report_token == "tok"
    name = office.plan("email", "wang")
    assert office.deliver() == {"sent": 1}
    back = bounce(relay[0].letters[0], "failed", kind)
    assert line.take_report(back) == {"known": 1, "unknown": 0}
    assert line.take_report(back) == {"known": 1, "unknown": 0}
    assert office.row(name).state == "failed"
    office.forward(seconds=1)
    assert [row.channel for row in office.rows(person="wang") if row.id != name] == ["voice"]


@pytest.mark.parametrize(("action", "state"), [("delayed", "sent"), ("delivered", "delivered")])
def test_only_a_failure_fails(
    office: Office, relay: tuple[Relay, int], action: str, state: str
) -> None:
    line = open_mail(office, relay[1])
    name = office.plan("email", "wang")
    office.deliver()
    line.take_report(bounce(relay[0].letters[0], action, "message/rfc822"))
    assert office.row(name).state == state


def test_what_is_no_notification_of_a_letter_of_ours_changes_nothing(
    office: Office, relay: tuple[Relay, int]
) -> None:
    line = open_mail(office, relay[1])
    name = office.plan("email", "wang")
    office.deliver()
    (letter,) = relay[0].letters
    foreign = bounce(letter, "failed", "message/rfc822").replace(b"@pinghu.example>", b"@x>")
    unknown = bounce(letter, "failed", "message/rfc822").replace(name.encode(), b"D" * len(name))
    deep = b"".join(
        b'Content-Type: multipart/report; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5000)
    )
    for octets in (b"", b"\xff\x00", letter.as_bytes(), foreign, unknown, deep):
        assert line.take_report(octets) == {"known": 0, "unknown": 1}
    assert office.row(name).state == "sent"
