"""HTTP for the review: as JSON, and as one printable page."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.review.build import Review, build
from anlan.review.page import render

router = APIRouter(tags=["review"])
PAGE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def _review(desk: Desk) -> Review:
    with desk.store.read() as conn:
        return build(conn, desk.city, desk.event, desk.truth(), desk.drilled(conn), desk.exercise)


@router.get("/review")
def review(desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The review of everything up to now. In a replay it knows what really happened."""
    return dict(_review(desk))


@router.get("/review.html")
def page(desk: DeskHere, caller: Viewer, language: str = "zh") -> HTMLResponse:
    """The same as one page to print, in Chinese or English (``language``: zh or en)."""
    return HTMLResponse(
        render(_review(desk), desk.city.zone, language),
        headers={"content-security-policy": PAGE_POLICY},
    )
