"""anlan city: checking a city folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from anlan import drill, forecast, respond, review, warn
from anlan.access import privacy
from anlan.access import settings as sign_in
from anlan.city import check as check_city
from anlan.cli.console import AsJson, answer, err
from anlan.observe import fetching, pace, sources

STAGES = (
    sign_in,
    privacy,
    fetching,
    pace,
    sources,
    forecast,
    warn,
    respond,
    review,
    drill,
)
app = typer.Typer(help="the risk base of a city", no_args_is_help=True)


@app.callback()
def main() -> None:
    """The risk base of a city."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="city folder")], as_json: AsJson = False
) -> None:
    """Name every fault of a city folder, with file, row and remedy; ends with 1 if any."""
    faults = check_city(folder)
    for stage in (
        sign_in,
        privacy,
        fetching,
        pace,
        sources,
        forecast,
        warn,
        respond,
        review,
        drill,
    ):
        faults += stage.check(folder)
    if as_json:
        answer([asdict(fault) for fault in faults])
    else:
        for fault in faults:
            typer.echo(str(fault))
        err.print(f"faults: {len(faults)}" if faults else f"[green]{folder}: no faults[/]")
    raise typer.Exit(1 if faults else 0)
