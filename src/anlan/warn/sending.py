"""Hand-offs to outlets, receipts and answers.

``sending`` is committed before the call and the outcome after it. A hand-off cut short in between
is ``unknown``: the outlet is asked, and only what it cannot tell is sent again, marked.
One process sends for one store; a lock keeps its own threads apart.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select, update

from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema, timers
from anlan.warn.channels.outlet import (
    ActualMessage,
    AnyMessage,
    ExerciseMessage,
    Outcome,
    Outlet,
    fits,
    hand_over,
)
from anlan.warn.colour import COLOURS
from anlan.warn.delivery import (
    WAITING,
    State,
    after_query,
)
from anlan.warn.message import repeated

D, A = schema.delivery, schema.alert
SYSTEM = "system"
BATCH = 200
UNACKNOWLEDGED = "delivery.unacknowledged"
FALL_BACK = "delivery.fall_back"
DeliveryRow = Row[Any]

_locks: dict[Path, threading.Lock] = {}
_locks_guard = threading.Lock()


def _sender_lock(store: Store) -> threading.Lock:
    with _locks_guard:
        return _locks.setdefault(store.data_dir, threading.Lock())


def deliver(store: Store, now: datetime, outlets: Mapping[str, Outlet]) -> Mapping[str, int]:
    """Hand over everything that waits; returns how many deliveries are in each state.

    Args:
        store: the store; this opens its own short transactions.
        now: the present, UTC.
        outlets: outlet by channel name. Exercise alerts reach exercise outlets only.
    """
    with _sender_lock(store):
        _settle_cut_short(store, now, outlets)
        while batch := _claim(store, now, outlets):
            _record(store, now, _hand_over(batch, outlets))
        with store.read() as conn:
            return counts(conn)


def counts(conn: Connection) -> dict[str, int]:
    """Deliveries in each state; every state is named."""
    found = Counter(
        {
            str(row[0]): int(row[1])
            for row in conn.execute(select(D.c.state, func.count()).group_by(D.c.state))
        }
    )
    return {str(state): found[state] for state in State}


def _settle_cut_short(store: Store, now: datetime, outlets: Mapping[str, Outlet]) -> None:
    """Ask about hand-offs of which nothing is known; send again what no outlet can tell."""
    with store.read() as conn:
        open_rows = conn.execute(
            select(D.c.id).where(D.c.state.in_([State.SENDING, State.UNKNOWN])).limit(1)
        ).first()
    if open_rows is None:
        return
    with store.transaction() as tx:
        # nobody else sends for this store: what is 'sending' now was cut short
        tx.execute(
            update(D)
            .where(D.c.state == State.SENDING)
            .values(state=State.UNKNOWN, reason="cut short")
        )
        rows = tx.execute(_WITH_ALERT.where(D.c.state == State.UNKNOWN).order_by(D.c.id)).all()
    for row in rows:
        outlet = outlets.get(row.channel)
        if outlet is None or not fits(outlet, row.status):
            continue
        try:
            found = outlet.query(row.id)
        except Exception:
            continue
        state, is_repeat = after_query(found, row.repeat)
        if state is State.UNKNOWN:
            continue
        with store.transaction() as tx:
            values: dict[str, Any] = {"state": str(state), "reason": row.reason}
            if state is State.SENT:
                values |= {"sent_at": row.sending_at or now, "reason": "found at the outlet"}
            if is_repeat:
                values |= {
                    "repeat": row.repeat + 1,
                    "body": repeated(row.body),
                    "reason": "repeat",
                }
            won = tx.execute(
                update(D).where(D.c.id == row.id, D.c.state == State.UNKNOWN).values(**values)
            )
            if won.rowcount == 1:
                act = Act(tx, now, SYSTEM)
                kind = "sent" if state is State.SENT else "repeated" if is_repeat else "replanned"
                act.record(f"delivery.{kind}", row.id, grounds=[f"alert:{row.alert}"])
                if state is State.SENT:
                    expect_answer(act, row)


_WITH_ALERT = select(D, A.c.status, A.c.colour, A.c.msg_type).join(A, A.c.id == D.c.alert)
_ONE = _WITH_ALERT.where(D.c.id == bindparam("delivery"))
_RANK = case({each.word: int(each) for each in COLOURS}, value=A.c.colour, else_=0)
_WAITING = (
    _WITH_ALERT.where(D.c.state.in_([str(state) for state in WAITING]))
    .order_by(_RANK.desc(), D.c.planned_at, D.c.id)
    .limit(BATCH)
)
# Most steps find nothing to hand over, and need not put anything in order to see that.
_ANY_WAITING = select(D.c.id).where(D.c.state.in_([str(state) for state in WAITING])).limit(1)


def _claim(store: Store, now: datetime, outlets: Mapping[str, Outlet]) -> list[DeliveryRow]:
    """Take the next batch, red first: each row goes to ``sending`` in a committed transaction.

    A batch has one channel and one status, so that a hand-off cut short leaves nothing unknown
    that was not part of the call. What no outlet may carry fails on the spot. Empty only when
    nothing waits.
    """
    claimed: list[DeliveryRow] = []
    with store.read() as conn:
        if conn.execute(_ANY_WAITING).first() is None:
            return claimed
    with store.transaction() as tx:
        act = Act(tx, now, SYSTEM)
        while not claimed and (rows := tx.execute(_WAITING).all()):
            for row in rows:
                outlet = outlets.get(row.channel)
                if outlet is None or not fits(outlet, row.status):
                    fail(act, row, "no outlet for this channel and status")
                    continue
                if claimed and (row.channel, row.status) != (claimed[0].channel, claimed[0].status):
                    continue
                won = tx.execute(
                    update(D)
                    .where(D.c.id == row.id, D.c.state == row.state)
                    .values(state=State.SENDING, sending_at=now)
                )
                if won.rowcount == 1:
                    claimed.append(row)
    return claimed


def _message(row: DeliveryRow) -> AnyMessage:
    kind = ActualMessage if row.status == "Actual" else ExerciseMessage
    return kind(row.id, row.alert, row.version, row.channel, row.person, row.body, row.repeat)


def _hand_over(
    batch: Sequence[DeliveryRow], outlets: Mapping[str, Outlet]
) -> list[tuple[DeliveryRow, Outcome]]:
    """Call the outlet of the batch once; if it breaks, nothing is known about any of them."""
    try:
        outcomes = hand_over(outlets[batch[0].channel], [_message(row) for row in batch])
    except Refusal:
        outcomes = [Outcome.REFUSED] * len(batch)
    except Exception:
        # whatever broke, the hand-off may have happened
        outcomes = []
    unknown = [Outcome.UNKNOWN] * (len(batch) - len(outcomes))
    return list(zip(batch, [*outcomes, *unknown], strict=True))


def _record(store: Store, now: datetime, outcomes: Sequence[tuple[DeliveryRow, Outcome]]) -> None:
    with store.transaction() as tx:
        act = Act(tx, now, SYSTEM)
        for row, outcome in outcomes:
            mine = update(D).where(D.c.id == row.id, D.c.state == State.SENDING)
            if outcome is Outcome.ACCEPTED:
                if tx.execute(mine.values(state=State.SENT, sent_at=now)).rowcount == 1:
                    act.record("delivery.sent", row.id, grounds=[f"alert:{row.alert}"])
                    expect_answer(act, row)
            elif outcome is Outcome.UNKNOWN:
                tx.execute(mine.values(state=State.UNKNOWN, reason="outlet did not answer"))
                act.record("delivery.unknown", row.id, grounds=[f"alert:{row.alert}"])
            else:
                fail(act, row, "refused by the outlet")


def fail(act: Act, row: DeliveryRow, reason: str) -> None:
    """This channel failed for good: note it, and let the next one be tried (see timers)."""
    act.tx.execute(
        update(D)
        .where(D.c.id == row.id, D.c.state.notin_([State.FAILED, State.SUPPRESSED]))
        .values(state=State.FAILED, reason=reason)
    )
    act.record("delivery.failed", row.id, grounds=[f"alert:{row.alert}"])
    timers.start(act.tx, FALL_BACK, row.id, act.now)


def expect_answer(act: Act, row: DeliveryRow) -> None:
    """Start the clock of an answer that was asked for."""
    if row.ack_due_at is not None:
        timers.start(act.tx, UNACKNOWLEDGED, row.id, row.ack_due_at)


def delivery_row_of(conn: Connection, delivery_id: str) -> DeliveryRow:
    """The delivery with this id.

    Raises:
        Refusal: ``not_found``.
    """
    row = conn.execute(_ONE, {"delivery": delivery_id}).first()
    if row is None:
        raise Refusal(
            f"delivery '{delivery_id}' is not known; take the id from the message",
            field="delivery",
            value=delivery_id,
            remedy="a delivery's id",
            kind="not_found",
        )
    return row
