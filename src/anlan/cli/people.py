"""anlan people: erasing personal data by the city's rule, or one person at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anlan.access import privacy
from anlan.access.vault import Vault
from anlan.cli.console import DEFAULT_DATA, DataDir, city_at
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.store import Store

app = typer.Typer(help="personal data", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Personal data."""


@app.command()
def erase(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    person: Annotated[
        str, typer.Argument(help="id of people.csv; without it whoever and whatever is due")
    ] = "",
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Erase one person, or all that the city's rule ([privacy.keep_days]) says is due today.

    Take the row out of people.csv as well: that file is plain text.
    """
    city = city_at(folder)
    store = Store(data_dir)
    vault, wall = Vault.of(store), RealClock().now()
    if person:
        with store.transaction() as tx:
            done = privacy.erase_person(Act(tx, wall, "system"), vault, person, wall)
        typer.echo(f"{person} {'erased' if done else 'was erased already'}")
        return
    found = privacy.erase_all_due(store, city, vault, wall)
    typer.echo(f"erased: {found.people} people, {found.texts} texts, {found.photos} photos")
