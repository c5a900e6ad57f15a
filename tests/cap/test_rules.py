"""The rules of the standard's text, each broken once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from anlan.cap import (
    Alert,
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    MsgType,
    Reference,
    Resource,
    Scope,
    Severity,
    Status,
    Urgency,
    check,
    validate,
    write,
)

BEIJING = timezone(timedelta(hours=8))
SENT = datetime(2021, 7, 25, 14, 30, tzinfo=BEIJING)
SQUARE = ((121.0, 30.6), (121.2, 30.6), (121.2, 30.8), (121.0, 30.8), (121.0, 30.6))
AREA = Area("乍浦镇", polygons=(SQUARE,), geocodes=(("adminCode", "330482101000"),))
INFO = Info(
    categories=(Category.MET,),
    event="风暴潮",
    urgency=Urgency.FUTURE,
    severity=Severity.SEVERE,
    certainty=Certainty.LIKELY,
    language="zh-CN",
    expires=SENT + timedelta(hours=24),
    headline="风暴潮橙色",
    description="预计夜间高潮位超过橙色警戒",
    areas=(AREA,),
)
GOOD = Alert(
    "anlan.pinghu.EX.20210725T1430.1", "anlan@pinghu", SENT, Status.EXERCISE, MsgType.ALERT,
    Scope.RESTRICTED, restriction="演练参与人员", note="演练", infos=(INFO,),
)  # fmt: skip


def errors(alert: Alert, *others: Alert) -> list[str]:
    return [each.message for each in check(alert, others) if each.severity == "error"]


def test_the_good_alert_has_no_findings() -> None:
    assert check(GOOD) == []


def info(**changes: Any) -> Callable[[Alert], Alert]:
    return lambda alert: replace(alert, infos=(replace(alert.infos[0], **changes),))


def area(**changes: Any) -> Callable[[Alert], Alert]:
    return lambda alert: info(areas=(replace(AREA, **changes),))(alert)


def ring(*points: tuple[float, float]) -> Callable[[Alert], Alert]:
    return area(polygons=(points,))


def top(**changes: Any) -> Callable[[Alert], Alert]:
    return lambda alert: replace(alert, **changes)


BROKEN: list[tuple[Callable[[Alert], Alert], str]] = [
    (top(identifier=""), "'identifier' is empty"),
    (top(identifier="a b"), "holds a blank, comma, < or &"),
    (top(sender="a,b"), "holds a blank, comma, < or &"),
    (top(restriction=None), "Restricted needs a restriction"),
    (top(scope=Scope.PUBLIC), "belongs to scope Restricted only"),
    (top(scope=Scope.PRIVATE, restriction=None), "Private needs addresses"),
    (top(infos=()), "says nothing without an info"),
    (top(msg_type=MsgType.UPDATE), "must cite the message it follows"),
    (top(msg_type=MsgType.CANCEL), "must cite the message it follows"),
    (
        top(msg_type=MsgType.UPDATE, references=(GOOD.reference,)),
        "cites itself",
    ),
    (
        top(
            msg_type=MsgType.UPDATE,
            references=(Reference("anlan@pinghu", "x", SENT + timedelta(minutes=1)),),
        ),
        "was sent after this message",
    ),
    (info(language="zh_CN"), "no language tag; write zh-CN"),
    (info(expires=SENT - timedelta(days=400)), "not after it was sent"),
    (info(onset=SENT + timedelta(days=3)), "is after expires"),
    (info(web="pinghu.gov.cn"), "not an absolute address"),
    (info(resources=(Resource("图", "picture"),)), "no media type"),
    (ring(*SQUARE[:-1]), "close the polygon"),
    (ring(*SQUARE[:2], SQUARE[0]), "needs four or more"),
    (ring(*((lat, lon) for lon, lat in SQUARE)), "latitude 121.0 is beyond 90"),
    (ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "crosses itself"),
    (area(circles=(Circle(121, 30.6, -1),)), "is negative"),
    (area(ceiling=100.0), "ceiling needs an altitude"),
    (area(ceiling=100.0, altitude=200.0), "is below altitude"),
]


@pytest.mark.parametrize(("change", "sentence"), BROKEN, ids=[each[1] for each in BROKEN])
def test_a_broken_rule_is_an_error(change: Callable[[Alert], Alert], sentence: str) -> None:
    assert any(sentence in each for each in errors(change(GOOD)))


def test_the_two_languages_must_agree_on_category_and_code() -> None:
    english = replace(INFO, language="en-US", categories=(Category.ENV,), headline="Storm tide")
    assert errors(replace(GOOD, infos=(INFO, english))) == [
        "differs from info[1]; keep them the same"
    ]


def test_the_same_text_under_two_languages_is_advice_not_an_error() -> None:
    english = replace(INFO, language="en-US")
    findings = check(replace(GOOD, infos=(INFO, english)))
    assert {each.severity for each in findings} == {"warning"}


def follow(alert: Alert, kind: MsgType, number: int) -> Alert:
    return replace(
        alert,
        identifier=f"anlan.pinghu.EX.20210725T1430.{number}",
        sent=alert.sent + timedelta(hours=1),
        msg_type=kind,
        references=(*alert.references, alert.reference),
    )


def test_a_chain_of_update_and_cancel_that_cites_all_is_accepted() -> None:
    update = follow(GOOD, MsgType.UPDATE, 2)
    cancel = replace(follow(update, MsgType.CANCEL, 3), infos=())
    assert check(cancel, (GOOD, update)) == []


def test_an_unexpired_message_left_out_of_the_references_is_named() -> None:
    update = follow(GOOD, MsgType.UPDATE, 2)
    cancel = replace(follow(update, MsgType.CANCEL, 3), references=(update.reference,))
    assert ["cite it too" in each.message for each in check(cancel, (GOOD, update))] == [True]


def test_another_sender_cannot_cancel_our_message() -> None:
    forged = replace(follow(GOOD, MsgType.CANCEL, 2), sender="someone@else")
    assert any("cannot Cancel a message of" in each for each in errors(forged, GOOD))


def test_an_unknown_reference_is_an_error_once_the_earlier_ones_are_given() -> None:
    update = follow(replace(GOOD, identifier="elsewhere"), MsgType.UPDATE, 2)
    assert errors(update) == []
    assert any("not among the earlier messages" in each for each in errors(update, GOOD))


def test_references_that_lead_back_are_named() -> None:
    update = follow(GOOD, MsgType.UPDATE, 2)
    ring_back = replace(GOOD, references=(update.reference,))
    assert any("lead back" in each for each in errors(update, ring_back))


def test_one_identifier_cannot_name_two_messages() -> None:
    other = replace(GOOD, note="另一条")
    assert any("already names another message" in each for each in errors(other, GOOD))


def test_validate_gives_a_verdict_for_bytes() -> None:
    assert validate(write(GOOD)).accept
    assert not validate(b"<!DOCTYPE a><a/>").accept
    future = validate(write(GOOD), now=SENT - timedelta(days=1))
    assert any("in the future" in each for each in future.errors)
