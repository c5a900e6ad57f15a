"""The response plan 应急预案 of a city as data: ``plan.toml``, read, checked and asked.

Shape of the file (an unknown key is a fault)::

    [plan]            id, name, name_en, source; probability = share of members from which a
                      place or village counts as affected
    [escalation]      minutes = time each rung is given; ladders.<role> = [roles above it, in order]
    [[trigger]]       level "IV".."I", words; alert = {event, colour} and/or
                      assessment = [{path, at_least}]; all parts of one trigger must hold,
                      any trigger of a level proposes it
    [[post]]          id, name, name_en, roles that may hold it, duty in words, from = level from
                      which it must be held; without any, the seven of `DEFAULT_POSTS`
    [[step]]          id, level, title, title_en, text, kind, roles, department, target, select,
                      of, ack_min, done_min, after (step ids), wait_min; post = whose holder gets
                      the task; when_lowered = "finish" (begun work goes on) or "stop";
                      stand_down = {title, title_en, text, ack_min, done_min}: what undoes it

Paths walk the assessment document with dots; in a list they pick the item by its ``name``,
``id``, ``code`` or ``department``: ``city.old_houses.p50``, ``stations.ZHAPU.peak.p90``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from anlan.refusal import Refusal
from anlan.respond.plan_posts import DEFAULT_POSTS, Level, Post, Row

LEVELS = ("", "IV", "III", "II", "I")
COLOURS = ("blue", "yellow", "orange", "red")
COLOUR_WORDS = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}
Colour = Literal["blue", "yellow", "orange", "red"]
Target = Literal["city", "town", "village", "place", "shelter", "team"]


class Identity(Row):
    """Whose plan this is, where it comes from, and when a unit counts as affected."""

    id: str
    name: str
    name_en: str
    source: str
    probability: float = Field(gt=0, le=1)


class Ladders(Row):
    """Escalation: ``minutes`` per rung, and for each role the roles above it."""

    minutes: float = Field(gt=0)
    ladders: dict[str, tuple[str, ...]]


class AlertTrigger(Row):
    """An alert of this event in force, of this colour or a higher one."""

    event: str
    colour: Colour


class CountTrigger(Row):
    """A number in the assessment document that has reached ``at_least``."""

    path: str
    at_least: float


class Trigger(Row):
    """One reason for a level, in words and as conditions that must all hold."""

    level: Level
    words: str
    alert: AlertTrigger | None = None
    assessment: tuple[CountTrigger, ...] = ()

    @model_validator(mode="after")
    def _has_a_condition(self) -> Trigger:
        if self.alert is None and not self.assessment:
            raise ValueError("a trigger needs 'alert' or 'assessment', else it always holds")
        return self


class StandDown(Row):
    """What undoes a step once the level is below it; minutes count from then."""

    title: str
    title_en: str
    text: str
    ack_min: float = Field(gt=0)
    done_min: float = Field(gt=0)


class Step(Row):
    """One step of the plan, done once for each target from its level upwards.

    ``kind`` names a pack of the city (`anlan.respond.pack`): the cases that the step opens.
    ``target`` says what it is done for; ``select`` narrows places and teams by kind; ``of``
    whether for all of them, those that forecast or alert affect, or those that the forecast
    itself points at. ``after`` names steps whose cases nearby
    must have come to something first; after ``wait_min`` it starts without them. The task goes to
    who holds ``post``, if anybody does. When the level falls below the step's, work not begun is
    withdrawn, begun work goes on unless ``when_lowered`` is "stop", and ``stand_down`` is opened.
    """

    id: str
    level: Level
    title: str
    title_en: str
    text: str
    kind: str
    roles: tuple[str, ...] = Field(min_length=1)
    department: str = ""
    target: Target
    select: tuple[str, ...] = ()
    of: Literal["all", "affected", "forecast"] = "all"
    ack_min: float = Field(gt=0)
    done_min: float = Field(gt=0)
    after: tuple[str, ...] = ()
    wait_min: float = Field(default=60, gt=0)
    post: str = ""
    when_lowered: Literal["finish", "stop"] = "finish"
    stand_down: StandDown | None = None


class Plan(Row):
    """The whole plan; see the module for the file's shape."""

    plan: Identity
    escalation: Ladders
    trigger: tuple[Trigger, ...]
    post: tuple[Post, ...] = DEFAULT_POSTS
    step: tuple[Step, ...]

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Plan:
        posts = [post.id for post in self.post]
        for post in posts:
            if posts.count(post) > 1:
                raise ValueError(f"post '{post}' stands twice; give each its own id")
        names = [step.id for step in self.step]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"step '{name}' stands twice; give each its own id")
        roles = {role for step in self.step for role in step.roles}
        for role in sorted(roles - set(self.escalation.ladders)):
            raise ValueError(
                f"role '{role}' is asked but has no ladder; add it to escalation.ladders, "
                "so that its silence reaches somebody"
            )
        for step in self.step:
            if step.post and step.post not in posts:
                raise ValueError(
                    f"step '{step.id}' has post '{step.post}'; known: {', '.join(posts)}"
                )
            for before in step.after:
                if before not in names[: names.index(step.id)]:
                    raise ValueError(
                        f"step '{step.id}' comes after '{before}', which must stand before it"
                    )
        return self


def faults(text: str) -> list[tuple[str, str]]:
    """What is wrong with the text of a ``plan.toml``: (where, sentence), empty when sound."""
    try:
        Plan.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        return [("", f"not TOML: {problem}")]
    except ValidationError as problem:
        return [
            (".".join(str(part) for part in error["loc"]), error["msg"])
            for error in problem.errors()
        ]
    return []


def load(folder: Path) -> Plan:
    """The plan of a city folder; raises `Refusal` naming the first faults of ``plan.toml``."""
    path = folder / "plan.toml"
    if not path.is_file():
        raise Refusal(
            f"city folder {folder.name} has no plan.toml; write one to respond to anything",
            field="plan.toml",
            value=str(folder),
            remedy="a plan.toml with [plan], [escalation], [[trigger]] and [[step]]",
        )
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, _changed: int) -> Plan:
    text = path.read_text(encoding="utf-8")
    wrong = faults(text)
    if wrong:
        raise Refusal(
            "plan.toml: " + "; ".join(f"{where}: {what}" for where, what in wrong[:5]),
            field=wrong[0][0],
            value=path.name,
            remedy="mend these entries; anlan city check lists all",
        )
    return Plan.model_validate(tomllib.loads(text))


def rank(level: str) -> int:
    """0 for no response, 1 for IV … 4 for I; raises `Refusal` for anything else."""
    if level not in LEVELS:
        raise Refusal(
            f"level '{level}' is not a response level; use IV, III, II, I or nothing",
            field="level",
            value=level,
            remedy="IV, III, II, I, or an empty text to end the response",
        )
    return LEVELS.index(level)


def look_up(document: object, path: str) -> float | None:
    """The number at ``path`` in an assessment document, or None where there is none."""
    here = document
    parts = path.split(".")
    while parts:
        part = parts.pop(0)
        if isinstance(here, Mapping):
            if part not in here and parts and f"{part}.{parts[0]}" in here:
                part = f"{part}.{parts.pop(0)}"  # keys such as "0.50"
            here = here.get(part)
        elif isinstance(here, Sequence) and not isinstance(here, str):
            names = ("name", "id", "code", "department")
            here = next(
                (row for row in here if part in [str(row.get(name)) for name in names]), None
            )
        else:
            return None
    return float(here) if isinstance(here, int | float) else None


def _holds(trigger: Trigger, facts: Mapping[str, object]) -> str | None:
    """Why the trigger holds, in words with the numbers found, or None."""
    found: list[str] = []
    if trigger.alert:
        alerts = facts.get("alerts") or []
        assert isinstance(alerts, Sequence)
        wanted = COLOURS.index(trigger.alert.colour)
        colours = [
            alert["colour"]
            for alert in alerts
            if alert["event"] == trigger.alert.event
            and alert["colour"] in COLOURS
            and COLOURS.index(alert["colour"]) >= wanted
        ]
        if not colours:
            return None
        found.append(f"现为{COLOUR_WORDS[max(colours, key=COLOURS.index)]}")
    for count in trigger.assessment:
        value = look_up(facts.get("assessment"), count.path)
        if value is None or value < count.at_least:
            return None
        found.append(f"现为{value:g}，启动值{count.at_least:g}")
    return f"{trigger.words}（{'，'.join(found)}）"


def propose(plan: Plan, facts: Mapping[str, object]) -> tuple[str, str]:
    """The response level that the facts call for, and why (Chinese, all reasons of that level).

    ``facts``: ``alerts`` = [{event, colour}] in force, ``assessment`` = the assessment
    document or None. What is not known triggers nothing. ``("", "")`` when nothing holds.
    """
    for level in reversed(LEVELS[1:]):
        reasons = [
            reason
            for trigger in plan.trigger
            if trigger.level == level and (reason := _holds(trigger, facts))
        ]
        if reasons:
            return level, "；".join(reasons)
    return "", ""


def proposer(
    plan: Plan, alerts: Sequence[Mapping[str, str]] = ()
) -> Callable[[Mapping[str, object]], tuple[str, str]]:
    """`propose` as the assessment wants it: from the finished document, alerts given."""
    return lambda document: propose(plan, {"alerts": alerts, "assessment": document})
