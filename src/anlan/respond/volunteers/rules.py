"""The city's rules for its volunteers: ``volunteers.toml``, read and checked.

Shape of the file (an unknown key is a fault)::

    [skills.<id>]   title, title_en; valid_months (0: for good); proof = true asks for a picture
                    of the certificate; a skill counts once somebody has verified it
    [call]          confidence = wished probability that enough come; reply_min; near_km = distance
                    that halves a person's rank; prior_yes, prior_show = [for, against] answers
                    taken as known of everybody at first; rest_after_h = hours out within 24 h
                    after which a person is left to rest; most = people asked at once
    [safety]        safe_min = time after check-in by which a person must have reported;
                    grace_min = from the reminder until somebody goes looking; search = kind of
                    case (pack) by which they look; extend_min = most by which a report extends
    [work]          pack = kind of case that offered work is kept as; most_places
    [data]          keep_months after the last activity; refused_days; invite_days, invite_places
    [text.call]     {zh, en}; slots title, place, starts, ends, reply_by, skill
    [text.remind]   {zh, en}; slots title, safe_until, search_at
    [text.moved_up] {zh, en}; slots title, place, starts;  [text.cancelled] likewise
    [text.learning] {zh, en}; slot title; left out: learning items are shown, but nobody is told

All probabilities are 0 to 1, distances in km, times in the unit of their name.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anlan.refusal import Refusal

FILE = "volunteers.toml"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Skill(_Row):
    """Something a volunteer can do, and for how long a training of it counts."""

    title: str = Field(min_length=1, max_length=40)
    title_en: str = Field(min_length=1, max_length=60)
    valid_months: int = Field(default=0, ge=0, le=240)
    proof: bool = False


class Call(_Row):
    """How many are asked, and who first."""

    confidence: float = Field(gt=0, lt=1)
    reply_min: float = Field(gt=0, le=10_080)
    near_km: float = Field(gt=0)
    prior_yes: tuple[float, float]
    prior_show: tuple[float, float]
    rest_after_h: float = Field(gt=0, le=24)
    most: int = Field(ge=1, le=2000)


class Safety(_Row):
    """When somebody out there must have reported, and what is done if not."""

    safe_min: int = Field(ge=5, le=1440)
    grace_min: float = Field(gt=0, le=240)
    extend_min: int = Field(ge=5, le=1440)
    search: str


class Work(_Row):
    """Bounds of offered work."""

    pack: str
    most_places: int = Field(ge=1, le=10_000)


class Data(_Row):
    """How long personal data are kept, and how invitations are bounded."""

    keep_months: int = Field(ge=1, le=120)
    refused_days: int = Field(ge=0, le=365)
    invite_days: int = Field(ge=1, le=90)
    invite_places: int = Field(ge=1, le=500)


class Words(_Row):
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in ``language``; Chinese for any but English."""
        return self.en if language == "en" else self.zh


class Texts(_Row):
    """What volunteers are sent."""

    call: Words
    remind: Words
    moved_up: Words
    cancelled: Words
    learning: Words | None = None


class Rules(_Row):
    """The whole file; see the module for its shape."""

    skills: dict[str, Skill]
    call: Call
    safety: Safety
    work: Work
    data: Data
    text: Texts

    def skill(self, name: str) -> Skill:
        """A skill of the file; raises `Refusal` naming those there are."""
        found = self.skills.get(name)
        if found is None:
            raise Refusal(
                f"skill '{name[:40]}' is not in {FILE}; use one of {', '.join(self.skills)}",
                field="skill",
                value=name[:40],
                remedy=", ".join(self.skills),
            )
        return found


def faults(text: str) -> list[tuple[str, str]]:
    """What is wrong with the text of a ``volunteers.toml``: (where, sentence)."""
    try:
        Rules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        return [("", f"not TOML: {problem}")]
    except ValidationError as problem:
        return [
            (".".join(str(part) for part in error["loc"]), error["msg"])
            for error in problem.errors()
        ]
    return []


def load(folder: Path) -> Rules:
    """The rules of a city folder; raises `Refusal` where there are none, or none that hold."""
    path = folder / FILE
    if not path.is_file():
        raise Refusal(
            f"city folder {folder.name} has no {FILE}; write one to work with volunteers",
            field=FILE,
            value=folder.name,
            remedy="see docs/volunteers.md",
            kind="not_found",
        )
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, _changed: int) -> Rules:
    text = path.read_text(encoding="utf-8")
    wrong = faults(text)
    if wrong:
        raise Refusal(
            f"{FILE}: " + "; ".join(f"{where}: {what}" for where, what in wrong[:5]),
            field=wrong[0][0],
            value=path.name,
            remedy="mend these entries; anlan city check lists all",
        )
    return Rules.model_validate(tomllib.loads(text))
