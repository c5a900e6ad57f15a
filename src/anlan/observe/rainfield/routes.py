"""HTTP for gridded rain: the hour before a moment, for the map."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from anlan.access.desk import DeskHere, Viewer
from anlan.observe.rainfield import picture
from anlan.observe.rainfield.grid import grid_of
from anlan.observe.reading import in_calendar

router = APIRouter(tags=["observe"])


@router.get("/rain")
def rain(
    desk: DeskHere,
    caller: Viewer,
    at: Annotated[AwareDatetime | None, Query()] = None,
    as_of: AwareDatetime | None = None,
) -> dict[str, object] | None:
    """Rain of radar and forecast fields in the hour before ``at`` (now by default); null: none.

    Observed where it is known by now (or by ``as_of``), else of the newest forecast, whose
    ``base`` says when it was made. ``codes``: base64 of ``height`` × ``width`` bytes from the
    north-west, even in Web Mercator between ``bounds`` (west, south, east, north, degrees): c is
    (c/10)² mm, 255 unknown.
    """
    for name, asked in (("at", at), ("as_of", as_of)):
        if asked is not None:
            in_calendar(asked, name, "query")
    now = as_of or desk.clock.now()
    moment: datetime = now if at is None else at
    with desk.store.read() as conn:
        found = picture.at(conn, desk.store.data_dir, grid_of(desk.city), moment, now)
        return None if found is None else picture.as_json(found, desk.city)
