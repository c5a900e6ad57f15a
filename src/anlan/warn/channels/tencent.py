"""Short messages by Tencent Cloud (SMS 2021-01-11), signed by TC3-HMAC-SHA256.

::

    [sms]
    kind = "tencent_sms"
    url = "https://sms.tencentcloudapi.com"
    region = "ap-guangzhou"
    app_id = "1400006666"       # SmsSdkAppId
    sign_name = "平湖防汛"
    [[sms.template]]
    code = "1110"
    text = "{1}发布{2}预警：{3}"
    # ANLAN_CHANNEL_<NAME>_SECRET_ID, ANLAN_CHANNEL_<NAME>_SECRET_KEY
    # ANLAN_CHANNEL_<NAME>_REPORT_TOKEN: then the provider may push receipts and answers to
    #   /api/v1/channels/<name>/reports/<token>

Accepted means Code Ok for the number. Limits of requests put a message off; limits of a number and
every other code refuse for good. Receipts name the message by the SerialNo that was given.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from anlan.clock import RealClock
from anlan.observe.sources import Table
from anlan.warn.channels.book import PHONE, international
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
    NUMBERED,
    Template,
    Templates,
    read_templates,
    rows,
    same,
    unlike,
)
from anlan.warn.delivery import State

HOST, VERSION, SERVICE = "https://sms.tencentcloudapi.com", "2021-01-11", "sms"
NOT_NOW = ("RequestLimitExceeded", "ServiceUnavailable", "ResourceUnavailable")
NOBODY_KNOWS = ("InternalError",)
TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Settings:
    """Where, as which application, under which signature, by which templates."""

    url: str
    region: str
    app_id: str
    sign_name: str
    templates: Templates


def signature(
    host: str,
    service: str,
    headers: Mapping[str, str],
    body: bytes,
    key: tuple[str, str],
    now: datetime,
) -> str:
    """The Authorization of a POST to ``/`` (signature method v3).

    Args:
        headers: those that are signed beside host, by their names in lower case.
        key: id and secret.
        now: UTC; servers refuse a moment more than 5 minutes off.
    """
    all_of = {**headers, "host": host}
    names = ";".join(sorted(all_of))
    lines = "".join(f"{name}:{all_of[name].strip().lower()}\n" for name in sorted(all_of))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    day = f"{now:%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{int(now.timestamp())}\n{scope}\n{digest}"
    code = f"TC3{key[1]}".encode()
    for part in (day, service, "tc3_request", text):
        code = hmac.new(code, part.encode(), hashlib.sha256).digest()
    return (
        f"TC3-HMAC-SHA256 Credential={key[0]}/{scope}, SignedHeaders={names}, "
        f"Signature={code.hex()}"
    )


def ask(
    common: Common,
    own: Settings,
    secrets: Mapping[str, str],
    now: datetime,
    action: str,
    parameters: Mapping[str, object],
) -> Answer:
    """One call. Raises `Unsent` and `Unanswered`."""
    host = urlsplit(own.url).netloc
    body = json.dumps(parameters, ensure_ascii=False).encode()
    key = (secrets["secret_id"], secrets["secret_key"])
    named = {"content-type": TYPE, "x-tc-action": action}
    headers = {
        "Host": host,
        "Content-Type": TYPE,
        "X-TC-Action": action,
        "X-TC-Version": VERSION,
        "X-TC-Region": own.region,
        "X-TC-Timestamp": str(int(now.timestamp())),
        "Authorization": signature(host, SERVICE, named, body, key, now),
    }
    return call(f"{own.url}/", body, headers, common.time_out_s)


class Tencent(CloudSms):
    """Messages by template, each with its own variables."""

    pushes = "no receipt and no answer; push those as JSON"
    thanks = {"result": 0, "errmsg": "OK"}  # noqa: RUF012

    def __init__(self, setup: Setup[Settings]) -> None:
        super().__init__(setup, setup.settings.templates)
        self._own, self._secrets = setup.settings, setup.secrets

    def ask(
        self, message: ActualMessage, number: str, template: Template, variables: Mapping[str, str]
    ) -> Answer:
        """SendSms."""
        parameters = {
            "PhoneNumberSet": [international(number)],
            "SmsSdkAppId": self._own.app_id,
            "TemplateId": template.code,
            "SignName": self._own.sign_name,
            "TemplateParamSet": [variables[name] for name in sorted(variables, key=int)],
            "SessionContext": message.key,
        }
        now = self.clock.now()
        return ask(self.common, self._own, self._secrets, now, "SendSms", parameters)

    def said(self, answer: Answer, address_key: str) -> Handed:
        """Accepted with Code Ok for the number."""
        found: Any = (answer.json() or {}).get("Response")
        if not isinstance(found, dict):
            return unclear(answer)
        problem = found.get("Error")
        if isinstance(problem, dict):
            return _failed(str(problem.get("Code", "")))
        sent = rows(found.get("SendStatusSet") or [])
        code = sent[0].get("Code") if len(sent) == 1 else None
        if code == "Ok":
            serial = sent[0].get("SerialNo")
            references = (serial,) if isinstance(serial, str) and serial else ()
            return Handed(Outcome.ACCEPTED, references, address_key=address_key)
        return _failed(code) if isinstance(code, str) else unclear(answer)

    def heard(self, each: Mapping[str, Any]) -> bool:
        """A receipt (by the number that was given) or an answer."""
        if each.get("report_status") in ("SUCCESS", "FAIL") and isinstance(each.get("sid"), str):
            good = each["report_status"] == "SUCCESS"
            state = State.DELIVERED if good else State.FAILED
            self.inbox.receipt(self.common.name, each["sid"], state)
        elif isinstance(each.get("text"), str) and each.get("mobile"):
            number = f"+{each.get('nationcode') or 86}{each['mobile']}"
            self.inbox.answer(self.common.name, self.book.key(number), each["text"])
        else:
            return False
        return True


def _failed(code: str) -> Handed:
    outcome = Outcome.REFUSED
    if code.startswith(NOT_NOW):
        outcome = Outcome.DEFERRED
    elif code.startswith(NOBODY_KNOWS):
        outcome = Outcome.UNKNOWN
    return Handed(outcome, reason=f"Tencent {code[:60]}")


class TencentSms(Channel[Settings]):
    """Short messages by Tencent Cloud."""

    kind = "tencent_sms"
    title = "腾讯云短信 Tencent Cloud SMS"
    address = PHONE
    longest = LONGEST
    per_minute = 3000.0
    granted = 180_000.0
    secrets = ("secret_id", "secret_key")
    spare = ("report_token",)
    receipts = "delivered or failed, and answers, pushed to the desk"

    def read(self, table: Table) -> Settings:
        """Where, as which application, under which signature, by which templates."""
        table.known("url", "region", "app_id", "sign_name", "template")
        templates = read_templates(table, NUMBERED)
        for template in templates.each:
            if not template.code.isdecimal():
                raise table.wrong("template", template.code, "is no TemplateId", "a number")
        return Settings(
            read_url(table, "url", HOST),
            table.text("region", "as in ap-guangzhou", "ap-guangzhou"),
            table.text("app_id", "the SmsSdkAppId"),
            table.text("sign_name", "the approved signature, without 【】"),
            templates,
        )

    def open(self, setup: Setup[Settings]) -> Line:
        """The line."""
        return Tencent(setup)

    def probe(self, common: Common, settings: Settings, secrets: Mapping[str, str]) -> str:
        """Ask for the templates: whether they are approved, and say what the folder says."""
        asked = {
            "TemplateIdSet": [int(each.code) for each in settings.templates.each],
            "International": 0,
        }
        now = RealClock().now()
        try:
            answer = ask(common, settings, secrets, now, "DescribeSmsTemplateList", asked)
        except (Unsent, Unanswered) as problem:
            raise unreachable(common, settings.url, problem) from problem
        found: Any = (answer.json() or {}).get("Response")
        if not isinstance(found, dict) or isinstance(found.get("Error"), dict):
            code = found.get("Error", {}).get("Code") if isinstance(found, dict) else answer.status
            raise unreachable(common, settings.url, f"does not let the desk in ({code})")
        known = {
            str(each.get("TemplateId")): each
            for each in rows(found.get("DescribeTemplateStatusSet") or [])
        }
        for template in settings.templates.each:
            its = known.get(template.code)
            if its is None or its.get("StatusCode") != 0:
                raise unlike(common.name, template, "is not approved")
            if not same(its.get("TemplateContent"), template):
                raise unlike(common.name, template, "says something else at Tencent")
        return f"{settings.url} knows us; {len(settings.templates.each)} templates approved"


TENCENT = TencentSms()
