"""Times of volunteers that fell due: each fires once, oldest first, also after an outage."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers import calling, ending, outside, register, work
from anlan.respond.volunteers.privacy import OPEN_STATES, erase
from anlan.respond.volunteers.records import CL, K, Q, V, work_of
from anlan.store import savepoint, schema, timers
from anlan.warn.delivery import SAID_NO, State

PREFIX = "volunteer."
LOOK_AGAIN = timedelta(days=7)
D = schema.delivery
log = logging.getLogger(__name__)


def fire_timers(act: Act, city: City) -> list[dict[str, Any]]:
    """Do what is due; returns what came of each. Answers that came by message are taken first."""
    engine = Act(act.tx, act.now, "system")
    take_answers(engine, city)
    came: list[dict[str, Any]] = []
    while due := timers.claim_due(act.tx, act.now, PREFIX):
        for timer in due:
            outcome = _fire_alone(engine, city, timer)
            if outcome:
                came.append({"kind": timer.kind, "subject": timer.subject, **outcome})
    return came


def _fire_alone(act: Act, city: City, timer: timers.Timer) -> dict[str, Any] | None:
    """One timer: what goes wrong with it must not keep the others, or the chain, from theirs."""
    try:
        with savepoint(act.tx):
            return _fire(act, city, timer)
    except Refusal as problem:
        log.error("timer %s came to nothing: %s", timer.id, problem.message)
        act.record("volunteer.timer_failed", timer.subject, content=timer.kind)
        return {"outcome": "failed"}


def _fire(act: Act, city: City, timer: timers.Timer) -> dict[str, Any] | None:
    if timer.kind in (outside.REMIND, outside.SEARCH):
        claim = act.tx.execute(select(CL).where(CL.c.id == timer.subject)).one()
        done = outside.remind if timer.kind == outside.REMIND else outside.search
        return done(act, city, claim)
    if timer.kind == calling.REPLY:
        return calling.settle(act, city, timer.subject)
    if timer.kind == work.END:
        ending.close(act, city, work_of(act.tx, timer.subject), "ended")
        return {"outcome": "ended"}
    return _erase(act, timer.subject) if timer.kind == register.ERASE else None


def _erase(act: Act, volunteer: str) -> dict[str, Any] | None:
    """Erase by date, unless the volunteer was active since, or is needed for safety just now."""
    row = act.tx.execute(select(V).where(V.c.id == volunteer)).one()
    if row.state == "erased":
        return None
    if row.erase_at > act.now:
        register.erase_later(act, volunteer, row.erase_at)
        return None
    held = select(CL.c.id).where(CL.c.volunteer == volunteer, CL.c.state.in_(OPEN_STATES))
    if act.tx.execute(held.limit(1)).first() is not None:
        register.erase_later(act, volunteer, act.now + LOOK_AGAIN)
        return None
    erase(act, volunteer)
    return {"outcome": "erased"}


def take_answers(act: Act, city: City) -> int:
    """Calls answered by message or reply link: yes or no; returns how many were taken.

    The last word counts, also against one said on the phone page before; a yes counts while the
    call is open, a yes is taken back at any time. What is said on the phone page itself is taken
    as it is given.
    """
    rows = act.tx.execute(
        select(Q.c.call, Q.c.volunteer, D.c.reason)
        .join(K, K.c.id == Q.c.call)
        .join(V, V.c.id == Q.c.volunteer)
        .join(D, (D.c.alert == K.c.notice) & (D.c.person == V.c.person))
        .where(D.c.state == State.ANSWERED)
        .where(
            Q.c.answer.is_(None) & (K.c.state == "open")
            | (Q.c.answer == "yes") & (D.c.reason == SAID_NO) & (D.c.answered_at >= Q.c.answered_at)
            | (Q.c.answer == "no")
            & (K.c.state == "open")
            & (D.c.reason != SAID_NO)
            & (D.c.answered_at >= Q.c.answered_at)
        )
        .order_by(D.c.answered_at, Q.c.volunteer)
    ).all()
    # answered by two channels: the later one stands
    said = {(row.call, row.volunteer): "no" if row.reason == SAID_NO else "yes" for row in rows}
    for (call, volunteer), word in said.items():
        try:
            with savepoint(act.tx):
                calling.answer(act, city, call, volunteer, word)
        except Refusal:
            # what can no longer be kept: the work ended, the person is down elsewhere, or there
            mine = update(Q).where(Q.c.call == call, Q.c.volunteer == volunteer)
            # a no of somebody who is there already changes nothing
            answer = {"answer": "late"} if word == "yes" else {}
            act.tx.execute(mine.values(**answer, answered_at=act.now))
            act.record(f"volunteer.said_{word}_late", volunteer, grounds=[f"call:{call}"])
    return len(said)
