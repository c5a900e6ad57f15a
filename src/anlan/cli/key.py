"""anlan key: keys for programs and stations, sign-in links for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from anlan.access import issue
from anlan.cli.console import DEFAULT_DATA, AsJson, DataDir, answer, city_at, load_accounts
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.observe.sta.kept import catalogue
from anlan.refusal import Refusal
from anlan.store import Store, schema

app = typer.Typer(help="keys and sign-in links", no_args_is_help=True)
K = schema.credential
CityFolder = Annotated[Path, typer.Argument(help="city folder")]


@app.command()
def create(
    folder: CityFolder,
    role: Annotated[
        str, typer.Option(help="role whose first account the key stands for")
    ] = "admin",
    account: Annotated[str | None, typer.Option(help="account, instead of a role")] = None,
    station: Annotated[
        str | None, typer.Option(help="may post this station's readings only")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make a Bearer key; it is shown once."""
    city = city_at(folder)
    now = RealClock().now()
    with Store(data_dir).transaction() as tx:
        if station is not None and catalogue(tx, city).get("Things", station) is None:
            raise Refusal(
                f"station '{station}' is not one of {city.name}'s; `anlan observe status` lists "
                "them (and /sta/v1.1/Things those that were made there)",
                field="station",
                value=station,
                remedy="a station of this city",
            )
        act = Act(tx, now, "system")
        load_accounts(act, city)
        holder = (
            account
            or tx.execute(
                select(schema.account.c.id)
                .where(schema.account.c.role == role)
                .order_by("id")
                .limit(1)
            ).scalar_one_or_none()
        )
        if holder is None:
            raise Refusal(
                f"no account of {city.name} has the role '{role}'; accounts.csv lists the roles",
                field="role",
                value=role,
                remedy="a role that an account has",
            )
        token = issue(act, holder, "key", now, station=station)
    if as_json:
        answer({"key": token, "account": holder, "station": station})
    else:
        typer.echo(token)


@app.command("list")
def list_(folder: CityFolder, data_dir: DataDir = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Keys and open links: for whom, since when, made by whom; the secrets are not kept."""
    city_at(folder)
    now = RealClock().now()
    with Store(data_dir).read() as conn:
        rows = conn.execute(
            select(K).where(K.c.used_at.is_(None)).order_by(K.c.kind, K.c.created_at)
        ).all()
    shown = [
        {
            "id": row.token_hash[:12],
            "kind": row.kind,
            "account": row.account,
            "station": row.station,
            "created_at": row.created_at.isoformat(timespec="seconds"),
            "made_by": row.made_by,
        }
        for row in rows
        if row.expires_at is None or row.expires_at > now
    ]
    if as_json:
        answer(shown)
        return
    for one in shown:
        whom = f"station {one['station']}" if one["station"] else one["account"]
        typer.echo(f"{one['id']}  {one['kind']:<4}  {one['created_at']}  {whom}")


@app.command()
def revoke(
    folder: CityFolder,
    key: Annotated[str, typer.Argument(help="id as `anlan key list` shows it")],
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Take a key or a link back; it is worth nothing at once."""
    city_at(folder)
    with Store(data_dir).transaction() as tx:
        mine = K.c.token_hash.startswith(key, autoescape=True)
        found = tx.execute(select(K.c.token_hash, K.c.account, K.c.kind).where(mine)).all()
        if len(key) < 8 or len(found) != 1:
            raise Refusal(
                f"'{key}' names {len(found)} keys; `anlan key list` shows their ids",
                field="key",
                value=key,
                remedy="an id of 12 letters and digits",
                kind="not_found",
            )
        [row] = found
        tx.execute(K.delete().where(K.c.token_hash == row.token_hash))
        Act(tx, RealClock().now(), "system").record(f"access.{row.kind}_revoked", row.account)
    typer.echo(f"{row.kind} of {row.account} revoked")


@app.command()
def link(
    folder: CityFolder,
    account: Annotated[str, typer.Argument(help="account to sign in as")],
    base: Annotated[str, typer.Option(help="address of the desk")] = "http://127.0.0.1:8000",
    data_dir: DataDir = DEFAULT_DATA,
) -> None:
    """Make a one-time sign-in link, good for a day."""
    city = city_at(folder)
    now = RealClock().now()
    with Store(data_dir).transaction() as tx:
        act = Act(tx, now, "system")
        load_accounts(act, city)
        token = issue(act, account, "link", now)
    typer.echo(f"{base}/signin/{token}")
