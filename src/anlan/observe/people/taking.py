"""Taking depth reports in, within bounds, and reading them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

import shapely
from sqlalchemy import Connection, String, cast, func, select

from anlan.city import City
from anlan.journal import Act
from anlan.observe.people.report import CLASSES, Report, Standing, standing
from anlan.refusal import Refusal
from anlan.store import ids, schema

R, J = schema.depth_report, schema.journal
KIND = "report.depth"
HOUR = timedelta(hours=1)
#: Of one account; more is no help to anybody. Who works for the city may be told by many.
MOST_PER_HOUR, MOST_OF_STAFF = 12, 120
PUBLIC = frozenset({"resident", "firm", "volunteer"})
#: The city's outline is approximate, and the water does not stop at it: degrees, about 2 km.
AROUND_DEG = 0.02
#: A phone that does not know its position better than this does not know where it is.
MOST_ACCURACY_M = 500.0
#: What a village chosen from the list stands for.
VILLAGE_M, PLACE_M = 500.0, 50.0
#: How long a phone may have been without a network.
MOST_AGE = timedelta(hours=24)
#: Decimals of a degree that are kept: about 10 m, no door.
DECIMALS = 4


@dataclass(frozen=True)
class Where:
    """Where the water was seen: a hazard place, a village, or a position in degrees."""

    place: str | None = None
    territory: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


def record(
    act: Act,
    city: City,
    role: str,
    depth_class: str,
    where: Where,
    *,
    age: timedelta = timedelta(0),
    photos: Sequence[str] = (),
    case: str | None = None,
) -> str:
    """Keep a report of the actor's, with one journal entry; returns its id.

    Args:
        role: of the actor, which decides how far the report is trusted.
        age: how long ago the water was seen.
        case: the case that was opened with it.

    Raises:
        Refusal: for a depth not in `CLASSES`, a position outside the city or too vague, a
            report too old, or too many of one account within an hour.
    """
    if depth_class not in CLASSES:
        raise Refusal(
            f"depth_class '{depth_class[:20]}' is not one of {', '.join(CLASSES)}",
            field="depth_class",
            value=depth_class[:20],
            remedy=", ".join(CLASSES),
        )
    if not timedelta(0) <= age <= MOST_AGE:
        raise Refusal(
            f"this was seen {age / HOUR:.0f} h ago; only what was seen within "
            f"{MOST_AGE / HOUR:.0f} h is taken (超过 24 小时的水深不再接收)",
            field="age_s",
            value=age.total_seconds(),
            remedy="what is seen now",
        )
    _check_rate(act, MOST_PER_HOUR if role in PUBLIC else MOST_OF_STAFF)
    lon, lat, accuracy, territory = _position(city, where)
    _check_photos(act, photos)
    name = ids.next_id(act.tx, "W")
    values = {
        "id": name,
        "seen_at": act.now - age,
        "recorded_at": act.now,
        "depth_class": depth_class,
        "role": role,
        "lon": round(lon, DECIMALS),
        "lat": round(lat, DECIMALS),
        "accuracy_m": accuracy,
        "territory": territory,
        "place": where.place,
        "photos": list(photos),
        "case_id": case,
    }
    act.tx.execute(R.insert().values(values))
    grounds = [f"case:{case}"] if case else []
    act.record(KIND, name, grounds=grounds, content=values, valid_at=act.now - age)
    return name


def _check_rate(act: Act, most: int) -> None:
    sent = select(func.count()).where(
        J.c.kind == KIND, J.c.actor == act.actor, J.c.recorded_at > act.now - HOUR
    )
    count = act.tx.execute(sent.select_from(J)).scalar_one()
    if count >= most:
        raise Refusal(
            f"{count} reports within an hour; wait, or telephone the duty room "
            "(一小时内上报过多，请稍后再报或直接拨打值班电话)",
            field="depth_class",
            value=count,
            remedy="an hour's wait, or the telephone",
            kind="too_many",
        )


def _position(city: City, where: Where) -> tuple[float, float, float, str]:
    """lon, lat, how near (m), and the code of the unit."""
    if where.place is not None:
        spot = city.places.get(where.place)
        if spot is None:
            raise _nowhere(city, "place", where.place[:40])
        return spot.lon, spot.lat, PLACE_M, spot.territory
    if where.lon is None and where.lat is None and where.territory:
        unit = city.territory.unit(where.territory)
        if unit.level != "village":
            raise Refusal(
                f"{unit.name} is too large a place for a depth; choose the village or community, "
                "a hazard place or a position (请选择村社区、隐患点或定位)",
                field="territory",
                value=unit.code,
                remedy="the code of a village or community",
            )
        return unit.lon, unit.lat, VILLAGE_M, unit.code
    lon, lat = where.lon, where.lat
    if lon is None or lat is None or not (isfinite(lon) and isfinite(lat)):
        raise _nowhere(city, "lon", lon)
    root = city.territory.root.polygon
    if root is not None:
        inside = root.distance(shapely.Point(lon, lat)) <= AROUND_DEG
    else:
        near = [hit for hit in city.territory.villages() if abs(hit.lat - lat) < 5 * AROUND_DEG]
        inside = any(abs(hit.lon - lon) < 5 * AROUND_DEG for hit in near)
    if not inside:
        raise _nowhere(city, "lon", f"{lon:.4f}, {lat:.4f}")
    accuracy = 0.0 if where.accuracy_m is None else where.accuracy_m
    if not 0.0 <= accuracy <= MOST_ACCURACY_M:
        raise Refusal(
            f"the phone knows its position to {accuracy:.0f} m only; choose the place or village "
            "from the list (手机定位误差过大，请从列表选择地点)",
            field="accuracy_m",
            value=accuracy,
            remedy=f"a position known to {MOST_ACCURACY_M:.0f} m, or a place or village",
        )
    return lon, lat, accuracy, city.territory.locate(lon, lat).code


def _nowhere(city: City, field: str, value: object) -> Refusal:
    return Refusal(
        f"{field} {value} is not in {city.name_en}; choose the place or village from the list, "
        f"or switch the phone's position on (该位置不在{city.name}，请从列表选择地点)",
        field=field,
        value=value,
        remedy="a position in the city, a hazard place or a village",
    )


def _check_photos(act: Act, photos: Sequence[str]) -> None:
    A = schema.attachment
    for photo in photos:
        if act.tx.execute(select(A.c.digest).where(A.c.digest == photo)).first() is None:
            raise Refusal(
                f"photo {photo[:40]} was not uploaded; upload it first and give its digest",
                field="photos",
                value=photo[:40],
                remedy="the digest that the upload answered",
            )


def reports(
    conn: Connection, since: datetime, until: datetime, as_of: datetime | None = None
) -> list[Standing]:
    """Reports of what was seen in since < time ≤ until, newest first, as known at ``as_of``."""
    query = (
        select(R, J.c.actor)
        .join(J, (J.c.subject == R.c.id) & (J.c.kind == KIND))
        .where(R.c.seen_at > since, R.c.seen_at <= until)
        .order_by(R.c.seen_at.desc(), R.c.id.desc())
    )
    if as_of is not None:
        query = query.where(R.c.recorded_at <= as_of)
    return standing(
        [
            Report(
                id=row.id,
                seen_at=row.seen_at,
                recorded_at=row.recorded_at,
                depth_class=row.depth_class,
                role=row.role,
                lon=row.lon,
                lat=row.lat,
                accuracy_m=row.accuracy_m,
                territory=row.territory,
                place=row.place,
                photos=tuple(row.photos),
                case=row.case_id,
                by=row.actor,
            )
            for row in conn.execute(query)
        ]
    )


def territories_with_photo(conn: Connection, digest: str) -> list[str]:
    """Codes of the units whose depth reports show a photo."""
    # the text narrows the rows down, the list decides
    named = cast(R.c.photos, String).contains(digest, autoescape=True)
    rows = conn.execute(select(R.c.territory, R.c.photos).where(named))
    return [row.territory for row in rows if digest in row.photos]
