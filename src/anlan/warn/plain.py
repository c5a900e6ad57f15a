"""Whether the city's texts are plain: right language, short sentences, no office words. Pure.

The limits follow what reads well on a phone in a hurry; they are ours to tune, not a standard's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anlan.warn.message import Messages, segments

CHINESE = re.compile(r"[\u3400-\u9fff]")
SLOT = re.compile(r"\{\w+\}")
LONGEST_SENTENCE = {"zh": 50, "en": 160}  # signs without slots
MOST_SEGMENTS = 3  # of a resident's text without its slots
OFFICE_WORDS = {
    "zh": (
        "切实",
        "高度重视",
        "有关部门",
        "相关部门",
        "进一步",
        "落实到位",
        "严阵以待",
        "积极开展",
    ),
    "en": (
        "aforementioned",
        "henceforth",
        "pursuant",
        "in accordance with",
        "personnel",
        "utilise",
    ),
}
FIGURES = ("probability", "danger", "peak_low", "peak_high", "rain_3h", "rain_12h")
"""Slots that tell an officer something and a resident nothing to do."""


@dataclass(frozen=True)
class Unclear:
    """One thing that is not plain: which text (``text.default.grid.zh``), what, and the remedy."""

    where: str
    value: str
    message: str
    remedy: str


def unclear(messages: Messages) -> list[Unclear]:
    """What is not plain in the texts of a city."""
    return [each for where, tier, lang, text in _texts(messages)
            for each in _of(where, tier, lang, text)]  # fmt: skip


def _texts(messages: Messages) -> Iterator[tuple[str, str, str, str]]:
    for kind, tiers in messages.texts.items():
        for tier, languages in tiers.items():
            for language, text in languages.items():
                yield f"text.{kind}.{tier}.{language}", tier, language, text
    for event, colours in messages.instructions.items():
        for word, languages in colours.items():
            for language, text in languages.items():
                yield f"instruction.{event}.{word}.{language}", "", language, text
    own: Mapping[str, str] = messages.own
    for language, text in own.items():
        yield f"own.{language}", "resident", language, text


def _of(where: str, tier: str, language: str, text: str) -> Iterator[Unclear]:
    bare = SLOT.sub("", text)
    if language == "en" and (found := CHINESE.search(bare)):
        yield Unclear(where, found[0], "is English, and holds Chinese", "write it in English")
    if language == "zh" and re.search("[A-Za-z]", bare) and not CHINESE.search(bare):
        yield Unclear(where, bare[:20], "is Chinese, and holds none", "write it in Chinese")
    for sentence in re.split(r"[。！？；;!?]|\.\s", bare):
        if len(sentence.strip()) > LONGEST_SENTENCE[language]:
            limit = LONGEST_SENTENCE[language]
            yield Unclear(
                where,
                sentence.strip()[:30],
                f"has a sentence of {len(sentence.strip())} signs",
                f"sentences of {limit} signs or fewer",
            )
    for word in OFFICE_WORDS[language]:
        if word in bare.lower():
            yield Unclear(where, word, "uses an office word", "say who does what")
    if tier == "resident":
        for slot in FIGURES:
            if "{" + slot + "}" in text:
                yield Unclear(
                    where, slot, "tells a resident a figure", "say what to do at their door"
                )
        if segments(bare) > MOST_SEGMENTS:
            yield Unclear(
                where, bare[:20], f"is longer than {MOST_SEGMENTS} messages", "a shorter text"
            )
