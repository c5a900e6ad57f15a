"""HTTP that introduces a firm's phone and the inspector's page for a live remote check."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from anlan.access.desk import Commander, Desk, DeskHere, PhoneUser
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond.firms import live, shots
from anlan.respond.firms.settings import load
from anlan.respond.records import get_case
from anlan.respond.routes.checks import seen_check
from anlan.respond.routes.own_firm import own_firm
from anlan.respond.routes.seeing import no_such

router = APIRouter(tags=["firms"])


class Offer(BaseModel):
    """What the firm's phone offers for a check; an empty description ends the call."""

    case: str
    description: str = Field("", max_length=live.LONGEST_DESCRIPTION)


class Answer(BaseModel):
    """What the inspector's page answers."""

    description: str = Field(max_length=live.LONGEST_DESCRIPTION)


def calls(request: Request) -> live.Calls:
    """The introductions of this service."""
    found = getattr(request.app.state, "calls", None)
    if found is None:
        found = request.app.state.calls = live.Calls()
    known: live.Calls = found
    return known


CallsHere = Annotated[live.Calls, Depends(calls)]


def _ice(desk: Desk) -> list[str]:
    return list(load(desk.city.folder).live.ice_servers)


@router.post("/me/firm/live")
def offer(given: Offer, desk: DeskHere, caller: PhoneUser, under_way: CallsHere) -> dict[str, Any]:
    """Offer live video for a remote check of one's own firm, or end it."""
    firm = own_firm(desk, caller)
    with desk.act(caller) as act:
        if shots.firm_of_case(act.tx, given.case) != firm.id:
            raise no_such("case", given.case)
        case = get_case(act.tx, given.case)
        if case.kind != shots.KIND or case.state in cases.ENDED:
            raise Refusal(
                f"case {given.case} takes no live video: it is a '{case.kind}', '{case.state}'",
                field="case",
                value=given.case,
                remedy="an open remote check",
                kind="conflict",
            )
        under_way.offer(given.case, given.description, desk.wall.now())
        # the entry is what tells the inspector's page
        verb = "offered" if given.description else "ended"
        act.record(f"check.live_{verb}", given.case, grounds=[f"case:{given.case}"])
    return {"ice_servers": _ice(desk)}


@router.get("/me/firm/live")
def answer_for_me(
    case: str, desk: DeskHere, caller: PhoneUser, under_way: CallsHere
) -> dict[str, Any]:
    """The inspector's answer to one's own offer, once there is one."""
    firm = own_firm(desk, caller)
    with desk.store.read() as conn:
        if shots.firm_of_case(conn, case) != firm.id:
            raise no_such("case", case)
    call = under_way.of(case, desk.wall.now())
    return {"answer": call.answer if call else "", "ice_servers": _ice(desk)}


@router.get("/checks/{check_id}/live")
def offered(
    check_id: str, desk: DeskHere, caller: Commander, under_way: CallsHere
) -> dict[str, Any]:
    """The live video that a firm offers for a check; an empty offer: none."""
    with desk.store.read() as conn:
        seen_check(desk, caller, conn, check_id)
    call = under_way.of(check_id, desk.wall.now())
    waiting = call is not None and not call.answer
    return {"offer": call.offer if call and waiting else "", "ice_servers": _ice(desk)}


@router.post("/checks/{check_id}/live")
def answer(
    check_id: str, given: Answer, desk: DeskHere, caller: Commander, under_way: CallsHere
) -> dict[str, bool]:
    """Take the live video up: the two browsers then talk to each other."""
    with desk.act(caller) as act:
        seen_check(desk, caller, act.tx, check_id)
        under_way.answer(check_id, given.description, desk.wall.now())
        act.record("check.live_answered", check_id, grounds=[f"case:{check_id}"])
    return {"answered": True}
