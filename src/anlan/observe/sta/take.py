"""Observations in: by the same door as all readings, `observe.actions.record`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.access.rights import Caller
from anlan.city import City
from anlan.journal import Act
from anlan.observe import actions, archive
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import (
    CORRECTED,
    FROM_PEOPLE,
    FROM_STATIONS,
    Reading,
    RefusedRow,
    parse_row,
)
from anlan.observe.sta import bodies, kept
from anlan.observe.sta.catalogue import Stream, city_with
from anlan.observe.sta.kept import Register
from anlan.observe.sta.lexer import Span, span
from anlan.observe.sta.model import KINDS, bad
from anlan.observe.sta.places import feature_of
from anlan.observe.sta.seen import key_text
from anlan.refusal import Refusal
from anlan.store import schema

O = schema.observation  # noqa: E741  the table of observations
SHOWN = 500  # characters of a body in quarantine


@dataclass(frozen=True)
class Draft:
    """An observation that somebody sent: whose it is, and what its body says."""

    stream: Stream
    body: Mapping[str, Any]
    feature: Any = None


@dataclass(frozen=True)
class Outcome:
    """What became of an observation: its id, or why it was refused."""

    id: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True)
class _Read:
    reading: Reading
    extras: dict[str, Any]


def may_write(caller: Caller, stream: Stream) -> None:
    """Refuse (forbidden) a Datastream that is not this caller's to write."""
    caller.require("ingest")
    if caller.station is not None and caller.station != stream.thing:
        raise Refusal(
            f"Datastream {stream.series} is not of station {caller.station}, to which this key "
            "belongs",
            field="Datastream",
            value=stream.series,
            remedy=f"Datastreams of Thing {caller.station}",
            kind="forbidden",
        )


def take(act: Act, register: Register, caller: Caller, drafts: Sequence[Draft]) -> list[Outcome]:
    """Keep observations, each for itself; safe to repeat.

    What cannot be taken is refused with its reason and lies in quarantine, as with every other
    way in; the outcomes are in the order of the drafts.
    """
    people = caller.station is None
    streams = {draft.stream.series: draft.stream for draft in drafts}
    city = city_with(register.city, streams.values())
    found: list[_Read | Refusal] = []
    for draft in drafts:
        try:
            found.append(_read(act, register, caller, draft, city))
        except Refusal as refusal:
            found.append(refusal)
    good = [each.reading for each in found if isinstance(each, _Read)]
    bad_rows = [
        RefusedRow(number, str(dict(draft.body))[:SHOWN], each)
        for number, (draft, each) in enumerate(zip(drafts, found, strict=True), start=1)
        if isinstance(each, Refusal)
    ]
    done = actions.record(act, city, good, bad_rows)
    objections = {row.row: row.refusal for row in done.refused[len(bad_rows) :]}
    kept_readings = [r for n, r in enumerate(good, start=1) if n not in objections]
    gone = withdrawn(act, kept_readings)
    if people and gone:
        # somebody sends again what was withdrawn: that decides it anew
        again = [r._replace(flag=CORRECTED) for r in kept_readings if _key(r) in gone]
        actions.record(act, city, [each for each in again if each.value is not None])
        gone = withdrawn(act, again)
    outcomes, number = [], 0
    for each in found:
        if isinstance(each, Refusal):
            outcomes.append(Outcome(refusal=each))
            continue
        number += 1
        outcomes.append(_outcome(act, each, objections.get(number), gone))
    return outcomes


def _outcome(
    act: Act, read: _Read, objection: Refusal | None, gone: set[tuple[str, datetime]]
) -> Outcome:
    series, valid_at = _key(read.reading)
    if objection is None and (series, valid_at) in gone:
        objection = Refusal(
            f"the observation of {series} at {valid_at.isoformat()} was withdrawn by somebody; "
            "what was sent is in its history. Ask the desk to correct it",
            field="phenomenonTime",
            value=valid_at.isoformat(),
            remedy="a correction by the desk",
            kind="conflict",
        )
    if objection is not None:
        return Outcome(refusal=objection)
    if any(value is not None for value in read.extras.values()):
        kept.extras(act.tx, series, [{"valid_at": valid_at, **read.extras}])
    return Outcome(key_text(series, valid_at))


def _key(reading: Reading) -> tuple[str, datetime]:
    return reading.series, reading.valid_at


def withdrawn(act: Act, readings: Sequence[Reading]) -> set[tuple[str, datetime]]:
    """Those of the readings that somebody withdrew."""
    gone = set()
    wanted = {_key(each) for each in readings}
    for series in sorted({each.series for each in readings}):
        moments = [each.valid_at for each in readings if each.series == series]
        # a correction to nothing withdraws; without one there is nothing to look at
        query = O.select().where(
            O.c.series == series,
            O.c.valid_at.between(min(moments), max(moments)),
            O.c.flag == CORRECTED,
        )
        rows = act.tx.execute(query).all()
        for row in archive.holding(rows):
            if row.value is None and (row.series, row.valid_at) in wanted:
                gone.add((row.series, row.valid_at))
    return gone


def _read(act: Act, register: Register, caller: Caller, draft: Draft, city: City) -> _Read:
    """What a body says, as a reading and what goes beside it."""
    body, stream = draft.body, draft.stream
    where = f"Observation of {stream.series}"
    if "result" not in body:
        raise bad("result", None, "give the result, or null where nothing was measured")
    parameters = _object(body, "parameters")
    unit, datum = parameters.pop("unit", None), parameters.pop("datum", None)
    flag, quality = _quality(body.get("resultQuality"))
    times = time_of(body.get("phenomenonTime"), "phenomenonTime")
    times = times or Span(act.now, act.now)
    row = {
        "series": stream.series,
        "valid_at": times.end.isoformat(),
        "start_at": None if times.instant else times.start.isoformat(),
        "value": body["result"],
        "unit": _word(unit, "parameters/unit") or _own_unit(stream),
        "datum": _word(datum, "parameters/datum") or _own_datum(register, stream),
        "flag": flag,
    }
    allowed = FROM_PEOPLE if caller.station is None else FROM_STATIONS
    reading = parse_row(row, city, where, act.actor, allowed)
    extras = beside(body)
    extras |= {"parameters": parameters or None, "quality": quality}
    extras["feature"] = feature_of(register, caller, stream, draft.feature)
    return _Read(reading, extras)


def beside(body: Mapping[str, Any]) -> dict[str, Any]:
    """resultTime and validTime of a body, as they are kept."""
    result_time = time_of(body.get("resultTime"), "resultTime")
    if result_time is not None and not result_time.instant:
        raise bad("resultTime", body.get("resultTime"), "write one moment")
    valid = time_of(body.get("validTime"), "validTime")
    return {
        "result_at": result_time and result_time.start,
        "valid_from": valid and valid.start,
        "valid_to": valid and valid.end,
    }


def _own_unit(stream: Stream) -> str:
    """Of the Datastream: that of the archive where the city's folder describes it."""
    return QUANTITIES[stream.quantity].unit if stream.own else stream.station.unit


def _own_datum(register: Register, stream: Stream) -> str:
    return register.city.datum if stream.own else stream.station.datum


def time_of(value: Any, name: str) -> Span | None:
    """A moment or interval of a body; None where there is none. Raises `Refusal`."""
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) <= 100:
            return span(value)
    except (ValueError, OverflowError):
        pass
    raise bad(name, str(value)[:60], "write a time like 2021-07-24T08:00:00+08:00, or START/END")


def _object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise bad(name, str(value)[:40], "send a JSON object")
    bodies.checked({"properties": value}, KINDS["Things"], whole=False)
    return dict(value or {})


def _word(value: Any, name: str) -> str:
    if value is not None and not isinstance(value, str):
        raise bad(name, str(value)[:40], "send a text")
    return value or ""


def _quality(value: Any) -> tuple[str, Any]:
    """The flag that a body gives, and what else it says of quality."""
    if not isinstance(value, dict):
        return "", value
    # what is worked out here is no news when it comes back
    computed = ("flag", "doubts", "usable", "synthetic", "given")
    rest = {name: each for name, each in value.items() if name not in computed}
    return _word(value.get("flag"), "resultQuality/flag"), rest or value.get("given")
