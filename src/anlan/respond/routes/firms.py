"""HTTP for firms at the desk: list, dossier, plan, colour, and the cases of a firm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from anlan.access import Caller
from anlan.access.desk import Commander, Desk, DeskHere, Viewer
from anlan.access.repeats import Key, once
from anlan.city import Firm
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.firms import care, dossier, shots, work
from anlan.respond.routes.seeing import names_of, no_such

router = APIRouter(tags=["firms"])


class NewColour(BaseModel):
    """A colour set by hand for some hours; null takes it back."""

    colour: str | None = None
    reason: str
    hours: float = 24


class NewOperation(BaseModel):
    """How the firm works now: ``reduced`` or ``stopped``."""

    operation: str


class NewMeasure(BaseModel):
    """One measure of the firm's plan 一企一策, with the time by which it is due."""

    text: str
    department: str = ""
    due_at: datetime


class EndMeasure(BaseModel):
    """What came of a measure: done, or dropped with the reason."""

    measure: str
    done: bool = True
    text: str


class NewFirmCase(BaseModel):
    """A visit, question, remote check or resumption; ``answer``: a question answered at once."""

    kind: str
    text: str = ""
    form: dict[str, Any] = Field(default_factory=dict)
    answer: str = ""


def seen_firm(desk: Desk, caller: Caller, firm_id: str) -> Firm:
    """The firm; `Refusal` (not_found) unless it lies in the caller's part of the city."""
    firm = desk.city.firms.get(firm_id)
    if firm is None or not caller.sees(desk.city, firm.territory):
        raise no_such("firm", firm_id)
    return firm


def dressed_dossier(desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
    """A dossier with the names of the people who stand in it."""
    names = names_of(desk)
    for measure in view["measures"]:
        measure["made_by_name"] = names.get(measure["made_by"], measure["made_by"])
    for one in view["passes"]:
        one["decided_by_name"] = names.get(one["decided_by"] or "", one["decided_by"])
    if view["colour_set"]:
        view["colour_set"]["by_name"] = names.get(view["colour_set"]["by"])
    if view["team"]:
        members = view["team"]["accounts"]
        view["team"]["members"] = [names.get(name, name) for name in members]
    return view


@router.get("/firms")
def firms(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """The firms of the caller's part of the city, red first, each with why it is so."""
    with desk.store.read() as conn:
        found = dossier.lines(conn, desk.city, desk.clock.now())
    return [line for line in found if caller.sees(desk.city, line["territory"])]


@router.get("/firms/{firm_id}")
def firm(firm_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The dossier 一企一档 of a firm with its plan 一企一策, passes and cases."""
    seen = seen_firm(desk, caller, firm_id)
    with desk.store.read() as conn:
        view = dossier.dossier(conn, desk.city, seen.id, desk.clock.now())
        view["checks"] = checks_of(desk, conn, view["cases"])
    return dressed_dossier(desk, view)


def checks_of(desk: Desk, conn: Any, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """The shot list of each remote check among ``cases``, by the case's id."""
    return {
        one["id"]: shots.view(conn, shots.wanted(conn, desk.city, one["id"]))
        for one in cases
        if one["kind"] == shots.KIND
    }


@router.post("/firms/{firm_id}/colour")
def set_colour(
    firm_id: str, given: NewColour, desk: DeskHere, caller: Commander
) -> dict[str, str | None]:
    """Set the colour of a firm by hand, for a time and with a reason; or take it back."""
    seen = seen_firm(desk, caller, firm_id)
    with desk.act(caller) as act:
        care.set_colour(act, seen, given.colour, given.reason, given.hours)
    return {"colour": given.colour}


@router.post("/firms/{firm_id}/operation")
def set_operation(
    firm_id: str, given: NewOperation, desk: DeskHere, caller: Commander
) -> dict[str, str]:
    """Put down that a firm works less or stands still."""
    seen = seen_firm(desk, caller, firm_id)
    with desk.act(caller) as act:
        care.set_operation(act, seen, given.operation)
    return {"operation": given.operation}


@router.post("/firms/{firm_id}/measures")
def add_measure(
    firm_id: str, given: NewMeasure, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, str]:
    """Add a measure to the plan of a firm."""
    seen = seen_firm(desk, caller, firm_id)

    def do(act: Act) -> dict[str, str]:
        added = care.add_measure(act, desk.city, seen, given.text, given.department, given.due_at)
        return {"id": added}

    return once(desk, caller, key, do)


@router.post("/firms/{firm_id}/measures/end")
def end_measure(
    firm_id: str, given: EndMeasure, desk: DeskHere, caller: Commander
) -> dict[str, str]:
    """Say what came of a measure."""
    seen = seen_firm(desk, caller, firm_id)
    with desk.act(caller) as act:
        care.end_measure(act, seen, given.measure, given.done, given.text)
    return {"measure": given.measure}


@router.post("/firms/{firm_id}/cases")
def open_firm_case(
    firm_id: str, given: NewFirmCase, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Open a case for a firm; a question with its ``answer`` is answered on the spot.

    Freight passes are asked for at ``/api/v1/me/firm/passes``.
    """
    seen = seen_firm(desk, caller, firm_id)
    if given.kind == "freight_pass":
        raise Refusal(
            "a freight pass is asked for by the firm itself, on its own page",
            field="kind",
            value=given.kind,
            remedy=", ".join(kind for kind in work.KINDS if kind != "freight_pass"),
        )

    def do(act: Act) -> dict[str, object]:
        form = dict(given.form)
        if given.kind == shots.KIND:
            form["firm_account"] = seen.account
        case_id = work.open_for(act, desk.city, seen, given.kind, form=form, text=given.text)
        if given.answer.strip() and given.kind == "firm_question":
            work.finish(act, desk.city, case_id, given.answer)
        return {"id": case_id}

    return once(desk, caller, key, do)
