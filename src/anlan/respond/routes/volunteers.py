"""HTTP for the organiser of volunteers: who they are, work offered, call-outs, hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, needs
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.routes.seeing import Command, no_such, within
from anlan.respond.routes.volunteer_own import _text, _whole
from anlan.respond.volunteers import (
    calling,
    desk_views,
    ending,
    export,
    feedback,
    outside,
    privacy,
    register,
    rules,
    skills,
    views,
    work,
)
from anlan.respond.volunteers.records import AnyRow, volunteer_of, words, work_of
from anlan.warn.drafting import status_of

router = APIRouter(tags=["volunteers"])
Organiser = Annotated[Caller, Depends(needs("command"))]
Payload = Mapping[str, Any]


class Invitation(BaseModel):
    """For which part of the city, and how many may use it."""

    territory: str
    places: int = Field(ge=1, le=500)


class Work(BaseModel):
    """Work to be offered; give ``place``, ``territory``, or ``lon`` and ``lat`` (degrees)."""

    title: str
    detail: str = ""
    territory: str = ""
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    skill: str | None = None
    starts_at: str
    ends_at: str
    needed: int
    safe_min: int | None = None
    self_claim: bool = True
    drill: bool = False


def _seen(desk: Desk, caller: Caller, conn: Connection, what: str, name: str) -> AnyRow:
    """A volunteer or work in the caller's part of the city; else as if there were none."""
    find = {"volunteer": volunteer_of, "work": work_of}[what]
    try:
        row = find(conn, name)
    except Refusal as refusal:
        raise no_such(what, name) from refusal
    if not caller.sees(desk.city, row.territory):
        raise no_such(what, name)
    return row


def _one_of(commands: Mapping[str, Any], command: str) -> Any:
    if command not in commands:
        raise Refusal(
            f"'{command[:40]}' is none of {', '.join(commands)}",
            field="command",
            value=command[:40],
            remedy=", ".join(commands),
        )
    return commands[command]


@router.get("/volunteers")
def volunteers(desk: DeskHere, caller: Organiser) -> dict[str, Any]:
    """Volunteers in the caller's part of the city, names masked, with the city's rules."""
    known = rules.load(desk.city.folder)
    with desk.store.read() as conn:
        people = desk_views.roster(
            conn, desk.city, Vault.of(desk.store), within(desk, caller), desk.clock.now()
        )
    return {
        "rules": views.of_rules(known),
        "purposes": list(privacy.PURPOSES),
        "volunteers": people,
    }


def _contact(act: Act, desk: Desk, volunteer: str, given: Payload) -> object:
    vault = Vault.of(desk.store)
    purpose, reason = _text(given, "purpose"), _text(given, "reason")
    return privacy.open_personal(act, vault, volunteer, purpose, reason, desk.wall.now())


OF_VOLUNTEER: Mapping[str, Callable[[Act, Desk, str, Payload], object]] = {
    "approve": lambda act, desk, v, g: register.decide(act, desk.city, v, "approve"),
    "refuse": lambda act, desk, v, g: register.decide(
        act, desk.city, v, "refuse", _text(g, "reason")
    ),
    "verify_skill": lambda act, desk, v, g: skills.verify_skill(
        act, desk.city, v, _text(g, "skill"), g.get("until")
    ),
    "drop_skill": lambda act, desk, v, g: skills.drop_skill(act, v, _text(g, "skill")),
    "contact": _contact,
}


@router.post("/volunteers/{volunteer}/{command}")
def command_volunteer(
    volunteer: str, command: str, given: Command, desk: DeskHere, caller: Organiser, key: Key = None
) -> dict[str, Any]:
    """approve · refuse reason · verify_skill skill, until · drop_skill skill · contact purpose,
    reason (name and number, written down in the journal)."""
    with desk.store.read() as conn:
        _seen(desk, caller, conn, "volunteer", volunteer)
    do = _one_of(OF_VOLUNTEER, command)
    if command == "contact":
        # never kept with the answers that a repeat brings back: it holds name and number
        with desk.act(caller) as act:
            return {"result": do(act, desk, volunteer, given.model_extra or {})}
    return once(
        desk, caller, key, lambda act: {"result": do(act, desk, volunteer, given.model_extra or {})}
    )


@router.post("/volunteer-invitations")
def invite(
    given: Invitation, request: Request, desk: DeskHere, caller: Organiser
) -> dict[str, str]:
    """A link, also as a QR code, by which strangers register; shown once."""
    if not caller.sees(desk.city, given.territory):
        raise no_such("territory", given.territory)
    with desk.act(caller) as act:
        token = register.invite(act, desk.city, given.territory, given.places, desk.wall.now())
    url = f"{str(request.base_url).rstrip('/')}/join/{token}"
    return {"url": url, "qr": segno.make(url, error="m").svg_data_uri(scale=5, border=2)}


@router.get("/volunteer-work")
def all_work(desk: DeskHere, caller: Organiser) -> list[dict[str, Any]]:
    """Work offered in the caller's part of the city, with how many are out there."""
    with desk.store.read() as conn:
        return desk_views.works(conn, desk.city, within(desk, caller), desk.clock.now())


@router.post("/volunteer-work")
def offer(given: Work, desk: DeskHere, caller: Organiser, key: Key = None) -> dict[str, Any]:
    """Offer work; it is kept as a case and, unless only called for, shown for claiming."""
    status = status_of(desk.city, desk.clock.real)

    def do(act: Act) -> dict[str, Any]:
        name = work.offer(act, desk.city, given.model_dump(), status)
        if not caller.sees(desk.city, work_of(act.tx, name).territory):
            raise no_such("territory", given.territory)
        return {"id": name}

    return once(desk, caller, key, do)


@router.get("/volunteer-work/{work}")
def one_work(work: str, desk: DeskHere, caller: Organiser) -> dict[str, Any]:
    """One piece of work: who claimed it, who was called and why, who is out and safe until when."""
    with desk.store.read() as conn:
        row = _seen(desk, caller, conn, "work", work)
        return desk_views.one_work(conn, desk.city, Vault.of(desk.store), row, desk.clock.now())


def _confidence(given: Payload) -> float | None:
    value = given.get("confidence")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(
            "confidence is no number", field="confidence", value=str(value)[:40],
            remedy="a probability such as 0.9",
        )  # fmt: skip
    return float(value)


def _call(act: Act, desk: Desk, caller: Caller, name: str, given: Payload) -> object:
    chosen = given.get("volunteers")
    fits = isinstance(chosen, list) and all(isinstance(one, str) for one in chosen)
    if not fits or not chosen:
        raise Refusal(
            "volunteers must name whom to call: take them from the preview",
            field="volunteers",
            remedy="a list of volunteers' ids",
        )
    minutes = given.get("reply_min")
    return calling.send(
        act, desk.city, name, chosen, within(desk, caller), confidence=_confidence(given),
        reply_min=None if minutes is None else _whole(given, "reply_min"),
    )  # fmt: skip


def _check_out(act: Act, desk: Desk, caller: Caller, name: str, given: Payload) -> object:
    reason = keep_note(act, "volunteer.vouched", words("reason", given.get("reason"), 300))
    who = _text(given, "volunteer")
    outside.check_out(act, desk.city, name, who)
    act.record("volunteer.vouched_for", who, grounds=[f"work:{name}"], content=reason)
    return None


OF_WORK: Mapping[str, Callable[[Act, Desk, Caller, str, Payload], object]] = {
    "call": _call,
    "check_out": _check_out,
    "finish": lambda act, desk, c, w, g: ending.finish(act, desk.city, w, _text(g, "text")),
    "cancel": lambda act, desk, c, w, g: ending.cancel(act, desk.city, w, _text(g, "reason")),
    "rate": lambda act, desk, c, w, g: feedback.rate(
        act, w, _text(g, "volunteer"), _whole(g, "stars"), _text(g, "text"), of_work=False
    ),
    "correct": lambda act, desk, c, w, g: feedback.correct_hours(
        act, w, _text(g, "volunteer"), _whole(g, "minutes"), _text(g, "reason")
    ),
}


@router.post("/volunteer-work/{work}/{command}")
def command_work(
    work: str, command: str, given: Command, desk: DeskHere, caller: Organiser, key: Key = None
) -> dict[str, Any]:
    """preview confidence, only (changes nothing) · call volunteers, confidence, reply_min ·
    check_out volunteer, reason · finish text · cancel reason · rate volunteer, stars, text ·
    correct volunteer, minutes, reason."""
    asked: Payload = given.model_extra or {}
    with desk.store.read() as conn:
        _seen(desk, caller, conn, "work", work)
        if command == "preview":
            only = asked.get("only")
            found = calling.preview(
                conn, desk.city, work, desk.clock.now(), within(desk, caller),
                confidence=_confidence(asked),
                only=[str(one) for one in only] if isinstance(only, list) else None,
            )  # fmt: skip
            return desk_views.selection_view(conn, Vault.of(desk.store), found)
    do = _one_of(OF_WORK, command)
    return once(desk, caller, key, lambda act: {"result": do(act, desk, caller, work, asked)})


@router.get("/volunteer-hours.csv")
def hours_csv(desk: DeskHere, caller: Organiser) -> Response:
    """Hours of service in the caller's part of the city, names masked, as CSV."""
    with desk.store.read() as conn:
        text = export.hours_csv(
            conn, desk.city, Vault.of(desk.store), within(desk, caller), desk.exercise
        )
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="volunteer-hours.csv"'},
    )
