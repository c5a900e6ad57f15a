"""The words of a $filter or $orderby: literals, names, operators, brackets.

Syntax: OData 4.0 ABNF as far as OGC 18-088, clause 9.3.3.5 uses it, with its time intervals.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import shapely

from anlan.refusal import Refusal

MOST_CHARACTERS = 4096
MOST_DIGITS = 40
MILLISECOND = timedelta(milliseconds=1)


class Span(NamedTuple):
    """A time: an interval ``start <= t < end``, or the moment that both of them name. UTC."""

    start: datetime
    end: datetime

    @property
    def instant(self) -> bool:
        """Whether it is a moment."""
        return self.start == self.end


@dataclass(frozen=True)
class Token:
    """A word: its sort, its text, what it means if it is a literal, and where it begins."""

    sort: str
    text: str
    value: object
    at: int


_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+\- ]\d\d:?\d\d)"
_WORDS = re.compile(
    rf"""
    (?P<space>[ \t]+)
  | (?P<time>{_MOMENT}(?:/{_MOMENT})?)
  | (?P<date>\d{{4}}-\d\d-\d\d(?![\dT]))
  | (?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?)
  | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<duration>duration'[^']*')
  | (?P<geo>geograph(?:y|ie)'[^']*'|geometry'[^']*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<name>[@A-Za-z_\w][\w.@-]*(?:/[@\w][\w.@-]*)*)
  | (?P<mark>[(),-])
    """,
    re.VERBOSE,
)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,3})?)S)?)?"
)


def wrong(text: str, at: int, problem: str, remedy: str) -> Refusal:
    """The expression is broken at a place."""
    piece = text[at : at + 24]
    return Refusal(
        f"expression is wrong at character {at + 1}, near '{piece}': {problem}; {remedy}",
        field="$filter",
        value=piece,
        remedy=remedy,
    )


def words(text: str) -> list[Token]:
    """The words of an expression.

    Raises `Refusal` for one that is too long, holds characters that cannot be seen, or what is
    no word.
    """
    if len(text) > MOST_CHARACTERS:
        raise Refusal(
            f"expression has {len(text)} characters; send at most {MOST_CHARACTERS}",
            field="$filter",
            value=len(text),
            remedy=f"at most {MOST_CHARACTERS} characters",
        )
    for at, letter in enumerate(text):
        # line feeds, NUL, marks that turn the direction of writing: nothing that is meant
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs") and letter != "\t":
            problem = f"character U+{ord(letter):04X} cannot be seen"
            raise wrong(text.replace(letter, "?"), at, problem, "leave it out")
    found, at = [], 0
    while at < len(text):
        match = _WORDS.match(text, at)
        if match is None:
            raise wrong(text, at, "no word begins here", "close strings with '; write / in paths")
        sort = str(match.lastgroup)
        if sort != "space":
            found.append(Token(sort, match[0], _meaning(sort, match[0], text, at), at))
        at = match.end()
    return found


def _meaning(sort: str, word: str, text: str, at: int) -> object:
    try:
        if sort == "number":
            if len(word) > MOST_DIGITS:
                raise ValueError
            return float(word)
        if sort == "time":
            return span(word)
        if sort == "date":
            return datetime.fromisoformat(word).date()
        if sort == "clock":
            return datetime.fromisoformat(f"2000-01-01T{word}").time()
        if sort == "duration":
            return duration(word[9:-1])
        if sort == "geo":
            return _geometry(word[word.index("'") + 1 : -1])
    except (ValueError, OverflowError) as problem:
        remedy = {
            "time": "write times like 2021-07-24T08:00:00Z, intervals START/END",
            "duration": "write durations like duration'PT1H30M'",
            "geo": "write well-known text, longitude first, like geography'POINT (121.0 30.6)'",
        }.get(sort, "correct it")
        raise wrong(text, at, f"{sort} cannot be read", remedy) from problem
    return word[1:-1].replace("''", "'") if sort == "string" else word


def moment(text: str) -> datetime:
    """An ISO 8601 time with its zone, in UTC, to the millisecond; `ValueError` for any other."""
    # in an address an unescaped + arrives as a space
    found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    if found.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    utc = found.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def span(text: str) -> Span:
    """A moment, or START/END; `ValueError` for any other text, or an end before its start."""
    first, slash, last = text.partition("/")
    start = moment(first)
    end = moment(last) if slash else start
    if end < start:
        raise ValueError(f"{text} ends before it begins")
    return Span(start, end)


def written(moment: datetime) -> str:
    """A moment in UTC, ISO 8601, with milliseconds where it has any."""
    digits = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def written_span(span: Span) -> str:
    """A moment, or START/END."""
    first = written(span.start)
    return first if span.instant else f"{first}/{written(span.end)}"


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes, seconds; `ValueError` for any other."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"{text} is no duration")
    sign, days, hours, minutes, seconds = match.groups()
    found = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=float(seconds or 0),
    )
    return -found if sign else found


def _geometry(text: str) -> shapely.Geometry:
    try:
        found = shapely.from_wkt(text)
    except shapely.errors.GEOSException as problem:
        raise ValueError(str(problem)) from problem
    if found is None or found.is_empty:
        raise ValueError("empty geometry")
    return found
