"""anlan forecast and anlan assess: one cycle, and what it means for the city."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from anlan import assess as assessing
from anlan import forecast as forecasting
from anlan import respond
from anlan.assess import report
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at, err, progress_bars
from anlan.refusal import Refusal
from anlan.store import Store

app = typer.Typer(help="weather to water", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Weather to water."""


@app.command()
def run(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    at: Annotated[str, typer.Option(help="issue time (ISO 8601; the city's zone if none given)")],
    event: Annotated[str | None, typer.Option(help="event whose storm track is known")] = None,
    resolution: Annotated[float | None, typer.Option(help="cell size, m")] = None,
    members: Annotated[int | None, typer.Option(help="ensemble members")] = None,
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """One forecast cycle from what had been recorded by its issue time."""
    city = city_at(folder)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as problem:
        raise Refusal(
            f"at '{at}' is not a time; write it like 2021-07-25T08:00",
            field="at",
            value=at,
            remedy="ISO 8601",
        ) from problem
    issue = moment if moment.tzinfo else moment.replace(tzinfo=city.zone)
    settings = forecasting.read_settings(city.settings, resolution_m=resolution, members=members)
    store = Store(data_dir)
    found = city.event(event) if event else None
    with store.read() as conn:
        bundle = forecasting.freeze(conn, city, found, issue, settings, store.data_dir)
    out = store.data_dir / "runs" / bundle.hash
    with progress_bars() as bar:
        summary = forecasting.compute(bundle, out, progress=bar)
    err.print(f"run {bundle.hash} lies in {out}")
    if as_json:
        answer({"run": bundle.hash, **summary.as_dict()})
    else:
        typer.echo(bundle.hash)


def assess(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="id of a computed run")],
    out: Annotated[Path, typer.Option("-o", "--out", help="folder for the report")],
    event: Annotated[str | None, typer.Option(help="event the run belongs to")] = None,
    language: Annotated[
        str | None, typer.Option(help="zh or en [default: the city's own]", show_default=False)
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Assess a run and write the report as HTML, PDF, Word, GeoPackage and JSON."""
    city = city_at(folder)
    path = Store(data_dir).data_dir / "runs" / run_id
    if not path.exists():
        raise Refusal(
            f"run '{run_id}' is not in {path.parent}; `anlan forecast run` makes one",
            field="run",
            value=run_id,
            remedy="the id of a computed run",
            kind="not_found",
        )
    found = city.event(event) if event else None
    with forecasting.Products.open(path) as products:
        propose = respond.plan.proposer(respond.plan.load(city.folder), [])
        made = assessing.assess(city, products, run_id, propose)
        written = report.write(city, found, made, products, out, language=language)
    err.print("wrote " + ", ".join(str(getattr(written, kind)) for kind in report.KINDS))
    answer(made)
