"""HTTP for readings: posting them and asking for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from anlan.access.desk import Desk, DeskHere, Ingester, Viewer
from anlan.access.repeats import Key, repeat_name
from anlan.access.rights import Caller
from anlan.city import Station
from anlan.observe import aggregates, archive, health, judging, monitoring, pace, quality
from anlan.observe.actions import Batch
from anlan.observe.posting import Posted, Posting
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import (
    FROM_PEOPLE,
    FROM_STATIONS,
    in_calendar,
    parse_csv,
    parse_rows,
)
from anlan.observe.sources import Running
from anlan.refusal import Refusal
from anlan.store import ids

router = APIRouter(tags=["observe"])


def _sources(request: Request) -> Sequence[Running]:
    """The sources at work beside this desk; none beside a replay."""
    found: Sequence[Running] = getattr(request.app.state, "sources", ())
    return found


SourcesHere = Annotated[Sequence[Running], Depends(_sources)]
MOST_BYTES = pace.MOST_BODY


def admit(request: Request, desk: Desk, caller: Caller, size: int) -> None:
    """Let a request of a key pass if the key has not sent too much; see `pace`."""
    state = request.app.state
    if not hasattr(state, "pace"):
        state.pace = pace.Pace(pace.limits(desk.city))
    counter: pace.Pace = state.pace
    counter.admit(f"{caller.id} {caller.station or ''}", size)


@router.post("/readings")
async def post_readings(
    request: Request,
    desk: DeskHere,
    caller: Ingester,
    key: Key,
    unit: str | None = None,
) -> dict[str, object]:
    """Readings as CSV (text/csv) or JSON ({"readings": [...]}), fields as in `reading.COLUMNS`.

    Safe to repeat: what is known already is counted as ``repeated``. Rows that cannot be
    taken come back under ``refused``, each with field, value and remedy. With an
    ``Idempotency-Key`` the second answer is that of the first. A key that sends too much gets
    429 with ``Retry-After``.
    """
    said = request.headers.get("content-length", "")
    known = int(said) if said.isdecimal() and len(said) < 20 else None
    if known is not None and known <= MOST_BYTES:
        admit(request, desk, caller, known)
    body = await _body(request)
    if known is None:
        admit(request, desk, caller, len(body))
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    return await run_in_threadpool(_take, desk, _door(request, desk), caller, body, kind, unit, key)


async def _body(request: Request) -> bytes:
    """The body, of which no more than `MOST_BYTES` is ever read."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > MOST_BYTES:
        raise _too_long(int(said[:20]))
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > MOST_BYTES:
            raise _too_long(len(read))
    return bytes(read)


def _too_long(size: int) -> Refusal:
    return Refusal(
        f"{size} bytes or more in one request; send at most {MOST_BYTES}",
        field="body",
        value=size,
        remedy="smaller batches",
    )


def _door(request: Request, desk: Desk) -> Posting:
    """Where all requests hand their batches in, to be kept together."""
    state = request.app.state
    if not hasattr(state, "posting"):
        state.posting = Posting(desk)
    found: Posting = state.posting
    return found


def _take(
    desk: Desk,
    door: Posting,
    caller: Caller,
    body: bytes,
    kind: str,
    unit: str | None,
    key: str | None,
) -> dict[str, object]:
    try:
        text = body.decode()
        payload = None if kind == "text/csv" else json.loads(text)
        # half a character escaped as \ud800 can be neither stored nor answered
        if payload is not None and "\\ud" in text.lower():
            json.dumps(payload, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise Refusal(
            f"body is neither UTF-8 CSV nor JSON ({problem}); send text/csv or application/json",
            field="body",
            remedy="text/csv with a header, or JSON",
        ) from problem
    allowed = FROM_STATIONS if caller.role == "station" else FROM_PEOPLE
    if payload is None:
        readings, refused = parse_csv(text, desk.city, caller.id, unit, allowed)
    else:
        rows = payload.get("readings") if isinstance(payload, dict) else payload
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refusal(
                "JSON must be a list of readings, or an object with a list 'readings'",
                field="readings",
                remedy='{"readings": [{"series": …, "valid_at": …, "value": …}]}',
            )
        readings, refused = parse_rows(rows, desk.city, caller.id, allowed)
    if caller.station is not None:
        foreign = [r.series for r in readings if r.series.rpartition(".")[0] != caller.station]
        if foreign:
            raise Refusal(
                f"series '{foreign[0]}' is not of station {caller.station}, to which this key "
                "belongs; nothing of this batch was taken",
                field="series",
                value=foreign[0],
                remedy=f"series of station {caller.station}",
                kind="forbidden",
            )

    repeat = repeat_name(caller, key, ids.digest(body) if key else "")
    return door.take(Posted(Batch(caller.id, readings, refused), repeat))


def thresholds(station: Station) -> list[dict[str, object]]:
    """Warning and guarantee level of a station, on the city's datum."""
    named = (("警戒", station.warning), ("保证", station.guarantee))
    return [{"name": name, "value": value} for name, value in named if value is not None]


def station_state(
    station: Station, silence: timedelta, latest: archive.Observation | None, now: datetime
) -> str:
    """``none``, ``stale``, ``guarantee``, ``warning`` or ``normal``."""
    if latest is None or latest.value is None:
        return "none"
    if now - latest.valid_at > silence:
        return "stale"
    if station.guarantee is not None and latest.value >= station.guarantee:
        return "guarantee"
    if station.warning is not None and latest.value >= station.warning:
        return "warning"
    return "normal"


#: A watched structure's states in the words of gauges, for one scale of colours.
WATCHED = {
    **{"none": "none", "stale": "stale", "normal": "normal"},
    **{"attention": "warning", "danger": "guarantee"},
}


def moved_view(found: monitoring.Moved) -> dict[str, object]:
    """A watched point as JSON: total and rate per day, signed, with their limits."""
    point = found.point
    return {
        "structure": point.structure,
        "structure_name": point.structure_name,
        "structure_name_en": point.structure_name_en,
        "kind": point.kind,
        "source": point.source,
        "total": found.total,
        "rate_per_day": found.rate,
        "rate_hours": point.span.total_seconds() / 3600,
        "total_limits": point.total and asdict(point.total),
        "rate_limits": point.rate and asdict(point.rate),
        "state": found.state,
        "why": found.why,
    }


def station_views(
    conn: Connection, desk: Desk, as_of: datetime | None = None
) -> list[dict[str, object]]:
    """Every station with its newest reading, for map and lists; as known now or at ``as_of``."""
    stations = list(desk.city.stations.values())
    newest = archive.latest(conn, [station.series for station in stations], as_of)
    now = as_of or desk.clock.now()
    moved = monitoring.points(conn, desk.city, now, as_of)
    views = []
    for station in stations:
        last = newest.get(station.series)
        silence = quality.silence(desk.city.limits[station.quantity], station.cadence)
        views.append(
            {
                "id": station.id,
                "series": station.series,
                "name": station.name,
                "name_en": station.name_en,
                "quantity": station.quantity,
                "lon": station.lon,
                "lat": station.lat,
                "unit": QUANTITIES[station.quantity].unit,
                "datum": desk.city.datum if QUANTITIES[station.quantity].has_datum else None,
                "warning": station.warning,
                "guarantee": station.guarantee,
                "role": station.role,
                "territory": station.territory,
                "synthetic": station.synthetic,
                "thresholds": thresholds(station),
                "state": WATCHED[moved[station.id].state]
                if station.id in moved
                else station_state(station, silence, last, now),
                "moved": moved_view(moved[station.id]) if station.id in moved else None,
                "latest": None
                if last is None
                else {
                    "valid_at": last.valid_at,
                    "value": last.value,
                    "flag": last.flag,
                    "age_s": (now - last.valid_at).total_seconds(),
                },
            }
        )
    return views


@router.get("/stations")
def stations(
    desk: DeskHere, caller: Viewer, as_of: datetime | None = None
) -> list[dict[str, object]]:
    """All stations with thresholds (city datum) and newest reading, as known now or at ``as_of``.

    ``state`` and ``age_s`` are then those of that moment.
    """
    _moments(("as_of", as_of))
    with desk.store.read() as conn:
        return station_views(conn, desk, as_of)


def health_view(
    found: health.Health, moment: datetime, sources: Sequence[Running] = ()
) -> dict[str, object]:
    """One station's health as JSON; with the sources that give its series."""
    last, battery = found.last, found.battery
    return {
        "id": found.station.id,
        "series": found.station.series,
        "name": found.station.name,
        "name_en": found.station.name_en,
        "quantity": found.station.quantity,
        "unit": QUANTITIES[found.station.quantity].unit,
        "synthetic": found.station.synthetic,
        "last": last
        and {
            "valid_at": last.valid_at,
            "value": last.value,
            "flag": last.flag,
            "doubts": last.doubts,
            "age_s": (moment - last.valid_at).total_seconds(),
        },
        "delay_s": None if found.delay is None else found.delay.total_seconds(),
        "received": found.received,
        "expected": found.expected,
        "share": found.share,
        "battery": battery and {"volts": battery.value, "valid_at": battery.valid_at},
        "flags": found.flags,
        "problems": found.problems,
        "sources": [
            {"name": each.name, "owner": each.origin.owner, "quality": each.origin.quality}
            for each in sources
            if found.station.series in each.series
        ],
    }


@router.get("/stations/health")
def stations_health(
    desk: DeskHere, sources: SourcesHere, caller: Viewer, as_of: datetime | None = None
) -> list[dict[str, object]]:
    """How every station is doing, those with problems first, as known now or at ``as_of``.

    ``problems``: never, silent, clock, range, flat, spike, neighbour, gaps, battery.
    """
    _moments(("as_of", as_of))
    now = desk.clock.now()
    with desk.store.read() as conn:
        found = health.stations(conn, desk.city, now=now, as_of=as_of)
    return [health_view(each, as_of or now, sources) for each in found]


@router.get("/sources")
def sources(sources: SourcesHere, caller: Viewer) -> list[dict[str, object]]:
    """The sources of readings at work: whose they are, and how each is doing.

    ``state``: connected, heard_at, taken and refused since the desk began, waiting on disk, and
    the problem, if any, in a sentence.
    """
    return [each.as_dict() for each in sources]


@router.get("/series/{series}")
def series(
    series: str,
    desk: DeskHere,
    caller: Viewer,
    start: Annotated[datetime | None, Query(alias="from")] = None,
    end: Annotated[datetime | None, Query(alias="to")] = None,
    as_of: datetime | None = None,
) -> dict[str, object]:
    """Readings of one series (default: the last 72 h), as known now or at ``as_of``.

    ``points``: valid time, value, what its sender said of it, and the quality rules that flag it.
    """
    station = _station(desk, series)
    _moments(("from", start), ("to", end), ("as_of", as_of))
    until = end or desk.clock.now()
    since = start or until - timedelta(hours=72)
    with desk.store.read() as conn:
        found = judging.window(
            conn, desk.city, series, since, until, now=desk.clock.now(), as_of=as_of
        )
    quantity = QUANTITIES[series.rpartition(".")[2]]
    own = series == station.series
    return {
        "series": series,
        "name": station.name,
        "quantity": quantity.name,
        "unit": quantity.unit,
        "datum": desk.city.datum if quantity.has_datum else None,
        "synthetic": station.synthetic,
        "thresholds": thresholds(station) if own else [],
        "points": [[o.valid_at, o.value, o.flag, o.doubts] for o in found],
    }


@router.get("/series/{series}/aggregates")
def series_aggregates(
    series: str,
    desk: DeskHere,
    caller: Viewer,
    step: str = "1h",
    start: Annotated[datetime | None, Query(alias="from")] = None,
    end: Annotated[datetime | None, Query(alias="to")] = None,
    as_of: datetime | None = None,
) -> dict[str, object]:
    """Sums, or extremes and means, over 5min, 1h or 1day (default: the last 72 h).

    Intervals are keyed by their end; a day begins at the city's ``day_starts``.
    """
    station = _station(desk, series)
    _moments(("from", start), ("to", end), ("as_of", as_of))
    now = desk.clock.now()
    until = end or now
    since = start or until - timedelta(hours=72)
    with desk.store.read() as conn:
        found = aggregates.read(conn, desk.city, series, step, since, until, now=now, as_of=as_of)
    return {
        "series": series,
        "name": station.name,
        "step": step,
        "unit": QUANTITIES[series.rpartition(".")[2]].unit,
        "day_starts": desk.city.day_start.isoformat("minutes"),
        "synthetic": station.synthetic,
        "intervals": [asdict(each) for each in found],
    }


def _station(desk: Desk, series: str) -> Station:
    """The station of a series; refuses a series that is not of this city."""
    station = desk.city.station_of(series)
    if station is None:
        raise Refusal(
            f"series '{series}' is not one of this city's; /api/v1/stations lists them",
            field="series",
            value=series,
            remedy="a series of /api/v1/stations",
            kind="not_found",
        )
    return station


def _moments(*named: tuple[str, datetime | None]) -> None:
    """Refuse a moment without zone or outside the calendar."""
    for name, moment in named:
        if moment is not None and moment.tzinfo is None:
            raise Refusal(
                f"{name} {moment.isoformat()} has no zone; write it like 2021-07-24T08:00+08:00",
                field=name,
                value=moment.isoformat(),
                remedy="ISO 8601 with offset",
            )
        if moment is not None:
            in_calendar(moment, name, "query")
