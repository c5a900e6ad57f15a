"""E-mail by SMTP (RFC 5321): each message to one person, over TLS unless the relay is beside us.

::

    [email]
    kind = "email"
    host = "smtp.pinghu.example"
    port = 465                    # default: 465 with tls, 587 with starttls, 25 with none
    security = "tls"              # tls, starttls, or none (only to this machine)
    user = "alert"                # then ANLAN_CHANNEL_EMAIL_PASSWORD is needed
    sender = "alert@pinghu.example"
    sender_name = "平湖市防汛防台抗旱指挥部"
    # ANLAN_CHANNEL_<NAME>_REPORT_TOKEN: then letters that come back may be pushed to
    #   /api/v1/channels/<name>/reports/<token>, each as it is

Accepted means that the relay answered 250 to the text. A 5xx is a refusal for good; a 4xx, or no
connection, puts the message off; a line lost after the text began is unknown. A letter that comes
back makes its delivery failed, however late, where the mail server hands over what comes to
``sender``; there is no receipt of arrival: people answer by the link in the text.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime, formataddr

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.book import KINDS as ADDRESSES
from anlan.warn.channels.bounces import read_bounce
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome

PORTS = {"tls": 465, "starttls": 587, "none": 25}
HERE = ("localhost", "127.0.0.1", "::1")
SUBJECT = 60  # characters of the first line that stand in the subject
START, AWAY, NOISE = 354, 421, -1


@dataclass(frozen=True)
class Settings:
    """Which relay, and as whom."""

    host: str
    port: int
    security: str
    user: str
    sender: str
    sender_name: str


class Gone(Exception):  # noqa: N818  the relay hung up, which is no malfunction of ours
    """The relay went away; ``begun`` tells whether the text was under way."""

    def __init__(self, begun: bool) -> None:
        super().__init__()
        self.begun = begun


class Relay(Line):
    """One connection for a batch, messages one after another."""

    address = "email"

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._secrets = setup.settings, setup.secrets
        self._inbox = setup.inbox
        self.report_token = setup.secrets["report_token"]

    def take_report(self, body: bytes) -> dict[str, object]:
        """A letter that came to the sender's address; other letters than notifications of ours
        are let pass: the mail server need not tell them apart."""
        found = read_bounce(body, _domain(self._own))
        if found is None or found[1] is None:
            return {"known": 0, "unknown": 1 if found is None else 0}
        known = self._inbox.of_delivery(found[0], self.common.name, found[1])
        return {"known": int(known), "unknown": int(not known)}

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Hand over by one connection; once it is lost, what is left is put off."""
        handed: list[Handed] = []
        try:
            relay = connect(self.common, self._own, self._secrets)
        except Refusal:
            return [Handed(Outcome.DEFERRED, reason="user not let in")] * len(messages)
        except (OSError, smtplib.SMTPException):
            return [Handed(Outcome.DEFERRED, reason="no connection")] * len(messages)
        try:
            for message, address in messages:
                handed.append(self._one(relay, message, address))
        except Gone as gone:
            if gone.begun:
                handed.append(Handed(Outcome.UNKNOWN, reason="line lost after the text"))
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                relay.quit()
        left = len(messages) - len(handed)
        return [*handed, *[Handed(Outcome.DEFERRED, reason="line lost")] * left]

    def _one(self, relay: smtplib.SMTP, message: ActualMessage, address: str) -> Handed:
        text = compose(self._own, message, address, self._stamp())
        try:
            for code, _ in (
                relay.mail(self._own.sender, [f"SIZE={len(text)}"] * _sizes(relay)),
                relay.rcpt(address),
            ):
                if code // 100 != 2:
                    relay.rset()
                    return _said(code)
            relay.putcmd("data")
            code, _ = relay.getreply()
        except (OSError, smtplib.SMTPException) as lost:
            raise Gone(False) from lost
        if code != START:
            return _said(code)
        try:
            relay.send(re.sub(rb"(?m)^\.", b"..", text) + b".\r\n")
            code, _ = relay.getreply()
        except (OSError, smtplib.SMTPException) as lost:
            raise Gone(True) from lost
        if code // 100 == 2:
            return Handed(Outcome.ACCEPTED)
        if code == NOISE:
            raise Gone(True)
        return _said(code)

    def _stamp(self) -> str:
        return format_datetime(self.clock.now())


def _sizes(relay: smtplib.SMTP) -> int:
    return 1 if relay.has_extn("size") else 0


def _said(code: int) -> Handed:
    """What a refusal means: 4xx asks to come again, 5xx never to (RFC 5321, 4.2.1)."""
    if code in (AWAY, NOISE):
        raise Gone(False)
    outcome = Outcome.REFUSED if code // 100 == 5 else Outcome.DEFERRED
    return Handed(outcome, reason=f"SMTP {code}")


def connect(common: Common, own: Settings, secrets: Mapping[str, str]) -> smtplib.SMTP:
    """A relay that has greeted us and knows us.

    Raises:
        Refusal: when it does not take our name and password.
        OSError, SMTPException: when there is no connection.
    """
    limit = common.time_out_s
    relay: smtplib.SMTP
    if own.security == "tls":
        context = ssl.create_default_context()
        relay = smtplib.SMTP_SSL(own.host, own.port, timeout=limit, context=context)
    else:
        relay = smtplib.SMTP(own.host, own.port, timeout=limit)
    try:
        if own.security == "starttls":
            relay.starttls(context=ssl.create_default_context())
        relay.ehlo_or_helo_if_needed()
        if own.user:
            relay.login(own.user, secrets["password"])
    except smtplib.SMTPAuthenticationError as problem:
        relay.close()
        raise Refusal(
            f"channels.toml: {common.name}: relay {own.host} refuses user '{own.user}' "
            f"(SMTP {problem.smtp_code}); give the right password",
            field="user",
            value=own.user,
            remedy="the relay's own user and password",
        ) from None
    except BaseException:
        relay.close()
        raise
    return relay


def compose(own: Settings, message: ActualMessage, address: str, stamp: str) -> bytes:
    """The letter as bytes with CRLF ends: first line as subject, whole text as body."""
    letter = EmailMessage(policy=POLICY)
    first = (message.body.strip().splitlines() or [""])[0]
    letter["Subject"] = "".join(sign for sign in first if sign.isprintable())[:SUBJECT]
    letter["From"] = formataddr((own.sender_name, own.sender))
    letter["To"] = address
    letter["Date"] = stamp
    # a repeat is another letter, which answers the same: receivers show it beside the first
    letter["Message-ID"] = f"<{message.key}.{message.repeat}@{_domain(own)}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes, please
    letter.set_content(message.body, cte="base64")
    return letter.as_bytes()


def _domain(own: Settings) -> str:
    """Of the Message-ID of letters of ours."""
    return own.sender.rpartition("@")[2]


class Mail(Channel[Settings]):
    """E-mail by SMTP."""

    kind = "email"
    title = "电子邮件 e-mail by SMTP"
    address = "email"
    longest = Line.longest
    per_minute = 300.0
    secrets = ("password",)
    spare = ("report_token",)
    receipts = "failed, where letters that come back are pushed; none of arrival"

    def wanted(self, settings: Settings) -> Sequence[str]:
        """A password where there is a user."""
        return self.secrets if settings.user else ()

    def read(self, table: Table) -> Settings:
        """Which relay, and as whom."""
        table.known("host", "port", "security", "user", "sender", "sender_name")
        host = table.text("host", "the relay's name")
        security = table.one_of("security", tuple(PORTS), "tls")
        user = table.text("user", "the relay's user", "")
        if security == "none" and host not in HERE:
            raise table.wrong("security", security, f"leaves the line to {host} open", "tls")
        sender = table.text("sender", "an address")
        if not ADDRESSES["email"](sender):
            raise table.wrong("sender", sender, "is no e-mail address", "as in alert@city.example")
        name = table.text("sender_name", "a name", "")
        if any(not sign.isprintable() for sign in name):
            raise table.wrong("sender_name", None, "holds signs that do not print", "a plain name")
        port = table.whole("port", "1 to 65535", PORTS[security], 1, 65535)
        return Settings(host, port, security, user, sender, name)

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to the relay."""
        return Relay(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Greet the relay, and sign in."""
        try:
            relay = connect(common, settings, secrets)
            relay.noop()
            relay.quit()
        except (OSError, smtplib.SMTPException) as problem:
            raise Refusal(
                f"channels.toml: {common.name}: relay {settings.host}:{settings.port} does not "
                f"answer ({type(problem).__name__}); check host, port and security",
                field="host",
                value=settings.host,
                remedy="a relay that answers",
            ) from problem
        return f"relay {settings.host}:{settings.port} answers"


MAIL = Mail()
