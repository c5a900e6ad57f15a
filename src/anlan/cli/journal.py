"""anlan journal: checking the hash chain and walking back from a message."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, err
from anlan.journal import trace as walk_back
from anlan.journal import verify as check_chain
from anlan.store import Store

app = typer.Typer(help="who decided what, when, on which grounds", no_args_is_help=True)


@app.command()
def verify(data_dir: DataDir = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Check the hash chain; names the first wrong row and ends with 1 if there is one."""
    with Store(data_dir).read() as conn:
        verdict = check_chain(conn)
    if as_json:
        answer(asdict(verdict))
    elif verdict.verified:
        typer.echo(f"{verdict.entries} entries, chain holds")
    else:
        typer.echo(f"row {verdict.row}: {verdict.problem}")
    raise typer.Exit(0 if verdict.verified else 1)


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
