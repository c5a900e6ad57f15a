"""What people decide about a firm outside its cases: colour, plan, and how it works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from anlan.city import City, Firm
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.firms.standing import COLOURS, OPERATIONS
from anlan.respond.firms.work import words
from anlan.store import ids, insert, schema

S, M = schema.firm_standing, schema.firm_measure
LONGEST_COLOUR_H = 24 * 14
MOST_OPEN_MEASURES = 50


def _set(act: Act, firm: Firm, values: dict[str, Any]) -> None:
    row = {"firm": firm.id, "operation": "running", **values}
    act.tx.execute(
        insert(act.tx, S).values(row).on_conflict_do_update(index_elements=["firm"], set_=values)
    )


def set_colour(act: Act, firm: Firm, colour: str | None, reason: str, hours: float) -> None:
    """Set a firm's colour by hand for ``hours``, with a reason; None takes it back.

    What the facts say stays shown beside it.
    """
    if colour is not None and colour not in COLOURS:
        raise Refusal(
            f"colour '{colour[:20]}' is none of {', '.join(COLOURS)}",
            field="colour",
            value=colour[:20],
            remedy=", ".join(COLOURS),
        )
    if not 0 < hours <= LONGEST_COLOUR_H:
        raise Refusal(
            f"a colour set by hand holds for up to {LONGEST_COLOUR_H} h; got {hours:g}",
            field="hours",
            value=hours,
            remedy=f"1 to {LONGEST_COLOUR_H}",
        )
    note = keep_note(act, "firm.colour", words(reason, "reason"))
    _set(
        act,
        firm,
        {
            "colour": colour,
            "colour_note": note,
            "colour_by": act.actor,
            "colour_at": act.now,
            "colour_until": act.now + timedelta(hours=hours),
        },
    )
    act.record("firm.colour_set", f"firm:{firm.id}", content=[colour, note])


def set_operation(act: Act, firm: Firm, operation: str, case_id: str | None = None) -> None:
    """Put down that a firm works less: ``reduced`` or ``stopped``.

    It runs again by the case of its resumption alone, which another person than the inspector
    decides; ``running`` is refused here.
    """
    less = [name for name in OPERATIONS if name != "running"]
    if operation not in less:
        raise Refusal(
            f"'{operation[:20]}' is none of {', '.join(less)}; a firm runs again by a case of "
            "resumption that was decided",
            field="operation",
            value=operation[:20],
            remedy=", ".join(less),
        )
    _set(
        act,
        firm,
        {"operation": operation, "operation_at": act.now, "operation_by": act.actor},
    )
    grounds = [f"case:{case_id}"] if case_id else []
    act.record("firm.operation_set", f"firm:{firm.id}", grounds=grounds, content=operation)


def add_measure(
    act: Act, city: City, firm: Firm, text: str, department: str, due_at: datetime
) -> str:
    """One measure of the firm's plan 一企一策; returns its id."""
    departments = {one.department for one in city.accounts.values() if one.department}
    if department and department not in departments:
        raise Refusal(
            f"department '{department[:40]}' has no account here",
            field="department",
            value=department[:40],
            remedy=", ".join(sorted(departments)),
        )
    if due_at.tzinfo is None or due_at <= act.now:
        raise Refusal(
            f"a measure is due at a time to come; got {due_at.isoformat()}",
            field="due_at",
            value=due_at.isoformat(),
            remedy=f"a time after {act.now.isoformat(timespec='minutes')}, with its offset",
        )
    waiting = act.tx.execute(select(M.c.id).where(M.c.firm == firm.id, M.c.state == "open")).all()
    if len(waiting) >= MOST_OPEN_MEASURES:
        raise Refusal(
            f"the plan of {firm.id} has {MOST_OPEN_MEASURES} open measures; end some first",
            field="firm",
            value=firm.id,
            remedy="end what is done",
            kind="conflict",
        )
    note = keep_note(act, "firm.measure", words(text, "text"))
    measure = ids.next_id(act.tx, "FM")
    act.tx.execute(
        M.insert().values(
            id=measure,
            firm=firm.id,
            words_note=note,
            department=department,
            due_at=due_at,
            state="open",
            made_at=act.now,
            made_by=act.actor,
        )
    )
    act.record("firm.measure_added", measure, grounds=[f"firm:{firm.id}"], content=note)
    return measure


def end_measure(act: Act, firm: Firm, measure: str, done: bool, text: str) -> None:
    """Say what came of a measure: done, or dropped with the reason."""
    note = keep_note(act, "firm.measure", words(text, "text"))
    ended = act.tx.execute(
        update(M)
        .where(M.c.id == measure, M.c.firm == firm.id, M.c.state == "open")
        .values(
            state="done" if done else "dropped",
            ended_at=act.now,
            ended_by=act.actor,
            ended_note=note,
        )
    )
    if ended.rowcount != 1:
        raise Refusal(
            f"firm {firm.id} has no open measure {measure[:40]}",
            field="measure",
            value=measure[:40],
            remedy="an open measure of the firm's dossier",
            kind="conflict",
        )
    act.record("firm.measure_ended", measure, grounds=[f"firm:{firm.id}"], content=note)
