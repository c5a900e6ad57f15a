"""Registration 登记: invited or signed in, applied for on a phone, approved by a person."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from anlan.access import issue
from anlan.access.credentials import INVITED
from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.records import start_timer
from anlan.respond.volunteers import times as windows
from anlan.respond.volunteers.records import (
    A,
    P,
    V,
    add_months,
    mine,
    not_oneself,
    volunteer_of,
    words,
)
from anlan.respond.volunteers.rules import load
from anlan.respond.volunteers.skills import add_skill
from anlan.store import ids, insert, schema, timers
from anlan.warn.channels.book import is_number, national

I = schema.invitation  # noqa: E741
ERASE = "volunteer.erase"
TIER, ROLE = "grid", "volunteer"
OWN = "VR"  # before the number of who registered here; a city's file may not use it
MOST_SKILLS = 20


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(act: Act, city: City, territory: str, places: int, wall: datetime) -> str:
    """A link by which ``places`` strangers may make an account and register; returns its token.

    ``wall`` is the real time: links age by it, also in a replay.
    """
    rules = load(city.folder)
    if not 1 <= places <= rules.data.invite_places:
        raise Refusal(
            f"places {places} is outside 1 to {rules.data.invite_places}; make a second invitation",
            field="places",
            value=places,
            remedy=f"1 to {rules.data.invite_places}",
        )
    unit = city.territory.unit(territory)
    token = secrets.token_urlsafe(18)
    act.tx.execute(
        I.insert().values(
            token_hash=_hash(token),
            territory=unit.code,
            places=places,
            used=0,
            by=act.actor,
            created_at=wall,
            expires_at=wall + timedelta(days=rules.data.invite_days),
        )
    )
    act.record("volunteer.invited", unit.code, content=places)
    return token


def invitation(conn: Any, token: str, wall: datetime) -> Any | None:
    """The invitation that a token opens, while it has places and time; None otherwise."""
    return conn.execute(
        select(I).where(
            I.c.token_hash == _hash(token), I.c.expires_at > wall, I.c.used < I.c.places
        )
    ).first()


def accept(act: Act, token: str, wall: datetime) -> str:
    """Take one place of an invitation: a new account of its own, with a one-time link's token.

    The conditional UPDATE lets no more through than there are places.
    """
    won = act.tx.execute(
        update(I)
        .where(I.c.token_hash == _hash(token), I.c.expires_at > wall, I.c.used < I.c.places)
        .values(used=I.c.used + 1)
    )
    if won.rowcount != 1:
        raise Refusal(
            "this invitation has no places left or is too old; ask for a new one "
            "(邀请已用完或过期，请索取新的)",
            field="invitation",
            remedy="a new invitation",
            kind="forbidden",
        )
    territory = act.tx.execute(
        select(I.c.territory).where(I.c.token_hash == _hash(token))
    ).scalar_one()
    name = ids.next_id(act.tx, "VA")
    account = f"{INVITED}{name.removeprefix('VA')}"
    act.tx.execute(
        A.insert().values(
            id=account,
            name=f"志愿者 {name}",
            name_en=f"Volunteer {name}",
            role="resident",
            territory=territory,
            department=None,
            disabled=False,
        )
    )
    act.record("volunteer.account_made", account)
    return issue(act, account, "link", wall)


def apply(act: Act, city: City, vault: Vault, given: Mapping[str, object]) -> str:
    """Register the acting account; returns the volunteer's id.

    ``given``: ``name``, ``phone``, ``territory`` (home village or town), ``consent`` (true),
    ``language``, ``skills`` [{skill, learned_at, proof}], ``times`` (see `times.windows`).
    Applying again while nobody has decided replaces what was given.

    Raises:
        Refusal: naming the field; ``conflict`` once somebody has decided.
    """
    rules = load(city.folder)
    if given.get("consent") is not True:
        raise Refusal(
            "registration needs your consent to keep name and telephone number (需要您同意)",
            field="consent",
            value=given.get("consent"),
            remedy="true",
        )
    name = words("name", given.get("name"), 40)
    phone = national(words("phone", given.get("phone"), 20))
    if not is_number(phone):
        raise Refusal(
            "phone is no telephone number; give 5 to 15 digits",
            field="phone",
            remedy="such as 13800000000",
        )
    unit = city.territory.unit(str(given.get("territory") or ""))
    free = windows.windows(given.get("times") or [])
    language = "en" if given.get("language") == "en" else "zh"
    known = mine(act.tx, act.actor)
    if known is not None and known.state not in ("applied", "refused"):
        raise Refusal(
            f"you are registered already as {known.id}; change skills and times there",
            field="volunteer",
            value=known.id,
            remedy="the commands of your registration",
            kind="conflict",
        )
    person = ids.next_id(act.tx, "PV") if known is None else known.person
    volunteer = ids.next_id(act.tx, OWN) if known is None else known.id
    erase_at = add_months(act.now, rules.data.keep_months)
    sealed = {
        "id": person, "account": act.actor, "name_enc": vault.seal(name),
        "phone_enc": vault.seal(phone), "role": ROLE, "tier": TIER, "territory": unit.code,
        "language": language, "lon": None, "lat": None, "place": None, "deputy": None,
        "opted_out": False, "on_duty": True, "synthetic": False,
    }  # fmt: skip
    row: dict[str, object] = {
        "id": volunteer, "account": act.actor, "person": person, "territory": unit.code,
        "state": "applied", "times": free, "past": {}, "applied_at": act.now,
        "decided_at": None, "decided_by": None, "away_until": None, "erase_at": erase_at,
        "synthetic": False,
    }  # fmt: skip
    for table, values in ((P, sealed), (V, row)):
        change = {key: value for key, value in values.items() if key != "id"}
        act.tx.execute(
            insert(act.tx, table)
            .values(**values)
            .on_conflict_do_update(index_elements=["id"], set_=change)
        )
    act.record("volunteer.applied", volunteer)
    rows = given.get("skills")
    for one in rows[:MOST_SKILLS] if isinstance(rows, list) else []:
        add_skill(act, city, volunteer, one if isinstance(one, Mapping) else {})
    erase_later(act, volunteer, erase_at)
    return volunteer


def decide(act: Act, city: City, volunteer: str, verdict: str, reason: str = "") -> str:
    """Approve or refuse an application; returns the new state.

    Raises `Refusal`: nobody decides on themselves; a refusal needs its reason.
    """
    row, rules = volunteer_of(act.tx, volunteer), load(city.folder)
    not_oneself(act, row)
    if row.state != "applied":
        raise Refusal(
            f"volunteer {volunteer} is '{row.state}'; only an application is decided on",
            field="volunteer",
            value=row.state,
            remedy="an application that waits",
            kind="conflict",
        )
    state = "approved" if verdict == "approve" else "refused"
    values: dict[str, object] = {
        "state": state, "decided_at": act.now, "decided_by": act.actor,
    }  # fmt: skip
    content: dict[str, object] = {}
    if state == "refused":
        content["reason_note"] = keep_note(act, "volunteer.refused", words("reason", reason))
        values["erase_at"] = act.now + timedelta(days=rules.data.refused_days)
        erase_later(act, volunteer, act.now + timedelta(days=rules.data.refused_days))
    else:
        # who serves the city in another role keeps it
        act.tx.execute(
            update(A).where(A.c.id == row.account, A.c.role == "resident").values(role=ROLE)
        )
    act.tx.execute(update(V).where(V.c.id == volunteer).values(**values))
    act.record(f"volunteer.{state}", volunteer, content=content)
    return state


def erase_later(act: Act, volunteer: str, at: datetime) -> None:
    """Set the one timer that erases at ``at`` (UTC) in place of an earlier one."""
    timers.stop(act.tx, volunteer, [ERASE])
    start_timer(act, ERASE, volunteer, (at - act.now).total_seconds() / 60)
