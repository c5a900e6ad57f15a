"""A case reported by somebody: where it lies, what its form says, and who gets the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import booking, filling, giving_way, opening, packs
from anlan.respond.payload import checked
from anlan.respond.records import check_photos

AROUND_DEG = 0.5  # a report may lie this far from the outermost villages: about 50 km


def open_case(
    act: Act,
    city: City,
    kind: str,
    title: str = "",
    *,
    territory: str = "",
    lon: float | None = None,
    lat: float | None = None,
    place: str | None = None,
    text: str = "",
    photos: Sequence[str] = (),
    form: Mapping[str, object] | None = None,
    incident: str | None = None,
    department: str | None = None,
    source: str = "desk",
    reporter: str | None = None,
    grounds: Sequence[str] = (),
    vault: Vault | None = None,
) -> str:
    """Open a case of a kind that has a pack, with that kind's tasks; returns its id.

    Where it lies: ``place`` (an id of the city), else ``territory``, else the village that
    (lon, lat; degrees, EPSG:4326) falls in. ``text`` is free text and goes to an erasable
    note; ``title`` must hold none of a resident's words. ``form``: answers to the pack's
    questions; ``vault`` seals the personal ones. Needs neither forecast nor incident.

    Raises:
        Refusal: unknown kind, place or territory; a point given by half, off the globe or
            far from the city; a text too long; a photo that was not uploaded; a form that
            does not fit its pack; a room that is taken.
    """
    pack = packs.of_kind(city.folder, kind)
    answers = filling.plain_answers(act, city, pack, "open", form or {})
    room = booking.room(city, pack, answers)
    if lon is not None or lat is not None:
        _check_point(city, lon, lat)
    if room is not None:
        territory, lon, lat = room.territory, room.lon, room.lat
    elif place is not None:
        if place not in city.places:
            raise Refusal(
                f"place {place} is not a hazard place of {city.name}; see places.csv",
                field="place",
                value=place,
                remedy="an id of places.csv, or a territory code",
                kind="not_found",
            )
        spot = city.places[place]
        territory, lon, lat = spot.territory, spot.lon, spot.lat
        department = department or spot.department
    elif not territory:
        if lon is None or lat is None:
            raise Refusal(
                "where is it? name a place, a territory code, or lon and lat in degrees",
                field="territory",
                value=territory,
                remedy="place, territory, or lon and lat",
                zh="在哪里？请选地点、村社区，或在地图上定位。",
            )
        territory = city.territory.locate(lon, lat).code
    unit = city.territory.unit(territory)
    checked({"text": text, "photos": photos})
    check_photos(act, photos)
    new = opening.NewCase(
        kind=kind,
        title=title or f"{pack.pack.title}：{unit.name}",
        territory=territory,
        orders=opening.orders_of(pack, answers),
        incident=incident,
        place=place,
        lon=lon,
        lat=lat,
        department=pack.owner.department or department,
        source=source,
        reporter=reporter,
        text=text,
        photos=tuple(photos),
        form=filling.keep(act, pack, "open", answers, vault),
    )
    based_on = [*([f"incident:{incident}"] if incident else []), *grounds]
    case_id = opening.open_case(act, city, new, based_on)
    giving_way.book(act, city, pack, case_id, answers)
    return case_id


def _check_point(city: City, lon: float | None, lat: float | None) -> None:
    """Refuse a point (degrees, EPSG:4326) by half, off the globe, or away from the city."""
    given = {"lon": (lon, 180), "lat": (lat, 90)}
    for name, (value, most) in given.items():
        # NaN fails the comparison
        if value is None or not -most <= value <= most:
            raise Refusal(
                f"where is it? {name} {value} gives no point; "
                f"give lon and lat in degrees, {name} within -{most} to {most}",
                field=name,
                value=value,
                remedy=f"lon and lat in degrees, {name} within -{most} to {most}",
            )
    for name, (value, _) in given.items():
        of_villages = [getattr(village, name) for village in city.territory.villages()]
        low, high = min(of_villages) - AROUND_DEG, max(of_villages) + AROUND_DEG
        if value is not None and not low <= value <= high:
            raise Refusal(
                f"{name} {value} is not in or near {city.name}; "
                f"{name} there is {low:.2f} to {high:.2f}",
                field=name,
                value=value,
                remedy=f"{name} of {low:.2f} to {high:.2f} degrees",
                zh=f"这个位置不在{city.name}及附近，请重新定位。",
            )
