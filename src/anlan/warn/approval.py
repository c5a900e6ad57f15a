"""Officers decide: approve, reject, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from anlan import cap
from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.store import ids, insert, schema, timers
from anlan.warn.document import build, headline, sender_id, text_kind, text_values
from anlan.warn.drafting import UNAPPROVED
from anlan.warn.memory import forget_draft
from anlan.warn.message import load_messages, marked, plain_text, render
from anlan.warn.officers import same_hands, used_up
from anlan.warn.planning import plan_deliveries
from anlan.warn.polygon import polygon_key
from anlan.warn.records import (
    HAND,
    AlertRow,
    alert_row,
    chain_rows,
    change_alert,
    facts_of,
    insert_alert,
    keep_facts,
    new_identifier,
    rule_states,
    whole_seconds,
)
from anlan.warn.rules import load_rules
from anlan.warn.signing import signer

P = schema.approval


@dataclass(frozen=True)
class Approval:
    """Where an alert stands after an approval: how many are there, needed, and its state."""

    alert: str
    given: int
    needed: int
    state: str
    deliveries: int


def approve(
    act: Act, city: City, alert_id: str, note: str = "", via: str = "", seen: str | None = None
) -> Approval:
    """Approve a draft; with the last approval needed it is issued and its deliveries planned.

    Orange and red need two different officers. ``via``: as in `officers.used_up`. ``seen`` is the
    `polygon_key` of the area that the officer saw; None where it is not said.

    Raises:
        Refusal: ``not_found``; ``conflict`` when it is no draft or the same officer approved
            already (also as the one stood in for, by another account of the same person, or through
            the same hands), or its area was drawn anew since; ``forbidden`` for an account without
            the role.
    """
    row = alert_row(act.tx, alert_id)
    needs_state(row, "draft", "approve")
    needs_officer(act, city)
    if seen is not None and seen != polygon_key(facts_of(act.tx, alert_id)):
        raise Refusal(
            f"the area of alert {alert_id} was drawn anew since you looked; look at who is told "
            "and approve again (范围已改，请重新查看)",
            field="seen",
            value=seen,
            remedy="the draft as it is now",
            kind="conflict",
        )
    given = _approvals(act, alert_id)
    officer = used_up(act.actor, act.on_behalf, via)
    shared = same_hands(city, given, officer)
    if shared is not None:
        raise Refusal(
            f"{act.actor} has approved alert {alert_id} already; a second officer is needed"
            if shared == act.actor
            else f"'{shared}' stands behind an approval of alert {alert_id} already; a second "
            "officer is needed, signed in with what that officer alone has (须由另一人审批)",
            field="officer",
            value=act.actor,
            remedy="a second officer's account",
            kind="conflict",
        )
    _decide(act, alert_id, officer, "approved", note)
    act.record("alert.approved", alert_id, grounds=[f"alert:{alert_id}"], content=row.colour)
    if len(given) + 1 < row.approvals_needed:
        return Approval(alert_id, len(given) + 1, row.approvals_needed, "draft", 0)
    planned = issue(act, city, row)
    return Approval(alert_id, len(given) + 1, row.approvals_needed, "issued", planned)


def reject(act: Act, city: City, alert_id: str, note: str = "") -> None:
    """Turn a draft down. It comes back only when the evidence changes.

    Raises:
        Refusal: as for `approve`.
    """
    row = alert_row(act.tx, alert_id)
    needs_state(row, "draft", "reject")
    needs_officer(act, city)
    _decide(act, alert_id, act.actor, "rejected", note)
    change_alert(act, alert_id, "draft", state="rejected")
    timers.stop(act.tx, alert_id, (UNAPPROVED,))
    forget_draft(act, alert_id)
    act.record("alert.rejected", alert_id, grounds=[f"alert:{alert_id}"])


def cancel(act: Act, city: City, alert_id: str, reason: str, *, mistake: bool = False) -> str:
    """End an issued alert; returns the id of the Cancel, which goes to exactly those warned.

    An all-clear needs data present and the condition down; of an alert written by hand, which no
    gauge watches, the officer's word. A mistake is withdrawn at any time, with its reason as the
    note.

    Raises:
        Refusal: ``conflict`` when it is not in force, or the all-clear is too early; ``forbidden``
            for an account without the role.
    """
    row = alert_row(act.tx, alert_id)
    needs_state(row, "issued", "cancel")
    needs_officer(act, city)
    if row.msg_type == "Cancel":
        raise Refusal(
            f"alert {alert_id} is itself a cancellation; nothing is left to cancel",
            field="alert",
            value=alert_id,
            remedy="an alert in force",
            kind="conflict",
        )
    state = rule_states(act.tx).get((row.rule, row.area), {})
    watched = not row.official and row.rule != HAND
    if not mistake and watched and (state.get("silent") or not state.get("lower_since")):
        why = (
            "its gauges are silent or set aside"
            if state.get("silent")
            else "its condition is not down"
        )
        raise Refusal(
            f"alert {alert_id} cannot be cleared yet: {why}; wait for data below the threshold, "
            "or withdraw it as a mistake",
            field="alert",
            value=alert_id,
            remedy="data present and condition down, or mistake",
            kind="conflict",
        )
    for waiting in chain_rows(act.tx, row.chain):
        if waiting.state == "draft" and change_alert(act, waiting.id, "draft", state="expired"):
            timers.stop(act.tx, waiting.id, (UNAPPROVED,))
            act.record("alert.lapsed", waiting.id, grounds=[f"alert:{row.id}"])
    name = new_identifier(act, city, row.status)
    facts = {**facts_of(act.tx, row.id), "reason": plain_text(reason), "headline": ""}
    if mistake:
        facts["kind"] = "Mistake"
    insert_alert(
        act,
        {
            **_copied(row),
            "id": name,
            "version": row.version + 1,
            "msg_type": "Cancel",
            "state": "draft",
            "drafted_at": act.now,
            "onset_at": None,
            "expires_at": max(row.expires_at, act.now + timedelta(hours=1)),
            "grounds": [*row.grounds, f"alert:{row.id}"],
            "references": [],
            "approvals_needed": 1,
        },
    )
    keep_facts(act, name, facts)
    draft = alert_row(act.tx, name)
    write_words(act, city, draft)
    _decide(act, name, act.actor, "approved", reason)
    act.record("alert.approved", name, grounds=[f"alert:{row.id}"], content="cancel")
    issue(act, city, alert_row(act.tx, name))
    return name


def issue(act: Act, city: City, row: AlertRow) -> int:
    """Publish an approved draft: CAP document, chain, deliveries. Returns deliveries planned.

    Raises:
        Refusal: ``conflict`` when it is no draft any more, or its CAP document has an error.
    """
    facts = facts_of(act.tx, row.id)
    earlier = [one for one in chain_rows(act.tx, row.chain) if one.sent_at is not None]
    sender = sender_id(city)
    references = [
        [sender, one.id, cap.time_text(whole_seconds(one.sent_at).astimezone(city.zone))]
        for one in earlier
    ]
    messages = load_messages(city)
    rule = load_rules(city).rule(row.rule)
    document = build(city, messages, row, rule, facts, act.now, references)
    errors = [each.message for each in cap.check(document) if each.severity == "error"]
    if errors:
        raise Refusal(
            f"alert {row.id} would not be valid CAP: {errors[0]}; correct the city's texts",
            field="cap",
            value=row.id,
            remedy=errors[0],
            kind="conflict",
        )
    xml = _signed(act, row.id, cap.write(document)).decode()
    done = change_alert(
        act, row.id, "draft", state="issued", sent_at=act.now, cap_xml=xml, references=references
    )
    if not done:
        needs_state(alert_row(act.tx, row.id), "draft", "issue")
    ended = "cancelled" if row.msg_type == "Cancel" else "superseded"
    for one in earlier:
        change_alert(act, one.id, "issued", state=ended)
    timers.stop(act.tx, row.id, (UNAPPROVED,))
    planned = plan_deliveries(act, city, messages, alert_row(act.tx, row.id), facts)
    act.record(
        "alert.issued",
        row.id,
        grounds=[*row.grounds, *(f"alert:{one.id}" for one in earlier[-1:])],
        content={"cap": ids.digest(xml), "deliveries": planned},
    )
    return len(planned)


def _signed(act: Act, alert_id: str, document: bytes) -> bytes:
    """The document with the city's signature, where it has a key that works."""
    try:
        found = signer(act.now)
        return document if found is None else found.sign(document)
    except (Refusal, ValueError):
        act.record("alert.unsigned", alert_id)
        return document


def write_words(act: Act, city: City, row: AlertRow) -> None:
    """Headline and description of a draft that no rule wrote."""
    messages, facts = load_messages(city), facts_of(act.tx, row.id)
    words = text_values(city, messages, row, facts, "zh")
    template = messages.template(text_kind(row.msg_type, row.event, facts), "cap", "zh")
    change_alert(
        act,
        row.id,
        "draft",
        headline=marked(headline(words, "zh"), row.status),
        description=marked(render(template, words), row.status),
        instruction="" if row.msg_type == "Cancel" else words["instruction"],
    )


def _copied(row: AlertRow) -> dict[str, Any]:
    kept = ("chain", "rule", "area", "area_name", "event", "event_name", "colour", "status")
    return {
        **{name: getattr(row, name) for name in (*kept, "official", "issuer")},
        "headline": "",
        "description": "",
        "instruction": "",
    }


def needs_state(row: AlertRow, state: str, verb: str) -> None:
    """Raises `Refusal` (``conflict``) for an alert in another state than ``verb`` asks for."""
    if row.state != state:
        raise Refusal(
            f"alert {row.id} is {row.state}; only {state} alerts can be acted on by '{verb}'",
            field="state",
            value=row.state,
            remedy=f"an alert in state {state}",
            kind="conflict",
        )


def needs_officer(act: Act, city: City) -> None:
    """The actor must be an account with one of the roles of rules.toml."""
    roles: Sequence[str] = load_rules(city).approver_roles or ("commander", "duty_officer")
    accounts = schema.account
    for name in dict.fromkeys([act.actor, act.on_behalf or act.actor]):
        row = act.tx.execute(select(accounts).where(accounts.c.id == name)).first()
        if row is None or row.disabled or row.role not in roles:
            raise Refusal(
                f"account '{name}' may not decide on alerts; one of the roles "
                f"{', '.join(roles)} is needed",
                field="officer",
                value=name,
                remedy=f"an account with role {' or '.join(roles)}",
                kind="forbidden",
            )


def _approvals(act: Act, alert_id: str) -> list[str]:
    rows = act.tx.execute(
        select(P.c.officer).where(P.c.alert == alert_id, P.c.decision == "approved")
    )
    return [str(row.officer) for row in rows]


def _decide(act: Act, alert_id: str, officer: str, decision: str, note: str) -> None:
    digest = keep_note(act, f"alert.{decision}", note) if note else None
    values = {"decision": decision, "at": act.now, "note_digest": digest}
    act.tx.execute(
        insert(act.tx, P)
        .values(alert=alert_id, officer=officer, **values)
        .on_conflict_do_update(index_elements=["alert", "officer"], set_=values)
    )
