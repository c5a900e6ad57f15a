"""What is decided for every rule and area at one moment, and which warnings are held back. Pure.

The highest colour comes first: a red warning is drafted before the blue ones of the same minute,
and holds back those that it makes needless. Only new and rising warnings are held; what lowers,
clears, renews or brings up to date is not. What is held back is decided afresh each time, so that
it goes out as soon as nothing holds it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anlan.warn.colour import Colour
from anlan.warn.lifecycle import Decision, Evidence, Standing, Step, decide
from anlan.warn.rule import Rule, Rules, Silence, Watch

HELD = "held: "
Within = Callable[[str, str], bool]
"""(code, code of a unit that may hold it) -> whether the first lies within the second."""


@dataclass(frozen=True)
class Case:
    """One rule in one area: what is known and what stands.

    ``draft_at``: when the draft that waits was made, None without one.
    """

    rule: Rule
    watch: Watch
    evidence: Evidence
    standing: Standing
    draft_at: datetime | None = None


@dataclass(frozen=True)
class _Out:
    """A warning that is out, or about to be: its rule and area, event and colour."""

    rule: str
    event: str
    area: tuple[str, ...]
    colour: Colour


def decide_all(
    cases: Sequence[Case], rules: Rules, now: datetime, within: Within
) -> list[tuple[Case, Decision]]:
    """The next step of every case at ``now``, the highest rising colour first.

    A step that is held is `Step.NOTHING`, and its reason begins with `HELD`.
    """
    decided = [
        (
            each,
            decide(each.standing, each.evidence, now, rules.lower_hold, rules.extend_before),
        )
        for each in cases
    ]
    decided.sort(key=lambda pair: -pair[1].colour if _rises(pair[1]) else Colour.NONE)
    out = [one for each in cases if (one := _standing(each, rules, now)) is not None]
    found = []
    for case, decision in decided:
        if _rises(decision):
            reason = _held(case, decision.colour, rules, out, now, within)
            if reason is None:
                out.append(_of(case, decision.colour))
            else:
                decision = replace(
                    decision, step=Step.NOTHING, colour=case.standing.issued, reason=reason
                )
        found.append((case, decision))
    return found


def _rises(decision: Decision) -> bool:
    return decision.step in (Step.NEW, Step.RAISE)


def _of(case: Case, colour: Colour) -> _Out:
    return _Out(case.rule.id, case.rule.event, case.watch.area, colour)


def _standing(case: Case, rules: Rules, now: datetime) -> _Out | None:
    """What stands for a case: the warning in force or a draft, as long as it is fresh.

    A draft that nobody decided in its time no longer holds others back: that would be silence.
    """
    colour = case.standing.issued
    waiting = case.standing.waiting
    if waiting is not None and case.draft_at is not None:
        within = rules.approve_within.get(waiting)
        if within is None or now <= case.draft_at + within:
            colour = max(colour, waiting)
    return None if colour is Colour.NONE else _of(case, colour)


def _held(
    case: Case,
    colour: Colour,
    rules: Rules,
    out: Sequence[_Out],
    now: datetime,
    within: Within,
) -> str | None:
    """Why a warning of ``colour`` is held back, None when it is not."""
    for silence in rules.silences:
        if _silenced(silence, case, colour, now, within):
            return f"{HELD}silence until {silence.end.isoformat()}"
    for rule in rules.inhibitions:
        if colour > rule.holds:
            continue
        for other in out:
            itself = (other.rule, other.area) == (case.rule.id, case.watch.area)
            related = (
                {other.event, case.rule.event} <= set(rule.events)
                if rule.events
                else other.event == case.rule.event
            )
            covers = all(any(within(code, unit) for unit in other.area) for code in case.watch.area)
            if not itself and related and covers and other.colour >= rule.by:
                return f"{HELD}{other.colour.word} of {other.rule} in the same area"
    return None


def _silenced(silence: Silence, case: Case, colour: Colour, now: datetime, within: Within) -> bool:
    return (
        silence.start <= now < silence.end
        and colour <= silence.up_to
        and (not silence.rules or case.rule.id in silence.rules)
        and (
            not silence.areas
            or all(any(within(code, unit) for unit in silence.areas) for code in case.watch.area)
        )
    )
