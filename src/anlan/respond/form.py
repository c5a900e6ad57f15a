"""Answers to a pack's form: each checked against its field before anything is kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from anlan.refusal import Refusal
from anlan.respond.pack import Field

LONGEST = {"text": 200, "words": 2000, "phone": 24}
MOST_PHOTOS = 10
_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Known:
    """What answers may name: ids of the city, and accounts by a function of the store.

    ``role`` gives the role of an account that may be given work, or None; ``photo`` says whether
    a digest was uploaded; ``zone`` is that of times written without an offset.
    """

    places: Collection[str]
    shelters: Collection[str]
    venues: Collection[str]
    role: Callable[[str], str | None]
    photo: Callable[[str], bool]
    zone: tzinfo


def answers(
    fields: Sequence[Field],
    given: object,
    known: Known,
    before: Mapping[str, Any] | None = None,
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The answers to ``fields``, each of its field's type; empty ones are left out.

    ``before``: answers of earlier phases, on which conditions and ``each`` look. ``complete``:
    required fields must be there. Moments come back as ISO 8601 in UTC.

    Raises:
        Refusal: invalid, naming ``form.<key>``, what was given and what would do.
    """
    if not isinstance(given, Mapping):
        raise _refusal(
            "", given, "is not a form", "an object of keys and answers", "表单格式不对。"
        )
    able = {field.key: field for field in fields}
    for key in given:
        if key not in able:
            listed = ", ".join(able) or "nothing"
            raise _refusal(
                str(key),
                "",
                "is not asked here",
                f"answer {listed}",
                f"这里不问“{str(key)[:40]}”。",
            )
    kept: dict[str, Any] = {}
    for field in fields:
        so_far = {**(before or {}), **kept}
        value = given.get(field.key)
        if not applies(field, so_far):
            if not _empty(value):
                raise _refusal(
                    field.key,
                    value,
                    "is not asked in this case",
                    "leave it out",
                    f"按前面的回答，不用填“{field.label}”。",
                )
            continue
        if field.each:
            value = _each(field, value, so_far.get(field.each, ()), known)
        elif not _empty(value):
            value = _answer(field, field.key, value, known)
        if not _empty(value):
            kept[field.key] = value
        missing = lacks(field, kept.get(field.key), so_far)
        if complete and missing:
            raise _refusal(
                field.key,
                "",
                f"{missing} is missing",
                f"answer: {field.label}",
                f"“{field.label}”还没有填全。",
            )
    return kept


def applies(field: Field, answered: Mapping[str, Any]) -> bool:
    """Whether a field is asked, given the answers so far."""
    if field.each and not answered.get(field.each):
        return False
    if field.when is None:
        return True
    value = answered.get(field.when.key)
    chosen = value if isinstance(value, list) else [value]
    return any(one in field.when.values and one is not None for one in chosen)


def lacks(field: Field, value: object, answered: Mapping[str, Any]) -> str:
    """What a required field still lacks, in a word; empty when it lacks nothing."""
    if not field.required or not applies(field, answered):
        return ""
    if not field.each:
        return "the answer" if _empty(value) else ""
    given = value if isinstance(value, Mapping) else {}
    left = [one for one in answered.get(field.each, ()) if one not in given]
    return f"the answer to {', '.join(left)}" if left else ""


def unmet(fields: Sequence[Field], answered: Mapping[str, Any]) -> list[Field]:
    """The fields whose ``must`` is not what was answered: the work does not pass."""
    return [
        field
        for field in fields
        if field.must is not None
        and applies(field, answered)
        and not _met(field, answered.get(field.key), answered)
    ]


def _met(field: Field, value: object, answered: Mapping[str, Any]) -> bool:
    if not field.each:
        return value == field.must
    given = value if isinstance(value, Mapping) else {}
    return all(given.get(one) == field.must for one in answered.get(field.each, ()))


def _empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _each(field: Field, given: object, chosen: Sequence[str], known: Known) -> dict[str, Any]:
    if _empty(given):
        return {}
    if not isinstance(given, Mapping):
        raise _refusal(
            field.key,
            given,
            "is one answer",
            "an object: one answer for each choice",
            f"“{field.label}”要对每一项分别回答。",
        )
    kept = {}
    for name, value in given.items():
        if name not in chosen:
            raise _refusal(
                f"{field.key}.{name}",
                "",
                "was not chosen",
                f"one of {', '.join(chosen)}",
                f"“{field.label}”里有一项前面没有选。",
            )
        if not _empty(value):
            kept[name] = _answer(field, f"{field.key}.{name}", value, known)
    return kept


def _answer(field: Field, key: str, value: Any, known: Known) -> Any:
    checked = _CHECKS[field.type](field, value, known)
    if checked is None:
        raise _refusal(
            key, value, f"is not {_WORDS[field.type]}", _remedy(field), _in_chinese(field)
        )
    return checked


def _remedy(field: Field) -> str:
    if field.choices:
        return f"{_WORDS[field.type]} of {', '.join(choice.value for choice in field.choices)}"
    sized = [f"at least {field.min:g}"] if field.min is not None else []
    sized += [f"at most {field.max:g}"] if field.max is not None else []
    return ", ".join([_WORDS[field.type], *sized])


def _in_chinese(field: Field) -> str:
    sized = [f"不小于 {field.min:g}"] if field.min is not None else []
    sized += [f"不大于 {field.max:g}"] if field.max is not None else []
    unit = f"（{'，'.join(sized)}{field.unit}）" if sized else ""
    return f"“{field.label}”须是{_ZH.get(field.type, '一段长度合适的文字')}{unit}。"


def plain(value: object, longest: float) -> bool:
    """Whether ``value`` is a text that a store takes: no NUL, no half of a character."""
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        return False
    return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)


def _text(field: Field, value: Any, _known: Known) -> str | None:
    most = field.max or LONGEST[field.type]
    if not plain(value, most) or len(value.strip()) < (field.min or 0):
        return None
    return str(value).strip() or None


def _phone(_field: Field, value: Any, _known: Known) -> str | None:
    if not plain(value, LONGEST["phone"]):
        return None
    digits = [letter for letter in value if letter in "0123456789"]
    fits = 5 <= len(digits) <= 15 and all(letter in "0123456789+-() " for letter in value)
    return value.strip() if fits else None


def _number(field: Field, value: Any, _known: Known) -> float | None:
    whole = field.type == "integer"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return None
    low = -_LIMIT if field.min is None else field.min
    high = _LIMIT if field.max is None else field.max
    # NaN and the infinities fail the comparison
    return value if low <= value <= high else None


def _yes_no(_field: Field, value: Any, _known: Known) -> bool | None:
    return value if isinstance(value, bool) else None


def _choice(field: Field, value: Any, _known: Known) -> str | None:
    able = [choice.value for choice in field.choices]
    return value if isinstance(value, str) and value in able else None


def _choices(field: Field, value: Any, _known: Known) -> list[str] | None:
    able = [choice.value for choice in field.choices]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    # in the order of the pack, so that equal answers are equal
    chosen = [one for one in able if one in value]
    most = len(able) if field.max is None else field.max
    fits = len(chosen) == len(value) and (field.min or 0) <= len(chosen) <= most
    return chosen if fits else None


def _date(_field: Field, value: Any, _known: Known) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(_field: Field, value: Any, known: Known) -> str | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or not 2000 <= moment.year < 2200:
        return None
    local = moment if moment.tzinfo else moment.replace(tzinfo=known.zone)
    return local.astimezone(UTC).isoformat()


def _photos(field: Field, value: Any, known: Known) -> list[str] | None:
    most = MOST_PHOTOS if field.max is None else min(field.max, MOST_PHOTOS)
    if not isinstance(value, list) or not (field.min or 0) <= len(value) <= most:
        return None
    fits = all(plain(one, 80) and known.photo(one) for one in value)
    return list(value) if fits else None


def _account(field: Field, value: Any, known: Known) -> str | None:
    role = known.role(value) if plain(value, 80) else None
    return value if role is not None and (not field.roles or role in field.roles) else None


def _one_of(ids: Callable[[Known], Collection[str]]) -> Callable[[Field, Any, Known], str | None]:
    return lambda _field, value, known: (
        value if isinstance(value, str) and value in ids(known) else None
    )


_CHECKS: Mapping[str, Callable[[Field, Any, Known], Any]] = {
    "text": _text,
    "words": _text,
    "phone": _phone,
    "integer": _number,
    "number": _number,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "moment": _moment,
    "photos": _photos,
    "account": _account,
    "place": _one_of(lambda known: known.places),
    "shelter": _one_of(lambda known: known.shelters),
    "venue": _one_of(lambda known: known.venues),
}

_WORDS: Mapping[str, str] = {
    "text": "a line of text of the length allowed, without NUL",
    "words": "a text of the length allowed, without NUL",
    "phone": "a telephone number of 5 to 15 digits",
    "integer": "a whole number in its range",
    "number": "a number in its range",
    "yes_no": "true or false",
    "choice": "one",
    "choices": "a list of some, each once,",
    "date": "a date such as 2021-07-25",
    "moment": "a time such as 2021-07-25T08:00+08:00",
    "photos": "a list of digests of uploaded photos",
    "account": "an account that may be asked for this",
    "place": "the id of a hazard place",
    "shelter": "the id of a shelter",
    "venue": "the id of a room that can be booked",
}


_ZH: Mapping[str, str] = {
    "phone": " 5 到 15 位的电话号码",
    "integer": "范围内的整数",
    "number": "范围内的数",
    "yes_no": "“是”或“否”",
    "choice": "所列选项之一",
    "choices": "所列选项中的几项",
    "date": "日期",
    "moment": "日期和时间",
    "photos": "已上传的照片",
    "account": "可以承办的账号",
    "place": "已登记的隐患点",
    "shelter": "已登记的避灾场所",
    "venue": "可以预约的场地",
}


def _refusal(key: str, value: object, wrong: str, remedy: str, zh: str) -> Refusal:
    shown = repr(value)[:40]
    where = f"form.{key}" if key else "form"
    given = f" {shown}" if value not in ("", None) else ""
    return Refusal(
        f"{where[:80]}{given} {wrong}; give {remedy}",
        field=where[:80],
        value=shown,
        remedy=remedy,
        zh=zh,
    )
