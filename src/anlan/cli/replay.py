"""anlan replay and anlan demo: an event carried through the chain, at any speed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from anlan.city import City
from anlan.cli.console import AsJson, answer, city_at, err, progress_bars
from anlan.clock import SteppedClock
from anlan.refusal import Refusal
from anlan.replay import Plan, prepare, summary, world_names
from anlan.service.host import serve_replay
from anlan.store import Store

Speed = Annotated[str, typer.Option(help="event seconds per second, or max (no desk)")]
World = Annotated[str, typer.Option(help="replayed world, or all (with --speed max)")]
Seed = Annotated[int, typer.Option(help="seed of the forecast ensemble and of the actors")]
ActorsChoice = Annotated[str, typer.Option(help="all, or none: nobody acts but you")]
Resolution = Annotated[float | None, typer.Option(help="cell size, m; default from city.toml")]
Members = Annotated[int | None, typer.Option(help="ensemble members; default from city.toml")]
ReplayDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="ANLAN_DATA_DIR", help="default: var/<event>-<world>"),
]
Port = Annotated[int, typer.Option(help="port of the desk on 127.0.0.1")]


def _factor(text: str) -> float | None:
    """Event seconds per second; None for ``max``."""
    if text == "max":
        return None
    try:
        return float(text)
    except ValueError as problem:
        raise Refusal(
            f"speed '{text}' is neither a number nor max",
            field="speed",
            value=text,
            remedy="a number such as 1440, or max",
        ) from problem


def _checked(actors: str) -> str:
    if actors not in ("all", "none"):
        raise Refusal(
            f"actors '{actors}' is neither all nor none",
            field="actors",
            value=actors,
            remedy="all or none",
        )
    return actors


def _folder(given: Path | None, plan: Plan) -> Path:
    return given or Path("var") / f"{plan.event}-{plan.world}"


def run_at_full_speed(city: City, plan: Plan, folder: Path) -> dict[str, object]:
    """The whole event without the desk; goes on where an earlier run was cut off."""
    store = Store(folder)
    store.hold()
    event = city.event(plan.event)
    clock = SteppedClock(event.start)
    span = (event.end - event.start).total_seconds()
    with progress_bars() as bar:
        replay = prepare(plan, city, store, clock, bar)
        if replay.finished:
            err.print(f"{folder} holds this replay already, carried through; its results follow")

        def show(now: datetime) -> None:
            share = (now - event.start).total_seconds() / span
            bar(f"{event.name} · {plan.world}", share)

        replay.run(show)
    result = summary(replay, plan)
    replay.chain.close()
    store.close()
    return result


def _scores_table(results: list[dict[str, object]]) -> Table:
    table = Table("world", "hits", "misses", "false alarms", "cases closed", "tasks on time")
    for result in results:
        scores, cases, tasks = result["scores"], result["cases"], result["tasks"]
        if isinstance(scores, dict) and isinstance(cases, dict) and isinstance(tasks, dict):
            table.add_row(
                str(result["world"]),
                *(str(scores[name]) for name in ("hits", "misses", "false_alarms")),
                f"{cases['closed']}/{cases['opened']}",
                f"{tasks['done'] - tasks['late']}/{tasks['opened']}",
            )
    return table


def replay(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    event: Annotated[str, typer.Argument(help="event of the city")],
    speed: Speed = "max",
    world: World = "near",
    seed: Seed = 1,
    actors: ActorsChoice = "all",
    resolution: Resolution = None,
    members: Members = None,
    port: Port = 8000,
    data_dir: ReplayDir = None,
    as_json: AsJson = False,
) -> None:
    """Replay an event. At a number it serves the desk; at max it prints what came out."""
    factor = _factor(speed)
    city = city_at(folder)
    found = city.event(event)
    names = world_names(found) if world == "all" else [world]
    plans = [Plan(event, name, seed, _checked(actors), resolution, members) for name in names]
    if factor is not None:
        if len(plans) > 1:
            raise Refusal(
                "world all needs --speed max; the desk shows one world at a time",
                field="world",
                value="all",
                remedy="--speed max, or one world",
            )
        serve_replay(city, plans[0], factor, port, _folder(data_dir, plans[0]), progress_bars)
        return
    results = []
    for plan in plans:
        base = data_dir / plan.world if data_dir and len(plans) > 1 else data_dir
        results.append(run_at_full_speed(city, plan, _folder(base, plan)))
    if as_json or not sys.stdout.isatty():
        answer(results if world == "all" else results[0])
    if world == "all" or not as_json:
        err.print(_scores_table(results))


def demo(
    port: Port = 8000,
    speed: Speed = "1440",
    world: Annotated[str, typer.Option(help="near, worse or miss")] = "near",
    actors: ActorsChoice = "all",
    seed: Seed = 1,
    data_dir: ReplayDir = None,
) -> None:
    """Replay Typhoon In-Fa over Pinghu and open the desk."""
    factor = _factor(speed)
    if factor is None:
        raise Refusal(
            "speed max has no desk; use anlan replay, or a number",
            field="speed",
            value="max",
            remedy="a number such as 1440",
        )
    plan = Plan("infa-2021", world, seed, _checked(actors))
    city = city_at(demo_city())
    serve_replay(city, plan, factor, port, _folder(data_dir, plan), progress_bars)


def demo_city() -> Path:
    """Pinghu's folder: in the working folder, or beside the installed sources."""
    here = Path("cities/pinghu")
    return here if here.exists() else Path(__file__).parents[3] / "cities" / "pinghu"
