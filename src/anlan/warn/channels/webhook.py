"""A system of the city's own, told by HTTP: each message signed by HMAC-SHA256.

::

    [voice]
    kind = "webhook"
    url = "https://gateway.pinghu.example/anlan"
    # ANLAN_CHANNEL_<NAME>_SECRET: with it every call is signed
    # ANLAN_CHANNEL_<NAME>_REPORT_TOKEN: then receipts may be pushed to
    #   /api/v1/channels/<name>/reports/<token>

A call is a POST of JSON (``delivery``, ``alert``, ``version``, ``channel``, ``person``, ``text``,
``repeat``) with the headers ``Idempotency-Key`` (the delivery: the same one twice is one message)
and ``X-Anlan-Signature: t=<seconds>,v1=<hex>``, where hex is the HMAC-SHA256 of ``<seconds>.`` and
the body. Accepted means 2xx. 408, 425, 429 and 503 put it off, other 3xx and 4xx refuse it, other
5xx and silence leave it unknown. A receipt is ``[{"delivery": id, "state": state}]``, the state
one of delivered, read, answered, failed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Channel, Common, Line, Setup, side_by_side
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import (
    Unanswered,
    Unsent,
    by_status,
    call,
    read_url,
    unreachable,
)
from anlan.warn.channels.templates import reports
from anlan.warn.delivery import State

CALLS_AT_ONCE = 8
RECEIPTS = {
    str(state): state for state in (State.DELIVERED, State.READ, State.ANSWERED, State.FAILED)
}


@dataclass(frozen=True)
class Settings:
    """Which system."""

    url: str


def sign(secret: str, now: datetime, body: bytes) -> str:
    """The value of ``X-Anlan-Signature``."""
    stamp = str(int(now.timestamp()))
    code = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={code}"


class Hook(Line):
    """Calls of one system."""

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._inbox = setup.settings, setup.inbox
        self._secret = setup.secrets["secret"]
        self.report_token = setup.secrets["report_token"]

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Some calls at a time."""
        return side_by_side(self._one, messages, CALLS_AT_ONCE)

    def _one(self, message: ActualMessage, _: str) -> Handed:
        said = {
            "delivery": message.key,
            "alert": message.alert,
            "version": message.version,
            "channel": message.channel,
            "person": message.to,
            "text": message.body,
            "repeat": message.repeat,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.key,
            "X-Anlan-Signature": sign(self._secret, self.clock.now(), body),
        }
        try:
            answer = call(self._own.url, body, headers, self.common.time_out_s)
        except Unsent:
            return Handed(Outcome.DEFERRED, reason="no connection")
        except Unanswered:
            return Handed(Outcome.UNKNOWN, reason="no answer")
        failed = by_status(answer)
        if failed is not None:
            return failed
        good = 200 <= answer.status < 300
        outcome = Outcome.ACCEPTED if good else Outcome.REFUSED
        return Handed(outcome, reason="" if good else f"HTTP {answer.status}")

    def take_report(self, body: bytes) -> dict[str, object]:
        """Receipts by our own id."""
        wrong = Refusal(
            f"channel '{self.common.name}': this is no receipt; push [{{delivery, state}}]",
            field="body",
            remedy=f"state one of {', '.join(RECEIPTS)}",
        )
        try:
            found = reports(body)
        except (ValueError, RecursionError) as problem:
            raise wrong from problem
        known = 0
        for each in found:
            delivery, state = each.get("delivery"), RECEIPTS.get(str(each.get("state")))
            if not isinstance(delivery, str) or state is None:
                raise wrong
            known += self._inbox.of_delivery(delivery, self.common.name, state)
        return {"known": known, "unknown": len(found) - known}


class Webhook(Channel[Settings]):
    """A system of the city's own."""

    kind = "webhook"
    title = "网络回调 webhook with HMAC"
    address = ""
    longest = Line.longest
    per_minute = 3000.0
    secrets = ("secret",)
    spare = ("report_token",)
    receipts = "what the other system pushes to the desk, if it does"

    def read(self, table: Table) -> Settings:
        """Which system."""
        table.known("url")
        return Settings(read_url(table, "url"))

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to it."""
        return Hook(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Reach it by a GET, which carries no message."""
        try:
            answer = call(settings.url, None, {}, common.time_out_s)
        except (Unsent, Unanswered) as problem:
            raise unreachable(common, settings.url, problem) from problem
        return f"{settings.url.partition('?')[0]} answers (HTTP {answer.status})"


WEBHOOK = Webhook()
