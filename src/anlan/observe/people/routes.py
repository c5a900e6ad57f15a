"""HTTP for depth reports: sending one without a case, and those of the last hours for the map."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from anlan.access.desk import DeskHere, PhoneUser, Viewer
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.observe import people
from anlan.observe.people import Standing
from anlan.observe.reading import in_calendar

router = APIRouter(tags=["observe"])
MOST = 2000


class DepthReport(BaseModel):
    """A depth as seen; give ``place``, ``territory``, or ``lon`` and ``lat`` (degrees).

    ``accuracy_m``: of the position; ``age_s``: how long ago it was seen; ``photos``: digests.
    """

    depth_class: str = Field(max_length=20)
    place: str | None = Field(None, max_length=40)
    territory: str = Field("", max_length=40)
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    age_s: float = Field(0.0, ge=0.0, le=1e7)
    photos: list[str] = Field([], max_length=6)


@router.post("/depth-reports")
def report_depth(
    new: DepthReport, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Report a depth without asking for help. Sent twice with one Idempotency-Key it is one."""
    where = people.Where(new.place, new.territory, new.lon, new.lat, new.accuracy_m)

    def do(act: Act) -> dict[str, object]:
        name = people.record(
            act,
            desk.city,
            caller.role,
            new.depth_class,
            where,
            age=timedelta(seconds=new.age_s),
            photos=new.photos,
        )
        return {"id": name}

    return once(desk, caller, key, do)


@router.get("/depth-reports")
def depth_reports(
    desk: DeskHere,
    caller: Viewer,
    hours: Annotated[float, Query(gt=0, le=240)] = 6.0,
    as_of: AwareDatetime | None = None,
) -> dict[str, object]:
    """What people reported of the last hours in the caller's part of the city, as GeoJSON.

    Never readings: each has a range of depths, the role of who sent it, and how far it is trusted.
    With ``as_of``: of the hours before that moment, as known then.
    """
    if as_of is not None:
        in_calendar(as_of, "as_of", "query")
    now = as_of or desk.clock.now()
    with desk.store.read() as conn:
        found = people.reports(conn, now - timedelta(hours=hours), now, as_of)
    seen = [each for each in found if caller.sees(desk.city, each.report.territory)]
    return {"type": "FeatureCollection", "features": [feature(each) for each in seen[:MOST]]}


def feature(each: Standing) -> dict[str, object]:
    """One report as a GeoJSON feature; without who sent it."""
    report, depth = each.report, each.report.depth
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [report.lon, report.lat]},
        "properties": {
            "id": report.id,
            "seen_at": report.seen_at.isoformat(),
            "depth_class": report.depth_class,
            "low_m": depth.low,
            "high_m": depth.high,
            "role": report.role,
            "trust": each.trust,
            "agreeing": each.agreeing,
            "disputed": each.disputed,
            "accuracy_m": report.accuracy_m,
            "territory": report.territory,
            "place": report.place,
            "photos": list(report.photos),
            "case": report.case,
        },
    }
