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
Above = Callable[[str], Sequence[str]]
"""Code of a unit -> itself and the codes of all units above it."""


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


class _Out:
    """What is out, or about to be: the highest colour of each event in each unit, and its rule.

    Kept by unit, so that a storm of warnings is looked through once and not once for each.
    """

    def __init__(self) -> None:
        self._there: dict[tuple[str, str], tuple[Colour, str]] = {}

    def add(self, case: Case, colour: Colour) -> None:
        """A case stands at ``colour``."""
        for code in case.watch.area:
            key = (case.rule.event, code)
            self._there[key] = max(self._there.get(key, (Colour.NONE, "")), (colour, case.rule.id))

    def over(self, code: str, events: Sequence[str], above: Above) -> tuple[Colour, str]:
        """The highest colour, and its rule, of any of the events in a unit or above it."""
        return max(
            (
                self._there.get((event, unit), (Colour.NONE, ""))
                for event in events
                for unit in above(code)
            ),
            default=(Colour.NONE, ""),
        )


def decide_all(
    cases: Sequence[Case], rules: Rules, now: datetime, above: Above
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
    out = _Out()
    for each in cases:
        out.add(each, _standing(each, rules, now))
    found = []
    for case, decision in decided:
        if _rises(decision):
            reason = _held(case, decision.colour, rules, out, now, above)
            if reason is None:
                out.add(case, decision.colour)
            else:
                decision = replace(
                    decision, step=Step.NOTHING, colour=case.standing.issued, reason=reason
                )
        found.append((case, decision))
    return found


def _rises(decision: Decision) -> bool:
    return decision.step in (Step.NEW, Step.RAISE)


def _standing(case: Case, rules: Rules, now: datetime) -> Colour:
    """What stands for a case: the warning in force or a draft, as long as it is fresh.

    A draft that nobody decided in its time no longer holds others back: that would be silence.
    """
    colour = case.standing.issued
    waiting = case.standing.waiting
    if waiting is not None and case.draft_at is not None:
        within = rules.approve_within.get(waiting)
        if within is None or now <= case.draft_at + within:
            return max(colour, waiting)
    return colour


def _held(
    case: Case, colour: Colour, rules: Rules, out: _Out, now: datetime, above: Above
) -> str | None:
    """Why a warning of ``colour`` is held back, None when it is not.

    A case never holds back itself: what it is held at lies below what holds it.
    """
    for silence in rules.silences:
        if _silenced(silence, case, colour, now, above):
            return f"{HELD}silence until {silence.end.isoformat()}"
    for rule in rules.inhibitions:
        events = rule.events or (case.rule.event,)
        if colour > rule.holds or case.rule.event not in events:
            continue
        over = [out.over(code, events, above) for code in case.watch.area]
        if all(other >= rule.by for other, _ in over):
            other, name = min(over)
            return f"{HELD}{other.word} of {name} in the same area"
    return None


def _silenced(silence: Silence, case: Case, colour: Colour, now: datetime, above: Above) -> bool:
    return (
        silence.start <= now < silence.end
        and colour <= silence.up_to
        and (not silence.rules or case.rule.id in silence.rules)
        and (
            not silence.areas
            or all(set(above(code)).intersection(silence.areas) for code in case.watch.area)
        )
    )
