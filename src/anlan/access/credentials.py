"""Sign-in links and keys, and who is behind a key or a session. Only hashes are kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from anlan.access import proof, sessions
from anlan.access.rights import Caller, Lack, needs_second_factor
from anlan.access.sessions import hash_of
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import insert, schema

A, K = schema.account, schema.credential
CredentialKind = Literal["key", "link"]
LIFETIME: dict[CredentialKind, timedelta | None] = {
    "key": None,
    "link": timedelta(hours=24),
}


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
            token_hash=hash_of(token),
            account=account,
            kind=kind,
            station=station,
            made_by=act.actor,
            created_at=wall,
            expires_at=wall + life if life else None,
        )
        .on_conflict_do_nothing()
    )
    act.record(f"access.{kind}_made", account)
    return token


def redeem_link(act: Act, token: str, wall: datetime, device: str = "") -> tuple[str, str]:
    """Exchange a one-time link for a session: (account, session token).

    The conditional UPDATE lets exactly one of two hurried clicks through.
    """
    used = act.tx.execute(
        update(K)
        .where(
            K.c.token_hash == hash_of(token),
            K.c.kind == "link",
            K.c.used_at.is_(None),
            K.c.expires_at > wall,
        )
        .values(used_at=wall)
    )
    link = act.tx.execute(
        select(K.c.account, K.c.made_by, A.c.disabled)
        .join(A, A.c.id == K.c.account)
        .where(K.c.token_hash == hash_of(token))
    ).first()
    if used.rowcount != 1 or link is None or link.disabled:
        raise Refusal(
            "this sign-in link was used already or is older than a day; "
            "ask the desk for a new one (登录链接已失效，请向值班员索取新链接)",
            field="link",
            remedy="a new sign-in link",
            kind="forbidden",
        )
    method = f"link:{link.made_by or 'system'}"
    session = sessions.begin(
        act, link.account, wall, method=method, second_factor=False, device=device
    )
    return str(link.account), session


def revoke(act: Act, token: str) -> None:
    """Forget a session."""
    found = sessions.holding(act.tx, token)
    if found is not None:
        sessions.end(act, found.account, only=found.id)


def caller(conn: Connection, token: str, wall: datetime, exercise: bool) -> Caller | None:
    """Who holds this session or key, if anybody still does."""
    return _by_key(conn, token, exercise) or _by_session(
        conn, sessions.holding(conn, token), wall, exercise
    )


def caller_again(
    conn: Connection, known: Caller, token: str, wall: datetime, exercise: bool
) -> Caller | None:
    """The same session or key later, whose secret may have changed meanwhile; None if it ended."""
    if known.session is None:
        return _by_key(conn, token, exercise)
    return _by_session(conn, sessions.named(conn, known.session), wall, exercise)


def _by_key(conn: Connection, token: str, exercise: bool) -> Caller | None:
    row = conn.execute(
        select(A, K.c.station)
        .join(K, K.c.account == A.c.id)
        .where(K.c.token_hash == hash_of(token), K.c.kind == "key", A.c.disabled.is_(False))
    ).first()
    if row is None:
        return None
    # a station's key may do nothing but hand in that station's readings
    role = "station" if row.station else row.role
    return Caller(
        row.id,
        row.name,
        row.name_en,
        role,
        row.territory,
        row.department,
        exercise,
        row.station,
        by_key=True,
    )


def _by_session(
    conn: Connection, session: Row[Any] | None, wall: datetime, exercise: bool
) -> Caller | None:
    if session is None:
        return None
    row = conn.execute(select(A).where(A.c.id == session.account, A.c.disabled.is_(False))).first()
    if row is None or not sessions.alive(session, row.role, wall):
        return None
    # nothing real follows in an exercise: there a link is enough
    lacks: Lack = "" if exercise or session.second_factor else _lack(conn, row.id, row.role)
    maker = session.method.partition("link:")[2]
    return Caller(
        row.id,
        row.name,
        row.name_en,
        row.role,
        row.territory,
        row.department,
        exercise,
        session=session.id,
        lacks=lacks,
        let_in_by="" if exercise or maker in ("", "system", row.id) else maker,
    )


def _lack(conn: Connection, account: str, role: str) -> Lack:
    """What a session without second factor still needs on the real clock."""
    if proof.of(conn, account).second_factor:
        return "code"
    return "second_factor" if needs_second_factor(role) else ""
