"""DingTalk's custom robot: one group, one signed call for many messages (open.dingtalk.com).

::

    [dingtalk]
    kind = "dingtalk_robot"
    url = "https://oapi.dingtalk.com"   # another host where the city has its own
    # ANLAN_CHANNEL_<NAME>_TOKEN: the access_token of the robot's URL
    # ANLAN_CHANNEL_<NAME>_SECRET: its 加签 secret, which begins with SEC

Each call is one message of the group, of which a robot may send 20 a minute; beyond that it is
silenced for ten minutes. So what waits is put together: each text once, those it is for called by
their numbers (the group sees names). Whoever is not in the group is not reached. Texts go as plain
text: nothing in them becomes a link.
Accepted means errcode 0. There is no receipt: people answer on the phone page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.book import PHONE, national
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import (
    Answer,
    Unanswered,
    Unsent,
    by_status,
    call,
    read_url,
    unclear,
    unreachable,
)

HOST = "https://oapi.dingtalk.com"
A_MINUTE = 20.0
SILENCED_S = 600.0
BUSY, TOO_FAST = -1, (130101, 90030)
MOST_SIGNS, MOST_CALLED = 5000, 50  # of one call; assumed, below what is known to work
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Settings:
    """Which host."""

    url: str


def sign(secret: str, now: datetime) -> str:
    """``&timestamp=…&sign=…``: HMAC-SHA256 of the moment in ms and the secret, by the secret."""
    stamp = str(round(now.timestamp() * 1000))
    code = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={stamp}&sign={quote_plus(base64.b64encode(code))}"


class Robot(Line):
    """A robot and its group."""

    address = PHONE
    longest = MOST_SIGNS
    batch = 200

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._secrets = setup.settings, setup.secrets
        self._silenced_until = setup.clock.now()

    def room(self) -> int:
        """A whole batch where one call is free; silenced, what waits goes to the next channel."""
        free = self.bucket.room(self.clock.now()) or self.clock.now() < self._silenced_until
        return self.batch if free else 0

    def spend(self, messages: Sequence[ActualMessage]) -> None:
        """Calls are counted as they are made."""
        return

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """As few calls as hold all texts."""
        handed: dict[str, Handed] = {}
        for texts in together(messages):
            keys = [message.key for group in texts.values() for message, _ in group]
            handed |= dict.fromkeys(keys, self._call(texts))
        return [handed[message.key] for message, _ in messages]

    def _call(self, texts: Mapping[str, Sequence[tuple[ActualMessage, str]]]) -> Handed:
        now = self.clock.now()
        if now < self._silenced_until:
            return Handed(Outcome.REFUSED, reason="robot silenced")
        if not self.bucket.spend(now):
            return Handed(Outcome.DEFERRED, reason="20 a minute")
        called = [national(number) for group in texts.values() for _, number in group]
        body = {
            "msgtype": "text",
            "text": {"content": "\n\n".join(texts)},
            "at": {"atMobiles": called, "isAtAll": False},
        }
        found = _ask(self.common, self._own, self._secrets, now, body)
        if isinstance(found, Handed):
            return found
        code = _code(found)
        if code == 0:
            return Handed(Outcome.ACCEPTED)
        if code in TOO_FAST:
            self._silenced_until = now + timedelta(seconds=SILENCED_S)
            return Handed(Outcome.REFUSED, reason=f"DingTalk {code}: robot silenced")
        if code == BUSY:
            return Handed(Outcome.DEFERRED, reason="DingTalk busy")
        if code is None:
            return unclear(found)
        return Handed(Outcome.REFUSED, reason=f"DingTalk {code}")


def together(
    messages: Sequence[tuple[ActualMessage, str]],
) -> list[dict[str, list[tuple[ActualMessage, str]]]]:
    """Calls: each has texts, and each text the messages that it is for. In order."""
    calls: list[dict[str, list[tuple[ActualMessage, str]]]] = []
    signs = people = 0
    for message, address in messages:
        new = 0 if calls and message.body in calls[-1] else len(message.body) + 2
        if not calls or signs + new > MOST_SIGNS + 2 or people >= MOST_CALLED:
            calls.append({})
            signs, people, new = 0, 0, len(message.body) + 2
        calls[-1].setdefault(message.body, []).append((message, address))
        signs, people = signs + new, people + 1
    return calls


def _ask(
    common: Common,
    own: Settings,
    secrets: Mapping[str, str],
    now: datetime,
    body: Mapping[str, object],
) -> Answer | Handed:
    url = f"{own.url}/robot/send?access_token={quote_plus(secrets['token'])}"
    octets = json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = call(url + sign(secrets["secret"], now), octets, JSON, common.time_out_s)
    except Unsent:
        return Handed(Outcome.DEFERRED, reason="no connection")
    except Unanswered:
        return Handed(Outcome.UNKNOWN, reason="no answer")
    return by_status(answer) or answer


def _code(answer: Answer) -> int | None:
    found = (answer.json() or {}).get("errcode")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


class DingTalkRobot(Channel[Settings]):
    """A group's robot."""

    kind = "dingtalk_robot"
    title = "钉钉群机器人 DingTalk robot"
    address = PHONE
    longest = MOST_SIGNS
    per_minute = A_MINUTE
    granted = A_MINUTE
    secrets = ("token", "secret")
    receipts = "none: errcode 0 is the last that is known"

    def read(self, table: Table) -> Settings:
        """Which host."""
        table.known("url")
        return Settings(read_url(table, "url", HOST))

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to the group."""
        return Robot(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Reach the host. A message is the only thing that would try token and secret, and the
        group would see it."""
        try:
            call(settings.url + "/", None, {}, common.time_out_s)
        except (Unsent, Unanswered) as problem:
            raise unreachable(common, settings.url, problem) from problem
        if not secrets["secret"].startswith("SEC"):
            raise Refusal(
                f"channels.toml: {common.name}: the secret does not begin with SEC; take the one "
                "under 加签 in the robot's settings",
                field="secret",
                remedy="the robot's 加签 secret",
            )
        return f"{settings.url} answers; token and secret are tried by the first message"


DINGTALK_ROBOT = DingTalkRobot()
