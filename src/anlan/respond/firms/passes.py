"""Freight passes: asked for by a firm, decided by the task force, signed, revoked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select, update

from anlan.access.signing import enrol
from anlan.city import City, Firm
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.firms import token, work
from anlan.respond.firms.settings import load
from anlan.respond.records import CITY_SUPERVISORS, officer
from anlan.store import ids, schema

P, N = schema.freight_pass, schema.note
KIND = "freight_pass"
MOST_REVOKED = 5000
"""Newest revoked passes that a list names; more than that at once is no list for a phone."""

_PLATE = re.compile(r"[\w·.\-]{4,12}")
LONGEST_PLACE = 24


def apply(act: Act, city: City, firm: Firm, asked: Mapping[str, Any], source: str) -> str:
    """Ask for a pass of ``firm``: opens its case and returns the pass's id.

    ``asked``: plate, cargo (a choice of the pack), origin, destination, valid_from, valid_to
    (aware). Raises `Refusal` for a plate that is none, a time that is over or too long, or
    words that could hold a telephone number: a pass carries none.
    """
    plate = str(asked["plate"]).strip().upper().replace(" ", "")
    origin, destination = (str(asked[key]).strip() for key in ("origin", "destination"))
    _check_words(plate, origin, destination)
    valid_from, valid_to = asked["valid_from"], asked["valid_to"]
    _check_times(city, act.now, valid_from, valid_to)
    form = {
        "plate": plate,
        "cargo": asked["cargo"],
        "origin": origin,
        "destination": destination,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat(),
    }
    case_id = work.open_for(act, city, firm, KIND, form=form, source=source)
    pass_id = ids.next_id(act.tx, "FP")
    act.tx.execute(
        P.insert().values(
            id=pass_id,
            case_id=case_id,
            firm=firm.id,
            plate=plate,
            cargo=str(asked["cargo"]),
            origin=origin,
            destination=destination,
            valid_from=valid_from,
            valid_to=valid_to,
            state="asked",
            key="",
            token="",
        )
    )
    act.record("pass.asked", pass_id, grounds=[f"case:{case_id}"])
    return pass_id


def _check_words(plate: str, origin: str, destination: str) -> None:
    if not _PLATE.fullmatch(plate) or not any(c.isalpha() for c in plate):
        raise Refusal(
            f"plate '{plate[:20]}' is not a number plate; write it as on the vehicle, 4 to 12 "
            "letters and digits",
            field="plate",
            value=plate[:20],
            remedy="the number plate as on the vehicle, such as 浙F12345",
        )
    for name, text in (("origin", origin), ("destination", destination)):
        if not 0 < len(text) <= LONGEST_PLACE or not text.isprintable():
            raise Refusal(
                f"{name} '{text[:30]}' is not the name of a place of 1 to {LONGEST_PLACE} "
                "characters",
                field=name,
                value=text[:30],
                remedy="a town, a port or a motorway exit in a few words",
            )
    too_many = token.holds_a_telephone([plate, origin, destination])
    if too_many is not None:
        raise Refusal(
            f"'{too_many}' holds more than {token.MOST_DIGITS} digits and could be a telephone "
            "number; a pass carries none",
            field="destination" if too_many == destination else "origin",
            value=too_many,
            remedy="the name of the place without numbers",
        )


def _check_times(city: City, now: datetime, valid_from: datetime, valid_to: datetime) -> None:
    longest = timedelta(hours=load(city.folder).passes.longest_h)
    if valid_from.tzinfo is None or valid_to.tzinfo is None:
        raise Refusal(
            "the times of a pass carry an offset from UTC",
            field="valid_from",
            value=valid_from,
            remedy=f"such as {now.isoformat(timespec='minutes')}",
        )
    if not valid_from < valid_to or valid_to <= now or valid_to - valid_from > longest:
        raise Refusal(
            f"a pass holds from a moment to a later one that is still to come, for at most "
            f"{longest / timedelta(hours=1):g} h; got {valid_from.isoformat()} to "
            f"{valid_to.isoformat()}",
            field="valid_to",
            value=valid_to.isoformat(),
            remedy=f"an end after {now.isoformat(timespec='minutes')}",
        )


def get(conn: Connection, pass_id: str) -> Any:
    """The row of a pass; raises `Refusal` (not_found)."""
    row = conn.execute(select(P).where(P.c.id == pass_id)).first()
    if row is None:
        raise Refusal(
            f"there is no pass {pass_id[:40]} in your part of the city",
            field="pass",
            value=pass_id[:40],
            remedy="an id of /api/v1/passes",
            kind="not_found",
        )
    return row


def may_decide(conn: Connection, city: City, account: str) -> bool:
    """Whether an account sits in the task force: its department's liaison, or the city's desk."""
    person = officer(conn, account)
    if person is None:
        return False
    department = load(city.folder).task_force.department
    in_department = person.role == "liaison" and person.department == department
    return in_department or person.role in CITY_SUPERVISORS


def _require_decider(act: Act, city: City) -> None:
    if not may_decide(act.tx, city, act.actor):
        department = load(city.folder).task_force.department
        raise Refusal(
            f"{act.actor} does not decide on passes; the task force does: the liaison of "
            f"{department}, or the duty officer",
            field="actor",
            value=act.actor,
            remedy=f"ask the liaison of {department}",
            kind="forbidden",
        )


def _change(act: Act, row: Any, source: str, values: Mapping[str, Any]) -> None:
    """Take the pass from ``source`` on; of two who hurry, one gets it."""
    changed = act.tx.execute(
        update(P).where(P.c.id == row.id, P.c.state == source).values(**values)
    )
    if changed.rowcount != 1:
        raise Refusal(
            f"pass {row.id} is '{row.state}'; this acts on one that is '{source}'",
            field="state",
            value=row.state,
            remedy=f"a pass that is '{source}'",
            kind="conflict",
        )


def issue(act: Act, city: City, pass_id: str, key: Ed25519PrivateKey, *, exercise: bool) -> str:
    """Sign a pass that was asked for; returns its token. The work of its case is done by that.

    Raises `Refusal` for the wrong person, a pass decided before, or one whose time is over.
    """
    row = get(act.tx, pass_id)
    _require_decider(act, city)
    if row.valid_to <= act.now:
        raise Refusal(
            f"pass {pass_id} was asked for until {row.valid_to.isoformat()}, which is over",
            field="valid_to",
            value=row.valid_to.isoformat(),
            remedy="refuse it, and have the firm ask again",
            kind="conflict",
        )
    grant = token.Grant(
        id=row.id,
        firm=city.firms[row.firm].name[: token.LONGEST_NAME],
        plate=row.plate,
        cargo=row.cargo,
        origin=row.origin,
        destination=row.destination,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        exercise=exercise,
    )
    written = token.write_pass(grant, key)
    name = enrol_key(act, key)
    values = {"token": written, "key": name, "decided_at": act.now, "decided_by": act.actor}
    _change(act, row, "asked", {"state": "issued", **values})
    act.record("pass.issued", pass_id, grounds=[f"case:{row.case_id}"], content=written)
    work.finish(act, city, row.case_id, f"通行证 {pass_id} 已签发")
    return written


def refuse(act: Act, city: City, pass_id: str, reason: str) -> None:
    """Turn a request down with a reason, which its firm reads."""
    row = get(act.tx, pass_id)
    _require_decider(act, city)
    note = keep_reason(act, "pass.refused", reason)
    values = {"decided_at": act.now, "decided_by": act.actor, "ended_note": note}
    _change(act, row, "asked", {"state": "refused", **values})
    act.record("pass.refused", pass_id, grounds=[f"case:{row.case_id}"])
    work.finish(act, city, row.case_id, f"不予签发：{reason}")


def revoke(act: Act, city: City, pass_id: str, reason: str) -> None:
    """Take an issued pass back; the next list that a checker fetches names it."""
    row = get(act.tx, pass_id)
    _require_decider(act, city)
    note = keep_reason(act, "pass.revoked", reason)
    values = {"ended_at": act.now, "ended_by": act.actor, "ended_note": note}
    _change(act, row, "issued", {"state": "revoked", **values})
    act.record("pass.revoked", pass_id, grounds=[f"case:{row.case_id}"])


def enrol_key(act: Act, key: Ed25519PrivateKey) -> str:
    """Let passes signed with ``key`` hold; returns its name. Recorded the first time."""
    public = key.public_key()
    name = token.key_id(public)
    if enrol(act.tx, name, public.public_bytes_raw(), act.now):
        act.record("pass.key_made", name)
    return name


def keep_reason(act: Act, kind: str, reason: str) -> str:
    """Keep why something was done to passes in an erasable note; returns its digest."""
    return keep_note(act, kind, work.words(reason, "reason"))


def revoked_list(conn: Connection, now: datetime) -> token.Revoked:
    """The revoked passes whose time is not over, as known now."""
    rows = conn.execute(
        select(P.c.id)
        .where(P.c.state == "revoked", P.c.valid_to > now)
        .order_by(P.c.ended_at.desc())
        .limit(MOST_REVOKED)
    ).scalars()
    return token.Revoked(now, frozenset(rows))


def passes_of(
    conn: Connection, now: datetime, firms: Collection[str], most: int = 300
) -> list[dict[str, Any]]:
    """Passes of these firms, newest first. ``state`` becomes ``expired`` by itself."""
    query = select(P).where(P.c.firm.in_(firms))
    query = query.order_by(P.c.valid_from.desc(), P.c.id.desc()).limit(most)
    rows = conn.execute(query).all()
    wanted = sorted({row.ended_note for row in rows if row.ended_note})
    bodies = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(wanted)))
    words = {row.digest: row.body for row in bodies}
    return [
        {
            "id": row.id,
            "case": row.case_id,
            "firm": row.firm,
            "plate": row.plate,
            "cargo": row.cargo,
            "origin": row.origin,
            "destination": row.destination,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat(),
            "state": "expired" if row.state == "issued" and row.valid_to <= now else row.state,
            "token": row.token if row.state == "issued" else "",
            "decided_at": row.decided_at.isoformat() if row.decided_at else None,
            "decided_by": row.decided_by,
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "reason": words.get(row.ended_note),
        }
        for row in rows
    ]
