"""Rows of volunteers and their work, found or refused; and what follows from several of them."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers.claiming import CAME, PROMISED
from anlan.respond.volunteers.showing import Past
from anlan.store import schema

V, S, W = schema.volunteer, schema.volunteer_skill, schema.volunteer_work
CL, K, Q = schema.volunteer_claim, schema.volunteer_call, schema.volunteer_asked
P, A = schema.person, schema.account
AnyRow = Row[Any]
ACTIVE = ("approved",)
LONGEST_TEXT = 1000
EARTH_KM = 6371.0


def volunteer_of(conn: Connection, volunteer: str) -> AnyRow:
    """A volunteer's row; raises `Refusal` (not_found)."""
    return _get(conn, V, volunteer, "volunteer")


def work_of(conn: Connection, work: str) -> AnyRow:
    """The row of a piece of work; raises `Refusal` (not_found)."""
    return _get(conn, W, work, "work")


def call_of(conn: Connection, call: str) -> AnyRow:
    """The row of a call-out; raises `Refusal` (not_found)."""
    return _get(conn, K, call, "call")


def claim_of(conn: Connection, work: str, volunteer: str) -> AnyRow:
    """Somebody's claim of a piece of work; raises `Refusal` (not_found)."""
    row = conn.execute(select(CL).where(CL.c.work == work, CL.c.volunteer == volunteer)).first()
    if row is None:
        raise no_such("claim", work)
    return row


def mine(conn: Connection, account: str) -> AnyRow | None:
    """The volunteer that an account is, if it has applied."""
    return conn.execute(select(V).where(V.c.account == account)).first()


def active(conn: Connection, account: str) -> AnyRow:
    """The approved volunteer that an account is; raises `Refusal` (forbidden) for anybody else."""
    row = mine(conn, account)
    if row is None or row.state not in ACTIVE:
        raise Refusal(
            "you are no approved volunteer yet; register on the phone page and wait for approval "
            "(请先登记并等待审核)",
            field="volunteer",
            value=None if row is None else row.state,
            remedy="register, then wait for approval",
            kind="forbidden",
        )
    return row


def no_such(what: str, name: str) -> Refusal:
    """The answer for a thing that is not there, or not for the caller: the same words for both."""
    return Refusal(
        f"there is no {what} {name[:40]} here",
        field=what,
        value=name[:40],
        remedy=f"a {what} of your list",
        kind="not_found",
    )


def territories_with_proof(conn: Connection, photo: str) -> list[str]:
    """Where those live whose certificate a picture is."""
    rows = conn.execute(
        select(V.c.territory).join(S, S.c.volunteer == V.c.id).where(S.c.proof == photo)
    )
    return list(rows.scalars())


def _get(conn: Connection, table: Any, name: str, what: str) -> AnyRow:
    row = conn.execute(select(table).where(table.c.id == name)).first()
    if row is None:
        raise no_such(what, name)
    return row


def not_oneself(act: Act, row: AnyRow) -> None:
    """Raise `Refusal` (forbidden) when the actor is the volunteer."""
    if act.actor == row.account:
        raise Refusal(
            f"{act.actor} is volunteer {row.id}; another person must do this (须由他人办理)",
            field="actor",
            value=act.actor,
            remedy="ask another officer",
            kind="forbidden",
        )


def words(field: str, value: object, longest: int = LONGEST_TEXT, *, needed: bool = True) -> str:
    """A text as given, trimmed; raises `Refusal` for what is none, too long, or holds controls."""
    text = value.strip() if isinstance(value, str) else ""
    bad = any(not sign.isprintable() and sign not in "\r\n\t" for sign in text)
    if (needed and not text) or len(text) > longest or bad or not isinstance(value, str | None):
        raise Refusal(
            f"{field} must be a text of 1 to {longest} characters without control signs",
            field=field,
            value=str(value)[:40],
            remedy=f"1 to {longest} characters",
        )
    return text


def add_months(moment: datetime, months: int) -> datetime:
    """The same day ``months`` later, or that month's last."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(
        year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
    )


def distance_km(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Great-circle distance, km; degrees in (EPSG:4326)."""
    a, b = math.radians(lat), math.radians(to_lat)
    half = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def past_of(conn: Connection, volunteers: Iterable[AnyRow], now: datetime) -> Mapping[str, Past]:
    """volunteer id -> what they were asked and did: brought along, and kept here; drills apart.

    Somebody counts as asked once they answered or the time for it passed.
    """
    found = {row.id: Past(**row.past) for row in volunteers}
    real = W.c.drill.is_(False)
    asked = conn.execute(
        select(Q.c.volunteer, Q.c.answer, func.count().label("n"))
        .join(K, K.c.id == Q.c.call)
        .join(W, W.c.id == K.c.work)
        .where(real, Q.c.answer.is_not(None) | (K.c.reply_by <= now))
        .group_by(Q.c.volunteer, Q.c.answer)
    )
    for row in asked:
        if row.volunteer in found:
            yes = row.n if row.answer == "yes" else 0
            found[row.volunteer] = found[row.volunteer].plus(Past(asked=row.n, yes=yes))
    held = conn.execute(
        select(CL.c.volunteer, CL.c.state, func.count().label("n"))
        .join(W, W.c.id == CL.c.work)
        .where(real, CL.c.state.in_(sorted(PROMISED)))
        .group_by(CL.c.volunteer, CL.c.state)
    )
    for row in held:
        if row.volunteer in found:
            came = row.n if row.state in CAME else 0
            found[row.volunteer] = found[row.volunteer].plus(Past(promised=row.n, came=came))
    return found


def skill_state(skill: AnyRow | None, at: datetime) -> str:
    """``valid``, ``expired``, ``unverified`` or ``missing`` at a moment."""
    if skill is None:
        return "missing"
    if skill.expires_at is not None and skill.expires_at <= at:
        return "expired"
    return "valid" if skill.verified_by else "unverified"
