"""HTTP for a firm's own page: its dossier, and what it asks for. A firm sees itself alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, Field

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.city import Firm
from anlan.journal import Act
from anlan.respond import case as cases
from anlan.respond import packs, views
from anlan.respond.firms import care, dossier, films, passes, shots, work
from anlan.respond.firms.settings import load
from anlan.respond.routes.checks import as_answer
from anlan.respond.routes.firms import checks_of, dressed_dossier
from anlan.respond.routes.seeing import no_such

router = APIRouter(tags=["firms"])


class NewPass(BaseModel):
    """A freight pass as asked for; times with their offset. No telephone number."""

    plate: str
    cargo: str
    origin: str
    destination: str
    valid_from: datetime
    valid_to: datetime


class Request(BaseModel):
    """A question, or the request to resume work with what the firm checked itself."""

    kind: Literal["firm_question", "resumption"]
    text: str = ""
    form: dict[str, Any] = Field(default_factory=dict)
    photos: list[str] = []


class OwnOperation(BaseModel):
    """How the firm works now: ``reduced`` or ``stopped``."""

    operation: str


def own_firm(desk: Desk, caller: Caller) -> Firm:
    """The firm that the caller speaks for; `Refusal` (not_found) if there is none."""
    firm = dossier.firm_of(desk.city, caller.id)
    if firm is None:
        raise no_such("firm", "of yours")
    return firm


@router.get("/me/firm")
def my_firm(desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """The caller's own firm: dossier, passes with their tokens, checks, and what may be asked."""
    firm = own_firm(desk, caller)
    with desk.store.read() as conn:
        view = dossier.dossier(conn, desk.city, firm.id, desk.clock.now())
        act = Act(conn, desk.clock.now(), caller.id)
        for one in view["cases"]:
            ended = one["state"] in cases.ENDED
            one["allowed"] = [] if ended else views.case_buttons(act, desk.city, one["id"])
        view["checks"] = checks_of(desk, conn, view["cases"])
    pack = packs.load(desk.city.folder)
    view["forms"] = {
        kind: [field.model_dump(by_alias=True) for field in pack[kind].asked("open")]
        for kind in work.BY_FIRM
        if kind in pack
    }
    view["longest_pass_h"] = load(desk.city.folder).passes.longest_h
    return dressed_dossier(desk, view)


@router.post("/me/firm/passes")
def ask_for_pass(
    given: NewPass, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, str]:
    """Ask for a freight pass; the task force decides."""
    firm = own_firm(desk, caller)

    def do(act: Act) -> dict[str, str]:
        return {"id": passes.apply(act, desk.city, firm, given.model_dump(), "phone")}

    return once(desk, caller, key, do)


@router.post("/me/firm/requests")
def ask(given: Request, desk: DeskHere, caller: PhoneUser, key: Key = None) -> dict[str, str]:
    """Ask a question, or ask to resume work."""
    firm = own_firm(desk, caller)

    def do(act: Act) -> dict[str, str]:
        case_id = work.open_for(
            act,
            desk.city,
            firm,
            given.kind,
            form=given.form,
            text=given.text,
            photos=given.photos,
            source="phone",
        )
        return {"id": case_id}

    return once(desk, caller, key, do)


@router.post("/me/firm/operation")
def tell_operation(given: OwnOperation, desk: DeskHere, caller: PhoneUser) -> dict[str, str]:
    """Tell that the firm works less or stands still; it resumes by a case of resumption."""
    firm = own_firm(desk, caller)
    with desk.act(caller) as act:
        care.set_operation(act, firm, given.operation)
    return {"operation": given.operation}


@router.post("/me/firm/shots")
def send_shot(
    case: Annotated[str, Form()],
    shot: Annotated[str, Form()],
    file: UploadFile,
    desk: DeskHere,
    caller: PhoneUser,
    way: Annotated[Literal["recorded", "live"], Form()] = "recorded",
    key: Key = None,
) -> dict[str, object]:
    """Send one picture or film of a shot list. Pictures lose their place and device data."""
    firm = own_firm(desk, caller)

    def do(act: Act) -> dict[str, object]:
        if shots.firm_of_case(act.tx, case) != firm.id:
            raise no_such("remote check", case)
        # before a film is kept that nobody asked for
        shots.next_number(act.tx, desk.city, case, shot)
        kept = films.keep(act, desk.store.data_dir, file.file, file.filename or "shot")
        number = shots.send(act, desk.city, case, shot, kept.digest, kept.mime, way)
        return {"number": number}

    return once(desk, caller, key, do)


@router.get("/me/firm/shot")
def own_shot(case: str, number: int, desk: DeskHere, caller: PhoneUser) -> Response:
    """A picture or film that the firm sent."""
    firm = own_firm(desk, caller)
    with desk.store.read() as conn:
        if shots.firm_of_case(conn, case) != firm.id:
            raise no_such("remote check", case)
        sent = shots.get_sending(conn, case, number)
        return as_answer(desk, conn, sent)
