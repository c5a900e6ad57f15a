"""What the other side calls a message: kept when it is handed over, asked for by its receipts.

A receipt may come before the hand-off is on record. It is kept then, and a timer applies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from anlan.store import insert, schema, timers
from anlan.warn.channels.outlet import Handed, Outcome
from anlan.warn.delivery import RANK, State

H = schema.hand_off
RECEIPT = "delivery.receipt"
KEPT_FOR = timedelta(days=90)


def note(tx: Connection, now: datetime, row: Row[Any], handed: Handed) -> None:
    """Keep the references of a delivery that was, or may have been, taken.

    ``row`` has the delivery's ``id``, ``channel`` and ``repeat``.
    """
    if handed.outcome not in (Outcome.ACCEPTED, Outcome.UNKNOWN):
        return
    # without a name of the other side's, our own lets an answer find the message
    references = handed.references or ((row.id,) if handed.address_key else ())
    for reference in references:
        mine = {"delivery": row.id, "repeat": row.repeat, "address_key": handed.address_key}
        place = (H.c.channel == row.channel, H.c.reference == reference)
        new = {"channel": row.channel, "reference": reference, "at": now, "state": "", **mine}
        if tx.execute(insert(tx, H).values(**new).on_conflict_do_nothing()).rowcount == 1:
            continue
        early = tx.execute(select(H.c.delivery, H.c.state).where(*place)).one()
        if early.delivery is None and early.state:
            tx.execute(update(H).where(*place).values(**mine))
            timers.start(tx, RECEIPT, row.id, now, row.repeat)
        else:  # the other side begins its numbers anew, or this is the same message again
            again = early.delivery == row.id
            state = early.state if again else ""
            tx.execute(update(H).where(*place).values(at=now, state=state, **mine))


def heard(tx: Connection, now: datetime, channel: str, reference: str, state: State) -> str | None:
    """Keep what a receipt says of one reference; the delivery that it is of, once known.

    Later receipts only move forward; one of delivery stands against one of failure.
    """
    new = {"channel": channel, "reference": reference, "state": str(state), "at": now}
    if tx.execute(insert(tx, H).values(**new).on_conflict_do_nothing()).rowcount == 1:
        return None
    place = (H.c.channel == channel, H.c.reference == reference)
    kept = tx.execute(select(H.c.delivery, H.c.state).where(*place)).one()
    if _rank(str(state)) > _rank(kept.state):
        tx.execute(update(H).where(*place).values(state=str(state), at=now))
    return None if kept.delivery is None else str(kept.delivery)


def _rank(state: str) -> int:
    return RANK.get(State(state), 1) if state else 0


def outcome(conn: Connection, delivery: str) -> State | None:
    """What the receipts of a delivery's parts say together, if they say anything yet.

    It arrived when every part of one attempt did; it failed when a part of the last attempt did.
    """
    # our own name stands where the other side had given none: no receipt can come of it
    theirs = (H.c.delivery == delivery, H.c.reference != delivery)
    rows = conn.execute(select(H).where(*theirs)).all()
    attempts: dict[int, list[str]] = {}
    for row in rows:
        attempts.setdefault(row.repeat, []).append(row.state)
    arrived = [
        min(states, key=_rank)
        for states in attempts.values()
        if all(_rank(state) >= RANK[State.DELIVERED] for state in states)
    ]
    if arrived:
        return State(max(arrived, key=_rank))
    if attempts and str(State.FAILED) in attempts[max(attempts)]:
        return State.FAILED
    return None


def latest(conn: Connection, channel: str, address_key: str, most: int = 20) -> Sequence[str]:
    """The deliveries last handed to an address by a channel, newest first."""
    rows = conn.execute(
        select(H.c.delivery)
        .where(H.c.address_key == address_key, H.c.channel == channel, H.c.delivery.is_not(None))
        .order_by(H.c.at.desc())
        .limit(most)
    ).scalars()
    return list(dict.fromkeys(str(name) for name in rows))


def prune(tx: Connection, now: datetime) -> int:
    """Forget names of messages and reply links that nobody will use any more; how many.

    What is younger than `KEPT_FOR` stays, and so does everything of an alert still in force.
    """
    A, D, R = schema.alert, schema.delivery, schema.reply_link
    old = now - KEPT_FOR
    in_force = select(D.c.id).join(A, A.c.id == D.c.alert).where(A.c.state == "issued")
    count = 0
    for table in (H, R):
        used = table.c.delivery.in_(in_force)
        # a receipt that no hand-off followed has no delivery
        gone = table.delete().where(table.c.at < old, or_(table.c.delivery.is_(None), ~used))
        count += tx.execute(gone).rowcount
    return count


def still_open(conn: Connection, channel: str, since: datetime, most: int = 5000) -> list[str]:
    """References handed over by a channel since ``since`` that may yet be heard of."""
    waiting = ("", str(State.SENT), str(State.DELIVERED))
    rows = conn.execute(
        select(H.c.reference)
        .where(
            H.c.channel == channel,
            H.c.at >= since,
            H.c.state.in_(waiting),
            H.c.delivery.is_not(None),
            H.c.reference != H.c.delivery,
        )
        .order_by(H.c.at)
        .limit(most)
    )
    return list(rows.scalars())
