"""anlan review: the after-action review of a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan import review as reviewing
from anlan.cli.console import DEFAULT_DATA, DataDir, answer, city_at, err
from anlan.store import Store


def review(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    out: Annotated[Path, typer.Option("-o", "--out", help="folder for the page")],
    event: Annotated[
        str | None, typer.Option(help="event that was replayed, for its facts")
    ] = None,
    drill: Annotated[
        Path | None, typer.Option(help="drill.json of `anlan drill -o`, shown beside the event")
    ] = None,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Write the review (HTML, JSON). Alerts are scored from readings; a replay scores by truth."""
    city = city_at(folder)
    found = city.event(event) if event else None
    drilled = None if drill is None else reviewing.read_drill(drill)
    with Store(data_dir).read() as conn:
        made = reviewing.build(conn, city, found, None, drilled)
    paths = reviewing.write(made, out, city.zone, language)
    err.print(f"wrote {paths.html}")
    answer(made["scores"])
