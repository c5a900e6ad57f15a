"""The command log 指令记录: who ordered what to whom, when, and when it was acknowledged.

An order is given on the desk or by telephone and put down afterwards; it stays open until it is
reported done or withdrawn. Reports that came in and decisions stand in the same log. What was said
and who said it, if they hold no account, are notes that can be erased.

    order      given → acknowledged → done; beside it: withdrawn
               not answered in its minutes: climbs one rung, once (`order_ladder`)
    report, decision      noted
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import order_ladder
from anlan.respond.incidents import must_be_open
from anlan.respond.payload import LONGEST_NAME, LONGEST_TEXT, require_words
from anlan.respond.posts import on_staff
from anlan.respond.records import CITY_SUPERVISORS, AnyRow, get_incident, officer
from anlan.store import ids, schema, timers

O = schema.command_order  # noqa: E741
KINDS = ("order", "report", "decision")
MEANS = ("desk", "phone", "radio", "face", "written")
OPEN = frozenset({"given", "acknowledged"})
BEFORE = timedelta(hours=24)
"""How long before its incident was opened an order may have been given."""
ACK = "order.ack"
View = dict[str, Any]


def give(
    act: Act,
    city: City,
    incident_id: str,
    what: str,
    *,
    kind: str = "order",
    to: str | None = None,
    to_name: str = "",
    by: str | None = None,
    means: str = "desk",
    given_at: datetime | None = None,
    ack_min: float = 15,
) -> str:
    """Put an order (a report, a decision) down; returns its id.

    Args:
        to: the account it goes to (a report: comes from); else ``to_name`` in words.
        by: whose order it is, when somebody else writes it down. Default: the actor.
        means: how it was given, of `MEANS`.
        given_at: aware; default now. Not later than now.
        ack_min: minutes from ``given_at`` to answer in, 1 to 1440.

    Raises:
        Refusal: the actor is not of the command post, the incident is closed, nothing or too much
            is said, nobody is named, a moment that has not come yet.
    """
    incident = get_incident(act.tx, incident_id)
    must_be_open(incident)
    _staff_only(act, incident_id, "write in the command log")
    _one_of("kind", kind, KINDS)
    _one_of("means", means, MEANS)
    require_words("what", what, LONGEST_TEXT, required=True)
    require_words("to_name", to_name, LONGEST_NAME)
    if to is not None and officer(act.tx, to) is None:
        raise _unknown("to", to)
    if kind != "decision" and to is None and not to_name.strip():
        raise Refusal(
            "whom does it concern? name an account, or say who it is",
            field="to",
            remedy="to (an account) or to_name",
            zh="给谁的？请选账号，或写明单位姓名。",
        )
    giver = by or act.actor
    if giver != act.actor and not on_staff(act.tx, incident_id, giver):
        raise _unknown("by", giver)
    # NaN fails the comparison
    if not 1 <= ack_min <= 1440:
        raise Refusal(
            f"ack_min {ack_min} is not 1 to 1440 minutes",
            field="ack_min",
            value=ack_min,
            remedy="1 to 1440",
        )
    moment = _moment(act, "given_at", given_at, incident.opened_at - BEFORE)
    name = ids.next_id(act.tx, "O")
    due = moment + timedelta(minutes=ack_min) if kind == "order" else None
    act.tx.execute(
        O.insert().values(
            id=name,
            incident=incident_id,
            kind=kind,
            state="given" if kind == "order" else "noted",
            given_by=giver,
            entered_by=act.actor,
            given_to=to,
            to_note=keep_note(act, "order.to", to_name) if to is None and to_name.strip() else None,
            what_note=keep_note(act, "order.what", what),
            means=means,
            given_at=moment,
            entered_at=act.now,
            ack_due_at=due,
        )
    )
    content = {"kind": kind, "by": giver, "to": to, "means": means}
    verb = {"order": "given", "report": "reported_in", "decision": "decided"}[kind]
    grounds = [f"incident:{incident_id}"]
    act.record(f"order.{verb}", name, grounds=grounds, content=content, valid_at=moment)
    if due is not None:
        timers.start(act.tx, ACK, name, max(due, act.now))
    return name


def acknowledge(
    act: Act, order_id: str, *, means: str = "desk", at: datetime | None = None, words: str = ""
) -> None:
    """Whom it was given to answers; or the command post puts down an answer that came by phone.

    ``at``: when it was answered, aware; default now. Raises `Refusal`: not theirs, answered
    already, or somebody else's answer put down without how it came.
    """
    order = get_order(act.tx, order_id)
    _must_be(order, {"given"})
    _one_of("means", means, MEANS)
    require_words("words", words, LONGEST_TEXT)
    own = order.given_to == act.actor
    if not own:
        _may_answer_for(act, order, "put down this answer")
        if means == "desk":
            raise Refusal(
                "another's answer did not come by this desk; say how it came",
                field="means",
                value=means,
                remedy="phone, radio, face or written",
                zh="代别人回复，请注明是电话、电台、当面还是书面。",
            )
    moment = _moment(act, "at", at, order.given_at)
    _set(
        act,
        order_id,
        state="acknowledged",
        acknowledged_at=moment,
        acknowledged_by=act.actor,
        acknowledged_means=means,
        answer_note=keep_note(act, "order.answer", words) if words.strip() else None,
    )
    timers.stop(act.tx, order_id, [ACK])
    _record(act, order, "acknowledged", {"means": means}, moment)


def report_done(act: Act, order_id: str, words: str) -> None:
    """Whom it was given to, or the command post for them, reports it done, in words."""
    order = get_order(act.tx, order_id)
    _must_be(order, OPEN)
    require_words("words", words, LONGEST_TEXT, required=True)
    if order.given_to != act.actor:
        _may_answer_for(act, order, "report this order done")
    values: dict[str, object] = {
        "state": "done",
        "ended_at": act.now,
        "ended_by": act.actor,
        "ended_note": keep_note(act, "order.done", words),
    }
    if order.acknowledged_at is None:
        values |= {"acknowledged_at": act.now, "acknowledged_by": act.actor}
    _set(act, order_id, **values)
    timers.stop(act.tx, order_id, [ACK])
    _record(act, order, "done", {})


def withdraw(act: Act, order_id: str, reason: str) -> None:
    """Who gave it, wrote it down, or a commander or duty officer takes an order back."""
    order = get_order(act.tx, order_id)
    _must_be(order, OPEN)
    require_words("reason", reason, LONGEST_TEXT, required=True)
    person = officer(act.tx, act.actor)
    own = act.actor in (order.given_by, order.entered_by)
    if not own and (person is None or person.role not in CITY_SUPERVISORS):
        raise _not_yours(act.actor, order_id, "withdraw it")
    end(act, order, keep_note(act, "order.withdraw", reason))


def end(act: Act, order: AnyRow, note: str | None = None) -> None:
    """Withdraw an order, for a reason in a note or because its incident closes."""
    _set(act, order.id, state="withdrawn", ended_at=act.now, ended_by=act.actor, ended_note=note)
    timers.stop(act.tx, order.id, [ACK])
    _record(act, order, "withdrawn", {"reason_note": note})


def unanswered(act: Act, city: City, order_id: str) -> dict[str, Any] | None:
    """What a fired timer finds: an order still without an answer climbs one rung, once.

    Who stands above hears of it beside who gave it, and may answer; the journal says who.
    """
    order = get_order(act.tx, order_id)
    if order.state != "given":
        return None
    above = order_ladder.climb(act, city, order)
    parties = (order.given_by, order.entered_by, *above)
    told = [name for name in dict.fromkeys(parties) if name != "system"]
    _record(act, order, "unanswered", {"told": told})
    return {"outcome": "escalated" if above else "unanswered", "told": told}


def get_order(conn: Connection, order_id: str) -> AnyRow:
    """The row of an order; raises `Refusal` (not_found)."""
    row = conn.execute(select(O).where(O.c.id == order_id)).first()
    if row is None:
        raise missing(order_id)
    return row


def missing(order_id: str) -> Refusal:
    """What is said of an order that is not there, or not for the caller's eyes."""
    return Refusal(
        f"there is no order {order_id}; see the command log",
        field="order",
        value=order_id,
        remedy="an order of the command log",
        kind="not_found",
    )


def open_orders(conn: Connection, incident_id: str) -> list[AnyRow]:
    """Orders of an incident that are neither done nor withdrawn, oldest first."""
    own = (O.c.incident == incident_id, O.c.state.in_(OPEN))
    return list(conn.execute(select(O).where(*own).order_by(O.c.given_at, O.c.id)))


def listed(
    conn: Connection,
    city: City,
    now: datetime,
    *,
    incident: str | None = None,
    concerning: str | None = None,
    most: int = 500,
) -> list[View]:
    """The log's lines as the desk shows them, newest first.

    ``concerning``: only what this account gave, wrote, was given or was told of unanswered.
    """
    query = select(O)
    if incident is not None:
        query = query.where(O.c.incident == incident)
    if concerning is not None:
        query = query.where(
            (O.c.given_to == concerning)
            | (O.c.given_by == concerning)
            | (O.c.entered_by == concerning)
            | O.c.id.in_(_told_to(concerning))
        )
    rows = conn.execute(query.order_by(O.c.given_at.desc(), O.c.id.desc()).limit(most)).all()
    return shown(conn, city, now, rows)


def shown(conn: Connection, city: City, now: datetime, rows: Iterable[AnyRow]) -> list[View]:
    """Rows of the log as JSON; free text joined back, None once erased; times ISO UTC."""
    rows = list(rows)
    columns = ("what_note", "to_note", "answer_note", "ended_note")
    words = notes(conn, [getattr(row, name) for row in rows for name in columns])
    names = {account.id: account.name for account in city.accounts.values()}
    told = order_ladder.told_of(conn, [row.id for row in rows])

    def name(account: str | None) -> str | None:
        return None if account is None else names.get(account, account)

    return [
        {
            "id": row.id,
            "incident": row.incident,
            "kind": row.kind,
            "state": row.state,
            "what": words.get(row.what_note),
            "by": row.given_by,
            "by_name": name(row.given_by),
            "entered_by": row.entered_by,
            "entered_by_name": name(row.entered_by),
            "to": row.given_to,
            "to_name": name(row.given_to) if row.given_to else words.get(row.to_note or ""),
            "means": row.means,
            "given_at": _iso(row.given_at),
            "entered_at": _iso(row.entered_at),
            "ack_due_at": _iso(row.ack_due_at),
            "acknowledged_at": _iso(row.acknowledged_at),
            "acknowledged_by": row.acknowledged_by,
            "acknowledged_by_name": name(row.acknowledged_by),
            "acknowledged_means": row.acknowledged_means,
            "answer": words.get(row.answer_note or ""),
            "ended_at": _iso(row.ended_at),
            "ended_by_name": name(row.ended_by),
            "ended_words": words.get(row.ended_note or ""),
            "told": [one.account for one in told.get(row.id, ())],
            "told_names": [name(one.account) for one in told.get(row.id, ())],
            "told_at": _iso(told[row.id][0].told_at) if row.id in told else None,
            "late": row.ack_due_at is not None
            and (row.acknowledged_at or (now if row.state == "given" else row.ack_due_at))
            > row.ack_due_at,
        }
        for row in rows
    ]


def notes(conn: Connection, digests: Iterable[str | None]) -> dict[str, str | None]:
    """digest -> words, of those that are still kept."""
    wanted = sorted({digest for digest in digests if digest})
    N = schema.note
    rows = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(wanted)))
    return {row.digest: row.body for row in rows}


def allowed(conn: Connection, order: View, account: str) -> list[str]:
    """What this account may do with an open order now: names of the commands."""
    if order["state"] not in OPEN:
        return []
    staff = on_staff(conn, order["incident"], account)
    person = officer(conn, account)
    commands = []
    if staff or account == order["to"] or account in order["told"]:
        commands += (["acknowledge"] if order["state"] == "given" else []) + ["done"]
    own = account in (order["by"], order["entered_by"])
    if own or (person is not None and person.role in CITY_SUPERVISORS):
        commands.append("withdraw")
    return commands


def _set(act: Act, order_id: str, **values: object) -> None:
    act.tx.execute(update(O).where(O.c.id == order_id).values(**values))


def _record(
    act: Act, order: AnyRow, verb: str, content: object, at: datetime | None = None
) -> None:
    grounds = [f"incident:{order.incident}"]
    act.record(f"order.{verb}", order.id, grounds=grounds, content=content, valid_at=at)


def _must_be(order: AnyRow, states: Iterable[str]) -> None:
    if order.state not in states:
        raise Refusal(
            f"order {order.id} is '{order.state}'; this acts on {' or '.join(sorted(states))}",
            field="state",
            value=order.state,
            remedy=f"an order that is {' or '.join(sorted(states))}",
            kind="conflict",
        )


def _told_to(account: str) -> Select[tuple[str]]:
    told = order_ladder.TOLD.c
    return select(told.order_id).where(told.account == account)


def _may_answer_for(act: Act, order: AnyRow, what: str) -> None:
    if not order_ladder.was_told(act.tx, order.id, act.actor):
        _staff_only(act, order.incident, what, order.id)


def _staff_only(act: Act, incident_id: str, what: str, order_id: str = "") -> None:
    if not on_staff(act.tx, incident_id, act.actor):
        raise _not_yours(act.actor, order_id or incident_id, what)


def _not_yours(actor: str, subject: str, what: str) -> Refusal:
    return Refusal(
        f"{actor} may not {what} ({subject}); who holds a post of the incident, a commander or a "
        "duty officer may",
        field="actor",
        value=actor,
        remedy="ask the duty officer",
        kind="forbidden",
        zh="只有指挥岗位上的人、指挥长或值班员能这样做。",
    )


def _unknown(field: str, account: str) -> Refusal:
    return Refusal(
        f"{field} {account[:40]} is not an account that this fits",
        field=field,
        value=account[:40],
        remedy="the id of an account that is not disabled; for 'by' one of the command post",
    )


def _one_of(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise Refusal(
            f"{field} '{value[:40]}' is not one of {', '.join(known)}",
            field=field,
            value=value[:40],
            remedy=", ".join(known),
        )


def _moment(act: Act, field: str, given: datetime | None, earliest: datetime) -> datetime:
    if given is None:
        return act.now
    if given.tzinfo is None or not earliest <= given <= act.now:
        raise Refusal(
            f"{field} {given.isoformat()} is not between {earliest.isoformat()} "
            f"and now, {act.now.isoformat()}; give it with its offset",
            field=field,
            value=given.isoformat(),
            remedy="a moment that has come, with its offset",
        )
    return given


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
