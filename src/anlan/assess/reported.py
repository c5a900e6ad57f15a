"""What people at a hazard place report of it, beside what the forecast says: never mixed into it.

A trusted report shows that water is there, whatever the members say; that nobody reports shows
nothing. So it raises what the assessment says of its place, under its own name, and lowers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from anlan.assess.document import Assessment, Reported
from anlan.assess.moments import iso
from anlan.city import City, HazardPlace
from anlan.observe import people
from anlan.observe.people import Standing

#: How long a report stands; a newer one of the same place takes its stead earlier.
STANDS = timedelta(hours=6)
#: Who is so near to a place stands in its water; half the error of the phone's position is added.
AT_PLACE_M = 60.0


def at_places(conn: Connection, city: City, until: datetime) -> dict[str, Reported]:
    """By id of the hazard place: what trusted reports said of it by ``until``."""
    told = [
        each
        for each in people.reports(conn, until - STANDS, until, until)
        if each.trust >= people.TRUSTED
    ]
    found = {place.id: _at(place, told) for place in city.places.values()} if told else {}
    return {name: each for name, each in found.items() if each is not None}


def _at(place: HazardPlace, told: Sequence[Standing]) -> Reported | None:
    here = [each for each in told if _is_at(place, each)]
    if not here:
        return None
    # water rises and falls: the newest counts, and what was seen about the same time
    newest = max(each.report.seen_at for each in here)
    one = max(
        (each for each in here if each.report.seen_at >= newest - people.NEAR),
        key=lambda each: (each.report.depth.low, each.trust, each.report.id),
    )
    low = one.report.depth.low
    return Reported(
        id=one.report.id,
        depth_class=one.report.depth_class,
        low_m=low,
        high_m=one.report.depth.high,
        seen_at=iso(one.report.seen_at),
        trust=one.trust,
        disputed=one.disputed,
        attention=low >= place.attention_m,
        danger=low >= place.danger_m,
    )


def _is_at(place: HazardPlace, each: Standing) -> bool:
    report = each.report
    if report.place is not None:
        return report.place == place.id
    apart = people.metres(place.lon, place.lat, report.lon, report.lat)
    return report.accuracy_m < people.NEAR_M and apart <= AT_PLACE_M + report.accuracy_m / 2


def joined(made: Assessment, found: dict[str, Reported]) -> Assessment:
    """The assessment with these reports in place of those that it holds."""
    places = [{**part, "reported": found.get(part["id"])} for part in made["places"]]
    return {**made, "places": places}  # type: ignore[typeddict-item]
