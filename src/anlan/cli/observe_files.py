"""anlan observe import-storm, import-rain: files of something else than stations' readings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from anlan.cli.console import DEFAULT_DATA, DataDir, answer, city_at, progress_bars
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.observe import rainfield, storm
from anlan.refusal import Refusal
from anlan.store import Store

PRODUCT = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
CityFolder = Annotated[Path, typer.Argument(help="city folder")]


def content_of(file: Path, most_bytes: int) -> bytes:
    """What a file holds. Raises `Refusal` when it cannot be read or is too large."""
    try:
        size = file.stat().st_size
        if size > most_bytes:
            raise Refusal(
                f"file {file} has {size} bytes; at most {most_bytes} are read",
                field="file",
                value=file,
                remedy="a smaller file",
            )
        return file.read_bytes()
    except OSError as problem:
        raise Refusal(
            f"file {file} cannot be read ({problem.strerror})",
            field="file",
            value=file,
            remedy="a file that exists",
        ) from problem


def import_storm(
    folder: CityFolder,
    file: Annotated[
        Path,
        typer.Argument(help="CMA or JMA best track, IBTrACS CSV or NetCDF, operational JSON"),
    ],
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Take in tracks of storms; safe to repeat. What a file of the past says is known from now."""
    city_at(folder)
    tracks = storm.read_tracks(content_of(file, storm.reading.MOST_BYTES), file.name)
    with Store(data_dir).transaction() as tx:
        new = storm.add(Act(tx, RealClock().now(), "system"), tracks, file.name)
    agencies = Counter(track.agency for track in tracks)
    answer(
        {
            "storms": len({track.storm for track in tracks}),
            "tracks": dict(agencies),
            "fixes": sum(len(track.fixes) for track in tracks),
            "new": new,
        }
    )


def import_rain(
    folder: CityFolder,
    file: Annotated[Path, typer.Argument(help="NetCDF (CF), GRIB or GeoTIFF")],
    product: Annotated[str, typer.Option(help="what these fields are, such as radar or cma-gfs")],
    forecast: Annotated[
        bool, typer.Option("--forecast/--observed", help="a forecast, or rain that has fallen")
    ] = False,
    issued: Annotated[
        str | None, typer.Option(help="when the forecast was made, where the file does not say")
    ] = None,
    variable: Annotated[str, typer.Option(help="its variable or element, of several")] = "",
    unit: Annotated[str, typer.Option(help="mm, mm h-1, kg m-2, kg m-2 s-1, m …")] = "",
    totals: Annotated[
        str, typer.Option(help="interval: amounts are of their interval; running: since the start")
    ] = "",
    end: Annotated[str | None, typer.Option(help="when the only frame ends")] = None,
    minutes: Annotated[float, typer.Option(help="how long a frame is")] = 0.0,
    zone: Annotated[str | None, typer.Option(help="zone of times that name none")] = None,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Bring gridded rain onto the city's grid and keep it; safe to repeat."""
    city = city_at(folder)
    if not product or not all(
        c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in product
    ):
        raise Refusal(
            f"product '{product[:40]}' is not of lower-case letters, digits and -; such as cma-gfs",
            field="product",
            value=product,
            remedy="such as radar or cma-gfs",
        )
    if totals not in ("", "interval", "running"):
        raise Refusal(
            f"totals '{totals}' is not known; write interval or running",
            field="totals",
            value=totals,
            remedy="interval or running",
        )
    named = _zone(zone)
    how = rainfield.How(
        variable=variable,
        unit=unit,
        totals=totals,
        issued=_moment("issued", issued, named),
        end=_moment("end", end, named),
        minutes=minutes,
        zone=named,
    )
    with progress_bars() as tell:
        taken = rainfield.take_file(
            Store(data_dir),
            city,
            RealClock(),
            file,
            product,
            forecast=forecast,
            how=how,
            tell=tell,
        )
    answer(asdict(taken))


def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise Refusal(
            f"zone '{name}' is not one of the IANA list; write it like Asia/Shanghai",
            field="zone",
            value=name,
            remedy="Asia/Shanghai",
        ) from problem


def _moment(field: str, text: str | None, zone: ZoneInfo | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Refusal(
            f"{field} '{text}' is not a time; write it like 2021-07-24T08:00+08:00",
            field=field,
            value=text,
            remedy="ISO 8601 with offset",
        ) from problem
    if moment.tzinfo is None:
        if zone is None:
            raise Refusal(
                f"{field} '{text}' names no zone; write its offset, or --zone",
                field=field,
                value=text,
                remedy="ISO 8601 with offset",
            )
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)
