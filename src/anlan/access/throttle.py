"""How often somebody may try to sign in: faults are counted by account and by address.

Kept in the store, so that starting the desk again forgives nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from anlan.refusal import Refusal
from anlan.store import schema

F = schema.sign_in_fault
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """At most ``most`` faults within `WINDOW` for one ``who``."""

    who: str
    most: int


def limits(account: str, address: str) -> tuple[Limit, ...]:
    """What a try counts against.

    One address may miss one account five times; all addresses together thirty times, so that
    many machines guess no faster; one address sixty times, over all accounts.
    """
    return (
        Limit(_digest("pair", account, address), 5),
        Limit(_digest("account", account), 30),
        Limit(_digest("address", address), 60),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def charge(tx: Connection, found: tuple[Limit, ...], now: datetime) -> list[str]:
    """Count a try as a fault before it is judged; returns the ids to forgive if it was none.

    Counted first, and in a transaction of its own, many tries at once come no further than one
    after the other.

    Raises:
        Refusal: ``too_many``, with the time to wait, where a limit is reached.
    """
    tx.execute(F.delete().where(F.c.at <= now - WINDOW))
    for limit in found:
        moments = tx.execute(
            select(F.c.at).where(F.c.who == limit.who).order_by(F.c.at.desc()).limit(limit.most)
        ).scalars()
        recent = list(moments)
        if len(recent) == limit.most:
            # the window slides: the oldest of them has to leave it
            wait = max(1, int((recent[-1] + WINDOW - now).total_seconds()) + 1)
            minutes = -(-wait // 60)
            raise Refusal(
                f"too many failed sign-ins; try again in {minutes} min "
                f"(登录失败次数过多，请 {minutes} 分钟后再试)",
                field="account",
                remedy=f"signing in {minutes} min later, or a sign-in link",
                kind="too_many",
                again_s=wait,
            )
    names = [secrets.token_hex(12) for _ in found]
    pairs = zip(names, found, strict=True)
    tx.execute(F.insert(), [{"id": name, "who": one.who, "at": now} for name, one in pairs])
    return names


def take_back(tx: Connection, charged: list[str]) -> None:
    """A try that was no fault, and proved nothing either."""
    tx.execute(F.delete().where(F.c.id.in_(charged)))


def forgive(tx: Connection, found: tuple[Limit, ...], charged: list[str]) -> None:
    """Forget a try that was right, and the faults of this account from this address."""
    tx.execute(F.delete().where(or_(F.c.id.in_(charged), F.c.who == found[0].who)))
