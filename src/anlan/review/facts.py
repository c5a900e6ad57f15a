"""Known facts of a past event beside what came out: ``events/<event>/facts.toml``.

Each ``[[fact]]`` has ``id``, ``text``, ``text_en``, ``source`` and a ``check`` of one ``kind``:

========== ================================================================================
given      nothing to measure; stands for the record
landfall   ``time``, ``lon``, ``lat``: against our crossing of the city's outline by the fixes
tide_peak  ``from``, ``to``, ``time``; ``level_m`` on ``datum`` if known: the highest reading
           of ``station``, else of the city's tide station
warned     ``event``, ``colour``, ``before``: an alert of that colour in force at that time
not_warned ``event``, ``colour``, ``at``, ``towns``: none of that colour in force there then
level      ``from``, ``to``, ``below_m``: highest reading of all river stations, city datum
rain_sum   ``from``, ``to``, ``towns``, ``least_mm``, ``most_mm``: sums of the gauges there
rain_hour  ``from``, ``to``, ``towns``, ``mm``: the largest sum over one hour of a gauge there
========== ================================================================================

Times carry a zone. A fact is compared once its time is over by the newest journal entry; before,
it is told as not due. Nothing here is tuned: a fact that was missed is shown with its size.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from anlan.city import City, Event
from anlan.observe import Observation, archive
from anlan.refusal import Refusal
from anlan.review.colours import COLOUR_WORDS
from anlan.review.score import Standing, Version, rank, standings

FILE = "facts.toml"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Found:
    """What came out: in words, the difference in words, and whether the fact was met.

    ``met`` is None where there is nothing to compare with.
    """

    outcome: str
    difference: str
    met: bool | None


@dataclass(frozen=True)
class Ground:
    """What the checks may look at; ``now``: the newest time known of, UTC."""

    conn: Connection
    city: City
    event: Event
    versions: Sequence[Version]
    now: datetime


Check = Mapping[str, Any]


def read(folder: Path) -> list[dict[str, Any]]:
    """The facts of an event's folder; none where the file is not there.

    Raises `Refusal` naming the entry for an unknown kind or a missing part.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    facts: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["fact"]
    for fact in facts:
        lacks = [key for key in ("id", "text", "text_en", "source", "check") if key not in fact]
        kind = fact.get("check", {}).get("kind")
        if lacks or kind not in CHECKS:
            raise Refusal(
                f"{FILE}: fact {fact.get('id')} lacks {', '.join(lacks) or 'nothing'} and has "
                f"check kind '{kind}'; kinds are {', '.join(CHECKS)}",
                field="fact",
                value=fact.get("id"),
                remedy=f"id, text, text_en, source and a check of {', '.join(CHECKS)}",
            )
    return facts


def compare(ground: Ground) -> list[dict[str, Any]]:
    """Every known fact of the event with ``outcome``, ``difference`` and ``met``.

    Before its time a fact is neither met nor missed: ``met`` is None.
    """
    rows = []
    for fact in read(ground.event.folder):
        early = _due(fact["check"]) > ground.now
        found = NOT_DUE if early else CHECKS[fact["check"]["kind"]](ground, fact["check"])
        rows.append(
            {
                "id": fact["id"],
                "text": fact["text"],
                "text_en": fact["text_en"],
                "source": fact["source"],
                "outcome": found.outcome,
                "difference": found.difference,
                "met": found.met,
            }
        )
    return rows


NO_READINGS = Found("没有读数", "", None)
NOT_DUE = Found("时间未到", "", None)
DUE = ("to", "before", "at", "time")
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _due(check: Check) -> datetime:
    """The last time that a check looks at; one without a time may be told at once."""
    return max((check[key] for key in DUE if key in check), default=LONG_AGO)


def _local(ground: Ground, moment: datetime) -> str:
    return f"{moment.astimezone(ground.city.zone):%m-%d %H:%M}"


def _apart(found: datetime, expected: datetime) -> str:
    minutes = round((found - expected) / MINUTE)
    return f"{'晚' if minutes > 0 else '早'} {abs(minutes)} 分钟" if minutes else "一致"


def _given(_ground: Ground, _check: Check) -> Found:
    return Found("按来源记录", "", None)


def outline_crossing(event: Event, outline: shapely.Geometry) -> datetime | None:
    """When the storm's centre, on straight lines between fixes, first lies inside, to a minute."""
    for first, second in zip(event.track, event.track[1:], strict=False):
        steps = max(1, round((second.time - first.time) / MINUTE))
        for k in range(steps + 1):
            share = k / steps
            lon = first.lon + share * (second.lon - first.lon)
            lat = first.lat + share * (second.lat - first.lat)
            if shapely.contains_xy(outline, lon, lat):
                return first.time + share * (second.time - first.time)
    return None


def _landfall(ground: Ground, check: Check) -> Found:
    outline = ground.city.territory.root.polygon
    crossed = outline_crossing(ground.event, outline) if outline is not None else None
    if crossed is None:
        return Found("插值路径没有进入本市轮廓", "", False)
    gap = _apart(crossed, check["time"])
    return Found(f"{_local(ground, crossed)} 进入本市轮廓（0.1° 定位插值）", gap, None)


def _tide_peak(ground: Ground, check: Check) -> Found:
    usual = ground.city.settings["forecast"].get("tide_station")
    station = ground.city.stations.get(str(check.get("station", usual)))
    if station is None:
        return Found("没有潮位站", "", None)
    read = archive.window(ground.conn, station.series, check["from"], check["to"])
    good = [each for each in read if each.value is not None]
    if not good:
        return NO_READINGS
    top = max(good, key=lambda each: each.value or 0.0)
    level = top.value or 0.0
    outcome = f"{station.name} {_local(ground, top.valid_at)} {level:.2f} m"
    difference = _apart(top.valid_at, check["time"])
    if "level_m" in check:
        known = ground.city.level(check["level_m"], check["datum"])
        difference += f"，{level - known:+.2f} m"
    tolerance = timedelta(minutes=check.get("tolerance_min", 60))
    return Found(outcome, difference, abs(top.valid_at - check["time"]) <= tolerance)


def _in_force(
    ground: Ground, check: Check, at: datetime, towns: Sequence[str] = ()
) -> list[Standing]:
    known = ground.city.territory
    return [
        each
        for each in standings(ground.versions)
        if each.version.event == check["event"]
        and rank(each.version.colour) >= rank(check["colour"])
        and each.start <= at < each.end
        and (
            not towns
            or any(
                known.is_within(town, code) or known.is_within(code, town)
                for town in towns
                for code in each.version.area
            )
        )
    ]


def _warned(ground: Ground, check: Check) -> Found:
    standing = _in_force(ground, check, check["before"])
    if not standing:
        return Found("当时没有该级别及以上预警有效", "", False)
    first = min(standing, key=lambda each: each.start)
    hours = (check["before"] - first.start) / timedelta(hours=1)
    colour = COLOUR_WORDS.get(first.version.colour, first.version.colour)
    outcome = f"{_local(ground, first.start)} 发布{colour}预警"
    return Found(outcome, f"提前 {hours:.1f} 小时", True)


def _not_warned(ground: Ground, check: Check) -> Found:
    standing = _in_force(ground, check, check["at"], check["towns"])
    if not standing:
        return Found("没有该级别及以上预警", "一致", True)
    named = "、".join(sorted({each.version.alert for each in standing}))
    return Found(f"有 {len(standing)} 条：{named}", f"多 {len(standing)} 条", False)


def _level(ground: Ground, check: Check) -> Found:
    tops: list[tuple[float, str]] = []
    for station in ground.city.stations.values():
        if station.quantity == "river_level":
            read = archive.window(ground.conn, station.series, check["from"], check["to"])
            values = [each.value for each in read if each.value is not None]
            if values:
                tops.append((max(values), station.name))
    if not tops:
        return NO_READINGS
    top, name = max(tops)
    gap = top - check["below_m"]
    return Found(f"最高 {top:.2f} m（{name}）", f"{gap:+.2f} m", gap < 0)


def _gauges(ground: Ground, check: Check) -> list[list[Observation]]:
    towns = set(check["towns"])
    series = []
    for station in ground.city.stations.values():
        town = ground.city.territory.town_of(station.territory)
        if station.quantity == "rain" and town is not None and town.code in towns:
            read = archive.window(ground.conn, station.series, check["from"], check["to"])
            series.append([each for each in read if each.value is not None])
    return [read for read in series if read]


def _rain_sum(ground: Ground, check: Check) -> Found:
    sums = [sum(each.value or 0.0 for each in read) for read in _gauges(ground, check)]
    if not sums:
        return NO_READINGS
    low, high = min(sums), max(sums)
    under, over = min(0.0, low - check["least_mm"]), max(0.0, high - check["most_mm"])
    difference = "在范围内" if under == over == 0 else f"{under:+.1f} / {over:+.1f} mm"
    return Found(f"{low:.1f}–{high:.1f} mm（{len(sums)} 站）", difference, under == over == 0)


def _rain_hour(ground: Ground, check: Check) -> Found:
    tops = [largest_hour(read) for read in _gauges(ground, check)]
    if not tops:
        return NO_READINGS
    top = max(tops)
    return Found(f"{top:.1f} mm/h", f"{top - check['mm']:+.1f} mm", None)


def largest_hour(read: Sequence[Observation]) -> float:
    """The largest sum of readings that end within one hour, mm; 0 without any."""
    hour = timedelta(hours=1)
    sums = [
        sum(each.value or 0.0 for each in read if timedelta(0) <= last - each.valid_at < hour)
        for last in [each.valid_at for each in read]
    ]
    return max(sums, default=0.0)


CHECKS: Mapping[str, Callable[[Ground, Check], Found]] = {
    "given": _given,
    "landfall": _landfall,
    "tide_peak": _tide_peak,
    "warned": _warned,
    "not_warned": _not_warned,
    "level": _level,
    "rain_sum": _rain_sum,
    "rain_hour": _rain_hour,
}
