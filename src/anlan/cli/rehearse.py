"""anlan alert rehearse: rules tried on past events before anyone switches them on."""

from __future__ import annotations

import csv
import os
import statistics
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as Shown

from anlan import forecast
from anlan.city import City
from anlan.cli.console import AsJson, answer, city_at, err, progress_bars
from anlan.observe import Reading, exchange
from anlan.observe.reading import FLAGS, parse_rows
from anlan.refusal import Refusal
from anlan.replay import world_names
from anlan.replay.rehearse import Rehearsed, on_record, on_world
from anlan.review.contingency import APART, Table
from anlan.review.score import COLOURS, TIDE, Crossing
from anlan.warn.rule_table import FILE
from anlan.warn.rules import Rules, read_rules

TRUTH = ("event", "area", "colour", "start", "end")
MOST_READINGS = 2_000_000
DEFINITIONS = {
    "event": "stretch at a level or above at one place, by the reference; those nearer than "
    "--apart are one",
    "hit": "an event at whose beginning a warning of its level or above was in force in its area",
    "miss": "an event without one; late: such a warning came while it lasted",
    "false_alarm": "a warning at a level that no event of that level in its area overlapped; one "
    "still in force at the end counts as open",
    "lead_hours": "from the warning to the event's beginning, hits only",
    "window": "the warning's validity, from being said until it fell, was cancelled or expired",
    "officers": "none: what the rules decide counts as said at once, every 10 minutes",
    "standard": "NWS Instruction 10-1601 (warnings and events counted each in their own list); "
    "CSI from POD and FAR after Schaefer (1990)",
}


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
        answer({"definitions": DEFINITIONS, "rehearsed": [_json(found, r) for r in results]})
        return
    for result in results:
        _show(found, given, result)


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
    known = None if truth is None else _truth(city, truth)
    return on_record(city, rules, path.name, readings, known, apart=apart, progress=bar)


def _truth(city: City, path: Path) -> list[Crossing]:
    """What happened, as somebody wrote it down; times without an offset are the city's."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            table = csv.DictReader(text)
            missing = [name for name in TRUTH if name not in (table.fieldnames or ())]
            if missing:
                raise Refusal(
                    f"{path.name} has no column {missing[0]}; its header is {','.join(TRUTH)}",
                    field=missing[0],
                    value=path.name,
                    remedy=",".join(TRUTH),
                )
            return [_happened(city, path, table.line_num, row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Refusal(
            f"{path} cannot be read ({problem})",
            field="truth",
            value=path,
            remedy="a UTF-8 CSV file",
        ) from problem


def _happened(city: City, path: Path, line: int, row: dict[str, Any]) -> Crossing:
    def moment(key: str) -> datetime:
        try:
            at = datetime.fromisoformat(str(row[key]))
        except ValueError as problem:
            raise Refusal(
                f"{path.name}, line {line}: {key} '{row[key]}' is not a time",
                field=key,
                value=row[key],
                remedy="ISO 8601",
            ) from problem
        return at if at.tzinfo else at.replace(tzinfo=city.zone)

    start, end = moment("start"), moment("end")
    if end < start or row["colour"] not in COLOURS:
        key = "colour" if end >= start else "end"
        raise Refusal(
            f"{path.name}, line {line}: {key} '{row[key]}' cannot be used",
            field=key,
            value=row[key],
            remedy="blue, yellow, orange or red" if key == "colour" else "a time after start",
        )
    if row["area"] != TIDE:
        for code in str(row["area"]).split():
            city.territory.unit(code)
    return Crossing(row["area"], row["colour"], start, end, row["event"])


def _json(city: City, result: Rehearsed) -> dict[str, Any]:
    def local(moment: datetime) -> str:
        return moment.astimezone(city.zone).isoformat()

    return {
        "name": result.past.name,
        "from": local(result.past.start),
        "to": local(result.past.end),
        "reference": result.reference,
        "reconstructed": result.reconstructed,
        "runs": result.runs,
        "lost_runs": result.lost_runs,
        "scores": [
            {"rule": rule, "level": level, **_counts(table)}
            for rule, levels in result.scores.items()
            for level, table in (levels or {}).items()
        ],
        "unjudged": [rule for rule, levels in result.scores.items() if levels is None],
        "held": [
            {"rule": rule, "reason": reason, "times": times}
            for (rule, reason), times in result.held.items()
        ],
        "messages": [
            {
                "rule": each.rule,
                "event": each.event,
                "step": each.step,
                "level": each.colour.word,
                "area": list(each.area),
                "sent": local(each.sent),
                "expires": local(each.expires),
                "reason": each.reason,
                "grounds": list(each.grounds),
            }
            for each in result.messages
        ],
    }


def _counts(table: Table) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 3)

    return {
        "events": table.events,
        "hits": table.hits,
        "misses": table.misses,
        "late": table.late,
        "warnings": table.warnings,
        "verified": table.verified,
        "false_alarms": table.false_alarms,
        "open": table.open,
        "pod": rounded(table.pod),
        "far": rounded(table.far),
        "csi": rounded(table.csi),
        "lead_hours": list(table.leads_h),
    }


def _show(city: City, rules: Rules, result: Rehearsed) -> None:
    """A table for people, on standard output; how it is counted stands in docs/rules.md."""
    start, end = (each.astimezone(city.zone) for each in (result.past.start, result.past.end))
    runs = f"{result.runs} runs" if result.runs else "no forecast"
    lost = f", {result.lost_runs} lost" if result.lost_runs else ""
    typer.echo(f"{result.past.name}   {start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}   {runs}{lost}")
    typer.echo(f"reference: {result.reference}")
    shown = Shown(box=None, pad_edge=False)
    for title, side in (
        ("rule", "left"),
        ("level", "left"),
        ("events", "right"),
        ("hits", "right"),
        ("misses (late)", "right"),
        ("warnings", "right"),
        ("false", "right"),
        ("POD", "right"),
        ("FAR", "right"),
        ("CSI", "right"),
        ("lead h: median (least–most)", "right"),
    ):
        shown.add_column(title, justify="left" if side == "left" else "right", no_wrap=True)
    for rule in rules.rules:
        levels = result.scores[rule.id]
        if levels is None:
            said = sum(each.rule == rule.id for each in result.messages)
            shown.add_row(rule.id, "unjudged", *["–"] * 3, str(said), *["–"] * 5)
            continue
        counted = {level: each for level, each in levels.items() if each.events or each.warnings}
        for level, table in counted.items():
            shown.add_row(rule.id, level, *_cells(table))
        if not counted:
            shown.add_row(rule.id, "none", *_cells(Table()))
    _print(shown)
    for (rule_id, reason), times in result.held.items():
        typer.echo(f"held back: {rule_id}, {times} times: {reason}")
    typer.echo("")


def _print(shown: Shown) -> None:
    from rich.console import Console

    Console(width=120, highlight=False).print(shown)


def _cells(table: Table) -> list[str]:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    late = f" ({table.late})" if table.late else ""
    leads = "–"
    if table.leads_h:
        middle = statistics.median(table.leads_h)
        leads = f"{middle:.1f} ({min(table.leads_h):.1f}–{max(table.leads_h):.1f})"
    still = f" ({table.open} open)" if table.open else ""
    return [
        str(table.events),
        str(table.hits),
        f"{table.misses}{late}",
        f"{table.warnings}{still}",
        str(table.false_alarms),
        share(table.pod),
        share(table.far),
        share(table.csi),
        leads,
    ]
