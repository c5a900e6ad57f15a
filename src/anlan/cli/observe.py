"""anlan observe: readings from and to files, and how the stations are doing."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from anlan.access.desk import Desk
from anlan.city import City
from anlan.cli import observe_files
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at, err, progress_bars
from anlan.clock import RealClock
from anlan.observe import QUANTITIES, aggregates, exchange, health, retention
from anlan.observe.routes import health_view, station_views
from anlan.observe.sources import configured, sl651
from anlan.refusal import Refusal
from anlan.store import Store

app = typer.Typer(help="readings in and out", no_args_is_help=True)
app.command("import-storm")(observe_files.import_storm)
app.command("import-rain")(observe_files.import_rain)
CityFolder = Annotated[Path, typer.Argument(help="city folder")]


@app.command("import")
def import_file(
    folder: CityFolder,
    file: Annotated[
        Path,
        typer.Argument(help="CSV or .parquet: series,valid_at,value[,unit,datum,start_at,flag]"),
    ],
    unit: Annotated[
        str | None, typer.Option(help="unit of all values, where no column says")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Take readings from a file of any length; safe to repeat. Ends with 1 if a row was refused."""
    city = city_at(folder)
    store = Store(data_dir)
    with progress_bars() as bar:
        done = exchange.take(
            store, city, RealClock(), file, unit, lambda share: bar(file.name, share)
        )
    answer(done.as_dict())
    raise typer.Exit(1 if done.refused else 0)


@app.command("export")
def export_file(
    folder: CityFolder,
    series: Annotated[list[str] | None, typer.Option(help="series to write; default: all")] = None,
    hours: Annotated[float, typer.Option(help="how far back from the newest reading")] = 240,
    since: Annotated[
        str | None, typer.Option("--from", help="instead of --hours: after this time (ISO 8601)")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="up to this time (ISO 8601)")] = None,
    as_of: Annotated[str | None, typer.Option(help="as known at this time (ISO 8601)")] = None,
    every: Annotated[
        str | None, typer.Option(help="5min, 1h or 1day: sums, extremes and means over these")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="FILE.csv or FILE.parquet; default: CSV, printed"),
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Write readings in the form that import takes, as CSV or Parquet.

    With --every they are summed up, and cannot be imported again.
    """
    city = city_at(folder)
    names = series or [station.series for station in city.stations.values()]
    for name in names:
        if city.station_of(name) is None:
            raise Refusal(
                f"series '{name}' is not one of this city's; `anlan observe status` lists them",
                field="series",
                value=name,
                remedy="a series of this city",
            )
    moment = _moment(as_of, "as-of", city)
    store = Store(data_dir)
    if every is not None:
        _export_aggregates(csv.writer(sys.stdout), store, city, names, hours, moment, every)
        return
    start, end = _moment(since, "from", city), _moment(until, "to", city)

    def begin(newest: datetime) -> datetime:
        return start or (end or newest) - timedelta(hours=hours)

    with progress_bars() as bar, _target(out, city) as write:

        def told(share: float) -> None:
            if out is not None:
                bar(out.name, share)

        written = exchange.give(store, city, names, begin, end, moment, write, told)
    if out is not None:
        err.print(f"{written} readings of {len(names)} series in {out}")


@contextmanager
def _target(out: Path | None, city: City) -> Iterator[exchange.Writer]:
    """Where readings go: standard output, or a file that is there only once it is whole."""
    if out is None:
        yield exchange.csv_writer(sys.stdout, city)
        return
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise Refusal(
            f"file {out} ends neither with .csv nor with .parquet",
            field="output",
            value=out,
            remedy="FILE.csv or FILE.parquet",
        )
    part = out.with_name(out.name + ".part")
    try:
        if out.suffix.lower() == ".csv":
            with part.open("w", encoding="utf-8", newline="") as file:
                yield exchange.csv_writer(file, city)
        else:
            with exchange.parquet_writer(part) as write:
                yield write
        part.replace(out)
    except OSError as problem:
        raise Refusal(
            f"file {out} cannot be written ({problem.strerror or problem})",
            field="output",
            value=out,
            remedy="a folder that this account may write",
        ) from problem
    finally:
        part.unlink(missing_ok=True)


def _export_aggregates(
    out: Any,
    store: Store,
    city: City,
    names: list[str],
    hours: float,
    as_of: datetime | None,
    every: str,
) -> None:
    numbers = ("sum", "low", "high", "mean", "count", "aside", "availability", "complete")
    out.writerow(("series", "start_at", "valid_at", "unit", *numbers))
    now = RealClock().now()
    with store.read() as conn:
        for name in names:
            end = aggregates.newest(conn, name, as_of)
            if end is None:
                continue
            begin = end - timedelta(hours=hours)
            for each in aggregates.read(conn, city, name, every, begin, end, now=now, as_of=as_of):
                span = [m.astimezone(city.zone).isoformat() for m in (each.start, each.end)]
                values = [getattr(each, number) for number in numbers]
                unit = QUANTITIES[name.rpartition(".")[2]].unit
                out.writerow((name, *span, unit, *values))


def _moment(text: str | None, option: str, city: City) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Refusal(
            f"{option} '{text}' is not a time; write it like 2021-07-24T08:00",
            field=option,
            value=text,
            remedy="ISO 8601",
        ) from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=city.zone)


@app.command("health")
def show_health(
    folder: CityFolder, data_dir: DataDir = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """How every station is doing over the last 24 h; ends with 1 if one has a problem."""
    city = city_at(folder)
    now = RealClock().now()
    with Store(data_dir).read() as conn:
        found = health.stations(conn, city, now=now)
    if as_json:
        given = configured(city)
        answer([health_view(each, now, given) for each in found])
    else:
        for each in found:
            share = "-" if each.share is None else f"{each.share:.0%}"
            last = (
                each.last.valid_at.astimezone(city.zone).isoformat(" ", "minutes")
                if each.last
                else "-"
            )
            wrong = ", ".join(each.problems) or "good"
            typer.echo(f"{each.station.series:<28} {last:<23} {share:>5} {wrong}")
    raise typer.Exit(1 if any(each.problems for each in found) else 0)


@app.command()
def thin(
    folder: CityFolder,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would go, change nothing")
    ] = False,
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Give up old readings for hourly and daily values, as [retention] of city.toml says."""
    city = city_at(folder)
    if not city.retention:
        err.print("city.toml has no [retention]: every reading is kept")
    with progress_bars() as bar:
        found = retention.thin(Store(data_dir), city, RealClock().now(), dry_run=dry_run, told=bar)
    if as_json:
        answer([asdict(each) for each in found])
        return
    for each in found:
        span = " to ".join(
            m.astimezone(city.zone).isoformat(" ", "minutes") for m in (each.start, each.end)
        )
        typer.echo(
            f"{each.series:<28} {each.step:<5} {span}: {each.readings} readings"
            f"{f', {each.values} hourly values' if each.values else ''}"
            f"{f'; {each.grounds} stay as grounds' if each.grounds else ''}"
        )
    gone = sum(each.readings for each in found)
    err.print(f"{gone} readings {'would go' if dry_run else 'gone'}")


@app.command()
def status(folder: CityFolder, data_dir: DataDir = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Every station with its newest reading and its state."""
    city = city_at(folder)
    desk = Desk(city, Store(data_dir), RealClock())
    with desk.store.read() as conn:
        views = station_views(conn, desk)
    if as_json:
        answer(views)
        return
    for view in views:
        latest = view["latest"]
        shown = f"{latest['value']} {view['unit']}" if isinstance(latest, dict) else "no reading"
        typer.echo(f"{view['series']:<28} {view['state']:<10} {shown:<14} {view['name']}")
    err.print(f"{len(views)} stations of {city.name}")


@app.command()
def decode(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="sl651")],
    file: Annotated[str, typer.Argument(help="file with bytes or hexadecimal text; - for input")],
    zone: Annotated[str, typer.Option(help="zone of the station's clock")] = "Asia/Shanghai",
) -> None:
    """Show what a station's bytes mean: one JSON object a line for each frame found.

    Ends with 1 if a frame is broken, or if there is none.
    """
    if form != "sl651":
        raise Refusal(
            f"format '{form}' is not known; sl651 is",
            field="format",
            value=form,
            remedy="sl651",
        )
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise Refusal(
            f"zone '{zone}' is not one of the IANA list; write it like Asia/Shanghai",
            field="zone",
            value=zone,
            remedy="Asia/Shanghai",
        ) from problem
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        raise Refusal(
            f"file {file} cannot be read ({problem.strerror}); name a file, or - for input",
            field="file",
            value=file,
            remedy="a file that exists, or -",
        ) from problem
    taken, raw = sl651.to_bytes(data)
    frames = broken = 0
    for found in sl651.decode(raw, clock):
        frames += 1
        broken += not found["ok"]
        typer.echo(json.dumps(found, ensure_ascii=False))
    err.print(f"read as {taken}: {len(raw)} bytes, {frames} frames, {broken} of them broken")
    raise typer.Exit(1 if broken or not frames else 0)
