"""Work notices of 专有钉钉 (浙政钉), DingTalk's edition for governments, which signs each call.

::

    [zwding]
    kind = "dingtalk_gov"
    url = "https://openplatform-pro.ding.zj.gov.cn"   # the platform that the city is on
    tenant_id = 196729
    # ANLAN_CHANNEL_<NAME>_APP_KEY and ANLAN_CHANNEL_<NAME>_APP_SECRET

People are addressed by their accountId (kind ``dingtalk_gov`` of ``contacts.csv``). A call is a
POST of a form to ``/message/workNotification``; its headers carry moment, nonce, key and
``X-Hmac-Auth-Signature``: base64 of the HMAC-SHA256, by the app's secret, of method, moment, nonce,
path and the parameters in the order of their names as they are before they are encoded, each on a
line of its own. Accepted means ``success``. The delivery is the ``bizMsgId``, which the platform
takes once: that it has it already means that the first call arrived. By its documents a person
gets the same text of an app once a day, and 100 notices of an app of another maker. It says neither
a rate nor who has read: there are no receipts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from anlan.clock import Clock, RealClock
from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Channel, Common, Line, Setup, side_by_side
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

KIND = "dingtalk_gov"
SEND, TOKEN = "/message/workNotification", "/gettoken.json"
LONGEST = 600  # characters: 2,048 octets of JSON, three a character, and its frame
MOST_OCTETS = 2048
CALLS_AT_ONCE = 4
HAS_IT = "重复"  # what the platform says of a bizMsgId that it took before
CHINA = timezone(timedelta(hours=8))
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True)
class Settings:
    """Which platform, and which tenant of it."""

    url: str
    tenant_id: int


def sign(
    secret: str, method: str, moment: str, nonce: str, path: str, given: Mapping[str, str]
) -> str:
    """The value of ``X-Hmac-Auth-Signature``."""
    said = [method, moment, nonce, path]
    if given:
        said.append("&".join(f"{name}={given[name]}" for name in sorted(given)))
    code = hmac.new(secret.encode(), "\n".join(said).encode(), hashlib.sha256).digest()
    return base64.b64encode(code).decode()


def headers(
    own: Mapping[str, str], now: datetime, method: str, path: str, given: Mapping[str, str]
) -> dict[str, str]:
    """The headers of a call; ``own`` holds ``app_key`` and ``app_secret``."""
    moment = now.astimezone(CHINA).isoformat(timespec="milliseconds")
    nonce = f"{int(now.timestamp() * 1000)}{secrets.randbelow(9000) + 1000}"
    mac = f"{uuid.getnode():012x}"
    return {
        "X-Hmac-Auth-Timestamp": moment,
        "X-Hmac-Auth-Version": "1.0",
        "X-Hmac-Auth-Nonce": nonce,
        "apiKey": own["app_key"],
        "X-Hmac-Auth-Signature": sign(own["app_secret"], method, moment, nonce, path, given),
        # asked for, and part of no signature: the platform shows them in its own log
        "X-Hmac-Auth-IP": "127.0.0.1",
        "X-Hmac-Auth-MAC": ":".join(mac[at : at + 2] for at in range(0, 12, 2)),
    }


def verdict(answer: Answer) -> tuple[bool, str] | None:
    """Whether the platform did it, and its words if not; None for no answer of its making.

    The gateway and what lies behind it each say ``success``; the inner one may be text.
    """
    found: Any = answer.json()
    words = ""
    while isinstance(found, dict) and isinstance(found.get("success"), bool):
        code = found.get("errorCode") or found.get("bizErrorCode") or ""
        words = f"{code} {found.get('errorMsg') or found.get('errorMessage') or ''}".strip()
        if not found["success"]:
            return False, words
        inner = found.get("content")
        if isinstance(inner, str):
            try:
                inner = json.loads(inner)
            except (ValueError, RecursionError):
                inner = None
        if not (isinstance(inner, dict) and isinstance(inner.get("success"), bool)):
            return True, ""
        found = inner
    return None


class Platform(Line):
    """Notices, a call for each."""

    address = KIND
    longest = LONGEST

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self._own, self._secrets = setup.settings, setup.secrets

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Some calls at a time."""
        return side_by_side(self._one, messages, CALLS_AT_ONCE)

    def _one(self, message: ActualMessage, address: str) -> Handed:
        said = {"msgtype": "text", "text": {"content": message.body}}
        text = json.dumps(said, ensure_ascii=False)
        if len(text.encode()) > MOST_OCTETS:
            return Handed(Outcome.REFUSED, reason="longer than the platform takes")
        given = {
            "tenantId": str(self._own.tenant_id),
            "receiverIds": address,
            "bizMsgId": message.key,
            "msg": text,
        }
        try:
            answer = ask(self.common, self._own, self._secrets, self.clock, SEND, given)
        except Unsent:
            return Handed(Outcome.DEFERRED, reason="no connection")
        except Unanswered:
            return Handed(Outcome.UNKNOWN, reason="no answer")
        failed = by_status(answer)
        if failed is not None:
            return failed
        found = verdict(answer)
        if found is None:
            return unclear(answer)
        done, words = found
        if done or (message.repeat and HAS_IT in words):
            return Handed(Outcome.ACCEPTED)
        # its words may hold what was sent: the code alone is kept
        return Handed(Outcome.REFUSED, reason=f"errorCode {words.split(' ')[0][:40] or 'none'}")


def ask(
    common: Common,
    own: Settings,
    keys: Mapping[str, str],
    clock: Clock,
    path: str,
    given: Mapping[str, str],
) -> Answer:
    """POST a signed form. Raises `Unsent`, `Unanswered`."""
    head = headers(keys, clock.now(), "POST", path, given) | {"Content-Type": FORM}
    return call(own.url + path, urlencode(given).encode(), head, common.time_out_s)


class GovDingTalk(Channel[Settings]):
    """Work notices of 专有钉钉."""

    kind = KIND
    title = "浙政钉（专有钉钉）工作通知 work notices of DingTalk for governments"
    address = KIND
    longest = LONGEST
    per_minute = 600.0
    secrets = ("app_key", "app_secret")
    receipts = "none: acceptance by the platform is the last that is known"

    def read(self, table: Table) -> Settings:
        """Which platform, and which tenant."""
        table.known("url", "tenant_id")
        return Settings(read_url(table, "url"), table.whole("tenant_id", "the tenant's number"))

    def open(self, setup: Setup[Settings]) -> Line:
        """The line to it."""
        return Platform(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Ask for a token, which needs a good signature."""
        keys = {"appkey": secrets["app_key"], "appsecret": secrets["app_secret"]}
        try:
            answer = ask(common, settings, secrets, RealClock(), TOKEN, keys)
        except (Unsent, Unanswered) as problem:
            raise unreachable(common, settings.url, problem) from problem
        found = verdict(answer)
        if found is None or not found[0]:
            code = f"HTTP {answer.status}" if found is None else found[1].split(" ")[0][:40]
            raise Refusal(
                f"channels.toml: {common.name}: the platform does not let this app in ({code}); "
                "check APP_KEY, APP_SECRET and this machine's clock",
                field="app_key",
                remedy="the app's own key and secret",
            )
        return "the platform knows this app"


GOV_DINGTALK = GovDingTalk()
