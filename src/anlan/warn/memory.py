"""What is known now of one rule in one area, and what is kept of it until the next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.journal import Act
from anlan.warn.colour import Colour, colour
from anlan.warn.holding import HELD, Case
from anlan.warn.lifecycle import Decision, Evidence, Standing, rests_on_forecast
from anlan.warn.observed import Observed
from anlan.warn.records import (
    AlertRow,
    alert_row,
    keep_rule_state,
    rule_states,
    waiting_colour,
)
from anlan.warn.rule import Rule, Watch


@dataclass(frozen=True)
class Seen:
    """One rule in one area: what is known now, and what is kept and stands of it."""

    rule: Rule
    watch: Watch
    evidence: Evidence
    memory: Mapping[str, Any]
    rows: Sequence[AlertRow]
    gauges: Mapping[str, Observed]

    @property
    def issued(self) -> AlertRow | None:
        """The alert in force."""
        return next((row for row in self.rows if row.state == "issued"), None)

    @property
    def draft(self) -> AlertRow | None:
        """The draft that waits."""
        return next((row for row in self.rows if row.state == "draft"), None)

    @property
    def case(self) -> Case:
        """The same for the pure core."""
        issued, draft = self.issued, self.draft
        since = self.memory.get("lower_since")
        standing = Standing(
            issued=colour(issued.colour) if issued else Colour.NONE,
            issued_until=issued.expires_at if issued else None,
            forecast_based=bool(self.memory.get("forecast_based", False)),
            waiting=waiting_colour(draft) if draft else None,
            lower_since=datetime.fromisoformat(since) if since else None,
            rejected=colour(self.memory.get("rejected", "none")),
        )
        at = draft.drafted_at if draft else None
        return Case(self.rule, self.watch, self.evidence, standing, at)


def remember(act: Act, seen: Seen, decision: Decision) -> None:
    """Keep what the next evaluation must know, and enter what people must see."""
    rule, watch, evidence, memory = seen.rule, seen.watch, seen.evidence, seen.memory
    standing = bool(seen.issued or seen.draft)
    state: dict[str, Any] = {
        "lower_since": decision.lower_since.isoformat() if decision.lower_since else None,
        "rejected": decision.rejected.word,
        "forecast_based": rests_on_forecast(
            bool(memory.get("forecast_based", False)), evidence, decision, standing
        ),
        "gauges": {name: each.kept.word for name, each in seen.gauges.items() if each.kept},
        "silent": evidence.has_gauge and not evidence.gauge_present,
    }
    if state["silent"] and not memory.get("silent") and standing:
        # people must see that a warning stands on no data
        act.record("rule.no_data", f"{rule.id} {watch.key}", grounds=[f"rule:{rule.id}"])
    _note_set_aside(act, rule, watch, evidence, memory)
    if evidence.set_aside:
        state["set_aside"] = list(evidence.set_aside)
    if decision.reason.startswith(HELD):
        state["held"] = decision.reason
        if memory.get("held") != decision.reason:
            # a warning that was not made must be found as easily as one that was
            act.record(
                "rule.held",
                f"{rule.id} {watch.key}",
                grounds=evidence.grounds,
                content={"reason": decision.reason},
            )
    if state != memory:
        keep_rule_state(act, rule.id, watch.key, state)


def _note_set_aside(
    act: Act, rule: Rule, watch: Watch, evidence: Evidence, memory: Mapping[str, Any]
) -> None:
    """Enter when readings of a station begin to be set aside for a reason."""

    def kind(each: str) -> tuple[str, str]:
        ground, _, rules = each.partition(" ")
        return ground.partition("@")[0], rules

    before = {kind(each) for each in memory.get("set_aside", ())}
    new = [each for each in evidence.set_aside if kind(each) not in before]
    if new:
        act.record(
            "rule.set_aside",
            f"{rule.id} {watch.key}",
            grounds=[f"rule:{rule.id}", *(f"aside:{each.split()[0]}" for each in new)],
            content={"readings": new},
        )


def forget_draft(act: Act, alert_id: str) -> None:
    """Remember that an officer turned a draft down, so that it does not come back unchanged."""
    row = alert_row(act.tx, alert_id)
    memory = dict(rule_states(act.tx).get((row.rule, row.area), {}))
    memory["rejected"] = waiting_colour(row).word
    memory["lower_since"] = None
    keep_rule_state(act, row.rule, row.area, memory)
