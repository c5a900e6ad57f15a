"""Personal data: opened by purpose for a short time, erased by date (DESIGN.md §4.9).

How long they are kept is the city's own rule, the table ``[privacy.keep_days]`` of ``city.toml``;
what it does not name is kept until somebody erases it::

    [privacy.keep_days]
    resident = 730        # people of a role, from when they were loaded
    volunteer = 365
    texts = 1095          # reasons and reports in somebody's own words
    photos = 1095
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, update

from anlan.access import proof, sessions
from anlan.access.rights import ROLES
from anlan.access.vault import Vault
from anlan.city import City, load
from anlan.city.fault import Fault
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.store import Store, schema

P, L, D, N = schema.person, schema.opening, schema.delivery, schema.note
FILE = "city.toml"
SHOWN_FOR = timedelta(minutes=2)
MOST_AN_HOUR = 60
MOST_AT_ONCE = 200
SHORTEST_PURPOSE, LONGEST_PURPOSE = 4, 300
TEXTS, PHOTOS = "texts", "photos"
# whose account is there for the person alone; an officer's belongs to the post
OF_ONESELF = ("resident", "volunteer", "firm")


@dataclass(frozen=True)
class Opened:
    """Name and number of one person, to be shown until ``until`` (real time)."""

    id: str
    name: str
    phone: str
    until: datetime


def open_person(
    act: Act, vault: Vault, person: str, purpose: str, wall: datetime, *, subject: str | None = None
) -> Opened:
    """Open one person's name and number for a purpose; the journal says who looked at whom.

    ``subject``: the id of the case, task or alert that it is for. Whether the actor may see this
    person is for the caller to judge.

    Raises:
        Refusal: ``invalid`` for a purpose that says nothing, ``not_found``, ``conflict`` where the
            data were erased, ``too_many`` for whoever opens one after the other.
    """
    said = " ".join(purpose.split())
    if not SHORTEST_PURPOSE <= len(said) <= LONGEST_PURPOSE:
        raise Refusal(
            f"say what for, in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters (请写明用途)",
            field="purpose",
            value=said[:40],
            remedy="such as: call back about help request C0012",
        )
    row = act.tx.execute(select(P).where(P.c.id == person)).first()
    if row is None:
        raise no_such(person)
    if row.erased_at is not None:
        raise Refusal(
            f"the data of person {person} were erased (个人信息已删除)",
            field="person",
            value=person,
            remedy="a person whose data are kept",
            kind="conflict",
        )
    recent = act.tx.execute(
        select(func.count())
        .select_from(L)
        .where(L.c.account == act.actor, L.c.at > wall - timedelta(hours=1))
    ).scalar_one()
    if recent >= MOST_AN_HOUR:
        raise Refusal(
            f"you opened {recent} people within an hour; go on later, or ask the administrator for "
            "a list (查看过于频繁，请稍后再试)",
            field="person",
            remedy="an hour later",
            kind="too_many",
            again_s=3600,
        )
    note = keep_note(act, "person.purpose", said)
    name, until = secrets.token_hex(8), wall + SHOWN_FOR
    act.tx.execute(
        L.insert().values(
            id=name,
            person=person,
            account=act.actor,
            note=note,
            subject=subject,
            at=wall,
            until=until,
        )
    )
    grounds = [subject] if subject else []
    act.record("person.opened", person, grounds=grounds, content={"purpose_note": note})
    phone = vault.open(row.phone_enc) if row.phone_enc else ""
    return Opened(name, vault.open(row.name_enc), phone, until)


def no_such(person: str) -> Refusal:
    """One answer for who is foreign and for who does not exist."""
    return Refusal(
        f"there is no person {person} in your part of the city",
        field="person",
        value=person,
        remedy="a person of /api/v1/people",
        kind="not_found",
    )


def openings(
    conn: Connection, *, account: str | None = None, most: int = 200
) -> list[dict[str, Any]]:
    """Who looked at whom, newest first; ``account``: at the person who uses that account alone."""
    query = select(L, N.c.body).join(N, N.c.digest == L.c.note, isouter=True)
    if account is not None:
        query = query.where(L.c.person.in_(select(P.c.id).where(P.c.account == account)))
    rows = conn.execute(query.order_by(L.c.at.desc()).limit(most))
    return [
        {
            "id": row.id,
            "at": row.at,
            "by": row.account,
            "person": row.person,
            "purpose": row.body,
            "subject": row.subject,
        }
        for row in rows
    ]


def erase_person(act: Act, vault: Vault, person: str, wall: datetime) -> bool:
    """Forget one person: name, number, addresses, position, and the texts sent to them.

    What stays is a number with role and territory, so that counts of the past keep their sum; it is
    warned no more. An account that was there for the person alone goes too. False where it was
    done already. Raises `Refusal` (not_found).
    """
    row = act.tx.execute(select(P).where(P.c.id == person)).first()
    if row is None:
        raise no_such(person)
    if row.erased_at is not None:
        return False
    act.tx.execute(
        update(P)
        .where(P.c.id == person)
        .values(
            name_enc=vault.seal(""),
            phone_enc="",
            lon=None,
            lat=None,
            place=None,
            deputy=None,
            account=None,
            opted_out=True,
            on_duty=False,
            erased_at=wall,
        )
    )
    C, H = schema.contact, schema.hand_off
    act.tx.execute(C.delete().where(C.c.person == person))
    theirs = select(D.c.id).where(D.c.person == person)
    act.tx.execute(update(H).where(H.c.delivery.in_(theirs)).values(address_key=""))
    act.tx.execute(update(D).where(D.c.person == person).values(body=""))
    purposes = select(L.c.note).where(L.c.person == person)
    act.tx.execute(update(N).where(N.c.digest.in_(purposes)).values(body=None))
    if row.account is not None and row.role in OF_ONESELF:
        forget_account(act, row.account)
    act.record("person.erased", person)
    return True


def forget_account(act: Act, account: str) -> None:
    """Disable an account and forget its name and everything that it signs in with."""
    A, K = schema.account, schema.credential
    gone = {"disabled": True, "name": "已注销", "name_en": "left"}
    act.tx.execute(update(A).where(A.c.id == account).values(**gone))
    act.tx.execute(K.delete().where(K.c.account == account))
    sessions.end(act, account)
    proof.reset(act, account)


@dataclass(frozen=True)
class Erased:
    """How much was erased."""

    people: int = 0
    texts: int = 0
    photos: int = 0

    def __add__(self, more: Erased) -> Erased:
        return Erased(self.people + more.people, self.texts + more.texts, self.photos + more.photos)


def erase_due(act: Act, city: City, vault: Vault, wall: datetime) -> Erased:
    """Erase what the city's rule says is due at ``wall``, the real time.

    Of people at most `MOST_AT_ONCE`, so that nobody else waits long to write: ask again.
    """
    days = keep_days(city)
    for role, kept in days.items():
        fresh = P.c.role == role, P.c.keep_until.is_(None), P.c.erased_at.is_(None)
        # who was there before the rule gets its whole time from now on
        act.tx.execute(update(P).where(*fresh).values(keep_until=wall + timedelta(days=kept)))
    due = act.tx.execute(
        select(P.c.id)
        .where(P.c.keep_until <= wall, P.c.erased_at.is_(None))
        .order_by(P.c.id)
        .limit(MOST_AT_ONCE)
    ).scalars()
    people = sum(erase_person(act, vault, person, wall) for person in list(due))
    texts = photos = 0
    if TEXTS in days:
        old = N.c.at < wall - timedelta(days=days[TEXTS]), N.c.body.is_not(None)
        texts = act.tx.execute(update(N).where(*old).values(body=None)).rowcount
    if PHOTOS in days:
        A = schema.attachment
        photos = act.tx.execute(
            A.delete().where(A.c.at < wall - timedelta(days=days[PHOTOS]))
        ).rowcount
    if texts or photos:
        act.record("privacy.erased", city.id, content={"texts": texts, "photos": photos})
    return Erased(people, texts, photos)


def keep_days(city: City) -> Mapping[str, int]:
    """How many days people of a role, texts and photos are kept.

    Raises:
        Refusal: naming key, value and remedy.
    """
    table: Any = city.settings.get("privacy", {})
    found: Any = table.get("keep_days", {}) if isinstance(table, dict) else None
    known = (*(role for role in ROLES if role != "station"), TEXTS, PHOTOS)
    if not isinstance(found, dict) or set(table) - {"keep_days"}:
        raise _wrong("privacy", table, "write [privacy.keep_days]")
    for key, value in found.items():
        if key not in known:
            raise _wrong(f"privacy.keep_days.{key}", value, f"use one of {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_500:
            raise _wrong(f"privacy.keep_days.{key}", value, "a number of days, 1 or more")
    return dict(found)


def _wrong(field: str, value: object, remedy: str) -> Refusal:
    shown = str(value)[:80]
    return Refusal(
        f"{FILE}: {field} '{shown}' is not right; {remedy}",
        field=field,
        value=shown,
        remedy=remedy,
    )


def check(folder: Path) -> list[Fault]:
    """The faults of the table in a city folder."""
    try:
        city = load(folder)
    except Refusal:
        return []  # named by its own check
    try:
        keep_days(city)
    except Refusal as refusal:
        shown = str(refusal.value or "")
        what = "is not right"
        return [Fault(FILE, None, refusal.field or "", shown, what, refusal.remedy or "")]
    return []


def erase_all_due(store: Store, city: City, vault: Vault, wall: datetime) -> Erased:
    """Erase all that is due, in one transaction after the other."""
    total = Erased()
    while True:
        with store.transaction() as tx:
            found = erase_due(Act(tx, wall, "system"), city, vault, wall)
        total += found
        if found.people < MOST_AT_ONCE:
            return total
