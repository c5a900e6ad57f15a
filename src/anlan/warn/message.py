"""The words: one text per event, tier and language, from the city's ``messages.toml``.

Shape of the file::

    [channels]                      # order in which each tier is tried
    resident = ["sms", "voice"]
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

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anlan.city import City
from anlan.refusal import Refusal
from anlan.warn.colour import Colour
from anlan.warn.kept import Kept

FILE = "messages.toml"
LANGUAGES = ("zh", "en")
EXERCISE_MARK = "【演练】"
TEST_MARK = "【测试】"
REPEAT_MARK = "【重发】"
SLOTS = frozenset(
    (
        *("event", "colour", "kind", "area", "territory", "place", "onset", "until"),
        *("probability", "danger", "level", "peak", "peak_low", "peak_high", "observed"),
        *("rain_3h", "rain_12h", "places", "residents", "instruction", "issuer", "text"),
        *("reason", "waiting", "place_list"),
    )
)


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
    clean = {
        name: "".join(sign for sign in value if sign.isprintable())
        for name, value in values.items()
    }
    parts = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(clean.get(name) or "—")
    return "".join(parts)


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
    )


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
