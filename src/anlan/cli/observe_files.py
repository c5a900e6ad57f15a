"""anlan observe import-storm: files that hold something else than readings of stations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from anlan.cli.console import DEFAULT_DATA, DataDir, answer, city_at
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.observe import storm
from anlan.refusal import Refusal
from anlan.store import Store

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
