"""Sign-in links, sessions and keys. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select, update

from anlan.access.rights import Caller
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import insert, schema

A, K = schema.account, schema.credential
CredentialKind = Literal["key", "session", "link"]
LIFETIME: dict[CredentialKind, timedelta | None] = {
    "key": None,
    "session": timedelta(days=14),
    "link": timedelta(hours=24),
}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def seed_accounts(tx: Connection, city: City) -> None:
    """Bring the account table up to the city folder: new ones added, changed ones updated."""
    for account in city.accounts.values():
        row = {
            "id": account.id,
            "name": account.name,
            "name_en": account.name_en,
            "role": account.role,
            "territory": account.territory,
            "department": account.department or None,
            "disabled": False,
        }
        changes = {name: value for name, value in row.items() if name not in ("id", "disabled")}
        tx.execute(
            insert(tx, A).values(row).on_conflict_do_update(index_elements=["id"], set_=changes)
        )


def issue(
    act: Act,
    account: str,
    kind: CredentialKind,
    wall: datetime,
    *,
    station: str | None = None,
    token: str | None = None,
) -> str:
    """A new secret for ``account``; shown once, kept as a hash.

    ``wall`` is the real time: sign-ins age by the wall clock, also in a replay.
    """
    known = act.tx.execute(select(A.c.id).where(A.c.id == account, A.c.disabled.is_(False))).first()
    if known is None:
        raise Refusal(
            f"account '{account}' is unknown or disabled; accounts.csv of the city lists them",
            field="account",
            value=account,
            remedy="an account of this city",
            kind="not_found",
        )
    token = token or secrets.token_urlsafe(24)
    life = LIFETIME[kind]
    act.tx.execute(
        insert(act.tx, K)
        .values(
            token_hash=_hash(token),
            account=account,
            kind=kind,
            station=station,
            created_at=wall,
            expires_at=wall + life if life else None,
        )
        .on_conflict_do_nothing()
    )
    if kind != "session":
        act.record(f"access.{kind}_made", account)
    return token


def redeem_link(act: Act, token: str, wall: datetime) -> tuple[str, str]:
    """Exchange a one-time link for a session: (account, session token).

    The conditional UPDATE lets exactly one of two hurried clicks through.
    """
    used = act.tx.execute(
        update(K)
        .where(
            K.c.token_hash == _hash(token),
            K.c.kind == "link",
            K.c.used_at.is_(None),
            K.c.expires_at > wall,
        )
        .values(used_at=wall)
    )
    if used.rowcount != 1:
        raise Refusal(
            "this sign-in link was used already or is older than a day; "
            "ask the desk for a new one (登录链接已失效，请向值班员索取新链接)",
            field="link",
            remedy="a new sign-in link",
            kind="forbidden",
        )
    account: str = act.tx.execute(
        select(K.c.account).where(K.c.token_hash == _hash(token))
    ).scalar_one()
    act.record("access.signed_in", account)
    return account, issue(act, account, "session", wall)


def revoke(tx: Connection, token: str) -> None:
    """Forget a session or key."""
    tx.execute(K.delete().where(K.c.token_hash == _hash(token)))


def caller(conn: Connection, token: str, wall: datetime, exercise: bool) -> Caller | None:
    """Who holds this session or key, if anybody still does."""
    row = conn.execute(
        select(A, K.c.station, K.c.expires_at)
        .join(K, K.c.account == A.c.id)
        .where(
            K.c.token_hash == _hash(token),
            K.c.kind.in_(("session", "key")),
            A.c.disabled.is_(False),
        )
    ).first()
    if row is None or (row.expires_at is not None and row.expires_at <= wall):
        return None
    # a station's key may do nothing but hand in that station's readings
    role = "station" if row.station else row.role
    return Caller(
        row.id, row.name, row.name_en, role, row.territory, row.department, exercise, row.station
    )
