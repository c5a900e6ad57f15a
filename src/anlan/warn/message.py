"""The words: one text per event, tier and language, from the city's ``messages.toml``.

Shape of the file::

    [channels]                      # order in which each tier is tried
    resident = ["sms", "voice"]
    [reply]                         # where people answer by a link; without it there is none
    url = "https://desk.city.example"  # this desk as its recipients reach it
    channels = ["email"]            # whose messages end with the link, where an answer is asked
    zh = "确认收到：{link}"
    en = " Confirm: {link}"
    [spoken]                        # channels that a machine reads aloud
    channels = ["voice"]
    [own]                           # about the person's own hazard place, slot {own} of a text
    zh = "您处预计水深{own_depth}米。"
    [place_threshold]               # told only where their own place crosses: attention or danger
    resident = "attention"
    [cost]                          # yuan per message, for the preview
    sms = 0.05
    [needs_phone]
    channels = ["sms", "voice"]
    [acknowledge_minutes]           # who must answer, and how soon
    grid = 15
    [roles]                         # of each tier, the roles that a warning is for
    grid = ["grid_worker"]
    [audience.storm_tide]           # tiers told at each colour; missing events use "default"
    blue = ["city", "department"]
    [instruction.storm_tide]        # {zh, en} per colour, what to do
    [text.storm_tide.resident]      # {zh, en}; missing ones fall back to text.default.<tier>
    [text.storm_tide_observed.cap]  # seen by gauges, no run behind it
    [text.clear.resident]           # all-clear;  text.mistake: cancelled as a mistake
    [text.official.city]            # relayed warnings
    [text.escalation.community]     # somebody below has not answered

Slots are words in braces from `SLOTS`; anything else is a fault of the file. Values
are put in as plain text and never read as templates again.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from anlan.city import City
from anlan.refusal import Refusal
from anlan.warn.colour import Colour
from anlan.warn.kept import Kept

FILE = "messages.toml"
LANGUAGES = ("zh", "en")
THRESHOLDS = ("attention", "danger")
EXERCISE_MARK = "【演练】"
TEST_MARK = "【测试】"
REPEAT_MARK = "【重发】"
SLOTS = frozenset(
    (
        *("event", "colour", "kind", "area", "territory", "place", "onset", "until"),
        *("probability", "danger", "level", "peak", "peak_low", "peak_high", "observed"),
        *("rain_3h", "rain_12h", "places", "residents", "instruction", "issuer", "text"),
        *("reason", "waiting", "place_list", "own", "own_depth", "own_onset", "link"),
    )
)


MAY_BE_EMPTY = frozenset({"own"})


@dataclass(frozen=True)
class Reply:
    """Where people answer by a link, by which channels, and the words around it."""

    url: str
    channels: frozenset[str]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class MonthlyTest:
    """When all channels are tried: day of the month (0: never), local hour, how long to answer."""

    day: int = 0
    hour: int = 10
    answer_minutes: float = 120.0


@dataclass(frozen=True)
class Messages:
    """The city's words and who is told by which channel."""

    channels: Mapping[str, tuple[str, ...]]
    cost: Mapping[str, float]
    needs_phone: frozenset[str]
    acknowledge_minutes: Mapping[str, float]
    roles: Mapping[str, tuple[str, ...]]
    audience: Mapping[str, Mapping[Colour, tuple[str, ...]]]
    instructions: Mapping[str, Mapping[str, Mapping[str, str]]]
    texts: Mapping[str, Mapping[str, Mapping[str, str]]]
    reply: Reply | None = None
    spoken: frozenset[str] = frozenset()
    own: Mapping[str, str] = field(default_factory=dict)
    place_threshold: Mapping[str, str] = field(default_factory=dict)
    test: MonthlyTest = MonthlyTest()

    def tiers(self, event: str, colour: Colour) -> tuple[str, ...]:
        """Tiers told of ``event`` at ``colour``."""
        table = self.audience.get(event) or self.audience.get("default", {})
        return table.get(colour, ())

    def instruction(self, event: str, colour: Colour, language: str) -> str:
        """What to do at ``colour``, in ``language``; empty where the city says nothing."""
        for name in (event, "default"):
            found = self.instructions.get(name, {}).get(colour.word, {}).get(language)
            if found:
                return found
        return ""

    def template(self, kind: str, tier: str, language: str) -> str:
        """The text for a kind (event, ``clear``, …) and tier, with fall-backs.

        Raises:
            Refusal: when neither the kind nor the default has a text for the tier.
        """
        for name in (kind, "default"):
            for one in (tier, "default"):
                found = self.texts.get(name, {}).get(one, {}).get(language)
                if found:
                    return found
        raise Refusal(
            f"{FILE} has no text for '{kind}', tier '{tier}', language '{language}'; "
            f"add [text.default.{tier}] with {language}",
            field=f"text.{kind}.{tier}",
            value=language,
            remedy="a text for every tier, at least under text.default",
        )


def render(template: str, values: Mapping[str, str]) -> str:
    """``template`` with each ``{word}`` replaced by its value; a missing value is a dash.

    Control characters in values are dropped, so that no text can forge lines or commands.
    """
    clean = {name: plain_text(value) for name, value in values.items()}
    parts = []
    for literal, name in _pieces(template):
        parts.append(literal)
        if name is not None:
            parts.append(clean.get(name) or ("" if name in MAY_BE_EMPTY else "—"))
    return "".join(parts)


def plain_text(text: str) -> str:
    """``text`` without control characters, direction marks and the like; a new line is a space."""
    return "".join(sign for sign in " ".join(text.splitlines()) if sign.isprintable())


@lru_cache(maxsize=512)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(template))


def marked(text: str, status: str) -> str:
    """``text`` with the mark that its status demands: every Exercise and Test text carries one."""
    if status == "Exercise":
        return text if text.startswith(EXERCISE_MARK) else EXERCISE_MARK + text
    if status == "Test":
        return text if text.startswith(TEST_MARK) else TEST_MARK + text
    return text


def repeated(text: str) -> str:
    """``text`` marked as a repeat, after the mark of its status."""
    for mark in (EXERCISE_MARK, TEST_MARK):
        if text.startswith(mark):
            rest = text[len(mark) :]
            return text if rest.startswith(REPEAT_MARK) else mark + REPEAT_MARK + rest
    return text if text.startswith(REPEAT_MARK) else REPEAT_MARK + text


def segments(text: str) -> int:
    """SMS segments: up to 70 characters are one, beyond that 67 each (Aliyun's counting)."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)


_SIGNS_ALOUD = {"zh": {"%": "", "—": "不详", "~": "到", "/": "每"}, "en": {"—": "not known"}}


def spoken(text: str, language: str) -> str:
    """``text`` as a machine should read it aloud: no brackets, clock times and shares in words.

    The mark of its status stays as it is: by it an outlet knows what it may carry.
    """
    for mark in (EXERCISE_MARK, TEST_MARK):
        if text.startswith(mark):
            return mark + spoken(text[len(mark) :], language)
    text = re.sub(r"[【】《》]", "，", text).replace("，，", "，").strip("，")
    if language == "zh":
        text = re.sub(r"（([^（）]*)）", r"，\1，", text)
        text = re.sub(r"(?<![\d:])([01]?\d|2[0-4]):00(?![\d:])", r"\1点整", text)
        text = re.sub(r"(?<![\d:])([01]?\d|2[0-4]):0?(\d{1,2})(?![\d:])", r"\1点\2分", text)
        text = re.sub(r"(\d+(?:\.\d+)?)%", r"百分之\1", text)
    for sign, words in _SIGNS_ALOUD[language].items():
        text = text.replace(sign, words)
    return re.sub(r"，(?=[，。：！])", "", text)


def load_messages(city: City) -> Messages:
    """The words of ``city``; a city without the file has none, and refuses when one is needed.

    Raises:
        Refusal: for a file that is not TOML, an unknown slot, colour or
            language.
    """
    return _kept.of(city)


def _read_messages(city: City) -> Messages:
    path = Path(city.folder) / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raw = {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault("file", FILE, str(error), "give the city its texts") from None
    texts = raw.get("text", {})
    for kind, tiers in texts.items():
        for tier, languages in tiers.items():
            _check_texts(f"text.{kind}.{tier}", languages)
    for event, colours in raw.get("instruction", {}).items():
        for word, languages in colours.items():
            _check_texts(f"instruction.{event}.{word}", languages)
    audience = {
        event: {_colour(event, word): tuple(tiers) for word, tiers in colours.items()}
        for event, colours in raw.get("audience", {}).items()
    }
    return Messages(
        channels={tier: tuple(names) for tier, names in raw.get("channels", {}).items()},
        cost={name: float(yuan) for name, yuan in raw.get("cost", {}).items()},
        needs_phone=frozenset(raw.get("needs_phone", {}).get("channels", ())),
        acknowledge_minutes={
            tier: float(minutes) for tier, minutes in raw.get("acknowledge_minutes", {}).items()
        },
        roles={tier: tuple(names) for tier, names in raw.get("roles", {}).items()},
        audience=audience,
        instructions=raw.get("instruction", {}),
        texts=texts,
        reply=_reply(raw.get("reply")),
        spoken=frozenset(raw.get("spoken", {}).get("channels", ())),
        own=_checked("own", raw.get("own", {})),
        place_threshold=_thresholds(raw.get("place_threshold", {})),
        test=_monthly(raw.get("communication_test", {})),
    )


def _checked(where: str, languages: Mapping[str, Any]) -> Mapping[str, str]:
    _check_texts(where, languages)
    return languages


def _reply(table: Mapping[str, Any] | None) -> Reply | None:
    if table is None:
        return None
    url = table.get("url")
    if not isinstance(url, str) or not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./-]*)?", url):
        raise _fault("reply", "url", url, "write this desk's address, as in https://desk.example")
    texts = _checked("reply", {name: table.get(name) for name in LANGUAGES})
    for language, text in texts.items():
        if "{link}" not in text:
            raise _fault("reply", language, text, "put {link} where the address is to stand")
    return Reply(url.rstrip("/"), frozenset(table.get("channels", ())), texts)


def _monthly(table: Mapping[str, Any]) -> MonthlyTest:
    limits = {"day": (1, 28), "hour": (0, 23), "answer_minutes": (1, 10_080)}
    for name, value in table.items():
        least, most = limits.get(name, (0, 0))
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            remedy = f"a whole number from {least} to {most}" if most else ", ".join(limits)
            raise _fault("communication_test", name, value, f"write {remedy}")
    return MonthlyTest(**table)


def _thresholds(table: Mapping[str, Any]) -> Mapping[str, str]:
    for tier, word in table.items():
        if word not in THRESHOLDS:
            raise _fault("place_threshold", tier, word, f"write {' or '.join(THRESHOLDS)}")
    return table


_kept = Kept(FILE, _read_messages)


def _fault(where: str, key: str, value: object, remedy: str) -> Refusal:
    return Refusal(
        f"{FILE}, {where}: {key} = {value!r} cannot be used; {remedy}",
        field=key,
        value=value,
        remedy=remedy,
    )


def _colour(where: str, word: str) -> Colour:
    try:
        return Colour[word.upper()]
    except KeyError:
        raise _fault(f"audience.{where}", word, word, "write blue, yellow, orange, red") from None


def _check_texts(where: str, languages: Mapping[str, Any]) -> None:
    for language, text in languages.items():
        if language not in LANGUAGES or not isinstance(text, str):
            raise _fault(where, language, text, f"write a text under {' or '.join(LANGUAGES)}")
        try:
            names = [(name, spec, conv) for _, name, spec, conv in string.Formatter().parse(text)]
        except ValueError as error:
            raise _fault(where, language, text, str(error)) from None
        for name, spec, conversion in names:
            if name is not None and (name not in SLOTS or spec or conversion):
                choices = ", ".join(sorted(SLOTS))
                raise _fault(where, language, "{" + name + "}", f"use one of {choices}")
