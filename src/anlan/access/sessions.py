"""Sessions of browsers: idle and absolute expiry, renewed secrets, listed and ended by their owner.

Only hashes are kept. They age by the real clock, also in a replay.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from anlan.access.rights import ROLES
from anlan.journal import Act
from anlan.store import schema

S = schema.session
SEEN_EVERY = timedelta(minutes=1)
RENEW_EVERY = timedelta(hours=1)
GRACE = timedelta(minutes=2)


@dataclass(frozen=True)
class Life:
    """How long a session lasts: without use, and at all."""

    idle: timedelta
    absolute: timedelta


# at a desk a shift and a week; a telephone in the field must not ask for a password in a storm
DESK = Life(timedelta(hours=12), timedelta(days=7))
PHONE = Life(timedelta(days=14), timedelta(days=60))


def life_of(role: str) -> Life:
    """How long a session of a role lasts."""
    return DESK if "view" in ROLES.get(role, frozenset()) else PHONE


def hash_of(token: str) -> str:
    """What is kept of a secret of 192 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def device_of(agent: str) -> str:
    """Browser and system, to tell one's sessions apart; nothing of what tells people apart."""
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("MicroMessenger/", "WeChat"))
    more = (("DingTalk", "DingTalk"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    found = next((name for mark, name in (*browsers, *more) if mark in agent), "")
    known = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
    system = next((name for name in known if name in agent), "")
    return " · ".join(part for part in (found, system) if part) or "?"


def begin(
    act: Act, account: str, wall: datetime, *, method: str, second_factor: bool, device: str = ""
) -> str:
    """A new session; returns its secret. ``method``: password, sso or link, and by whom."""
    token = secrets.token_urlsafe(24)
    act.tx.execute(
        S.insert().values(
            id=secrets.token_hex(8),
            account=account,
            token_hash=hash_of(token),
            previous_hash=None,
            method=method,
            second_factor=second_factor,
            device=device_of(device),
            created_at=wall,
            rotated_at=wall,
            seen_at=wall,
        )
    )
    act.record("access.signed_in", account, content=method.partition(":")[0])
    return token


def holding(conn: Connection, token: str) -> Row[Any] | None:
    """The session of a secret, the present one or the one before; expired ones too."""
    kept = hash_of(token)
    return conn.execute(
        select(S).where(or_(S.c.token_hash == kept, S.c.previous_hash == kept))
    ).first()


def named(conn: Connection, session: str) -> Row[Any] | None:
    """The session of an id."""
    return conn.execute(select(S).where(S.c.id == session)).first()


def alive(session: Row[Any], role: str, wall: datetime) -> bool:
    """Whether a session still lasts at ``wall``."""
    life = life_of(role)
    return bool(wall < session.created_at + life.absolute and wall < session.seen_at + life.idle)


def is_due(session: Row[Any], token: str, wall: datetime) -> bool:
    """Whether using the session now asks for a line in the store (see `use`)."""
    since = wall - session.rotated_at
    if session.previous_hash is not None and since > GRACE:
        return True
    return bool(since >= RENEW_EVERY or wall - session.seen_at >= SEEN_EVERY)


def use(tx: Connection, token: str, wall: datetime) -> str | None:
    """Note that a session was used; every hour a new secret, which is returned.

    The old secret opens the session until the new one was used: an answer that got lost on the
    way signs nobody out. Once it was, the old one is worth nothing, `GRACE` for requests that
    were under way aside.
    """
    session = holding(tx, token)
    if session is None:
        return None
    changes: dict[str, object] = {"seen_at": wall}
    since = wall - session.rotated_at
    new = None
    if hash_of(token) == session.token_hash:
        if session.previous_hash is not None and since > GRACE:
            changes["previous_hash"] = None
        if since >= RENEW_EVERY:
            new = secrets.token_urlsafe(24)
            changes |= {"previous_hash": session.token_hash}
    elif since > GRACE:
        new = secrets.token_urlsafe(24)
    if new is not None:
        changes |= {"token_hash": hash_of(new), "rotated_at": wall}
    tx.execute(update(S).where(S.c.id == session.id).values(**changes))
    return new


def strengthen(act: Act, session: str, wall: datetime) -> str:
    """The session has shown its second factor: a new secret, and the old one is worth nothing."""
    token = secrets.token_urlsafe(24)
    act.tx.execute(
        update(S)
        .where(S.c.id == session)
        .values(
            second_factor=True,
            token_hash=hash_of(token),
            previous_hash=None,
            rotated_at=wall,
            seen_at=wall,
        )
    )
    return token


def of_account(conn: Connection, account: str, role: str, wall: datetime) -> list[Row[Any]]:
    """The sessions of an account that last, the one used last first."""
    rows = conn.execute(select(S).where(S.c.account == account).order_by(S.c.seen_at.desc()))
    return [row for row in rows if alive(row, role, wall)]


def end(act: Act, account: str, *, only: str | None = None, but: str | None = None) -> int:
    """End the sessions of an account: one, or all but one; returns how many."""
    wanted = S.delete().where(S.c.account == account)
    if only is not None:
        wanted = wanted.where(S.c.id == only)
    if but is not None:
        wanted = wanted.where(S.c.id != but)
    ended = act.tx.execute(wanted).rowcount
    if ended:
        act.record("access.session_ended", account, content=ended)
    return int(ended)


def sweep(tx: Connection, wall: datetime) -> int:
    """Delete what no role's session can be any more; returns how many."""
    over = or_(S.c.created_at < wall - PHONE.absolute, S.c.seen_at < wall - PHONE.idle)
    return int(tx.execute(S.delete().where(over)).rowcount)
