"""Short messages by Aliyun and Tencent, through servers that check signatures as documented."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.aliyun import signed
from anlan.warn.channels.channel import Line
from anlan.warn.channels.tencent import signature
from tests.warn.channels.office import PHONES, Office
from tests.warn.channels.web import Provider, Request

TEXT = "乍浦镇发布红色预警：立即转移。"


def test_the_signature_of_aliyuns_own_example() -> None:
    _, headers = signed(
        "ecs.cn-shanghai.aliyuncs.com",
        "RunInstances",
        {
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            "RegionId": "cn-shanghai",
        },
        ("YourAccessKeyId", "YourAccessKeySecret"),
        datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        "3156853299f313e23d1673dc12e1703d",
        "2014-05-26",
    )
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_signature_of_tencents_own_example() -> None:
    body = (
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    )
    found = signature(
        "cvm.tencentcloudapi.com",
        "cvm",
        {"content-type": "application/json; charset=utf-8"},
        body,
        ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
        datetime.fromtimestamp(1551113065, UTC),
    )
    assert found.endswith(
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


class AliyunSide:
    """Dysmsapi: checks the signature by its own reading of the documents."""

    kind, template, token = "aliyun_sms", "${area}发布${level}预警：${text}", "SMS_1"
    other = 'sign_name = "平湖防汛"'
    secrets: ClassVar = {"KEY_ID": "LTAI", "KEY_SECRET": "s3cret"}

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.code = "OK"
        self.known: dict[str, Any] = {"TemplateStatus": 1, "TemplateContent": self.template}

    def answer(self, request: Request) -> tuple[int, Any]:
        names = ["host", *sorted(name for name in request.headers if name.startswith("x-acs-"))]
        query = "&".join(f"{n}={quote(v, safe='~')}" for n, v in sorted(request.query.items()))
        lines = "".join(f"{name}:{request.headers[name]}\n" for name in names)
        empty = hashlib.sha256(request.body).hexdigest()
        canonical = "\n".join(["POST", "/", query, lines, ";".join(names), empty])
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        code = hmac.new(b"s3cret", text.encode(), hashlib.sha256).hexdigest()
        if not request.headers["authorization"].endswith(f"Signature={code}"):
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "no"}
        if request.headers["x-acs-action"] == "QuerySmsTemplate":
            return 200, {"Code": "OK", **self.known}
        if self.code != "OK":
            return 200, {"Code": self.code, "Message": "no"}
        self.sent.append(dict(request.query))
        return 200, {"Code": "OK", "BizId": f"9006{len(self.sent)}^0", "Message": "OK"}

    def said(self) -> tuple[str, list[str]]:
        last = self.sent[-1]
        variables = json.loads(last["TemplateParam"])
        return last["PhoneNumbers"], [variables[name] for name in ("area", "level", "text")]

    def receipt(self, delivery: str, good: bool) -> Any:
        return [
            {
                "phone_number": PHONES["wang"],
                "success": good,
                "out_id": delivery,
                "err_code": "DELIVERED",
                "biz_id": "90061^0",
                "sms_size": "1",
            }
        ]

    def reply(self, text: str) -> Any:
        return [{"phone_number": PHONES["wang"], "content": text, "sequence_id": 1}]

    thanks: ClassVar = {"code": 0, "msg": "OK"}
    not_now, number_full, nobody_knows = "Throttling.User", "isv.BUSINESS_LIMIT_CONTROL", None


class TencentSide:
    """SMS 2021-01-11: checks the signature by its own reading of the documents."""

    kind, template, token = "tencent_sms", "{1}发布{2}预警：{3}", "1110"
    other = 'sign_name = "平湖防汛"\napp_id = "1400006666"'
    secrets: ClassVar = {"SECRET_ID": "AKID", "SECRET_KEY": "s3cret"}

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.code = "Ok"
        self.known: dict[str, Any] = {"StatusCode": 0, "TemplateContent": self.template}

    def answer(self, request: Request) -> tuple[int, Any]:
        given = request.headers
        day = datetime.fromtimestamp(int(given["x-tc-timestamp"]), UTC).strftime("%Y-%m-%d")
        names = "content-type;host;x-tc-action"
        lines = "".join(f"{name}:{given[name].lower()}\n" for name in names.split(";"))
        digest = hashlib.sha256(request.body).hexdigest()
        canonical = "\n".join(["POST", "/", "", lines, names, digest])
        scope = f"{day}/sms/tc3_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"TC3-HMAC-SHA256\n{given['x-tc-timestamp']}\n{scope}\n{hashed}"
        key = b"TC3s3cret"
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        code = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        if not given["authorization"].endswith(f"Signature={code}"):
            problem = {"Code": "AuthFailure.SignatureFailure", "Message": "no"}
            return 200, {"Response": {"Error": problem}}
        body = request.json()
        if given["x-tc-action"] == "DescribeSmsTemplateList":
            known = [{"TemplateId": number, **self.known} for number in body["TemplateIdSet"]]
            return 200, {"Response": {"DescribeTemplateStatusSet": known}}
        if "." in self.code or self.code == "RequestLimitExceeded":
            if self.code.startswith("LimitExceeded"):
                status = [{"Code": self.code, "SerialNo": "", "PhoneNumber": ""}]
                return 200, {"Response": {"SendStatusSet": status}}
            return 200, {"Response": {"Error": {"Code": self.code, "Message": "no"}}}
        self.sent.append(body)
        status = [{"Code": "Ok", "SerialNo": f"5000:{len(self.sent)}", "Message": "send success"}]
        return 200, {"Response": {"SendStatusSet": status, "RequestId": "r"}}

    def said(self) -> tuple[str, list[str]]:
        last = self.sent[-1]
        return last["PhoneNumberSet"][0].removeprefix("+86"), last["TemplateParamSet"]

    def receipt(self, delivery: str, good: bool) -> Any:
        return [
            {
                "mobile": PHONES["wang"],
                "nationcode": "86",
                "sid": f"5000:{len(self.sent)}",
                "report_status": "SUCCESS" if good else "FAIL",
                "errmsg": "DELIVRD",
            }
        ]

    def reply(self, text: str) -> Any:
        return {"mobile": PHONES["wang"], "nationcode": "86", "text": text, "time": 1457336869}

    thanks: ClassVar = {"result": 0, "errmsg": "OK"}
    not_now = "RequestLimitExceeded"
    number_full = "LimitExceeded.PhoneNumberDailyLimit"
    nobody_knows = "InternalError.Timeout"


Side = AliyunSide | TencentSide


@pytest.fixture(params=[AliyunSide, TencentSide], ids=["aliyun", "tencent"])
def side(request: pytest.FixtureRequest) -> Side:
    made: Side = request.param()
    return made


@pytest.fixture
def provider(side: Side) -> Iterator[Provider]:
    made = Provider(side.answer)
    yield made
    made.close()


@pytest.fixture
def line(office: Office, side: Side, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Line:
    for name, value in side.secrets.items():
        monkeypatch.setenv(f"ANLAN_CHANNEL_SMS_{name}", value)
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_REPORT_TOKEN", "push-token")
    return office.configure(
        "sms",
        f"""
        kind = "{side.kind}"
        url = "{provider.url}"
        time_out_s = 0.3
        {side.other}
        [[sms.template]]
        code = "{side.token}"
        text = "{side.template}"
        """,
    )


def test_a_text_goes_as_its_templates_variables(office: Office, line: Line, side: Side) -> None:
    office.plan("sms", "wang", TEXT)
    assert office.deliver() == {"sent": 1}
    assert side.said() == (PHONES["wang"], ["乍浦镇", "红色", "立即转移。"])


def test_a_text_that_no_template_says_falls_to_the_next_channel(
    office: Office, line: Line, side: Side
) -> None:
    name = office.plan("sms", "wang", "快跑")
    assert office.deliver() == {"failed": 1}
    assert "no approved template says this text" in office.row(name).reason
    assert side.sent == []


def test_a_text_stays_text_in_a_variable(office: Office, line: Line, side: Side) -> None:
    office.plan("sms", "wang", '乍浦镇发布红色预警：${area}{1}"},{"x":"\\n&PhoneNumbers=1')
    assert office.deliver() == {"sent": 1}
    assert side.said()[1][2] == '${area}{1}"},{"x":"\\n&PhoneNumbers=1'


@pytest.mark.parametrize(("good", "state"), [(True, "delivered"), (False, "failed")])
def test_a_pushed_receipt_settles_a_message(
    office: Office, line: Line, side: Side, good: bool, state: str
) -> None:
    name = office.plan("sms", "wang", TEXT)
    office.deliver()
    assert line.take_report(json.dumps(side.receipt(name, good)).encode()) == side.thanks
    assert office.row(name).state == state


def test_a_pushed_answer_acknowledges(office: Office, line: Line, side: Side) -> None:
    name = office.plan("sms", "wang", TEXT)
    office.deliver()
    line.take_report(json.dumps(side.reply("收到")).encode())
    assert office.row(name).state == "answered"


@pytest.mark.parametrize(
    "body",
    [b"", b"[1]x", b'[{"a": 1}]', b"[" * 100_000, b'[{"success": 1, "out_id": 5}]'],
    ids=["empty", "torn", "other", "deep", "types"],
)
def test_a_report_that_is_none_is_refused(line: Line, body: bytes) -> None:
    with pytest.raises(Refusal, match="channel 'sms'"):
        line.take_report(body)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("drop", "unknown"),
        ("slow", "unknown"),
        ("wrong", "unknown"),
        (500, "unknown"),
        (503, "queued"),
    ],
)
def test_what_a_fault_means(
    office: Office, line: Line, provider: Provider, fault: str | int, state: str
) -> None:
    provider.faults = [fault]
    office.plan("sms", "wang", TEXT)
    assert office.deliver() == {state: 1}


def test_what_the_provider_says_decides(office: Office, line: Line, side: Side) -> None:
    codes = {"wang": (side.not_now, "queued"), "li": (side.number_full, "failed")}
    if side.nobody_knows:
        codes["zhao"] = (side.nobody_knows, "unknown")
    for who, (code, state) in codes.items():
        side.code = code
        name = office.plan("sms", who, TEXT)
        office.deliver()
        assert office.row(name).state == state, code
        office.forward(seconds=6)


def test_unknown_is_repeated_only_after_its_time_and_never_sooner(
    office: Office, line: Line, side: Side, provider: Provider
) -> None:
    provider.faults = ["drop"]
    name = office.plan("sms", "wang", TEXT)
    office.deliver()
    line.take_report(json.dumps(side.receipt(name, True)).encode())
    office.forward(seconds=61)
    office.deliver()
    expected = ("delivered", 1) if side.kind == "aliyun_sms" else ("sent", 2)
    assert (office.row(name).state, len(provider.requests)) == expected


def test_the_doctor_compares_templates_with_those_approved(
    office: Office, line: Line, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = settings.read_channels(office.city)["sms"]
    assert settings.probe(office.city, found).endswith("knows us; 1 templates approved")
    side.known["TemplateContent"] = "{1}${area}别的"
    with pytest.raises(Refusal, match="says something else"):
        settings.probe(office.city, found)
    side.known[next(iter(side.known))] = 2
    with pytest.raises(Refusal, match="is not approved"):
        settings.probe(office.city, found)
    monkeypatch.setenv(f"ANLAN_CHANNEL_SMS_{list(side.secrets)[1]}", "old")
    with pytest.raises(Refusal):
        settings.probe(office.city, found)
