"""From a plan and a level to the cases that it opens: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from anlan.respond.plan import Plan, Step, rank


@dataclass(frozen=True, slots=True)
class Target:
    """What a step is done for. ``key`` names it within its sort; ``kind`` is for `select`.

    ``account`` is set for teams, which have their own. ``forecast``: the forecast points at
    this very place or unit; ``affected``: that, or an alert in force covers it.
    """

    sort: str
    key: str
    name: str
    territory: str
    lon: float
    lat: float
    kind: str = ""
    department: str = ""
    account: str | None = None
    affected: bool = True
    forecast: bool = True

    @property
    def place(self) -> str | None:
        """Its id if it is a thing at a spot rather than a unit of territory."""
        return self.key if self.sort in ("place", "shelter") else None


DOWN = ":down"
"""Ends the step's id in a case that undoes the step."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to be opened: the step and what it is for; ``down``: to undo what the step did."""

    step: Step
    target: Target
    down: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Step and target: opened at most once in an incident."""
        return (self.step.id, self.target.key)


def expand(
    plan: Plan, level: str, targets: Sequence[Target], opened: Set[tuple[str, str]]
) -> list[Opening]:
    """Cases that ``level`` asks for and that are not in ``opened`` yet, in the plan's order.

    Raising the level, or a wider forecast, adds; nothing is opened twice; targets are taken
    in the order given.
    """
    reached = rank(level)
    return [
        opening
        for step in plan.step
        if rank(step.level) <= reached
        for target in targets
        if target.sort == step.target
        and (not step.select or target.kind in step.select)
        and (step.of == "all" or getattr(target, step.of))
        and (opening := Opening(step, target)).key not in opened
    ]


def stand_down(
    plan: Plan, level: str, targets: Sequence[Target], worked: Set[tuple[str, str]]
) -> list[Opening]:
    """What has to be undone once the level is ``level``: of the steps above it, those at work.

    ``worked``: steps and targets where somebody has begun or done the step and nobody has been
    asked to undo it since. In the plan's order.
    """
    reached = rank(level)
    return [
        opening
        for step in plan.step
        if rank(step.level) > reached and step.stand_down is not None
        for target in targets
        if target.sort == step.target
        and (opening := Opening(step, target, down=True)).key in worked
    ]


def forecast(
    document: Mapping[str, Any], lineages: Mapping[str, Sequence[str]], probability: float
) -> frozenset[str]:
    """Ids of places and codes of units that an assessment points at.

    A place counts from ``probability`` of reaching attention, a village from that of any
    depth threshold, a unit when something inside it counts. ``lineages`` gives for each
    unit its own code and those of its ancestors.
    """
    found: set[str] = set()
    for place in document["places"]:
        if place["attention"]["probability"] >= probability:
            found.add(place["id"])
            found.update(lineages.get(place["territory"], ()))
    for village in document["villages"]:
        if max(village["probability"].values(), default=0.0) >= probability:
            found.update(lineages.get(village["code"], ()))
    return frozenset(found)


def mark(
    targets: Sequence[Target],
    lineages: Mapping[str, Sequence[str]],
    forecast: Set[str] | None,
    alert_areas: Sequence[str],
) -> list[Target]:
    """Targets with ``forecast`` and ``affected`` set from what an assessment and alerts say.

    With no assessment (None) nothing is known of single places, and caution takes every one
    as forecast; with neither assessment nor alert, every one as affected too. A unit is also
    affected when an alert covers only a part of it.
    """
    marked = []
    for target in targets:
        own = lineages.get(target.territory, ())
        in_area = any(area in own for area in alert_areas)
        if target.sort in ("city", "town", "village"):
            in_area = in_area or any(
                target.territory in lineages.get(area, ()) for area in alert_areas
            )
        if forecast is None:
            pointed, touched = True, in_area or not alert_areas
        else:
            name = target.territory if target.sort in ("shelter", "team") else target.key
            pointed = name in forecast
            touched = pointed or in_area
        marked.append(replace(target, forecast=pointed, affected=touched))
    return marked
