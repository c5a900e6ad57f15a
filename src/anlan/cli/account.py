"""anlan account: who may sign in, and how; taking that back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from anlan.access import credentials, proof, sessions
from anlan.access.rights import needs_second_factor
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at, load_accounts
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema

app = typer.Typer(help="who may sign in, and how", no_args_is_help=True)
CityFolder = Annotated[Path, typer.Argument(help="city folder")]
Name = Annotated[str, typer.Argument(help="account")]
A = schema.account


@app.command("list")
def list_(
    folder: CityFolder,
    role: Annotated[str, typer.Option(help="of this role only")] = "",
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Accounts with what they prove themselves with; and those that the city's file lacks."""
    city = city_at(folder)
    store = Store(data_dir)
    with store.transaction() as tx:
        load_accounts(Act(tx, RealClock().now(), "system"), city)
    wall = RealClock().now()
    shown = []
    with store.read() as conn:
        for row in conn.execute(select(A).order_by(A.c.role, A.c.id)).all():
            if role and row.role != role:
                continue
            has = proof.of(conn, row.id)
            shown.append(
                {
                    "account": row.id,
                    "role": row.role,
                    "disabled": row.disabled,
                    "password": has.password,
                    "second_factor": has.second_factor,
                    "needs_second_factor": needs_second_factor(row.role),
                    "recovery_codes": has.codes_left,
                    "sessions": len(sessions.of_account(conn, row.id, row.role, wall)),
                    "in_file": row.id in city.accounts,
                }
            )
    if as_json:
        answer(shown)
        return
    for one in shown:
        notes = [word for word in ("disabled", "password", "second_factor") if one[word]]
        notes += [f"{one['sessions']} signed in"] if one["sessions"] else []
        notes += [] if one["in_file"] else ["NOT in accounts.csv"]
        typer.echo(f"{one['account']:<24} {one['role']:<16} {', '.join(notes)}".rstrip())


def _known(conn: Connection, account: str) -> Any:
    row = conn.execute(select(A).where(A.c.id == account)).first()
    if row is None:
        raise Refusal(
            f"account '{account}' is unknown; `anlan account list` names them",
            field="account",
            value=account,
            remedy="an account of this city",
            kind="not_found",
        )
    return row


@app.command()
def disable(folder: CityFolder, account: Name, data_dir: DataDir = DEFAULT_DATA) -> None:
    """Let an account in no more: its sessions end, its keys and links are worth nothing."""
    city_at(folder)
    with Store(data_dir).transaction() as tx:
        _known(tx, account)
        credentials.disable(Act(tx, RealClock().now(), "system"), account)
    typer.echo(f"{account} is disabled")


@app.command()
def enable(folder: CityFolder, account: Name, data_dir: DataDir = DEFAULT_DATA) -> None:
    """Let an account in again; it needs a new link, or its password."""
    city_at(folder)
    with Store(data_dir).transaction() as tx:
        _known(tx, account)
        credentials.enable(Act(tx, RealClock().now(), "system"), account)
    typer.echo(f"{account} is enabled")


@app.command()
def reset(folder: CityFolder, account: Name, data_dir: DataDir = DEFAULT_DATA) -> None:
    """Forget password, second factor, recovery codes and single sign-on, and end all sessions.

    For somebody who lost the telephone: hand over a new link afterwards (`anlan key link`).
    """
    city_at(folder)
    with Store(data_dir).transaction() as tx:
        _known(tx, account)
        act = Act(tx, RealClock().now(), "system")
        proof.reset(act, account)
        sessions.end(act, account)
    typer.echo(f"{account} comes back by a new link: anlan key link {folder} {account}")
