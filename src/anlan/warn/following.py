"""What follows a hand-off: receipts, answers, the next channel, and escalation on silence."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import insert, schema, timers
from anlan.warn import communication, hand_offs, notices
from anlan.warn.audience import Someone, superiors
from anlan.warn.delivery import RECEIPTS, State, after_receipt
from anlan.warn.document import text_values
from anlan.warn.drafting import UNAPPROVED
from anlan.warn.message import Messages, load_messages, marked, render, spoken
from anlan.warn.planning import answer_within, delivery_row, next_channel
from anlan.warn.records import OFFICERS, AlertRow, alert_row, facts_of, people
from anlan.warn.replies import add_links, without_link
from anlan.warn.sending import (
    FALL_BACK,
    UNACKNOWLEDGED,
    DeliveryRow,
    delivery_row_of,
    expect_answer,
    fail,
    ground,
)

D = schema.delivery
_STAMP = {
    State.SENT: "sent_at",
    State.DELIVERED: "delivered_at",
    State.READ: "read_at",
    State.ANSWERED: "answered_at",
}


def receipt(act: Act, delivery_id: str, state: str) -> str:
    """Take a receipt of an outlet; late and repeated ones only move forward.

    Returns the state after it.

    Raises:
        Refusal: ``not_found``; ``invalid`` for a state that is no receipt.
    """
    row = delivery_row_of(act.tx, delivery_id)
    if state not in {str(each) for each in RECEIPTS}:
        raise Refusal(
            f"'{state}' is no receipt; use one of {', '.join(RECEIPTS)}",
            field="state",
            value=state,
            remedy=", ".join(RECEIPTS),
        )
    after = after_receipt(State(row.state), State(state))
    if after is None:
        return str(row.state)
    if after is State.FAILED:
        fail(act, row, "reported by the channel")
        return str(after)
    act.tx.execute(
        update(D)
        .where(D.c.id == delivery_id, D.c.state == row.state)
        .values(**{"state": str(after), _STAMP[after]: act.now})
    )
    if row.sent_at is None:
        expect_answer(act, row)
    if after is State.ANSWERED:
        timers.stop(act.tx, delivery_id, (UNACKNOWLEDGED,))
        act.record("delivery.answered", delivery_id, grounds=[ground(row)])
    return str(after)


def acknowledge(act: Act, delivery_id: str) -> str:
    """The person answered: neither delivery nor completion. Returns the state after it.

    Raises:
        Refusal: ``not_found``; ``conflict`` for a message that was never handed over.
    """
    after = receipt(act, delivery_id, State.ANSWERED)
    if after != State.ANSWERED:
        raise Refusal(
            f"delivery {delivery_id} is {after}; only what was handed over can be answered",
            field="state",
            value=after,
            remedy="a delivery that was sent",
            kind="conflict",
        )
    return after


def settle(act: Act, delivery_id: str) -> None:
    """Take what the receipts of the delivery's parts say together, if they say anything yet."""
    found = hand_offs.outcome(act.tx, delivery_id)
    if found is not None:
        receipt(act, delivery_id, found)


def fire_timers(act: Act, city: City) -> int:
    """Do what has fallen due, oldest first, each once; returns how many timers fired."""
    due = [
        *timers.claim_due(act.tx, act.now, "alert."),
        *timers.claim_due(act.tx, act.now, "delivery."),
    ]
    if not due:
        return 0
    messages = load_messages(city)
    officers: list[Someone] = []
    if any(timer.kind == UNACKNOWLEDGED for timer in due):
        officers = people(act.tx, OFFICERS)
    for timer in sorted(due, key=lambda each: (each.due_at, each.id)):
        if timer.kind == UNAPPROVED:
            _unapproved(act, timer.subject)
        elif timer.kind == communication.DUE:
            communication.fire(act, city)
        elif timer.kind == hand_offs.RECEIPT:
            settle(act, timer.subject)
        elif timer.kind == FALL_BACK:
            _fall_back(act, city, messages, timer.subject)
        elif timer.kind == UNACKNOWLEDGED:
            _escalate(act, city, messages, officers, timer.subject)
    return len(due)


def _unapproved(act: Act, alert_id: str) -> None:
    """Nobody decided in time: it goes to the deputy and the commander, and everybody sees it."""
    row = alert_row(act.tx, alert_id)
    if row.state == "draft":
        act.record(
            "alert.unapproved",
            alert_id,
            grounds=[f"alert:{alert_id}", *row.grounds],
            content=escalated_to(act.tx),
        )


def escalated_to(conn: Connection) -> list[str]:
    """Accounts that an undecided draft climbs to: the commanders, else the duty officers."""
    accounts = schema.account
    for role in ("commander", "duty_officer"):
        found = conn.execute(
            select(accounts.c.id)
            .where(accounts.c.role == role, accounts.c.disabled.is_(False))
            .order_by(accounts.c.id)
        ).scalars()
        if names := list(found):
            return names
    return []


def _someone(conn: Connection, name: str) -> Someone | None:
    return next(iter(people(conn, schema.person.c.id == name)), None)


def _still_matters(act: Act, row: DeliveryRow) -> AlertRow | None:
    """The alert of a delivery, unless a newer version has replaced it; None for a notice."""
    if row.msg_type is None:
        return None
    alert = alert_row(act.tx, row.alert)
    return alert if alert.state == "issued" else None


def _used_channels(act: Act, alert: AlertRow, person: str) -> list[str]:
    rows = act.tx.execute(
        select(D.c.channel).where(
            D.c.alert == alert.id, D.c.version == alert.version, D.c.person == person
        )
    )
    return [str(row.channel) for row in rows]


def _add(
    act: Act,
    messages: Messages,
    person: Someone,
    values: dict[str, object],
    kind: str,
    ground: str,
) -> bool:
    known = act.tx.execute(select(D.c.id).where(D.c.id == values["id"])).first()
    if known is None:
        add_links(act.tx, messages, act.now, [values], {person.id: person.language})
    added = act.tx.execute(insert(act.tx, D).values(**values).on_conflict_do_nothing())
    if added.rowcount != 1:
        return False
    act.record(kind, str(values["id"]), grounds=[f"alert:{values['alert']}", f"delivery:{ground}"])
    return True


def _fall_back(act: Act, city: City, messages: Messages, delivery_id: str) -> None:
    """A channel failed: plan the next one of the person's tier, if any is left."""
    row = delivery_row_of(act.tx, delivery_id)
    person = _someone(act.tx, row.person)
    if person is not None and row.msg_type is None:
        notices.fall_back(act, city, messages, person, row)
    alert = _still_matters(act, row)
    if alert is None or person is None or row.state != State.FAILED:
        return
    channel = next_channel(city, messages, person, _used_channels(act, alert, person.id))
    if channel is None:
        act.record("delivery.unreached", delivery_id, grounds=[f"alert:{alert.id}"])
        return
    text = without_link(act.tx, messages, delivery_id, row.body, person.language)
    values = delivery_row(
        alert,
        person,
        channel,
        _by_channel(messages, person, channel, text),
        act.now,
        reason=f"fall-back from {row.channel}",
        answer_within=answer_within(messages, alert, person),
    )
    _add(act, messages, person, values, "delivery.fell_back", delivery_id)


def _by_channel(messages: Messages, person: Someone, channel: str, text: str) -> str:
    return spoken(text, person.language) if channel in messages.spoken else text


def _escalate(
    act: Act, city: City, messages: Messages, officers: list[Someone], delivery_id: str
) -> None:
    """No answer in time: tell those one step up the ladder, once per person and alert version.

    They hear by a channel that this version has not used for them; whoever has heard by all of
    them is told no more. Their own silence climbs further.
    """
    row = delivery_row_of(act.tx, delivery_id)
    alert = _still_matters(act, row)
    if alert is None or row.state in (State.ANSWERED, State.FAILED, State.SUPPRESSED):
        return
    if _answered_elsewhere(act, row):
        return
    person = _someone(act.tx, row.person)
    if person is None:
        return
    tier, above = superiors(officers, city.territory, person, messages.roles)
    act.record(
        "delivery.escalated",
        delivery_id,
        grounds=[f"alert:{alert.id}"],
        content={"to": [each.id for each in above], "tier": tier},
    )
    facts = facts_of(act.tx, alert.id)
    reason = f"escalation from {person.tier}"
    for each in above:
        known = act.tx.execute(
            select(D.c.id).where(
                D.c.alert == alert.id,
                D.c.version == alert.version,
                D.c.person == each.id,
                D.c.reason == reason,
            )
        ).first()
        channel = next_channel(city, messages, each, _used_channels(act, alert, each.id))
        if known is not None or channel is None:
            continue
        english = each.language == "en"
        code = person.territory if person.territory in city.territory else person.territory[:12]
        unit = city.territory.unit(code) if code in city.territory else city.territory.root
        words = text_values(city, messages, alert, facts, each.language)
        words["waiting"] = (unit.name_en or unit.name) if english else unit.name
        text = render(messages.template("escalation", each.tier, each.language), words)
        text = _by_channel(messages, each, channel, marked(text, alert.status))
        values = delivery_row(
            alert,
            each,
            channel,
            text,
            act.now,
            reason=reason,
            answer_within=messages.acknowledge_minutes.get(each.tier),
        )
        _add(act, messages, each, values, "delivery.planned", delivery_id)


def _answered_elsewhere(act: Act, row: DeliveryRow) -> bool:
    """Whether the person answered the same version by another channel."""
    found = act.tx.execute(
        select(D.c.id).where(
            D.c.alert == row.alert,
            D.c.version == row.version,
            D.c.person == row.person,
            D.c.state == State.ANSWERED,
        )
    ).first()
    return found is not None
