"""Receipts of a replay: what the network reports, and what people do with their messages.

The network is no person: its ``delivered`` and ``failed`` go on when the replay's people are
switched off. ``read`` and ``answered`` need people. A receipt's moment follows from the
delivery's id and the moment it was sent, so nothing need be remembered.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from anlan import warn
from anlan.journal import Act
from anlan.replay.attempt import attempt
from anlan.replay.cast import EVERYBODY, Cast
from anlan.replay.chance import Chance
from anlan.replay.habits import Answering, People
from anlan.replay.officers import ReplayedAct
from anlan.store import schema

D, P = schema.delivery, schema.person
#: Who has not read or answered by then never will: it bounds what a tick has to look at.
LONGEST = timedelta(hours=4)
NETWORK = "system"
DEFAULT = "default"


def _answering(people: People, role: str) -> Answering:
    return people.answering.get(role) or people.answering[DEFAULT]


def _arrival(people: People, chance: Chance, delivery: str, repeat: int) -> timedelta:
    """How long after hand-over the network reports; a repeat has a fate of its own."""
    telecom = people.telecom
    longest = timedelta(minutes=telecom.longest_min)
    return min(chance.delay(telecom.delivered_min, "delivered", delivery, str(repeat)), longest)


def network(
    tx: Connection, now: datetime, people: People, chance: Chance, cast: Cast = EVERYBODY
) -> int:
    """Report what became of messages handed over; returns how many were reported on."""
    rows = tx.execute(
        select(D.c.id, D.c.sent_at, D.c.repeat)
        .where(D.c.state == "sent")
        .order_by(D.c.sent_at, D.c.id)
    ).all()
    act, count = Act(tx, now, NETWORK), 0
    for row in rows:
        if not cast.comes(row.sent_at + _arrival(people, chance, row.id, row.repeat), now):
            continue
        failed = chance.happens(people.telecom.failed_share, "failed", row.id, str(row.repeat))
        with attempt(tx, NETWORK, row.id):
            warn.actions.receipt(act, row.id, "failed" if failed else "delivered")
            count += 1
    return count


def readers(
    tx: Connection, now: datetime, people: People, chance: Chance, cast: Cast = EVERYBODY
) -> int:
    """Let people read and answer what reached them; returns how many did something.

    Moments count from the hand-over, not from the tick at which a receipt was taken.
    """
    rows = tx.execute(
        select(D.c.id, D.c.state, D.c.repeat, D.c.sent_at, D.c.ack_due_at, P.c.account, P.c.role)
        .join(P, P.c.id == D.c.person)
        .where(D.c.state.in_(("delivered", "read")), D.c.sent_at > now - LONGEST)
        .order_by(D.c.sent_at, D.c.id)
    ).all()
    by, count = now + cast.early, 0
    for row in rows:
        if row.account is not None and not cast.moves(row.account):
            continue
        habit = _answering(people, row.role)
        if not chance.happens(habit.read_share, "reads", row.id):
            continue
        read_at = row.sent_at + _arrival(people, chance, row.id, row.repeat)
        read_at += chance.delay(habit.read_min, "read", row.id)
        if read_at > by:
            continue
        act = ReplayedAct(tx, now, row.account or NETWORK)
        # who is not asked for an answer gives none
        answers = row.ack_due_at is not None and chance.happens(
            habit.answer_share, "answers", row.id
        )
        if answers and read_at + chance.delay(habit.answer_min, "answer", row.id) <= by:
            with attempt(tx, act.actor, row.id):
                warn.actions.acknowledge(act, row.id)
                count += 1
        elif row.state == "delivered":
            with attempt(tx, act.actor, row.id):
                warn.actions.receipt(act, row.id, "read")
                count += 1
    return count
