"""HTTP for official warnings as they came: what holds, who sent it, whether that is certain."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import select

from anlan.access.desk import DeskHere, Viewer
from anlan.observe.official.records import known
from anlan.observe.official.standing import Standing
from anlan.observe.reading import in_calendar
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(tags=["observe"])
A, N = schema.alert, schema.official_notice


def view(each: Standing, relayed: str | None) -> dict[str, Any]:
    """One notice as JSON, with what became of it and the alert that passed it on."""
    shown = asdict(each.notice)
    return {
        **shown,
        "state": each.state,
        "by": each.by,
        "follows": each.follows,
        "remarks": each.remarks,
        "acts": each.acts,
        "relayed": relayed,
    }


@router.get("/official")
def official(desk: DeskHere, caller: Viewer, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """Warnings of authorities that concern this city, newest first, as known now or at ``as_of``.

    ``verified`` tells whether a key pinned for its sender signed it; only such a notice is
    ``relayed``. ``state``: in_force, replaced, ended, expired, all_clear, ahead (of the clock).
    """
    if as_of is not None and as_of.tzinfo is None:
        raise Refusal(
            f"as_of {as_of.isoformat()} has no zone; write it like 2021-07-24T08:00+08:00",
            field="as_of",
            value=as_of.isoformat(),
            remedy="ISO 8601 with offset",
        )
    if as_of is not None:
        in_calendar(as_of, "as_of", "query")
    with desk.store.read() as conn:
        found = [each for each in known(conn, desk.clock.now(), as_of) if each.notice.here]
        rules = [f"official:{each.notice.id}" for each in found]
        rows = conn.execute(select(A.c.rule, A.c.id).where(A.c.rule.in_(rules[:500])))
        passed_on = {row.rule.partition(":")[2]: row.id for row in rows}
    return [view(each, passed_on.get(each.notice.id)) for each in found]


@router.get("/official/{notice_id}/cap")
def document(notice_id: str, desk: DeskHere, caller: Viewer) -> Response:
    """The message as it came; of a verified one the octets that were signed."""
    with desk.store.read() as conn:
        raw = conn.execute(select(N.c.raw).where(N.c.id == notice_id)).scalar_one_or_none()
    if raw is None:
        raise Refusal(
            f"notice '{notice_id}' is not known; /api/v1/official lists them",
            field="notice",
            value=notice_id,
            remedy="an id of /api/v1/official",
            kind="not_found",
        )
    # shown as text: the octets are a stranger's, and a browser must not act on them
    return Response(raw, media_type="text/plain; charset=utf-8")
