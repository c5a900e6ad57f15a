"""What the commands share: where the data lies, progress on standard error, clear endings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from anlan.refusal import Refusal

if TYPE_CHECKING:
    from anlan.access.credentials import Loaded
    from anlan.city import City
    from anlan.journal import Act

err = Console(stderr=True, highlight=False)
DataDir = Annotated[
    Path, typer.Option("--data-dir", envvar="ANLAN_DATA_DIR", help="folder of all records")
]
AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
DEFAULT_DATA = Path("var")


def answer(value: object) -> None:
    """JSON to standard output: the answer and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def city_at(folder: Path) -> City:
    """The city in ``folder``; `Refusal` when there is none."""
    from anlan.city import load

    if not (folder / "city.toml").exists():
        raise Refusal(
            f"folder {folder} holds no city.toml; give a city folder such as cities/pinghu",
            field="city",
            value=folder,
            remedy="a folder with city.toml",
        )
    return load(folder)


def load_accounts(act: Act, city: City) -> Loaded:
    """The accounts of the city's file into the store; who was let in no more is said."""
    from anlan import access

    found = access.load_accounts(act, city)
    if found.left:
        err.print(f"not in accounts.csv, let in no more: {', '.join(found.left)}", soft_wrap=True)
    if found.warning:
        err.print(f"[yellow]{found.warning}[/]", soft_wrap=True)
    return found


@contextmanager
def progress_bars() -> Iterator[Callable[[str, float], None]]:
    """A function (what, share 0..1) that shows one bar for each ``what``."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=err,
    ) as shown:
        bars: dict[str, TaskID] = {}

        def report(what: str, share: float) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what, total=1.0)
            shown.update(bars[what], completed=share)

        yield report
