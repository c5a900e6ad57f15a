"""Rules tried on a past event: what they would have said, minute by minute. Nothing is kept.

The same pure core as at the desk (`weigh`, `decide_all`), over readings and runs as they were
known at each moment. What is decided counts as said at once: that an officer takes time, turns a
draft down or changes it is not rehearsed. No alert, draft, delivery or journal entry is made, and
no module that could send one is in reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from anlan.city import City
from anlan.warn.areas import above
from anlan.warn.colour import Colour
from anlan.warn.evidence import Run, usable_runs, weigh
from anlan.warn.gauges import Gauges
from anlan.warn.holding import HELD, Case, decide_all
from anlan.warn.lifecycle import Decision, Standing, Step, expiry, rests_on_forecast
from anlan.warn.rule import Rules


@dataclass(frozen=True)
class Message:
    """What a rule would have said in an area. ``chain`` and ``version`` as of an alert; UTC."""

    rule: str
    event: str
    chain: str
    version: int
    step: str
    colour: Colour
    area: tuple[str, ...]
    sent: datetime
    expires: datetime
    reason: str
    grounds: tuple[str, ...]

    @property
    def cancels(self) -> bool:
        """Whether it is the all-clear."""
        return self.colour is Colour.NONE


@dataclass
class _Kept:
    """What is remembered of one rule in one area from one moment to the next."""

    gauges: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    chains: int = 0
    version: int = 0
    held: str = ""


class Rehearsal:
    """The rules of a city over one past event; call `step` with rising moments."""

    def __init__(self, city: City, rules: Rules) -> None:
        self.city = city
        self.rules = rules
        self.messages: list[Message] = []
        #: How often a warning of a rule was held back, by rule and reason.
        self.held: Counter[tuple[str, str]] = Counter()
        self._kept: dict[tuple[str, str], _Kept] = {}

    def step(self, conn: Connection, runs: Sequence[Run], now: datetime) -> None:
        """What the rules say at ``now``.

        Args:
            conn: the archive, with nothing in it that was not known at ``now``.
            runs: forecast runs published by then.
        """
        usable = usable_runs(runs, now, self.rules.max_run_age, self.rules.most_runs)
        read = Gauges(conn, self.city, now)
        cases = []
        for rule in self.rules.rules:
            for watch in rule.watches:
                kept = self._kept.setdefault((rule.id, watch.key), _Kept())
                gauges = read.states(rule, watch, kept.gauges)
                kept.gauges = {name: each.kept.word for name, each in gauges.items() if each.kept}
                evidence = weigh(rule, watch, gauges, usable, now)
                cases.append(Case(rule, watch, evidence, kept.standing))
        for case, decision in decide_all(cases, self.rules, now, partial(above, self.city)):
            self._follow(case, decision, now)

    def _follow(self, case: Case, decision: Decision, now: datetime) -> None:
        kept = self._kept[case.rule.id, case.watch.key]
        held = decision.reason if decision.reason.startswith(HELD) else ""
        if held and held != kept.held:
            self.held[case.rule.id, held.removeprefix(HELD)] += 1
        kept.held = held
        standing = replace(kept.standing, lower_since=decision.lower_since)
        if decision.step is not Step.NOTHING:
            based = rests_on_forecast(
                standing.forecast_based, case.evidence, decision, standing.issued is not Colour.NONE
            )
            until = expiry(case.evidence, decision.step, standing.issued_until, now)
            standing = Standing(lower_since=decision.lower_since)
            if decision.step is not Step.CLEAR:
                standing = replace(
                    standing, issued=decision.colour, issued_until=until, forecast_based=based
                )
            kept.chains += decision.step is Step.NEW
            kept.version = 1 if decision.step is Step.NEW else kept.version + 1
            self.messages.append(
                Message(
                    rule=case.rule.id,
                    event=case.rule.event,
                    chain=f"{case.rule.id} {case.watch.key} {kept.chains}",
                    version=kept.version,
                    step=decision.step.value,
                    colour=decision.colour,
                    area=case.watch.area,
                    sent=now,
                    expires=until,
                    reason=decision.reason,
                    grounds=case.evidence.grounds,
                )
            )
        kept.standing = standing
