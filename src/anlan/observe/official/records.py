"""Notices as rows: the only place that knows the columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan.city import OfficialWarning
from anlan.journal import Act
from anlan.observe.official.notice import LONGEST, Notice
from anlan.observe.official.standing import Standing, standings
from anlan.store import schema

N = schema.official_notice
LOOK_BACK = LONGEST + timedelta(days=3)
"""A notice is looked at for so long after it was sent: no warning holds longer than `LONGEST`, and
what replaced or ended one must be there as long as that one could hold."""
MOST_UNVERIFIED = 2000
"""Unverified notices kept of one day: a feed that floods must not fill the disk."""
MOST_LOOKED_AT = 3000


def add(act: Act, notice: Notice, raw: bytes) -> bool:
    """Keep a notice with the octets it was read from; False when it is known already.

    Unverified ones beyond `MOST_UNVERIFIED` a day are not kept.
    """
    if act.tx.execute(select(N.c.id).where(N.c.id == notice.id)).first() is not None:
        return False
    if not notice.verified:
        day = select(func.count()).where(
            N.c.verified.is_(False), N.c.received_at > act.now - timedelta(days=1)
        )
        if act.tx.execute(day).scalar_one() >= MOST_UNVERIFIED:
            return False
    act.tx.execute(N.insert().values(**notice.as_row(), raw=raw))
    act.record(
        "official.received",
        notice.id,
        valid_at=notice.sent,
        content={"sender": notice.sender, "verified": notice.verified},
    )
    return True


def known(conn: Connection, now: datetime, as_of: datetime | None = None) -> list[Standing]:
    """What holds or held lately, as known now or at ``as_of``; newest first."""
    moment = as_of or now
    rows = conn.execute(
        select(*(column for column in N.c if column.name != "raw"))
        .where(N.c.sent > moment - LOOK_BACK, N.c.received_at <= moment)
        .order_by(N.c.verified.desc(), N.c.sent.desc())
        .limit(MOST_LOOKED_AT)
    ).mappings()
    return standings([Notice.of_row(dict(row)) for row in rows], moment)


def acting(found: Sequence[Standing]) -> list[Standing]:
    """Those that may be passed on, in the order of their sending."""
    return sorted((each for each in found if each.acts), key=lambda each: each.notice.sent)


def ended(found: Sequence[Standing]) -> list[Standing]:
    """Those that a verified message ended, or took away from this city; in the order of sending."""
    named = {each.notice.id: each for each in found}
    over = []
    for each in found:
        by = named.get(each.by)
        if not each.notice.verified or by is None:
            continue
        if each.state == "ended" or (each.state == "replaced" and not by.notice.here):
            over.append(each)
    return sorted(over, key=lambda each: each.notice.sent)


def warning(each: Standing, found: Sequence[Standing]) -> OfficialWarning:
    """A notice as the warning to be passed on; it replaces all that it and theirs follow."""
    named = {one.notice.id: one for one in found}
    followed: list[str] = []
    waiting = list(each.follows)
    while waiting:
        name = waiting.pop(0)
        if name not in followed:
            followed.append(name)
            waiting += named[name].follows if name in named else ()
    notice = each.notice
    return OfficialWarning(
        id=notice.id,
        issuer=notice.issuer,
        issued=notice.sent,
        event=notice.event,
        colour=notice.colour,
        area=notice.area,
        text=notice.text,
        places=notice.places,
        source=f"{notice.feed}: {notice.sender} {notice.identifier}",
        expires=notice.expires_at,
        replaces=tuple(followed),
    )
