"""anlan journal: checking the hash chain, anchoring it, and walking back from a message."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, err
from anlan.clock import RealClock
from anlan.journal import anchor as anchors
from anlan.journal import trace as walk_back
from anlan.journal.entry import GENESIS
from anlan.refusal import Refusal
from anlan.store import Store

app = typer.Typer(help="who decided what, when, on which grounds", no_args_is_help=True)


AnchorFile = Annotated[
    Path | None,
    typer.Option("--anchor", help="hold it against this file, not the one beside the data"),
]


@app.command()
def verify(
    file: AnchorFile = None, data_dir: DataDir = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Check chain and anchor; says what was changed, cut off or rewritten, and then ends with 1."""
    store = Store(data_dir)
    path = file or anchors.anchor_file(store)
    if file is not None and not file.exists():
        raise Refusal(
            f"there is no anchor {file}",
            field="anchor",
            value=file,
            remedy="a file that the desk or `anlan journal anchor` wrote",
            kind="not_found",
        )
    with store.read() as conn:
        found = anchors.check(conn, path)
    if as_json:
        answer(asdict(found))
    elif not found.verified:
        typer.echo(f"row {found.row}: {found.problem}" if found.row else found.problem)
    else:
        typer.echo(f"{found.entries} entries, chain holds")
        if found.anchored is None:
            err.print(f"not anchored ({path} is not there): an end that was cut off does not show")
        else:
            when = found.anchored_at.isoformat(timespec="seconds") if found.anchored_at else ""
            typer.echo(f"anchored to entry {found.anchored} on {when} ({path})")
    raise typer.Exit(0 if found.verified else 1)


@app.command()
def anchor(
    to: Annotated[
        Path | None, typer.Option("--to", help="append to this file; - prints the line alone")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Keep the journal's head outside the database, where nobody who can write there can write."""
    store = Store(data_dir)
    path = to or anchors.anchor_file(store)
    alone = str(path) == "-"
    points = anchors.read(path) if not alone and path.exists() else []
    with store.read() as conn:
        point = anchors.head(conn, RealClock().now())
        wrong = anchors.contradiction(conn, points)
    if wrong:
        raise Refusal(
            f"nothing was added: {wrong}",
            field="anchor",
            value=path,
            remedy="anlan journal verify",
            kind="conflict",
        )
    if point is None:
        typer.echo("the journal is empty; nothing to anchor")
        return
    if alone:
        typer.echo(point.line(GENESIS))
        return
    added = anchors.append(path, point)
    typer.echo(f"entry {point.seq} {'anchored' if added else 'was anchored already'} in {path}")


@app.command()
def trace(
    subject: Annotated[str, typer.Argument(help="id of a delivery, alert, case, task or run")],
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """From a message back to the run and the readings that caused it."""
    with Store(data_dir).read() as conn:
        steps = walk_back(conn, subject)
    if as_json:
        answer(steps)
    else:
        for step in steps:
            grounds = " ".join(step["grounds"]) if isinstance(step["grounds"], list) else ""
            typer.echo(
                f"{step['seq']:>6}  {step['recorded_at']}  {step['kind']:<22} "
                f"{step['subject']}  by {step['actor']}  {grounds}"
            )
        if not steps:
            err.print(f"nothing in the journal about '{subject}'")
    raise typer.Exit(0 if steps else 1)
