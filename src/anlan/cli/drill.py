"""anlan drill: a plan rehearsed on a desk of its own, or carried through at full speed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from anlan import drill as drills
from anlan.cli.console import AsJson, answer, city_at, err
from anlan.clock import SteppedClock
from anlan.drill.page import write
from anlan.refusal import Refusal
from anlan.service.drill_host import serve_drill
from anlan.store import Store

Speed = Annotated[
    str, typer.Option(help="drill seconds per second; max: no desk, everybody moved, the report")
]
Hands = Annotated[
    str | None,
    typer.Option("--by-hand", help="roles or accounts that people play, by commas; all: everybody"),
]
DrillDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="ANLAN_DATA_DIR", help="default: var/drill-<plan>"),
]


def drill(
    folder: Annotated[Path, typer.Argument(help="city folder")],
    plan: Annotated[str, typer.Argument(help="a script of the city's drills/, or its path")],
    speed: Speed = "1",
    port: Annotated[int, typer.Option(help="port of the drill's desk on 127.0.0.1")] = 8100,
    by_hand: Hands = None,
    seed: Annotated[int, typer.Option(help="seed of the moved people")] = 1,
    out: Annotated[Path | None, typer.Option("-o", help="write drill.html and drill.json")] = None,
    data_dir: DrillDir = None,
    as_json: AsJson = False,
) -> None:
    """Rehearse a plan: what happens comes from a script, people or moved actors respond.

    Nothing of it can reach anybody: its store, clock, port and outlets are its own.
    """
    city = city_at(folder)
    script = drills.read(drills.find(Path(city.folder), plan))
    hands = None if by_hand is None else _hands(by_hand)
    base = data_dir or Path("var") / f"drill-{script.drill.id}"
    if speed != "max":
        serve_drill(city, script, _factor(speed), port, base, seed, hands)
        return
    store = Store(base, private=True)
    store.hold()
    running = drills.prepare(
        city, script, store, SteppedClock(script.drill.start), seed, hands or ()
    )
    if running.finished:
        err.print(f"{base} holds this drill already, carried through; its report follows")
    running.run()
    with store.read() as conn:
        report = drills.measure(conn, running)
    store.close()
    if out is not None:
        paths = write(report, out, city.zone)
        err.print(f"{paths.html}  {paths.json}")
    if as_json or not sys.stdout.isatty():
        answer(report)
    else:
        counts = report["verdict"]
        err.print(
            f"【演练】{script.drill.name}：按时 {counts['met']}，超时 {counts['late']}，"
            f"未做到 {counts['missed']}"
        )


def _hands(text: str) -> tuple[str, ...]:
    from anlan.city import ROLES

    return tuple(ROLES) if text == "all" else tuple(part.strip() for part in text.split(","))


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 600:
        raise Refusal(
            f"speed '{text}' is neither max nor a number from 1 to 600",
            field="speed",
            value=text,
            remedy="1 to 600, or max",
        )
    return factor
