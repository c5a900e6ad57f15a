"""A drill's script: ``cities/<city>/drills/<name>.toml``, typed and checked.

An unknown key is a fault. Minutes count from the start of the drill::

    [drill]        id, name, name_en, goal, goal_en, start (with offset), minutes, source
    [actors]       by_hand = roles or accounts that people play; everybody else is moved
                   order_ack_min, order_done_min (medians), people = {…} as in a world's file
    [[background]] series, from_min (may be negative), every_min, values, unit, datum: readings
    [[inject]]     id, at_min, title, title_en, text, to = roles or accounts (none: the whole desk)
                   readings = {…} as background · official = {…} · report = {…}: what it sets off
                   question = {text, choices, right (from 0), within_min}
                   expect = [{what, words, within_min, …}]
    [[act]]        at_min, by (account), do = "order" (what, to, ack_min) | "post" (post) |
                   "handover" (to): what a moved person does at the desk

What may be expected: ``level`` (level) · ``alert`` (event, colour) · ``all_clear`` (event) ·
``order`` (reaches given, acknowledged, done) · ``post`` (post) · ``step`` (step, share, reaches
acknowledged, on_site, done, verified) · ``report`` (of this inject's own report, reaches the same)
· ``handover`` (reaches signed, acknowledged).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from anlan.refusal import Refusal
from anlan.replay.habits import People

FOLDER = "drills"
Colour = Literal["blue", "yellow", "orange", "red"]
Reaches = Literal["given", "acknowledged", "on_site", "done", "verified", "signed"]
Positive = Annotated[float, Field(gt=0)]
Minute = Annotated[float, Field(ge=0, le=7 * 1440)]


class Table(BaseModel):
    """A table of the file: no unknown keys, never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class About(Table):
    """What is drilled. ``source`` says where it comes from; a drill's world is invented."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    name: str
    name_en: str
    goal: str
    goal_en: str
    start: AwareDatetime
    minutes: float = Field(gt=0, le=7 * 1440)
    source: str


class Readings(Table):
    """Readings of a station; ``from_min`` defaults to the inject's moment."""

    series: str
    every_min: Positive
    values: tuple[float, ...] = Field(min_length=1, max_length=2000)
    from_min: float | None = None
    unit: str = ""
    datum: str = ""


class Official(Table):
    """A warning of an authority, relayed with its issuer; in force for ``hours``."""

    issuer: str
    event: str
    colour: Colour
    area: str
    places: tuple[str, ...]
    hours: Positive = 12


class Report(Table):
    """Somebody reports something: a case of this kind, at a place or in a territory."""

    by: str
    kind: str = "resident_report"
    place: str = ""
    territory: str = ""
    text: str


class Question(Table):
    """Asked on the desk of those whom the inject goes to; answered once."""

    text: str
    choices: tuple[str, ...] = Field(min_length=2, max_length=8)
    right: int = Field(ge=0)
    within_min: Positive

    @model_validator(mode="after")
    def _right_is_a_choice(self) -> Question:
        if self.right >= len(self.choices):
            raise ValueError(f"right = {self.right}, but there are {len(self.choices)} choices")
        return self


# expectation -> the keys that it needs, and the states that it may have to reach
NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "level": (("level",), ()),
    "alert": (("event", "colour"), ()),
    "all_clear": (("event",), ()),
    "order": (("reaches",), ("given", "acknowledged", "done")),
    "post": (("post",), ()),
    "step": (("step", "reaches"), ("acknowledged", "on_site", "done", "verified")),
    "report": (("reaches",), ("acknowledged", "on_site", "done", "verified")),
    "handover": (("reaches",), ("signed", "acknowledged")),
}


class Expect(Table):
    """What people are expected to have brought about ``within_min`` of the inject.

    ``share``: of the step's cases, those that must have got there.
    """

    what: Literal[
        "level", "alert", "all_clear", "order", "post", "step", "report", "handover"
    ]  # the keys of `NEEDS`
    words: str
    words_en: str = ""
    within_min: Positive
    level: Literal["IV", "III", "II", "I"] | None = None
    event: str | None = None
    colour: Colour | None = None
    post: str | None = None
    step: str | None = None
    reaches: Reaches | None = None
    share: float = Field(default=1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Expect:
        needed, states = NEEDS[self.what]
        for key in needed:
            if getattr(self, key) is None:
                raise ValueError(f"'{self.what}' needs '{key}'")
        if states and self.reaches not in states:
            raise ValueError(f"'{self.what}' reaches one of {', '.join(states)}")
        return self


class Inject(Table):
    """Something that happens, and what should come of it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    at_min: Minute
    title: str
    title_en: str
    text: str
    to: tuple[str, ...] = ()
    readings: tuple[Readings, ...] = ()
    official: Official | None = None
    report: Report | None = None
    question: Question | None = None
    expect: tuple[Expect, ...] = ()

    @model_validator(mode="after")
    def _a_report_to_speak_of(self) -> Inject:
        if self.report is None and any(each.what == "report" for each in self.expect):
            raise ValueError(f"inject '{self.id}' expects something of a report that it has not")
        return self


class Deed(Table):
    """What a moved person does at the desk: gives an order, takes a post, hands the watch over."""

    at_min: Minute
    by: str
    do: Literal["order", "post", "handover"]
    what: str = ""
    to: str = ""
    post: str = ""
    ack_min: Positive = 15

    @model_validator(mode="after")
    def _says_what(self) -> Deed:
        if self.do == "order" and not (self.what and self.to):
            raise ValueError("an order needs 'what' and 'to'")
        if self.do == "handover" and not self.to:
            raise ValueError("a hand-over needs 'to'")
        if self.do == "post" and not self.post:
            raise ValueError("taking a post needs 'post'")
        return self


class Actors(Table):
    """Who is played by people, and how everybody else behaves."""

    by_hand: tuple[str, ...] = ()
    order_ack_min: Positive
    order_done_min: Positive
    people: People


class Script(Table):
    """The whole script."""

    drill: About
    actors: Actors
    background: tuple[Readings, ...] = ()
    inject: tuple[Inject, ...] = Field(min_length=1)
    act: tuple[Deed, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Script:
        names = [each.id for each in self.inject]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"inject '{name}' stands twice; give each its own id")
        for each in self.inject:
            if each.at_min > self.drill.minutes:
                raise ValueError(f"inject '{each.id}' comes after the end of the drill")
        return self


def find(city_folder: Path, plan: str) -> Path:
    """The script's file: a path, or a name under ``drills/`` of the city folder.

    Raises `Refusal` naming the scripts that there are.
    """
    known = sorted((city_folder / FOLDER).glob("*.toml"))
    for path in (Path(plan), city_folder / FOLDER / f"{plan}.toml"):
        if path.suffix == ".toml" and path.is_file():
            return path
    names = ", ".join(path.stem for path in known) or "none"
    raise Refusal(
        f"there is no drill '{plan}' in {city_folder / FOLDER}; it has: {names}",
        field="plan",
        value=plan,
        remedy=f"one of {names}, or the path of a script",
    )


def read(path: Path) -> Script:
    """The script in a file; raises `Refusal` naming the first key that does not fit."""
    try:
        return Script.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Refusal(
            f"{path.name} cannot be read: {problem}",
            field=path.name,
            remedy="a TOML file in UTF-8",
        ) from problem
    except ValidationError as problems:
        first = problems.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(
            f"{path.name}: {where}: {first['msg']} (found {str(first.get('input'))[:80]})",
            field=where,
            value=str(first.get("input"))[:80],
            remedy=first["msg"],
        ) from None
