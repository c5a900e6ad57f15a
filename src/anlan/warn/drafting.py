"""Rules applied to what is known now: drafts made, brought up to date, or let go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, or_, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.store import schema, timers
from anlan.warn.areas import above
from anlan.warn.colour import Colour, colour
from anlan.warn.document import headline, text_kind, text_values
from anlan.warn.evidence import Run, usable_runs, weigh
from anlan.warn.gauges import Gauges, Kept
from anlan.warn.holding import decide_all
from anlan.warn.lifecycle import (
    Decision,
    Evidence,
    Step,
    expiry,
)
from anlan.warn.memory import Seen, remember
from anlan.warn.message import Messages, load_messages, marked, render
from anlan.warn.records import (
    HAND,
    AlertRow,
    area_names,
    change_alert,
    facts_of,
    insert_alert,
    keep_facts,
    new_identifier,
    rule_states,
    standing_rows,
)
from anlan.warn.rules import Rule, Rules, Watch, load_rules
from anlan.warn.silences import of_desk

UNAPPROVED = "alert.unapproved"


def look(conn: Connection, city: City, now: datetime, kept: Kept | None = None) -> Gauges:
    """What all rules ask of the gauges, read beforehand: in a storm that takes a while.

    Given to `evaluate`, it keeps the one writer from others for so much less time. Readings that
    arrive in between are looked at the next time. With what was ``kept`` of the look before, only
    gauges of which something is new are read.
    """
    found, states = Gauges(conn, city, now, kept), rule_states(conn)
    for rule in load_rules(city).rules:
        for watch in rule.watches:
            found.states(rule, watch, states.get((rule.id, watch.key), {}).get("gauges", {}))
    return found


def evaluate(
    act: Act,
    city: City,
    runs: Sequence[tuple[Any, ...]] = (),
    *,
    live: bool = False,
    gauges: Gauges | None = None,
) -> list[str]:
    """Apply every rule at ``act.now``; returns the ids of alerts drafted or changed.

    Args:
        act: who applies them (the engine), in one transaction.
        city: the city.
        runs: (run id, assessment as JSON, …) newest first; none is fine: gauges alone do.
        live: the clock is real. Only then, and only with a configured sender, alerts are Actual;
            otherwise they are Exercise.
        gauges: as from `look`; by default they are read now.

    Raises:
        Refusal: when the city's rules or messages have a fault.
    """
    status = status_of(city, live)
    _expire(act)
    if status == "Actual":
        _end_exercises(act)
    rules = load_rules(city)
    if not rules.rules:
        return []
    if more := of_desk(act.tx, act.now):
        rules = replace(rules, silences=(*rules.silences, *more))
    given = [Run(str(each[0]), _issued(each[1]), each[1]) for each in runs if each[1].get("issued")]
    usable = usable_runs(given, act.now, rules.max_run_age, rules.most_runs)
    states, standing = rule_states(act.tx), standing_rows(act.tx)
    worker = _Drafter(act, city, rules, load_messages(city), status)
    gauges_now = gauges or Gauges(act.tx, city, act.now)
    gauges_now.go_on(act.tx)
    seen: dict[tuple[str, str], Seen] = {}
    for rule in rules.rules:
        for watch in rule.watches:
            memory = states.get((rule.id, watch.key), {})
            stand = gauges_now.states(rule, watch, memory.get("gauges", {}))
            evidence = weigh(rule, watch, stand, usable, act.now)
            rows = [
                # what stood in an exercise is never carried on as real, nor the other way round
                row
                for row in standing.get((rule.id, watch.key), [])
                if row.status == status
            ]
            seen[rule.id, watch.key] = Seen(rule, watch, evidence, memory, rows, stand)
    decided = decide_all(
        [each.case for each in seen.values()], rules, act.now, partial(above, city)
    )
    changed: list[str] = []
    for case, decision in decided:
        name = worker.apply(seen[case.rule.id, case.watch.key], decision)
        if name is not None:
            changed.append(name)
    return changed


def _expire(act: Act) -> None:
    """Let relayed and handwritten warnings and all-clears end with their time.

    Those of our rules need an officer, for their gauges may still say otherwise.
    """
    table = schema.alert
    over = act.tx.execute(
        select(table.c.id)
        .where(table.c.state == "issued", table.c.expires_at <= act.now)
        .where(or_(table.c.official.is_(True), table.c.msg_type == "Cancel", table.c.rule == HAND))
        .order_by(table.c.id)
    ).scalars()
    for name in list(over):
        if change_alert(act, name, "issued", state="expired"):
            act.record("alert.expired", name, grounds=[f"alert:{name}"])


def _end_exercises(act: Act) -> None:
    """End what a former replay left standing: at a real desk nobody may take it for a warning."""
    table = schema.alert
    left = act.tx.execute(
        select(table.c.id, table.c.state)
        .where(table.c.status == "Exercise", table.c.state.in_(("draft", "issued")))
        .order_by(table.c.id)
    ).all()
    for name, state in left:
        if change_alert(act, name, state, state="expired"):
            timers.stop(act.tx, name, (UNAPPROVED,))
            act.record("alert.expired", name, grounds=[f"alert:{name}"])


def _issued(content: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(content["issued"]).replace("Z", "+00:00"))


def status_of(city: City, live: bool) -> str:
    """Actual needs the real clock and a configured sender. The one rule, in the one place."""
    sender = city.settings.get("sender") or {}
    return "Actual" if live and sender.get("id") and sender.get("actual") is True else "Exercise"


class _Drafter:
    """Carries out the decision of the pure core for one rule and area after another."""

    def __init__(self, act: Act, city: City, rules: Rules, messages: Messages, status: str) -> None:
        self.act = act
        self.city = city
        self.rules = rules
        self.messages = messages
        self.status = status

    def apply(self, seen: Seen, decision: Decision) -> str | None:
        """Do what was decided; the id of the alert that was drafted or changed."""
        name = self._do(seen.rule, seen.watch, seen.evidence, decision, seen.issued, seen.draft)
        remember(self.act, seen, decision)
        return name

    def _do(
        self,
        rule: Rule,
        watch: Watch,
        evidence: Evidence,
        decision: Decision,
        issued: AlertRow | None,
        draft: AlertRow | None,
    ) -> str | None:
        match decision.step:
            case Step.NOTHING:
                return None
            case Step.LAPSE:
                assert draft is not None
                self._lapse(draft, decision, evidence)
                return str(draft.id)
            case Step.REFRESH:
                assert draft is not None
                return self._refresh(rule, watch, evidence, decision, issued, draft)
            case _:
                return self._draft(rule, watch, evidence, decision, issued)

    def _content(
        self,
        rule: Rule,
        watch: Watch,
        evidence: Evidence,
        decision: Decision,
        issued: AlertRow | None,
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """The columns that say something, and the facts that the texts use."""
        clear = decision.colour is Colour.NONE
        assert issued is not None or not clear
        shown = colour(issued.colour) if clear and issued is not None else decision.colour
        in_force = issued.expires_at if issued is not None else None
        facts = {
            **evidence.facts,
            "event_en": rule.name_en,
            "area_en": area_names(self.city, watch.key, "en"),
        }
        if rule.forecast is not None and "probability" not in facts:
            facts["seen_only"] = "yes"
        values: dict[str, Any] = {
            "rule": rule.id,
            "area": watch.key,
            "area_name": area_names(self.city, watch.key),
            "event": rule.event,
            "event_name": rule.name,
            "colour": shown.word,
            "msg_type": "Cancel" if clear else "Update" if issued is not None else "Alert",
            "issuer": self.city.name,
            "onset_at": None if clear else evidence.onset,
            "expires_at": expiry(evidence, decision.step, in_force, self.act.now),
            "grounds": list(evidence.grounds),
            "approvals_needed": 1 if clear else shown.officers,
        }
        words = text_values(self.city, self.messages, values, facts, "zh")
        template = self.messages.template(
            text_kind(values["msg_type"], rule.event, facts), "cap", "zh"
        )
        values |= {
            "headline": marked(headline(words, "zh"), self.status),
            "description": marked(render(template, words), self.status),
            "instruction": "" if clear else words["instruction"],
        }
        return values, facts

    def _draft(
        self,
        rule: Rule,
        watch: Watch,
        evidence: Evidence,
        decision: Decision,
        issued: AlertRow | None,
    ) -> str:
        values, facts = self._content(rule, watch, evidence, decision, issued)
        name = new_identifier(self.act, self.city, self.status)
        insert_alert(
            self.act,
            {
                **values,
                "id": name,
                "chain": issued.chain if issued is not None else name,
                "version": issued.version + 1 if issued is not None else 1,
                "status": self.status,
                "state": "draft",
                "drafted_at": self.act.now,
                "references": [],
            },
        )
        keep_facts(self.act, name, facts)
        self._set_timer(name, decision.colour, values)
        self.act.record(
            "alert.drafted",
            name,
            grounds=values["grounds"],
            content={"step": decision.step, "reason": decision.reason, "colour": values["colour"]},
        )
        return name

    def _refresh(
        self,
        rule: Rule,
        watch: Watch,
        evidence: Evidence,
        decision: Decision,
        issued: AlertRow | None,
        draft: AlertRow,
    ) -> str:
        """Bring a waiting draft up to date; approvals given to its former colour are void."""
        values, facts = self._content(rule, watch, evidence, decision, issued)
        values["grounds"] = list(dict.fromkeys([*draft.grounds, *values["grounds"]]))
        drawn = facts_of(self.act.tx, draft.id).get("polygon", "")
        # a draft that rises is for its whole area again: rather more people than fewer
        if drawn and values["msg_type"] != "Cancel" and decision.colour <= colour(draft.colour):
            facts["polygon"] = drawn
        change_alert(self.act, draft.id, "draft", **values)
        keep_facts(self.act, draft.id, facts)
        void = schema.approval
        self.act.tx.execute(
            update(void)
            .where(void.c.alert == draft.id, void.c.decision == "approved")
            .values(decision="void")
        )
        timers.stop(self.act.tx, draft.id, (UNAPPROVED,))
        self._set_timer(draft.id, decision.colour, values)
        self.act.record(
            "alert.redrafted",
            draft.id,
            grounds=values["grounds"],
            content={"reason": decision.reason, "colour": values["colour"]},
        )
        return str(draft.id)

    def _lapse(self, draft: AlertRow, decision: Decision, evidence: Evidence) -> None:
        if change_alert(self.act, draft.id, "draft", state="expired"):
            timers.stop(self.act.tx, draft.id, (UNAPPROVED,))
            self.act.record(
                "alert.lapsed",
                draft.id,
                grounds=evidence.grounds,
                content={"reason": decision.reason},
            )

    def _set_timer(self, name: str, which: Colour, values: Mapping[str, Any]) -> None:
        wait = self.rules.approve_within.get(which) or self.rules.approve_within.get(
            colour(values["colour"])
        )
        if wait is not None:
            timers.start(self.act.tx, UNAPPROVED, name, self.act.now + wait, int(which))
