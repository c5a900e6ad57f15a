"""Operational tracks as the typhoon sites of Zhejiang and Wenzhou give them, in JSON. Pure.

Times are Beijing time. Two spellings are in use: ``tfbh``/``ename``/``radius7_quad`` with
quadrants by name, and ``tfid``/``enname``/``radius7`` as "NE|SE|SW|NW". The fixes are those of the
China Meteorological Administration; the forecasts of several agencies hang at the fix at whose
time they were made (``tm`` names the agency, ``forecastpoints`` its points).

Source: the sites publish no description; read from their files (2013 to 2021), forecasts from
their present form. Radii of 0 or blank are taken as not given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from anlan.observe.storm.fix import (
    WIND_MINUTES,
    Fix,
    Radii,
    StormTrack,
    bad,
    checked,
    radii,
)
from anlan.refusal import Refusal

BEIJING = timezone(timedelta(hours=8))
AGENCIES = {
    "中国": "CMA",
    "日本": "JMA",
    "美国": "JTWC",
    "中国香港": "HKO",
    "香港": "HKO",
    "中国台湾": "CWA",
    "台湾": "CWA",
    "韩国": "KMA",
    "欧洲": "ECMWF",
}
MOST_STORMS, MOST_POINTS = 200, 5000


def read_operational(text: str, name: str) -> list[StormTrack]:
    """The storms of an operational file: of each the fixes of CMA and every agency's forecasts.

    Raises:
        Refusal: naming file, storm, point and value.
    """
    try:
        said = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as problem:
        raise Refusal(
            f"{name} is no JSON ({problem})", field=name, remedy="a track file of a typhoon site"
        ) from problem
    storms = said if isinstance(said, list) else [said]
    if len(storms) > MOST_STORMS:
        raise bad(name, "storms", len(storms), f"{MOST_STORMS} at most")
    found: list[StormTrack] = []
    for storm in storms:
        found += _storm(storm, name)
    return found


def _storm(said: object, name: str) -> Iterator[StormTrack]:
    if not isinstance(said, Mapping) or not isinstance(said.get("points"), list):
        raise bad(name, "storm", said, "an object with a list of points")
    number = str(said.get("tfbh") or said.get("tfid") or said.get("ident") or "").strip()
    if not (number.isdigit() and len(number) == 6):
        raise bad(name, "tfbh", number, "a storm's number such as 202106")
    points = said["points"]
    if len(points) > MOST_POINTS:
        raise bad(name, "points", len(points), f"{MOST_POINTS} at most")
    seen: dict[datetime, Fix] = {}
    forecasts: dict[str, dict[tuple[datetime, datetime], Fix]] = {}
    for place, point in enumerate(points, start=1):
        where = f"{name} storm {number} point {place}"
        fix = _fix(point, where, None)
        seen[fix.time] = fix
        for agency, ahead in _forecasts(point, where, fix.time):
            forecasts.setdefault(agency, {})[ahead.base, ahead.time] = ahead
    title = str(said.get("name") or "")[:40]
    english = str(said.get("ename") or said.get("enname") or "")[:40]
    english = english.title() if english.isupper() else english
    own = [*seen.values(), *forecasts.pop("CMA", {}).values()]
    yield StormTrack(number, "CMA", title, english, 2, False, tuple(own))
    for agency, ahead_of in sorted(forecasts.items()):
        minutes = WIND_MINUTES.get(agency)
        yield StormTrack(number, agency, title, english, minutes, False, tuple(ahead_of.values()))


def _forecasts(point: Mapping[str, Any], where: str, base: datetime) -> Iterator[tuple[str, Fix]]:
    for said in point.get("forecast") or ():
        if not isinstance(said, Mapping):
            raise bad(where, "forecast", said, "an object with tm and forecastpoints")
        given = str(said.get("tm") or said.get("sets") or "")[:20]
        agency = AGENCIES.get(given, given or "unnamed")
        for ahead in said.get("forecastpoints") or said.get("points") or ():
            fix = _fix(ahead, f"{where} forecast of {agency}", base)
            # the first point repeats where the storm is now
            if fix.time > base:
                yield agency, fix


def _fix(point: object, where: str, base: datetime | None) -> Fix:
    if not isinstance(point, Mapping):
        raise bad(where, "point", point, "an object with time, lng, lat")
    try:
        time = datetime.fromisoformat(str(point["time"]).strip()[:25])
        utc = (time.replace(tzinfo=BEIJING) if time.tzinfo is None else time).astimezone(UTC)
    except (KeyError, ValueError, OverflowError) as problem:
        raise bad(where, "time", point.get("time"), "such as 2021-07-25T14:00:00") from problem
    lon, lat = _number(point, "lng", where), _number(point, "lat", where)
    if lon is None or lat is None:
        raise bad(where, "lng, lat", point.get("lng"), "degrees")
    return checked(
        where,
        time=utc,
        base=base or utc,
        lon=lon,
        lat=lat,
        pressure=_number(point, "pressure", where),
        wind=_number(point, "speed", where),
        r7=_radii(point, "radius7"),
        r10=_radii(point, "radius10"),
        r12=_radii(point, "radius12"),
    )


def _number(point: Mapping[str, Any], key: str, where: str) -> float | None:
    value = point.get(key)
    if value is None or str(value).strip() in ("", "null", "-"):
        return None
    try:
        return float(str(value))
    except ValueError as problem:
        raise bad(where, key, value, "a number") from problem


def _radii(point: Mapping[str, Any], key: str) -> Radii | None:
    """By quadrants; one radius for all of them; a text "NE|SE|SW|NW". What is odd is not given."""
    quadrants = point.get(f"{key}_quad")
    if isinstance(quadrants, Mapping):
        found = radii([_plain(quadrants.get(q)) for q in ("ne", "se", "sw", "nw")])
        if found is not None:
            return found
    value = point.get(key)
    if isinstance(value, str) and "|" in value:
        return radii([_plain(part) for part in value.split("|")])
    one = _plain(value)
    return radii([one] * 4)


def _plain(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
