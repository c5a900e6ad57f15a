"""Hand-offs to outlets, receipts and answers.

``sending`` is committed before the call and the outcome after it. A hand-off cut short in between
is ``unknown``: the outlet is asked, and only what it cannot tell is sent again, marked.
One process sends for one store. Its channels may be lanes of their own, each handed over by one
thread at a time, so that a slow one holds up no other.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, select, update

from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema, timers
from anlan.warn import hand_offs
from anlan.warn.channels.outlet import (
    ActualMessage,
    AnyMessage,
    ExerciseMessage,
    Handed,
    Outcome,
    Outlet,
    fits,
    hand_over,
)
from anlan.warn.colour import COLOURS
from anlan.warn.delivery import WAITING, State, after_query
from anlan.warn.message import repeated

D, A, N = schema.delivery, schema.alert, schema.notice
SYSTEM = "system"
BATCH = 200
UNACKNOWLEDGED = "delivery.unacknowledged"
FALL_BACK = "delivery.fall_back"
SUPERSEDED = (State.SUPPRESSED, "superseded while it waited")
DeliveryRow = Row[Any]
log = logging.getLogger(__name__)

_locks: dict[tuple[Path, str | None], threading.Lock] = {}
_locks_guard = threading.Lock()


def _sender_lock(store: Store, lane: str | None) -> threading.Lock:
    with _locks_guard:
        return _locks.setdefault((store.data_dir, lane), threading.Lock())


def deliver(
    store: Store, now: datetime, outlets: Mapping[str, Outlet], lane: str | None = None
) -> Mapping[str, int]:
    """`hand_over_waiting`, and how many deliveries are in each state then."""
    hand_over_waiting(store, now, outlets, lane)
    with store.read() as conn:
        return counts(conn)


def hand_over_waiting(
    store: Store, now: datetime, outlets: Mapping[str, Outlet], lane: str | None = None
) -> None:
    """Hand over everything that waits and that the outlets have room for.

    Args:
        store: the store; this opens its own short transactions.
        now: the present, UTC.
        outlets: outlet by channel name. Exercise alerts reach exercise outlets only.
        lane: the one channel to serve; "" for those that have no outlet. None serves them all,
            and then no lane may be served beside it.
    """
    with _sender_lock(store, lane):
        mine = _lane(lane, outlets)
        _settle_cut_short(store, now, outlets, mine)
        patient: set[str] = set()
        while batch := _claim(store, now, outlets, mine, patient):
            handed = _hand_over(batch, outlets)
            _record(store, now, handed)
            if any(each.outcome is Outcome.DEFERRED for _, each in handed):
                patient.add(batch[0].channel)  # not now: it is asked again at the next call


def _lane(lane: str | None, outlets: Collection[str]) -> list[ColumnElement[bool]]:
    if lane is None:
        return []
    return [D.c.channel == lane] if lane else [D.c.channel.notin_(list(outlets))]


def counts(conn: Connection) -> dict[str, int]:
    """Deliveries in each state; every state is named."""
    found = Counter(
        {
            str(row[0]): int(row[1])
            for row in conn.execute(select(D.c.state, func.count()).group_by(D.c.state))
        }
    )
    return {str(state): found[state] for state in State}


def _settle_cut_short(
    store: Store, now: datetime, outlets: Mapping[str, Outlet], mine: list[ColumnElement[bool]]
) -> None:
    """Ask about hand-offs of which nothing is known; send again what no outlet can tell."""
    with store.read() as conn:
        open_rows = conn.execute(
            select(D.c.id).where(D.c.state.in_([State.SENDING, State.UNKNOWN]), *mine).limit(1)
        ).first()
    if open_rows is None:
        return
    with store.transaction() as tx:
        # nobody else sends for this store and lane: what is 'sending' now was cut short
        tx.execute(
            update(D)
            .where(D.c.state == State.SENDING, *mine)
            .values(state=State.UNKNOWN, reason="cut short")
        )
        rows = tx.execute(
            _WITH_ALERT.where(D.c.state == State.UNKNOWN, *mine).order_by(D.c.id)
        ).all()
    for row in rows:
        outlet = outlets.get(row.channel)
        if outlet is None or not fits(outlet, row.status):
            continue
        if row.sending_at and now < row.sending_at + timedelta(seconds=outlet.settle_s):
            continue  # a receipt may still come
        try:
            found = outlet.query(row.id)
        except Exception:
            continue
        state, is_repeat = after_query(found, row.repeat)
        superseded = state is State.PLANNED and row.alert_state != "issued"
        if state is State.UNKNOWN or (superseded and is_repeat):
            continue
        with store.transaction() as tx:
            values: dict[str, Any] = {"state": str(state), "reason": row.reason}
            if superseded:
                values = {"state": str(SUPERSEDED[0]), "reason": SUPERSEDED[1]}
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
                kind = "suppressed" if superseded else kind
                act.record(f"delivery.{kind}", row.id, grounds=[ground(row)])
                if state is State.SENT:
                    expect_answer(act, row)


# A delivery is of an alert or of a notice; that of a notice has no colour and no ``msg_type``.
_WITH_ALERT = (
    select(
        D,
        func.coalesce(A.c.status, N.c.status).label("status"),
        A.c.colour,
        A.c.msg_type,
        func.coalesce(A.c.state, N.c.state).label("alert_state"),
    )
    .outerjoin(A, A.c.id == D.c.alert)
    .outerjoin(N, N.c.id == D.c.alert)
)
_ONE = _WITH_ALERT.where(D.c.id == bindparam("delivery"))
_RANK = case({each.word: int(each) for each in COLOURS}, value=A.c.colour, else_=0)
_WAITING = (
    _WITH_ALERT.where(D.c.state.in_([str(state) for state in WAITING]))
    .order_by(_RANK.desc(), D.c.planned_at, D.c.id)
    .limit(BATCH)
)
# Most steps find nothing to hand over, and need not put anything in order to see that.
_ANY_WAITING = select(D.c.id).where(D.c.state.in_([str(state) for state in WAITING])).limit(1)


def _claim(
    store: Store,
    now: datetime,
    outlets: Mapping[str, Outlet],
    mine: list[ColumnElement[bool]],
    patient: Collection[str],
) -> list[DeliveryRow]:
    """Take the next batch, red first: each row goes to ``sending`` in a committed transaction.

    A batch has one channel and one status, so that a hand-off cut short leaves nothing unknown
    that was not part of the call. What no outlet may carry fails on the spot. Empty only when
    nothing waits, or no outlet has room.
    """
    claimed: list[DeliveryRow] = []
    with store.read() as conn:
        if conn.execute(_ANY_WAITING.where(*mine)).first() is None:
            return claimed
    room = {name: 0 if name in patient else outlet.room() for name, outlet in outlets.items()}
    full = [name for name, most in room.items() if most < 1]
    free = [*mine, D.c.channel.notin_(full)] if full else mine
    with store.transaction() as tx:
        act = Act(tx, now, SYSTEM)
        while not claimed and (rows := tx.execute(_WAITING.where(*free)).all()):
            for row in rows:
                outlet = outlets.get(row.channel)
                if outlet is None or not fits(outlet, row.status):
                    fail(act, row, "no outlet for this channel and status")
                    continue
                if claimed and (row.channel, row.status) != (claimed[0].channel, claimed[0].status):
                    continue
                if len(claimed) >= min(room[row.channel], outlet.batch):
                    break
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
) -> list[tuple[DeliveryRow, Handed]]:
    """Call the outlet of the batch once; if it breaks, nothing is known about any of them."""
    try:
        handed = hand_over(outlets[batch[0].channel], [_message(row) for row in batch])
    except Refusal:
        handed = [Handed(Outcome.REFUSED)] * len(batch)
    except Exception as problem:
        # whatever broke, the hand-off may have happened; its words may hold an address
        log.error("an outlet of %s broke: %s", batch[0].channel, type(problem).__name__)
        handed = []
    unknown = [Handed(Outcome.UNKNOWN)] * (len(batch) - len(handed))
    return list(zip(batch, [*handed, *unknown], strict=True))


def _record(store: Store, now: datetime, outcomes: Sequence[tuple[DeliveryRow, Handed]]) -> None:
    with store.transaction() as tx:
        act = Act(tx, now, SYSTEM)
        for row, handed in outcomes:
            mine = update(D).where(D.c.id == row.id, D.c.state == State.SENDING)
            based_on = [ground(row)]
            if handed.outcome is Outcome.ACCEPTED:
                if tx.execute(mine.values(state=State.SENT, sent_at=now)).rowcount == 1:
                    act.record("delivery.sent", row.id, grounds=based_on)
                    expect_answer(act, row)
            elif handed.outcome is Outcome.UNKNOWN:
                reason = handed.reason or "outlet did not answer"
                tx.execute(mine.values(state=State.UNKNOWN, reason=reason))
                act.record("delivery.unknown", row.id, grounds=based_on)
            elif handed.outcome is Outcome.DEFERRED:
                # a newer version may have gone out meanwhile: then this one has had its time
                now_is = tx.execute(_ONE, {"delivery": row.id}).one().alert_state
                waits = (State.QUEUED, handed.reason) if now_is == "issued" else SUPERSEDED
                tx.execute(mine.values(state=waits[0], reason=waits[1]))
            else:
                fail(act, row, "refused by the outlet" + f": {handed.reason}" * bool(handed.reason))
            hand_offs.note(tx, now, row, handed)


def ground(row: DeliveryRow) -> str:
    """What a delivery rests on, as the journal names it."""
    return f"{'notice' if row.msg_type is None else 'alert'}:{row.alert}"


def fail(act: Act, row: DeliveryRow, reason: str) -> None:
    """This channel failed for good: note it, and let the next one be tried (see timers)."""
    act.tx.execute(
        update(D)
        .where(D.c.id == row.id, D.c.state.notin_([State.FAILED, State.SUPPRESSED]))
        .values(state=State.FAILED, reason=reason)
    )
    act.record("delivery.failed", row.id, grounds=[ground(row)])
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
