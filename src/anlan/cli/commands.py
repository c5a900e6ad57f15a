"""All commands of ``anlan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from anlan.cli import (
    account,
    alert,
    city,
    drill,
    forecast,
    journal,
    key,
    observe,
    people,
    replay,
    review,
    simulate,
)
from anlan.cli.console import DEFAULT_DATA, DataDir, city_at
from anlan.cli.doctor import doctor
from anlan.cli.rights import rights
from anlan.refusal import Refusal
from anlan.service.host import serve_live

app = typer.Typer(
    name="anlan",
    help="Anlan 安澜: one chain from the first rain to the last closed task.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(city.app, name="city")
app.add_typer(observe.app, name="observe")
app.add_typer(forecast.app, name="forecast")
app.add_typer(alert.app, name="alert")
app.add_typer(journal.app, name="journal")
app.add_typer(key.app, name="key")
app.add_typer(account.app, name="account")
app.add_typer(people.app, name="people")
app.command()(rights)
app.command()(replay.replay)
app.command()(replay.demo)
app.command()(drill.drill)
app.command("assess")(forecast.assess)
app.command()(review.review)
app.command()(simulate.simulate)
app.command()(doctor)


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = 8000,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Run the desk of a city on the real clock."""
    serve_live(city_at(folder), port, data_dir)


def run() -> None:
    """Run a command; a database that does not answer, or is full, is a refusal too."""
    try:
        app()
    except OperationalError as problem:
        raise Refusal(
            f"the database does not answer ({problem.orig}); try again when it does",
            remedy="anlan doctor",
        ) from problem
