"""What a drill measured: times of each step and person against the plan's deadlines, and marks.

Durations are minutes of the drill's own time. Nothing in it is real: every part says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import Connection, func, select

from anlan import journal
from anlan.city import City
from anlan.drill.run import Drill, State
from anlan.drill.script import Inject
from anlan.respond.plan import load
from anlan.respond.records import AnyRow, C, T
from anlan.review.work import of_steps, of_tasks, times
from anlan.store import schema

VERDICTS = ("met", "late", "missed", "pending", "unplayed")
"""In time; too late; not at all; still has time; its inject never came, the drill ended before."""


class Measured(TypedDict):
    """The report of a drill as plain JSON; times ISO 8601 UTC, durations minutes."""

    exercise: bool
    drill: dict[str, Any]
    verdict: dict[str, int]
    injects: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    people: list[dict[str, Any]]
    orders: dict[str, Any]
    posts: list[dict[str, Any]]
    handovers: int
    messages: dict[str, Any]
    journal: dict[str, Any]
    synthetic: list[str]


def measure(conn: Connection, drill: Drill) -> Measured:
    """What came out up to now; before the end what is not met yet is ``pending``."""
    city, script, state = drill.city, drill.script, drill.state(conn)
    work = conn.execute(
        select(T, C.c.plan_step).join(C, C.c.id == T.c.case_id).order_by(T.c.opened_at, T.c.id)
    ).all()
    orders = conn.execute(
        select(schema.command_order)
        .where(schema.command_order.c.kind == "order")
        .order_by(schema.command_order.c.given_at)
    ).all()
    injects = [_inject(conn, drill, state, each) for each in script.inject]
    marks = [mark["verdict"] for each in injects for mark in each["expected"]]
    marks += [each["question"]["verdict"] for each in injects if each["question"]]
    verdict = journal.verify(conn)
    about = script.drill
    return {
        "exercise": True,
        "drill": {
            "id": about.id,
            "name": about.name,
            "name_en": about.name_en,
            "goal": about.goal,
            "goal_en": about.goal_en,
            "source": about.source,
            "city": city.id,
            "city_name": city.name,
            "plan": load(city.folder).plan.id,
            "plan_name": load(city.folder).plan.name,
            "from": drill.start_at.isoformat(),
            "to": drill.end_at.isoformat(),
            "started_at": state.get("started_at"),
            "started_by": _name(city, state.get("started_by")),
            "ended_at": state.get("ended_at"),
            "ended_by": _name(city, state.get("ended_by")),
            "reached": drill.reached().isoformat(),
            "by_hand": sorted(drill.cast.by_hand),
        },
        "verdict": {name: marks.count(name) for name in VERDICTS},
        "injects": injects,
        "steps": of_steps(city, work, drill.reached()),
        "people": _people(drill, work, orders),
        "orders": {
            "given": len(orders),
            "done": sum(row.state == "done" for row in orders),
            "unanswered": sum(row.state == "given" for row in orders),
            "acknowledge": times(
                [(r.given_at, r.acknowledged_at, r.ack_due_at) for r in orders], drill.reached()
            ),
        },
        "posts": _posts(conn, city),
        "handovers": conn.execute(
            select(func.count()).where(schema.handover.c.signed_at.is_not(None))
        ).scalar_one(),
        "messages": _messages(conn, drill),
        "journal": {"entries": verdict.entries, "verified": verdict.verified},
        "synthetic": [f"演练 {about.id}：{about.source}", *city.synthetic],
    }


def _people(drill: Drill, work: Sequence[AnyRow], orders: Sequence[AnyRow]) -> list[dict[str, Any]]:
    """Everybody who was given work or an order, those with something late first."""
    accounts = drill.city.accounts
    names = {row.assignee for row in work if row.assignee}
    names |= {row.given_to for row in orders if row.given_to}
    shown = []
    for name in sorted(names):
        own = [row for row in orders if row.given_to == name]
        account = accounts.get(name)
        shown.append(
            {
                "account": name,
                "name": account.name if account else name,
                "role": account.role if account else "",
                "by_hand": not drill.cast.moves(name),
                **of_tasks([row for row in work if row.assignee == name], drill.reached()),
                "orders": times(
                    [(r.given_at, r.acknowledged_at, r.ack_due_at) for r in own], drill.reached()
                ),
                "orders_unanswered": sum(row.state == "given" for row in own),
            }
        )
    return sorted(shown, key=lambda row: (-(row["late"] + row["escalated"]), row["account"]))


def _inject(conn: Connection, drill: Drill, state: State, inject: Inject) -> dict[str, Any]:
    moment = drill.moment(inject)
    reached = drill.reached()
    over = state.get("ended_at") is not None
    expected = []
    for number, each in enumerate(inject.expect):
        met = state["met"].get(f"{inject.id}.{number}")
        after = (datetime.fromisoformat(met) - moment).total_seconds() / 60 if met else None
        expected.append(
            {
                "what": each.what,
                "words": each.words,
                "words_en": each.words_en or each.words,
                "within_min": each.within_min,
                "after_min": None if after is None else round(max(after, 0.0), 1),
                "verdict": _verdict(after, each.within_min, moment, reached, over),
            }
        )
    return {
        "id": inject.id,
        "at": moment.isoformat(),
        "at_min": inject.at_min,
        "title": inject.title,
        "title_en": inject.title_en,
        "text": inject.text,
        "to": list(inject.to),
        "played": inject.id in state["played"],
        "case": state["cases"].get(inject.id),
        "expected": expected,
        "question": _question(conn, drill, inject, reached, over),
    }


def _verdict(
    after: float | None, within: float, moment: datetime, reached: datetime, over: bool
) -> str:
    if over and reached < moment:
        return "unplayed"
    if after is not None:
        return "met" if after <= within else "late"
    still = not over and reached <= moment + timedelta(minutes=within)
    return "pending" if still else "missed"


def _question(
    conn: Connection, drill: Drill, inject: Inject, reached: datetime, over: bool
) -> dict[str, Any] | None:
    asked = inject.question
    if asked is None:
        return None
    A = schema.drill_answer
    rows = conn.execute(select(A).where(A.c.inject == inject.id).order_by(A.c.at)).all()
    moment = drill.moment(inject)
    right = [row for row in rows if row.choice == asked.right]
    first = (right[0].at - moment).total_seconds() / 60 if right else None
    return {
        "text": asked.text,
        "choices": list(asked.choices),
        "right": asked.right,
        "within_min": asked.within_min,
        "verdict": _verdict(first, asked.within_min, moment, reached, over),
        "answers": [
            {
                "account": row.account,
                "name": _name(drill.city, row.account),
                "choice": row.choice,
                "right": row.choice == asked.right,
                "after_min": round((row.at - moment).total_seconds() / 60, 1),
            }
            for row in rows
        ],
    }


def _posts(conn: Connection, city: City) -> list[dict[str, Any]]:
    P = schema.post_holding
    called = {post.id: post.name for post in load(city.folder).post}
    return [
        {
            "post": row.post,
            "name": called.get(row.post, row.post),
            "account_name": _name(city, row.account),
            "from": row.held_from.isoformat(),
            "to": row.held_to.isoformat() if row.held_to else None,
        }
        for row in conn.execute(select(P).order_by(P.c.held_from, P.c.id))
    ]


def _messages(conn: Connection, drill: Drill) -> dict[str, Any]:
    """Deliveries by state, and the kinds of outlet that took them: files, whatever the city has."""
    D = schema.delivery
    rows = conn.execute(select(D.c.state, func.count()).group_by(D.c.state)).all()
    return {
        "by_state": {row[0]: row[1] for row in sorted(rows)},
        "outlets": sorted({type(each).__name__ for each in (drill.chain.outlets or {}).values()}),
    }


def _name(city: City, account: str | None) -> str | None:
    if account is None:
        return None
    found = city.accounts.get(account)
    return found.name if found else account
