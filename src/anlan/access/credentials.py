"""Sign-in links and keys, and who is behind a key or a session. Only hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, update

from anlan.access import proof, sessions
from anlan.access.rights import ROLES, Caller, Lack, Right, needs_second_factor
from anlan.access.sessions import hash_of
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import get_meta, insert, schema, set_meta

A, K, J = schema.account, schema.credential, schema.journal
INVITED = "volunteer-va"
"""How the ids of accounts begin that an invitation made; no accounts.csv lists those."""
LEFT = "access.left"
CITY = "city"
"""Under which name the store keeps whose records it holds."""
CredentialKind = Literal["key", "link"]
LIFETIME: dict[CredentialKind, timedelta | None] = {
    "key": None,
    "link": timedelta(hours=24),
}


@dataclass(frozen=True)
class Loaded:
    """What a load of ``accounts.csv`` changed: accounts let in no more, and let in again.

    ``keepers``: how many accounts are left that hand out sign-in links on the real clock.
    """

    left: tuple[str, ...]
    back: tuple[str, ...]
    keepers: int

    @property
    def warning(self) -> str:
        """What whoever starts the desk must know; empty while all is well."""
        if self.keepers:
            return ""
        gone = f" (let in no more: {', '.join(self.left[:6])})" if self.left else ""
        return (
            "accounts.csv names nobody with role admin who may sign in, so nobody can let others "
            f"in on the real clock{gone}; give a row the role admin, or run `anlan account enable` "
            "(没有可用的管理员账号，请在 accounts.csv 中补一个)"
        )


def seed_accounts(tx: Connection, city: City) -> None:
    """Bring the account table up to the city folder: new ones added, changed ones updated."""
    rows = [
        {
            "id": account.id,
            "name": account.name,
            "name_en": account.name_en,
            "role": account.role,
            "territory": account.territory,
            "department": account.department or None,
            "disabled": False,
        }
        for account in city.accounts.values()
    ]
    if rows:
        given = insert(tx, A)
        kept = ("id", "disabled")
        changes = {name: given.excluded[name] for name in rows[0] if name not in kept}
        tx.execute(given.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


def load_accounts(act: Act, city: City) -> Loaded:
    """`seed_accounts`, and whoever was taken out of the file is let in no more.

    Accounts that an invitation made stay. A row that comes back opens its account again, unless
    somebody disabled it by hand. Both are journaled.

    Raises:
        Refusal: ``conflict`` for records of another city, whose people would all be let out.
    """
    known = get_meta(act.tx, CITY)
    if known not in (None, city.id):
        raise Refusal(
            f"these records are of the city '{known}', not of '{city.id}'; give the folder of "
            f"'{known}', or another --data-dir",
            field="city",
            value=city.id,
            remedy=f"the folder of '{known}', or another --data-dir",
            kind="conflict",
        )
    set_meta(act.tx, CITY, city.id)
    seed_accounts(act.tx, city)
    rows = act.tx.execute(select(A.c.id, A.c.disabled).order_by(A.c.id)).all()
    left = [
        row.id
        for row in rows
        if not row.disabled and row.id not in city.accounts and not row.id.startswith(INVITED)
    ]
    back = [
        row.id
        for row in rows
        if row.disabled and row.id in city.accounts and _last_said(act.tx, row.id) == LEFT
    ]
    for account in left:
        disable(act, account, LEFT)
    for account in back:
        enable(act, account)
    keepers = act.tx.execute(
        select(func.count())
        .select_from(A)
        .where(A.c.disabled.is_(False), A.c.role.in_(_holders("accounts")))
    ).scalar_one()
    return Loaded(tuple(left), tuple(back), int(keepers))


def _holders(right: Right) -> list[str]:
    return [role for role, has in ROLES.items() if right in has]


def _last_said(conn: Connection, account: str) -> str | None:
    """The newest word of the journal on whether an account is let in."""
    words = (LEFT, "access.disabled", "access.enabled")
    return conn.execute(
        select(J.c.kind)
        .where(J.c.subject == account, J.c.kind.in_(words))
        .order_by(J.c.seq.desc())
        .limit(1)
    ).scalar_one_or_none()


def disable(act: Act, account: str, why: str = "access.disabled") -> None:
    """Let an account in no more: its sessions end, its keys and links are worth nothing."""
    act.tx.execute(update(A).where(A.c.id == account).values(disabled=True))
    act.tx.execute(K.delete().where(K.c.account == account))
    sessions.end(act, account)
    act.record(why, account)


def enable(act: Act, account: str) -> None:
    """Let an account in again; it needs a new link, or its password."""
    act.tx.execute(update(A).where(A.c.id == account).values(disabled=False))
    act.record("access.enabled", account)


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
