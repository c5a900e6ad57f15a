"""anlan alert: checking CAP documents, and the alerts of a data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from anlan import cap, warn
from anlan.cap.signature import SignatureFault, is_signed, load_certificates, verified
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at, err
from anlan.cli.rehearse import rehearse
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema
from anlan.warn import officers

app = typer.Typer(
    help="warnings: check, list, show, approve, cancel; rules: rehearse", no_args_is_help=True
)
app.command()(rehearse)
A = schema.alert
AlertId = Annotated[str, typer.Argument(help="identifier of the alert")]
CityFolder = Annotated[Path, typer.Argument(help="city folder")]
Officer = Annotated[str, typer.Option("--as", help="account that decides")]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Refusal(
            f"file {path} cannot be read ({problem.strerror})",
            field="file",
            value=path,
            remedy="a CAP 1.2 document",
        ) from problem


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="CAP 1.2 document")],
    against: Annotated[
        list[Path] | None, typer.Option(help="earlier messages of its chain")
    ] = None,
    pinned: Annotated[
        Path | None, typer.Option(help="PEM certificates agreed on with its sender")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a CAP message may be acted on, and every fault with its remedy.

    With --pinned only what one of those keys signed is accepted, and only what was signed is read.
    """
    earlier = [_read(path) for path in against or []]
    verdict = _verdict(_read(file), earlier, None if pinned is None else _read(pinned))
    if as_json:
        answer({"accept": verdict.accept, "errors": verdict.errors, "warnings": verdict.warnings})
    else:
        for sentence in verdict.errors:
            typer.echo(f"error: {sentence}")
        for sentence in verdict.warnings:
            typer.echo(f"warning: {sentence}")
        typer.echo("accept" if verdict.accept else "refuse")
    raise typer.Exit(0 if verdict.accept else 1)


def _verdict(data: bytes, earlier: list[bytes], pinned: bytes | None) -> cap.Verdict:
    if pinned is not None:
        try:
            keys = load_certificates(pinned)
        except ValueError as problem:
            raise Refusal(
                f"--pinned holds no certificate ({problem}); give a PEM file",
                field="pinned",
                remedy="a PEM file of certificates",
            ) from problem
        try:
            data = verified(data, keys, RealClock().now())
        except SignatureFault as fault:
            return cap.Verdict(False, (f"signature: {fault}",), (), None)
        except cap.CapError as error:
            return cap.Verdict(False, tuple(error.problems), (), None)
        return cap.validate(data, earlier)
    verdict = cap.validate(data, earlier)
    if verdict.accept and is_signed(data):
        unchecked = "signature: not checked; name the sender's certificate with --pinned"
        return replace(verdict, warnings=(*verdict.warnings, unchecked))
    return verdict


@app.command("list")
def list_alerts(
    state: Annotated[str | None, typer.Option(help="draft, issued, superseded…")] = None,
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """All alerts, oldest first."""
    query = select(A).order_by(A.c.drafted_at, A.c.id)
    if state:
        query = query.where(A.c.state == state)
    with Store(data_dir).read() as conn:
        rows = [dict(row) for row in conn.execute(query).mappings()]
    if as_json:
        answer([{k: v for k, v in row.items() if k != "cap_xml"} for row in rows])
        return
    for row in rows:
        typer.echo(
            f"{row['id']}  {row['state']:<10} {row['status']:<8} {row['colour']:<6} "
            f"{row['area_name']}  {row['headline']}"
        )
    err.print(f"{len(rows)} alerts")


@app.command()
def show(alert: AlertId, data_dir: DataDir = DEFAULT_DATA) -> None:
    """The CAP document of an alert."""
    with Store(data_dir).read() as conn:
        text = conn.execute(select(A.c.cap_xml).where(A.c.id == alert)).scalar_one_or_none()
    if text is None:
        raise Refusal(
            f"alert '{alert}' is unknown or still a draft; `anlan alert list` shows them",
            field="alert",
            value=alert,
            remedy="the id of an issued alert",
            kind="not_found",
        )
    typer.echo(text)


@app.command()
def approve(
    folder: CityFolder, alert: AlertId, officer: Officer, data_dir: DataDir = DEFAULT_DATA
) -> None:
    """Approve a draft as a named officer; the second approval must come from the desk."""
    city = city_at(folder)
    with Store(data_dir).transaction() as tx:
        act = Act(tx, RealClock().now(), officer)
        warn.actions.approve(act, city, alert, via=officers.TERMINAL)
    err.print(f"{alert} approved by {officer}")


@app.command()
def cancel(
    folder: CityFolder,
    alert: AlertId,
    officer: Officer,
    reason: Annotated[str, typer.Option(help="why; goes to those who were warned")],
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """End an issued alert as a named officer."""
    city = city_at(folder)
    with Store(data_dir).transaction() as tx:
        warn.actions.cancel(Act(tx, RealClock().now(), officer), city, alert, reason)
    err.print(f"{alert} cancelled by {officer}")
