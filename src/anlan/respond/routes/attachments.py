"""HTTP for the photos that prove a case."""

from __future__ import annotations

from fastapi import APIRouter, Response, UploadFile
from sqlalchemy import Connection, select

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.access.photos import keep_photo
from anlan.access.repeats import Key, once
from anlan.observe import people
from anlan.refusal import Refusal
from anlan.respond import views
from anlan.respond.routes.seeing import (
    may_see_case,
)
from anlan.respond.volunteers.records import territories_with_proof
from anlan.store import schema

router = APIRouter(tags=["respond"])
MOST_PHOTO_BYTES = 12_000_000


def _may_see_photo(desk: Desk, caller: Caller, conn: Connection, digest: str) -> bool:
    """Whether the caller took the photo, or may see what it belongs to."""
    if "view" in caller.rights and caller.role in CITY_WIDE:
        return True
    J = schema.journal
    taken = select(J.c.seq).where(
        J.c.subject == digest, J.c.kind == "photo.kept", J.c.actor == caller.id
    )
    if conn.execute(taken.limit(1)).first() is not None:
        return True
    if "view" in caller.rights and any(
        caller.sees(desk.city, code) for code in people.territories_with_photo(conn, digest)
    ):
        return True
    if "command" in caller.rights and any(
        caller.sees(desk.city, code) for code in territories_with_proof(conn, digest)
    ):
        return True
    return any(
        may_see_case(desk, caller, conn, views.case(conn, case_id))
        for case_id in views.cases_with_photo(conn, digest)
    )


@router.post("/attachments")
async def upload(
    file: UploadFile, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """A photo; it is re-encoded, its place and device data are dropped. Answers its digest."""
    raw = await file.read(MOST_PHOTO_BYTES + 1)
    if len(raw) > MOST_PHOTO_BYTES:
        raise Refusal(
            f"photo {file.filename} is larger than {MOST_PHOTO_BYTES // 1_000_000} MB; "
            "take it at a smaller size",
            field="file",
            value=file.filename,
            remedy=f"at most {MOST_PHOTO_BYTES // 1_000_000} MB",
        )
    name = file.filename or "photo"
    return once(desk, caller, key, lambda act: {"digest": keep_photo(act, raw, name)})


@router.get("/attachments/{digest}")
def attachment(digest: str, desk: DeskHere, caller: PhoneUser) -> Response:
    """A photo by its digest, for who took it and for those who may see a case naming it."""
    A = schema.attachment
    with desk.store.read() as conn:
        row = conn.execute(select(A).where(A.c.digest == digest)).first()
        # a foreign photo is not even confirmed to exist
        seen = row is not None and _may_see_photo(desk, caller, conn, digest)
    if row is None or not seen:
        raise Refusal(
            f"there is no photo {digest[:12]}",
            field="digest",
            value=digest,
            remedy="a digest named by a case",
            kind="not_found",
        )
    return Response(
        row.content, media_type=row.mime, headers={"cache-control": "private, max-age=86400"}
    )
