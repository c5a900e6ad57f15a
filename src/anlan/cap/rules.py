"""The rules of CAP's text and of careful practice that the schema cannot see.

Errors break the standard (OASIS CAP-v1.2, sections 3.2 and 3.3.2) or make a message unsafe to act
on. Warnings are advice: what receivers in the field ask for beyond the standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from anlan.cap.alert import Alert, CapError, Info, MsgType, Scope, Status
from anlan.cap.chain import chain_findings
from anlan.cap.geometry import area_findings
from anlan.cap.reading import read

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(\s*;.*)?")
_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_HTML = re.compile(r"</?[A-Za-z][^>]*>|&(?:amp|lt|gt|nbsp|#\d+);")
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing the check found: how grave, where, and a sentence with the remedy."""

    severity: Literal["error", "warning"]
    path: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """Whether a document may be acted on, with every sentence about it."""

    accept: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    alert: Alert | None


_Rule: TypeAlias = Callable[[Alert], Iterator[Finding]]


def _error(path: str, message: str) -> Finding:
    return Finding("error", path, message)


def _advice(path: str, message: str) -> Finding:
    return Finding("warning", path, message)


def _identity(alert: Alert) -> Iterator[Finding]:
    for name, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not value:
            yield _error(name, f"'{name}' is empty; every message needs its own")
        elif re.search(r"[\s,<&]", value):
            yield _error(name, f"'{value[:60]}' holds a blank, comma, < or &; leave them out")
    if alert.identifier.startswith("urn:oid:2.49.0.0"):
        yield _advice(
            "identifier", "'urn:oid:2.49.0.0' is a known slip; 2.49.0.1.<country> is meant"
        )


def _addressing(alert: Alert) -> Iterator[Finding]:
    if alert.scope is Scope.RESTRICTED and not (alert.restriction or "").strip():
        yield _error("restriction", "scope Restricted needs a restriction; say who may see it")
    if alert.scope is not Scope.RESTRICTED and alert.restriction is not None:
        yield _error("restriction", "restriction belongs to scope Restricted only; remove it")
    if alert.scope is Scope.PRIVATE and not (alert.addresses or "").strip():
        yield _error("addresses", "scope Private needs addresses; name the receivers")
    if alert.status is Status.EXERCISE and not alert.note:
        yield _advice("note", "an Exercise should name the exercise in its note")
    if alert.msg_type is MsgType.ERROR and not alert.note:
        yield _error("note", "msgType Error needs a note that says what was wrong")


def _content(alert: Alert) -> Iterator[Finding]:
    if not alert.infos and alert.msg_type in (MsgType.ALERT, MsgType.UPDATE):
        yield _error("info", f"msgType {alert.msg_type} says nothing without an info; add one")
    for number, info in enumerate(alert.infos, 1):
        yield from _info(alert, info, f"info[{number}]")


def _info(alert: Alert, info: Info, path: str) -> Iterator[Finding]:
    if info.language is not None and not _LANGUAGE.fullmatch(info.language):
        yield _error(f"{path}/language", f"'{info.language[:20]}' is no language tag; write zh-CN")
    if not info.event.strip():
        yield _error(f"{path}/event", "'event' is empty; name what happens")
    if info.expires is None:
        yield _advice(f"{path}/expires", "no expires: receivers cannot tell when it ends")
    elif info.expires <= alert.sent:
        yield _error(f"{path}/expires", f"it expires {info.expires}, not after it was sent")
    for name, moment in (("effective", info.effective), ("onset", info.onset)):
        if moment is not None and info.expires is not None and moment > info.expires:
            yield _error(f"{path}/{name}", f"{name} {moment} is after expires {info.expires}")
    for name, text in (
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    ):
        if text is None or not text.strip():
            if name != "instruction":
                yield _advice(f"{path}/{name}", f"no {name}: many receivers show nothing else")
        elif _HTML.search(text):
            yield _advice(
                f"{path}/{name}", f"{name} holds HTML, which is shown as text; write plain"
            )
    if info.headline and len(info.headline) > 140:
        yield _advice(f"{path}/headline", f"{len(info.headline)} characters; keep it under 140")
    if info.web is not None and not _ABSOLUTE_URI.fullmatch(info.web.strip()):
        yield _error(f"{path}/web", f"'{info.web[:60]}' is not an absolute address")
    for number, resource in enumerate(info.resources, 1):
        at = f"{path}/resource[{number}]"
        if not _MIME.fullmatch(resource.mime_type.strip()):
            yield _error(f"{at}/mimeType", f"'{resource.mime_type[:40]}' is no media type")
        if resource.uri and not resource.deref_uri and not _ABSOLUTE_URI.fullmatch(resource.uri):
            yield _error(f"{at}/uri", f"'{resource.uri[:60]}' is not an absolute address")
    if not info.areas and alert.msg_type is not MsgType.CANCEL:
        yield _advice(f"{path}/area", "no area: receivers cannot tell whether it is meant for them")
    for number, area in enumerate(info.areas, 1):
        for grave, at, message in area_findings(area):
            yield Finding(grave, f"{path}/area[{number}]{at}", message)


def _languages(alert: Alert) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, info in enumerate(alert.infos, 1):
        language = (info.language or "en-US").lower()
        if language in seen:
            yield _advice(
                f"info[{number}]/language",
                f"a second info in {language} beside info[{seen[language]}]; keep one per language",
            )
        seen.setdefault(language, number)
    if not alert.infos:
        return
    first = alert.infos[0]
    for number, info in enumerate(alert.infos[1:], 2):
        if set(info.categories) != set(first.categories):
            yield _error(f"info[{number}]/category", "differs from info[1]; keep them the same")
        if set(info.event_codes) != set(first.event_codes):
            yield _error(f"info[{number}]/eventCode", "differs from info[1]; keep them the same")
        if (info.language or "en-US") != (first.language or "en-US"):
            for name, mine, theirs in (
                ("headline", info.headline, first.headline),
                ("description", info.description, first.description),
            ):
                if mine and mine == theirs:
                    yield _advice(
                        f"info[{number}]/{name}", f"the same {name} under two languages; translate"
                    )


_RULES: tuple[_Rule, ...] = (_identity, _addressing, _content, _languages)


def check(
    alert: Alert, others: Sequence[Alert] = (), *, now: datetime | None = None
) -> list[Finding]:
    """Everything about ``alert`` that the schema lets through and a careful receiver would not.

    Args:
        alert: the message.
        others: earlier messages at hand; with any given, references are followed among them.
        now: when given, a message sent in the future or already expired is named.
    """
    findings = [finding for rule in _RULES for finding in rule(alert)]
    findings += [Finding(*each) for each in chain_findings(alert, others)]
    if now is not None:
        if alert.sent > now + _CLOCK_SKEW:
            findings.append(_error("sent", f"sent {alert.sent} is in the future of {now}"))
        ends = [info.expires for info in alert.infos if info.expires is not None]
        if ends and len(ends) == len(alert.infos) and max(ends) <= now:
            findings.append(_advice("info/expires", f"the message expired {max(ends)}"))
    return findings


def validate(data: bytes, against: Sequence[bytes] = (), *, now: datetime | None = None) -> Verdict:
    """Read and check a document against earlier ones; never raises for a bad document.

    Earlier documents that cannot be read are named as warnings and left out.
    """
    warnings: list[str] = []
    others: list[Alert] = []
    for number, document in enumerate(against, 1):
        try:
            others.append(read(document))
        except CapError as error:
            warnings.append(f"against[{number}]: {error}")
    try:
        alert = read(data)
    except CapError as error:
        return Verdict(False, tuple(error.problems), tuple(warnings), None)
    findings = check(alert, others, now=now)
    errors = tuple(f"{each.path}: {each.message}" for each in findings if each.severity == "error")
    warnings += [f"{each.path}: {each.message}" for each in findings if each.severity == "warning"]
    return Verdict(not errors, errors, tuple(warnings), alert)
