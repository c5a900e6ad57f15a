"""anlan alert rehearse: rules tried on past events before anyone switches them on."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from anlan import forecast
from anlan.city import City
from anlan.cli.console import AsJson, answer, city_at, err, progress_bars
from anlan.cli.rehearsed import DEFINITIONS, as_json_object, show
from anlan.cli.rehearsed_truth import TRUTH, read_truth
from anlan.observe import Reading, exchange
from anlan.observe.reading import FLAGS, parse_rows
from anlan.refusal import Refusal
from anlan.replay import world_names
from anlan.replay.rehearse import Rehearsed, on_record, on_world
from anlan.review.contingency import APART
from anlan.warn.rule_table import FILE
from anlan.warn.rules import Rules, read_rules

MOST_READINGS = 1_000_000


def cache_folder() -> Path:
    """Where worlds and runs are kept by default: the account's cache, never a data folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "anlan" / "rehearse"


def rehearse(
    rules: Annotated[Path, typer.Argument(help="rules.toml, or a folder that holds one")],
    event: Annotated[str, typer.Argument(help="event of the city, or a CSV of past readings")],
    city: Annotated[
        Path | None, typer.Option(help="city folder; default: the folder of the rules")
    ] = None,
    world: Annotated[str, typer.Option(help="replayed world, or all")] = "all",
    forecasts: Annotated[
        bool, typer.Option("--forecast/--no-forecast", help="with forecast runs, or gauges alone")
    ] = True,
    members: Annotated[int | None, typer.Option(help="ensemble members")] = None,
    resolution: Annotated[float | None, typer.Option(help="cell size, m")] = None,
    seed: Annotated[int, typer.Option(help="seed of world and ensemble")] = 1,
    truth: Annotated[
        Path | None, typer.Option(help=f"what happened, CSV: {','.join(TRUTH)}")
    ] = None,
    apart: Annotated[
        float, typer.Option(min=0.0, max=240.0, help="h; high water nearer than this is one event")
    ] = APART / timedelta(hours=1),
    cache: Annotated[
        Path | None, typer.Option(help="keeps worlds and runs; default: the account's cache")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run rules over past events and count hits, misses, false alarms and hours of lead.

    Nothing is sent and no data folder is opened: the rules run in a store of their own, which is
    thrown away. What happened is looked at only after they ran.
    """
    file = rules / FILE if rules.is_dir() else rules
    if not file.exists():
        raise Refusal(
            f"rules {file} are not there; give a rules.toml",
            field="rules",
            value=file,
            remedy="cities/<city>/rules.toml",
        )
    if city is None and not (file.parent / "city.toml").exists():
        raise Refusal(
            f"rules {file} do not lie in a city folder; say with --city whose they are",
            field="city",
            value=file.parent,
            remedy="--city cities/<city>",
        )
    found = city_at(city or file.parent)
    given = read_rules(found, file)
    with progress_bars() as bar:
        if _is_record(event):
            _only_worlds(world, "a CSV of readings has no worlds")
            results = [_record(found, given, Path(event), truth, timedelta(hours=apart), bar)]
        else:
            if truth is not None:
                raise Refusal(
                    "an event of the city brings its own truth; --truth is for a CSV of readings",
                    field="truth",
                    value=truth,
                    remedy="leave it out",
                )
            names = world_names(found.event(event)) if world == "all" else [world]
            settings = None
            if forecasts and "forecast" in found.settings:
                settings = forecast.read_settings(
                    found.settings, seed=seed, resolution_m=resolution, members=members
                )
            results = [
                on_world(
                    found,
                    given,
                    event,
                    name,
                    settings,
                    cache or cache_folder(),
                    seed=seed,
                    resolution_m=resolution,
                    apart=timedelta(hours=apart),
                    progress=bar,
                )
                for name in names
            ]
    if as_json:
        answer(
            {"definitions": DEFINITIONS, "rehearsed": [as_json_object(found, r) for r in results]}
        )
        return
    for result in results:
        show(found, given, result)


def _is_record(event: str) -> bool:
    return Path(event).suffix.lower() in (".csv", ".parquet")


def _only_worlds(world: str, why: str) -> None:
    if world != "all":
        raise Refusal(why, field="world", value=world, remedy="leave --world out")


def _record(
    city: City,
    rules: Rules,
    path: Path,
    truth: Path | None,
    apart: timedelta,
    bar: Callable[[str, float], None],
) -> Rehearsed:
    readings: list[Reading] = []
    rows = refused = 0
    first = ""
    for share, batch in exchange.batches(path):
        good, bad = parse_rows(batch, city, path.name, FLAGS, first=rows + 1)
        rows += len(batch)
        readings += good
        refused += len(bad)
        first = first or (bad[0].refusal.message if bad else "")
        if len(readings) > MOST_READINGS:
            raise Refusal(
                f"{path.name} holds more than {MOST_READINGS:,} readings; rehearse a shorter time",
                field="event",
                value=path.name,
                remedy="the readings of one event",
            )
        bar(f"reading {path.name}", share)
    if refused:
        err.print(f"{refused} of {rows} rows left out, the first because: {first}", markup=False)
    events = sorted({rule.event for rule in rules.rules})
    known = None if truth is None else read_truth(city, truth, events)
    return on_record(city, rules, path.name, readings, known, apart=apart, progress=bar)
