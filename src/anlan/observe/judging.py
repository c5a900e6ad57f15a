"""Readings with what the quality rules say of them, as known at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from anlan.city import City, Station
from anlan.city.limits import OFF, Limits
from anlan.observe import archive, quality
from anlan.observe.archive import Observation
from anlan.observe.quality import Neighbour, Point
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import USABLE

HOUR = timedelta(hours=1)
MOST_NEAR = 12  # a median of more says no more, and each costs a day of readings
Seen = dict[tuple[str, datetime, datetime], Neighbour]


def window(
    conn: Connection,
    city: City,
    series: str,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    as_of: datetime | None = None,
    neighbours: bool = True,
    seen: Seen | None = None,
) -> list[Observation]:
    """Readings of one series with start < valid time ≤ end, oldest first, with their doubts.

    Args:
        now: the present.
        as_of: answer as it would have been answered then, on what was recorded by then.
        neighbours: whether other gauges are read too, which no reading is set aside for.
        seen: neighbours read before for the same span and moment, so that a network of gauges
            is read once and not once for each of them.
    """
    station = city.station_of(series)
    assert station is not None, series
    limits = city.limits[series.rpartition(".")[2]]
    if not neighbours:
        limits = alone(limits)
    cadence = station.cadence
    reach = quality.lookback(limits, cadence)
    moment = now if as_of is None else as_of
    # readings around those asked for decide about them as well
    found = archive.window(conn, series, start - reach, end + reach, as_of)
    others: list[Neighbour] = []
    if limits.neighbour_km != OFF and series == station.series:
        seen = {} if seen is None else seen
        for other in near(city, station, limits.neighbour_km):
            key = (other.series, start - reach, end + reach)
            if key not in seen:
                theirs = points(archive.window(conn, *key, as_of), other)
                seen[key] = Neighbour(_good(theirs, limits, other, moment), other.cadence)
            others.append(seen[key])
    doubts = quality.judge(points(found, station), limits, cadence, moment, others)
    if found and end + reach < moment:
        newest = archive.latest(conn, [series], as_of)[series].valid_at
        if newest > found[-1].valid_at:
            # the last reading of a past window is not the last that there is
            doubts = {at: tuple(r for r in rules if r != "stale") for at, rules in doubts.items()}
    return [
        each._replace(doubts=doubts[each.valid_at]) if each.valid_at in doubts else each
        for each in found
        if start < each.valid_at <= end
    ]


def around(
    conn: Connection, city: City, station: Station, span: tuple[datetime, datetime], now: datetime
) -> tuple[list[Observation], datetime | None]:
    """A station's readings with start < valid time ≤ end of ``span``, judged by them and ``now``.

    The second is the valid time of the newest that the rules looked at. Neighbours are not read.
    """
    found = archive.window(conn, station.series, *span)
    seen = points(found, station)
    doubts = quality.judge(seen, alone(city.limits[station.quantity]), station.cadence, now)
    judged = [
        each._replace(doubts=doubts[each.valid_at]) if each.valid_at in doubts else each
        for each in found
    ]
    return judged, seen[-1].at if seen else None


def alone(limits: Limits) -> Limits:
    """The same limits, without a look at other gauges."""
    return replace(limits, neighbour_km=OFF)


def points(found: Iterable[Observation], station: Station) -> list[Point]:
    """What the rules look at: values that their senders did not doubt themselves."""
    good = [each for each in found if each.value is not None and each.flag in USABLE]
    if not good or not QUANTITIES[good[0].series.rpartition(".")[2]].is_sum:
        return [Point(each.valid_at, each.value or 0.0, 0.0) for each in good]
    usual = station.cadence / HOUR
    return [
        Point(
            each.valid_at,
            each.value or 0.0,
            usual if each.start_at is None else (each.valid_at - each.start_at) / HOUR,
        )
        for each in good
    ]


def _good(theirs: list[Point], limits: Limits, other: Station, moment: datetime) -> list[Point]:
    doubts = quality.judge(theirs, alone(limits), other.cadence, moment)
    return [each for each in theirs if not quality.SET_ASIDE.intersection(doubts.get(each.at, ()))]


def near(city: City, station: Station, km: float) -> list[Station]:
    """Other stations of the same quantity within ``km``, the nearest first, `MOST_NEAR` of them."""
    x, y = city.to_xy(station.lon, station.lat)
    found = []
    for other in city.stations.values():
        if other.quantity == station.quantity and other.id != station.id:
            ox, oy = city.to_xy(other.lon, other.lat)
            apart = (ox - x) ** 2 + (oy - y) ** 2
            if apart <= (km * 1000.0) ** 2:
                found.append((apart, other.id))
    return [city.stations[id] for _, id in sorted(found)[:MOST_NEAR]]
