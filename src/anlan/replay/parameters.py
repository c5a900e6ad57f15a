"""Parameters of a replayed world, read from ``events/<event>/worlds/<name>.toml``.

Nothing outside this package may read them: the world gives readings, and a forecast that knew
its parameters would know the answer. A file may say ``base = "other"`` and then gives only
what differs; tables are merged key by key, lists are replaced whole.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from anlan.refusal import Refusal
from anlan.replay.habits import People, Positive, Share, Table

FOLDER = "worlds"
Spread = Annotated[float, Field(ge=0.0)]
#: A moment and a value there; a course is drawn smoothly through such points.
Point = tuple[AwareDatetime, float]
Course = Annotated[list[Point], Field(min_length=2)]


class RainCell(Table):
    """A shower or band with its own amount.

    Attributes:
        start, end: rain rises and falls between them as sin².
        lon, lat: centre at half time, degrees; east_ms, north_ms: how it moves, m/s.
        radius_km: distance at which the amount has fallen to 61 % (one standard deviation).
        mm: amount at the centre from ``start`` to ``end``.
        source: where the number comes from, or "assumed".
    """

    name: str
    start: AwareDatetime
    end: AwareDatetime
    lon: float
    lat: float
    radius_km: Positive
    mm: Spread
    east_ms: float = 0.0
    north_ms: float = 0.0
    source: str


class Noise(Table):
    """A smooth random part: ``rms`` of its size, e-folding-like lengths in space and time."""

    rms: Spread
    hours: Positive
    km: Positive = 1.0


class Rain(Table):
    """``total_mm``: event total, mean over the city. ``course``: steady rain, relative rate."""

    total_mm: Spread
    course: Course
    lean_east: float = 0.0
    lean_north: float = 0.0
    noise: Noise
    cell: list[RainCell] = Field(default_factory=list)


class TideStation(Table):
    """How another gauge on the same coast departs from the one the constants are for.

    ``range_factor`` times its astronomical tide, ``surge_factor`` times its residual, later by
    ``delay_min``, around ``mean_level_m`` on ``datum``.
    """

    id: str
    datum: str
    mean_level_m: float
    range_factor: Positive
    surge_factor: Positive
    delay_min: float


class Tide(Table):
    """Astronomical tide: ``constants`` file, its datum, and how this world departs from it."""

    constants: str
    datum: str
    mean_level_m: float
    range_factor: Positive
    delay_min: float
    error: Noise
    station: list[TideStation] = Field(default_factory=list)


class Surge(Table):
    """Residual at the tide station, m; ``interaction``: share lost at high, won at low water."""

    course: Course
    interaction: Share


class InlandStation(Table):
    """How one inland station departs from the common course.

    ``share`` of the rise above the course's first point, ``delay_h`` later.
    """

    id: str
    share: Positive = 1.0
    delay_h: float = 0.0


class Inland(Table):
    """Level that the neighbours' rivers impose, m on ``datum``."""

    datum: str
    course: Course
    error: Noise
    station: list[InlandStation] = Field(default_factory=list)


class Wind(Table):
    """Mean wind over the city, m/s."""

    course: Course
    error: Noise


class Bed(Table):
    """How the ground departs from the city's terrain."""

    error_rms_m: Spread
    error_length_m: Positive
    crest_rms_m: Spread
    manning_factor: Positive
    drain_factor: Spread
    pump_factor: Share
    initial_level_m: float


class Places(Table):
    """How hazard places depart from the city's table."""

    ground_rms_m: Spread
    catchment_spread: Spread
    pump_low: Spread
    pump_high: Spread


class Gauges(Table):
    """What the stations do to their readings."""

    delay_max_min: Spread
    level_noise_m: Spread
    repeat_share: Share
    dead_hours: Spread
    resend_after_min: Positive
    resend_change: float


class TrackShift(Table):
    """From ``time`` on the storm is this far from the track as it really was (km)."""

    time: AwareDatetime
    east_km: float
    north_km: float


class Check(Table):
    """A sourced number that the world can be held against."""

    name: str
    value: float
    unit: str
    source: str


class Parameters(Table):
    """One world."""

    id: str
    name: str
    name_en: str
    kind: Literal["reconstructed"]
    summary: str
    rain: Rain
    tide: Tide | None = None
    surge: Surge | None = None
    inland: Inland
    wind: Wind
    bed: Bed
    places: Places
    gauges: Gauges
    people: People
    track_shift: list[TrackShift] = Field(default_factory=list)
    check: list[Check] = Field(default_factory=list)


class Constituent(Table):
    """A harmonic with its Greenwich-independent local phase at the file's epoch."""

    name: str
    speed_deg_h: float
    amplitude_m: float
    phase_deg: float


def worlds(event_folder: Path) -> list[str]:
    """Names of the worlds of an event, "near" first if there is one."""
    names = sorted(path.stem for path in (event_folder / FOLDER).glob("*.toml"))
    return sorted(names, key=lambda name: name != "near")


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _merged(old, value)
        result[key] = value
    return result


def _raw(event_folder: Path, name: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    path = event_folder / FOLDER / f"{name}.toml"
    known = worlds(event_folder)
    if name not in known:
        raise Refusal(
            f"world '{name}' is not one of {event_folder.name}; choose {', '.join(known) or '-'}",
            field="world",
            value=name,
            remedy=", ".join(known) or "an event with worlds",
            kind="not_found",
        )
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise Refusal(
            f"{path.name} of {event_folder.name} is not TOML: {problem}",
            field=path.name,
            remedy="TOML as in the other worlds of this event",
        ) from None
    base = own.pop("base", None)
    if base is None:
        return own
    if base in seen or base == name:
        raise Refusal(
            f"{path.name}: base '{base}' leads back to itself; name a world without a base",
            field="base",
            value=base,
            remedy="a world that stands alone",
        )
    return _merged(_raw(event_folder, base, (*seen, name)), own)


def read(event_folder: Path, name: str) -> Parameters:
    """The parameters of world ``name``.

    Raises:
        Refusal: for an unknown world, broken TOML, or the first key that does not fit.
    """
    try:
        return Parameters.model_validate(_raw(event_folder, name))
    except ValidationError as problems:
        first = problems.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal(
            f"{name}.toml of {event_folder.name}: {where}: {first['msg']} "
            f"(found {str(first.get('input'))[:80]})",
            field=where,
            value=first.get("input"),
            remedy=first["msg"],
        ) from None


def read_constants(event_folder: Path, file: str) -> tuple[datetime, list[Constituent]]:
    """Local harmonic constants and the epoch of their phases (first line ``# epoch <ISO>``)."""
    path = event_folder / FOLDER / file
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines if line.startswith("# epoch ")]
        epoch = datetime.fromisoformat(comments[0].removeprefix("# epoch ").strip())
        table = csv.DictReader(line for line in lines if not line.startswith("#"))
        return epoch, [Constituent.model_validate(row) for row in table]
    except (OSError, IndexError, ValueError) as problem:
        raise Refusal(
            f"tide constants {file} of {event_folder.name} cannot be read: {problem}",
            field="tide.constants",
            value=file,
            remedy="a CSV of name,speed_deg_h,amplitude_m,phase_deg after a line '# epoch <time>'",
        ) from problem
