"""HTTP for freight passes: the list of the task force, deciding, and what a checker carries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from anlan.access import Caller
from anlan.access.desk import Commander, Decider, Desk, DeskHere, PhoneUser, Viewer
from anlan.access.signing import public_keys, retire, signing_key
from anlan.journal import Act
from anlan.respond import packs
from anlan.respond.firms import passes, token
from anlan.respond.firms.settings import load
from anlan.respond.routes.seeing import names_of, no_such

router = APIRouter(tags=["firms"])


class Reason(BaseModel):
    """Why."""

    reason: str


class Shown(BaseModel):
    """The text of a QR code, as read."""

    token: str = Field(max_length=4000)


def _seen_pass(desk: Desk, caller: Caller, conn: Any, pass_id: str) -> None:
    """Raise `Refusal` (not_found) unless the pass's firm is in the caller's part of the city."""
    row = conn.execute(passes.P.select().where(passes.P.c.id == pass_id)).first()
    firm = desk.city.firms.get(row.firm) if row else None
    if firm is None or not caller.sees(desk.city, firm.territory):
        raise no_such("pass", pass_id)


@router.get("/passes")
def list_passes(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """Freight passes in the caller's part of the city, newest first, and who may decide."""
    with desk.store.read() as conn:
        own = [
            firm.id for firm in desk.city.firms.values() if caller.sees(desk.city, firm.territory)
        ]
        found = passes.passes_of(conn, desk.clock.now(), own)
        decides = passes.may_decide(conn, desk.city, caller.id) if found else False
    shown = []
    names = names_of(desk)
    for one in found:
        firm = desk.city.firms[one["firm"]]
        one |= {
            "firm_name": firm.name,
            "firm_name_en": firm.name_en,
            "decided_by_name": names.get(one["decided_by"] or ""),
            "decidable": decides,
        }
        shown.append(one)
    return shown


@router.post("/passes/{pass_id}/issue")
def issue(pass_id: str, desk: DeskHere, caller: Commander) -> dict[str, str]:
    """Sign a pass; its QR code then verifies without signal."""
    with desk.store.read() as conn:
        _seen_pass(desk, caller, conn, pass_id)
    key = signing_key(desk.store)
    with desk.act(caller) as act:
        written = passes.issue(act, desk.city, pass_id, key, exercise=desk.exercise)
    return {"token": written}


@router.post("/passes/{pass_id}/refuse")
def refuse(pass_id: str, given: Reason, desk: DeskHere, caller: Commander) -> dict[str, str]:
    """Turn a request for a pass down, with the reason."""
    with desk.act(caller) as act:
        _seen_pass(desk, caller, act.tx, pass_id)
        passes.refuse(act, desk.city, pass_id, given.reason)
    return {"state": "refused"}


@router.post("/passes/{pass_id}/revoke")
def revoke(pass_id: str, given: Reason, desk: DeskHere, caller: Commander) -> dict[str, str]:
    """Take an issued pass back; checkers learn it with the next list that they fetch."""
    with desk.act(caller) as act:
        _seen_pass(desk, caller, act.tx, pass_id)
        passes.revoke(act, desk.city, pass_id, given.reason)
    return {"state": "revoked"}


@router.get("/passes/kit")
def kit(desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """What a checker's phone keeps: public keys, the signed list of revoked passes, words.

    It names passes by their numbers alone.
    """
    return checkers_kit(desk)


def checkers_kit(desk: Desk) -> dict[str, Any]:
    """Public keys, the signed list of revoked passes and the words of the goods."""
    known = load(desk.city.folder)
    now = desk.clock.now()
    key = signing_key(desk.store)
    public = key.public_key()
    name = token.key_id(public)
    with desk.store.read() as conn:
        keys = public_keys(conn)
        revoked = passes.revoked_list(conn, now)
    if name not in keys:
        with desk.store.transaction() as tx:
            passes.enrol_key(Act(tx, now, "system"), key)
        keys[name] = public.public_bytes_raw()
    field = next(
        one for one in packs.of_kind(desk.city.folder, passes.KIND).field if one.key == "cargo"
    )
    return {
        "keys": {each: raw.hex() for each, raw in keys.items()},
        "revoked": token.write_list(revoked, key),
        "list_old_h": known.passes.list_old_h,
        "exercise": desk.exercise,
        "now": now.isoformat(),
        "cargo": {one.value: [one.label, one.label_en] for one in field.choices},
    }


@router.post("/passes/check")
def check(given: Shown, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """Judge a pass by the desk's own knowledge: what the page does without signal."""
    known = load(desk.city.folder)
    now = desk.clock.now()
    with desk.store.read() as conn:
        keys, revoked = public_keys(conn), passes.revoked_list(conn, now)
    found = token.judge(
        given.token,
        keys,
        revoked,
        now,
        exercise=desk.exercise,
        list_old=timedelta(hours=known.passes.list_old_h),
    )
    grant = found.grant
    return {
        "state": found.state,
        "grant": None
        if grant is None
        else {
            "id": grant.id,
            "firm": grant.firm,
            "plate": grant.plate,
            "cargo": grant.cargo,
            "origin": grant.origin,
            "destination": grant.destination,
            "valid_from": grant.valid_from.isoformat(),
            "valid_to": grant.valid_to.isoformat(),
            "exercise": grant.exercise,
        },
    }


@router.post("/passes/keys/retire")
def retire_keys(given: Reason, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """Let no pass signed so far hold any more, for a signing key that may have been copied."""
    with desk.act(caller) as act:
        names = retire(act.tx, desk.store, act.now)
        note = passes.keep_reason(act, "pass.keys_retired", given.reason)
        act.record("pass.keys_retired", "passes", content=[names, note])
    return {"retired": names}
