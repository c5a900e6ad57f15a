"""anlan simulate: one hydraulic simulation from a file."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from anlan import simulation as simulating
from anlan.cli.console import AsJson, answer, err
from anlan.refusal import Refusal
from anlan.simulation.explain import Outlook, explain
from anlan.simulation.run import RESULT, SUMMARY

app = typer.Typer(name="anlan", pretty_exceptions_enable=False)
Told = Callable[[simulating.Progress], bool]
CANCELLED = 130


@app.callback()
def main() -> None:
    """One hydraulic simulation."""


@app.command()
def simulate(
    file: Annotated[
        Path,
        typer.Argument(
            help="simulation file (.toml; docs/simulate.md tells its tables), or that of "
            "LISFLOOD-FP (.par) or SFINCS (sfincs.inp)"
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="folder of the results; made if need be")
    ] = None,
    explained: Annotated[
        bool, typer.Option("--explain", help="say what would be run, and run nothing")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="processor cores, in place of the file's")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="write into a folder that holds other files")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no progress bar")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one hydraulic simulation; Ctrl-C ends it early and keeps what was computed."""
    wanted = simulating.load(file)
    if threads is not None:
        wanted = replace(wanted, scheme=replace(wanted.scheme, threads=threads))
    for note in wanted.notes:
        err.print(note, markup=False, highlight=False, soft_wrap=True)
    if explained:
        outlook = explain(wanted)
        if as_json:
            answer(outlook.as_dict())
        else:
            _show(outlook)
        return
    folder = _folder(out, force)
    with _until_interrupted() as wanted_still, _bar(quiet) as shown:
        summary = simulating.simulate(
            wanted, folder, progress=lambda moment: shown(moment) and wanted_still()
        )
    if not quiet:
        _tell(summary, folder)
    if as_json:
        answer(summary.as_dict())
    else:
        typer.echo(folder / RESULT)
    if not summary.finished:
        raise typer.Exit(CANCELLED)


def _folder(out: Path | None, force: bool) -> Path:
    """The folder for the results, unless it holds what is none."""
    if out is None:
        raise Refusal(
            "-o is missing; name a folder for the results, such as -o out",
            field="-o",
            remedy="-o DIR",
        )
    if out.exists() and not out.is_dir():
        raise Refusal(
            f"-o {out} is a file; name a folder for the results",
            field="-o",
            value=out,
            remedy="another folder",
            kind="conflict",
        )
    former = (out / RESULT).exists() or (out / SUMMARY).exists()
    if out.exists() and any(out.iterdir()) and not former and not force:
        raise Refusal(
            f"-o {out} holds files and no former result; name another folder, or add --force to "
            "write beside them",
            field="-o",
            value=out,
            remedy="another folder, or --force",
            kind="conflict",
        )
    return out


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """A function for a run to ask whether it is still wanted; it answers False after Ctrl-C.

    Before it is first asked there is nothing to keep: Ctrl-C, like a second one, ends at once.
    """
    begun, asked = threading.Event(), threading.Event()

    def interrupt(number: int, frame: object) -> None:
        if asked.is_set() or not begun.is_set():
            raise KeyboardInterrupt
        asked.set()

    def wanted() -> bool:
        begun.set()
        return not asked.is_set()

    former = signal.signal(signal.SIGINT, interrupt)
    try:
        yield wanted
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _bar(quiet: bool) -> Iterator[Told]:
    """A progress bar with simulated time and speed, on standard error."""
    if quiet:
        yield lambda moment: True
        return
    with Progress(
        BarColumn(bar_width=16),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[told]}"),
        console=err,
        refresh_per_second=4,
    ) as bars:
        task = bars.add_task(
            "", total=1.0, told="preparing; a first run compiles, which takes longer"
        )

        def show(moment: simulating.Progress) -> bool:
            bars.update(task, completed=moment.time / moment.duration, told=_told(moment))
            return True

        yield show


def _told(moment: simulating.Progress) -> str:
    of = f"{span(moment.time)}"
    if moment.wall <= 0.0 or moment.steps == 0:
        return of
    speed = moment.time / moment.wall
    rate = moment.cells * moment.steps / moment.wall
    return f"{of} · {speed:,.0f} × real time · {rate / 1e6:,.0f} M cells/s"


def span(seconds: float) -> str:
    """Time as a person reads it: 45 s, 12:05 min, 2:00:00 h."""
    if seconds < 60.0:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def _tell(summary: simulating.Summary, folder: Path) -> None:
    if not summary.finished:
        err.print(
            f"cancelled at {span(summary.simulated_s)}; what was computed until then is in "
            f"{folder}",
            style="yellow",
            markup=False,
        )
    volume = summary.volume
    err.print(
        f"{span(summary.simulated_s)} simulated in {summary.wall_s:.2f} s: {summary.steps:,} steps "
        f"of {summary.cells:,} cells, {summary.cell_updates_per_s / 1e6:,.0f} M cell updates/s"
    )
    err.print(
        f"m³: {volume.initial:,.0f} at the start + {volume.rain:,.0f} rain + "
        f"{volume.inflow:,.0f} in − {volume.outflow:,.0f} out − {volume.infiltration:,.0f} "
        f"infiltrated − {volume.evaporation:,.0f} evaporated − {volume.drained:,.0f} drained = "
        f"{volume.final:,.0f}, error {volume.error_relative:.1e} of all water"
    )


def _show(outlook: Outlook) -> None:
    table = Table("what", "how much", title=outlook.name, title_justify="left")
    for what, how in outlook.rows():
        table.add_row(what, how)
    typer.echo(_rendered(table), nl=False)


def _rendered(table: Table) -> str:
    console = Console(width=100, highlight=False)
    with console.capture() as caught:
        console.print(table)
    return caught.get()
