"""HTTP for cameras: what there is, and the pictures themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime
from sqlalchemy import select

from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.observe.camera import frames
from anlan.observe.reading import in_calendar
from anlan.observe.sources.cameras import SOURCE, Camera
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(tags=["observe"])
F = schema.camera_frame
LATE = 3
"""Cadences without a picture after which a camera counts as silent."""
MOST_LISTED = 500


def _cameras(desk: Desk) -> tuple[Camera, ...]:
    found = SOURCE.settings(desk.city)
    return () if found is None else found[1].cameras


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@router.get("/cameras")
def cameras(
    desk: DeskHere, caller: Viewer, as_of: AwareDatetime | None = None
) -> list[dict[str, Any]]:
    """Every camera with its newest picture, now or at ``as_of``: when, what its gauge says."""
    if as_of is not None:
        in_calendar(as_of, "as_of", "query")
    now = as_of or desk.clock.now()
    shown = []
    with desk.store.read() as conn:
        for camera in _cameras(desk):
            row = frames.newest(conn, camera.id, as_of)
            gauge = camera.gauge
            shown.append(
                {
                    "id": camera.id,
                    "name": camera.name,
                    "name_en": camera.name_en,
                    "lon": camera.lon,
                    "lat": camera.lat,
                    "series": None if gauge is None else gauge.series,
                    "silent": row is None or now - row.taken_at > LATE * camera.every,
                    "latest": row
                    and {
                        "taken_at": _moment(row.taken_at),
                        "level_m": row.level_m,
                        "confidence": row.confidence,
                        "why": row.why,
                    },
                }
            )
    return shown


@router.get("/cameras/{camera_id}/frames")
def camera_frames(
    camera_id: str, desk: DeskHere, caller: Viewer, limit: int = 100
) -> list[dict[str, Any]]:
    """A camera's pictures, newest first: when, and what was read off them."""
    _camera(desk, camera_id)
    with desk.store.read() as conn:
        rows = conn.execute(
            select(F)
            .where(F.c.camera == camera_id)
            .order_by(F.c.taken_at.desc())
            .limit(max(1, min(limit, MOST_LISTED)))
        ).all()
    return [
        {
            "taken_at": _moment(row.taken_at),
            "level_m": row.level_m,
            "confidence": row.confidence,
            "why": row.why,
        }
        for row in rows
    ]


@router.get("/cameras/{camera_id}/picture")
def camera_picture(
    camera_id: str, desk: DeskHere, caller: Viewer, thumb: bool = False, at: datetime | None = None
) -> Response:
    """The newest picture, or the newest one taken by ``at``, as JPEG."""
    _camera(desk, camera_id)
    if at is not None and at.tzinfo is None:
        raise Refusal(
            f"at {at.isoformat()} has no zone; write it like 2021-07-24T08:00+08:00",
            field="at",
            value=at.isoformat(),
            remedy="ISO 8601 with offset",
        )
    with desk.store.read() as conn:
        row = frames.newest(conn, camera_id, at)
    content = None if row is None else frames.picture(desk.store.data_dir, row.path, thumb)
    if content is None:
        raise Refusal(
            f"camera '{camera_id}' has no picture yet",
            field="camera",
            value=camera_id,
            remedy="another time",
            kind="not_found",
        )
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _camera(desk: Desk, camera_id: str) -> Camera:
    for camera in _cameras(desk):
        if camera.id == camera_id:
            return camera
    raise Refusal(
        f"camera '{camera_id}' is not one of this city's; /api/v1/cameras lists them",
        field="camera",
        value=camera_id,
        remedy="a camera of /api/v1/cameras",
        kind="not_found",
    )
