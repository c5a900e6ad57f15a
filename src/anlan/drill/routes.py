"""HTTP for a drill under way: what has come so far, starting, ending, answering, the report."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from anlan.access import Caller
from anlan.access.desk import Decider, DeskHere, PhoneUser, Viewer
from anlan.access.repeats import Key, once
from anlan.drill.measure import Measured, measure
from anlan.drill.page import render
from anlan.drill.run import DIRECTOR, Drill
from anlan.drill.script import Inject
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(tags=["drill"])
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Answer(BaseModel):
    """The choice, counted from 0."""

    choice: int


def _drill(request: Request) -> Drill:
    found: Drill | None = request.app.state.drill
    if found is None:
        raise Refusal(
            "this desk runs no drill; anlan drill CITY PLAN opens one beside it",
            field="drill",
            remedy="anlan drill CITY PLAN",
            kind="not_found",
        )
    return found


def _goes_to(inject: Inject, caller: Caller) -> bool:
    """Whether the caller is one of those whom an inject goes to; to nobody by name: the desk."""
    if not inject.to:
        return "view" in caller.rights
    return caller.id in inject.to or caller.role in inject.to


@router.get("/drill")
def drill(request: Request, caller: PhoneUser) -> dict[str, Any]:
    """The drill, and the injects that have come and go to the caller, newest first.

    What is expected, and what is still to come, nobody is told before the end.
    """
    running: Drill = _drill(request)
    about = running.script.drill
    A = schema.drill_answer
    with running.store.read() as conn:
        state = running.state(conn)
        rows = conn.execute(A.select().where(A.c.account == caller.id)).all()
    answers = {row.inject: row.choice for row in rows}
    director = caller.role == DIRECTOR
    played = [each for each in running.script.inject if each.id in state["played"]]
    seen = [each for each in played if director or _goes_to(each, caller)]
    return {
        "id": about.id,
        "name": about.name,
        "name_en": about.name_en,
        "goal": about.goal,
        "goal_en": about.goal_en,
        "source": about.source,
        "from": running.start_at.isoformat(),
        "to": running.end_at.isoformat(),
        "started_at": state.get("started_at"),
        "ended_at": state.get("ended_at"),
        "may_direct": director,
        "played": len(played),
        "injects": [
            {
                "id": each.id,
                "at": running.moment(each).isoformat(),
                "title": each.title,
                "title_en": each.title_en,
                "text": each.text,
                "to": list(each.to),
                "case": state["cases"].get(each.id),
                "question": None
                if each.question is None
                else {
                    "text": each.question.text,
                    "choices": list(each.question.choices),
                    "within_min": each.question.within_min,
                    "answered": answers.get(each.id),
                    "asked": _goes_to(each, caller),
                },
            }
            for each in sorted(seen, key=lambda each: each.at_min, reverse=True)
        ],
    }


def _direct(caller: Caller) -> None:
    if caller.role != DIRECTOR:
        raise Refusal(
            f"{caller.id} ({caller.role}) may not start or end a drill; a commander may",
            field="role",
            value=caller.role,
            remedy="ask a commander",
            kind="forbidden",
            zh="演练由指挥长启动和结束。",
        )


@router.post("/drill/start")
def start(request: Request, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """A commander lets the drill begin: its clock goes from now on."""
    running = _drill(request)
    _direct(caller)
    with desk.act(caller) as act:
        running.start(act)
    request.app.state.replay.control(paused=False, speed=None, jump_to=None)
    return {"started": True}


@router.post("/drill/end")
def end(request: Request, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """A commander ends the drill before its time; what is not met then is missed."""
    running = _drill(request)
    _direct(caller)
    with desk.act(caller) as act:
        running.end(act)
    request.app.state.replay.control(paused=True, speed=None, jump_to=None)
    return {"ended": True}


@router.post("/drill/injects/{inject}/answer")
def answer(
    inject: str,
    given: Answer,
    request: Request,
    desk: DeskHere,
    caller: PhoneUser,
    key: Key = None,
) -> dict[str, Any]:
    """Answer an inject's question, once."""
    running = _drill(request)
    found = next((each for each in running.script.inject if each.id == inject), None)
    asked = found is not None and _goes_to(found, caller)

    def do(act: Act) -> dict[str, Any]:
        running.answer(act, inject, given.choice, asked)
        return {"choice": given.choice}

    return once(desk, caller, key, do)


def _report(request: Request) -> Measured:
    running = _drill(request)
    if not running.finished:
        raise Refusal(
            "the report says what was expected; it is there when the drill has ended",
            field="drill",
            value=running.script.drill.id,
            remedy="end the drill, or wait for its end",
            kind="conflict",
        )
    with running.store.read() as conn:
        return measure(conn, running)


@router.get("/drill/report")
def report(request: Request, caller: Viewer) -> dict[str, Any]:
    """What the drill measured, once it has ended."""
    return dict(_report(request))


@router.get("/drill/report.html")
def report_page(request: Request, desk: DeskHere, caller: Viewer) -> HTMLResponse:
    """The same as one page to print."""
    return HTMLResponse(
        render(_report(request), desk.city.zone), headers={"content-security-policy": PAGE_POLICY}
    )
