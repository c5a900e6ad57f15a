"""HTTP for remote checks at the desk: the shot list, its pictures and films, the verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel
from sqlalchemy import Connection

from anlan.access import Caller
from anlan.access.desk import Commander, Desk, DeskHere, Viewer
from anlan.respond.firms import films, shots
from anlan.respond.routes.seeing import no_such, seen_case

router = APIRouter(tags=["firms"])


class Verdict(BaseModel):
    """Whether a picture or film shows what was asked; what is missing, if not."""

    number: int
    accepted: bool
    reason: str = ""


def seen_check(desk: Desk, caller: Caller, conn: Connection, check_id: str) -> dict[str, Any]:
    """The case of a remote check; `Refusal` (not_found) unless the caller may see it."""
    view = seen_case(desk, caller, conn, check_id)
    if view["kind"] != shots.KIND:
        raise no_such("case", check_id)
    return view


def as_answer(desk: Desk, conn: Connection, sent: Any) -> Response:
    """A picture or film; films can be asked for in parts (RFC 9110 section 14)."""
    private = {"cache-control": "private, max-age=86400"}
    found = films.content(conn, desk.store.data_dir, sent.digest, sent.mime)
    if isinstance(found, Path):
        return FileResponse(found, media_type=sent.mime, headers=private)
    return Response(found, media_type="image/jpeg", headers=private)


@router.get("/checks/{check_id}")
def check(check_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """A remote check with its shot list."""
    with desk.store.read() as conn:
        view = seen_check(desk, caller, conn, check_id)
        firm = desk.city.firms.get(shots.firm_of_case(conn, check_id) or "")
        listed = shots.view(conn, shots.wanted(conn, desk.city, check_id))
    return {
        "id": check_id,
        "state": view["state"],
        "firm": firm.id if firm else None,
        "firm_name": firm.name if firm else None,
        "shots": listed,
    }


@router.get("/checks/{check_id}/shot")
def shot(check_id: str, desk: DeskHere, caller: Viewer, number: int = 1) -> Response:
    """One picture or film of a remote check."""
    with desk.store.read() as conn:
        seen_check(desk, caller, conn, check_id)
        return as_answer(desk, conn, shots.get_sending(conn, check_id, number))


@router.post("/checks/{check_id}/judge")
def judge(check_id: str, given: Verdict, desk: DeskHere, caller: Commander) -> dict[str, Any]:
    """Accept a picture or film, or ask for it again with the reason."""
    with desk.act(caller) as act:
        seen_check(desk, caller, act.tx, check_id)
        shots.judge(act, desk.city, check_id, given.number, given.accepted, given.reason)
        listed = shots.view(act.tx, shots.wanted(act.tx, desk.city, check_id))
    return {"shots": listed}
