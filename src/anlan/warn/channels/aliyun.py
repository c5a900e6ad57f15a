"""Short messages by Alibaba Cloud (Dysmsapi 2017-05-25), signed by ACS3-HMAC-SHA256.

::

    [sms]
    kind = "aliyun_sms"
    url = "https://dysmsapi.aliyuncs.com"
    sign_name = "平湖防汛"
    [[sms.template]]
    code = "SMS_474755089"
    text = "${area}发布${event}预警：${text}"
    # ANLAN_CHANNEL_<NAME>_KEY_ID, ANLAN_CHANNEL_<NAME>_KEY_SECRET
    # ANLAN_CHANNEL_<NAME>_REPORT_TOKEN: then the provider may push receipts and answers to
    #   /api/v1/channels/<name>/reports/<token>

Accepted means Code OK. What Aliyun says it did not take for now is put off; its limit for a number
and every other code refuse for good. Receipts (SmsReport) name our delivery by out_id; answers
(SmsUp) come from the number. By its documents a number gets at most 50 notices of one template in
24 hours, and 500 characters.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from anlan.clock import RealClock
from anlan.observe.sources import Table
from anlan.warn.channels.book import PHONE, national
from anlan.warn.channels.channel import Channel, Common, Line, Setup
from anlan.warn.channels.cloud_sms import CloudSms
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import (
    Answer,
    Unanswered,
    Unsent,
    call,
    read_url,
    unclear,
    unreachable,
)
from anlan.warn.channels.templates import (
    LONGEST,
    NAMED,
    Template,
    Templates,
    read_templates,
    same,
    unlike,
)
from anlan.warn.delivery import State

HOST, VERSION = "https://dysmsapi.aliyuncs.com", "2017-05-25"
NOT_NOW = ("isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "ServiceUnavailable", "Throttling")
APPROVED = 1


@dataclass(frozen=True)
class Settings:
    """Where, under which signature, by which templates."""

    url: str
    sign_name: str
    templates: Templates


def signed(
    host: str,
    action: str,
    parameters: Mapping[str, str],
    key: tuple[str, str],
    now: datetime,
    nonce: str,
    version: str = VERSION,
) -> tuple[str, dict[str, str]]:
    """The query and the headers of a POST without body (V3 request structure and signature).

    Args:
        key: id and secret.
        now: UTC; servers refuse a moment more than 15 minutes off.
    """
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(parameters.items())
    )
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": empty,
        "x-acs-date": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = f"POST\n/\n{query}\n{lines}\n{names}\n{empty}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    code = hmac.new(key[1].encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key[0]},SignedHeaders={names},Signature={code}"
    )
    return query, headers


def ask(
    common: Common,
    own: Settings,
    secrets: Mapping[str, str],
    now: datetime,
    action: str,
    parameters: Mapping[str, str],
) -> Answer:
    """One call. Raises `Unsent` and `Unanswered`."""
    host = urlsplit(own.url).netloc
    key = (secrets["key_id"], secrets["key_secret"])
    query, headers = signed(host, action, parameters, key, now, random.token_hex(16))
    return call(f"{own.url}/?{query}", b"", headers, common.time_out_s)


class Aliyun(CloudSms):
    """Messages by template, each with its own variables."""

    pushes = "no SmsReport and no SmsUp; push those as a JSON list"
    thanks = {"code": 0, "msg": "OK"}  # noqa: RUF012

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup, setup.settings.templates)
        self._own, self._secrets = setup.settings, setup.secrets

    def ask(
        self, message: ActualMessage, number: str, template: Template, variables: Mapping[str, str]
    ) -> Answer:
        """SendSms."""
        parameters = {
            "PhoneNumbers": national(number),
            "SignName": self._own.sign_name,
            "TemplateCode": template.code,
            "TemplateParam": json.dumps(variables, ensure_ascii=False),
            "OutId": message.key,
        }
        now = self.clock.now()
        return ask(self.common, self._own, self._secrets, now, "SendSms", parameters)

    def said(self, answer: Answer, address_key: str) -> Handed:
        """Accepted with Code OK."""
        found = answer.json() or {}
        code = found.get("Code")
        if code == "OK":
            return Handed(Outcome.ACCEPTED, address_key=address_key)
        if not isinstance(code, str):
            return unclear(answer)
        outcome = Outcome.DEFERRED if code.startswith(NOT_NOW) else Outcome.REFUSED
        return Handed(outcome, reason=f"Aliyun {code[:60]}")

    def heard(self, each: Mapping[str, Any]) -> bool:
        """SmsReport (what became of a message) and SmsUp (what somebody answers)."""
        if isinstance(each.get("success"), bool) and isinstance(each.get("out_id"), str):
            state = State.DELIVERED if each["success"] else State.FAILED
            self.inbox.of_delivery(each["out_id"], self.common.name, state)
        elif isinstance(each.get("content"), str) and each.get("phone_number"):
            key = self.book.key(str(each["phone_number"]))
            self.inbox.answer(self.common.name, key, each["content"])
        else:
            return False
        return True


class AliyunSms(Channel[Settings]):
    """Short messages by Alibaba Cloud."""

    kind = "aliyun_sms"
    title = "阿里云短信 Alibaba Cloud SMS"
    address = PHONE
    longest = LONGEST
    per_minute = 3000.0
    secrets = ("key_id", "key_secret")
    spare = ("report_token",)
    receipts = "delivered or failed by SmsReport, answers by SmsUp, both pushed to the desk"

    def read(self, table: Table) -> Settings:
        """Where, under which signature, by which templates."""
        table.known("url", "sign_name", "template")
        return Settings(
            read_url(table, "url", HOST),
            table.text("sign_name", "the approved signature, without 【】"),
            read_templates(table, NAMED),
        )

    def open(self, setup: Setup[Settings]) -> Line:
        """The line."""
        return Aliyun(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Ask for each template: whether it is approved, and says what the folder says."""
        for template in settings.templates.each:
            asked = {"TemplateCode": template.code}
            try:
                answer = ask(
                    common, settings, secrets, RealClock().now(), "QuerySmsTemplate", asked
                )
            except (Unsent, Unanswered) as problem:
                raise unreachable(common, settings.url, problem) from problem
            found: dict[str, Any] = answer.json() or {}
            if found.get("Code") != "OK":
                words = str(found.get("Code", f"HTTP {answer.status}"))[:60]
                raise unlike(common.name, template, f"is not told of ({words})")
            if found.get("TemplateStatus") != APPROVED:
                raise unlike(common.name, template, "is not approved")
            if not same(found.get("TemplateContent"), template):
                raise unlike(common.name, template, "says something else at Aliyun")
        return f"{settings.url} knows us; {len(settings.templates.each)} templates approved"


ALIYUN = AliyunSms()
