"""One's own security: password, second factor, recovery codes, sessions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from anlan.access import proof, sessions, sign_in, totp
from anlan.access.desk import Account, DeskHere, hand_session
from anlan.access.rights import Caller, needs_second_factor
from anlan.access.vault import Vault
from anlan.refusal import Refusal
from anlan.service.sign_in import try_of

router = APIRouter(prefix="/me", tags=["session"])


class NewPassword(BaseModel):
    """A new password, with the old one where there is one."""

    password: str = Field(max_length=200)
    old: str = Field("", max_length=200)


class Code(BaseModel):
    """A code of the authenticator app, or a recovery code."""

    code: str = Field(max_length=40)


def _session(caller: Caller) -> str:
    if caller.session is None:
        raise Refusal(
            "a key has no password, second factor or sessions; sign in for that",
            field="session",
            value="key",
            remedy="a session of a browser",
            kind="conflict",
        )
    return caller.session


@router.get("/security")
def security(desk: DeskHere, caller: Account) -> dict[str, object]:
    """What the account proves itself with, and the sessions that last; times are real ones."""
    with desk.store.read() as conn:
        has = proof.of(conn, caller.id)
        rows = sessions.of_account(conn, caller.id, caller.role, desk.wall.now())
    life = sessions.life_of(caller.role)
    return {
        "password": has.password,
        "second_factor": has.second_factor,
        "required": needs_second_factor(caller.role) and not desk.exercise,
        "recovery_codes": has.codes_left,
        "sessions": [
            {
                "id": row.id,
                "device": row.device,
                "method": row.method.partition(":")[0],
                "created_at": row.created_at,
                "seen_at": row.seen_at,
                "ends_at": min(row.created_at + life.absolute, row.seen_at + life.idle),
                "here": row.id == caller.session,
            }
            for row in rows
        ],
    }


@router.post("/password")
def set_password(
    given: NewPassword, request: Request, desk: DeskHere, caller: Account
) -> dict[str, str]:
    """Set a password; other sessions end. The old one is asked for where there is one."""
    session = _session(caller)
    if caller.lacks == "code":
        caller.require_whole()
    with desk.store.read() as conn:
        has = proof.of(conn, caller.id).password
    if has:
        sign_in.check_password(desk.store, try_of(request, desk, caller.id), given.old)
    with desk.act(caller) as act:
        proof.set_password(act, caller.id, given.password, desk.wall.now())
        sessions.end(act, caller.id, but=session)
    return {"state": "set"}


@router.post("/second-factor")
def begin_second_factor(desk: DeskHere, caller: Account) -> dict[str, str]:
    """A new second factor: its secret as text and as QR code (SVG); counts once confirmed."""
    _session(caller)
    vault = Vault.of(desk.store)
    with desk.act(caller) as act:
        secret = proof.begin_second_factor(act, caller.id, vault)
    address = totp.address(secret, caller.id, f"安澜 {desk.city.name}")
    return {"secret": secret, "address": address, "svg": totp.qr_code(address)}


@router.post("/second-factor/confirm")
def confirm_second_factor(
    given: Code, request: Request, desk: DeskHere, caller: Account
) -> dict[str, list[str]]:
    """Put it into use with its first code; answers the recovery codes, once. Other sessions end."""
    session, vault = _session(caller), Vault.of(desk.store)
    codes, token = sign_in.confirm(
        desk.store, vault, try_of(request, desk, caller.id), session, given.code
    )
    hand_session(request, token)
    return {"recovery_codes": codes}


@router.post("/second-factor/code")
def show_code(given: Code, request: Request, desk: DeskHere, caller: Account) -> dict[str, str]:
    """Show the second factor in this session."""
    session, vault = _session(caller), Vault.of(desk.store)
    token = sign_in.show_code(
        desk.store, vault, try_of(request, desk, caller.id), session, given.code
    )
    hand_session(request, token)
    return {"state": "shown"}


@router.post("/second-factor/remove")
def remove_second_factor(
    given: Code, request: Request, desk: DeskHere, caller: Account
) -> dict[str, str]:
    """Take it out of use, with a code of it."""
    session, vault = _session(caller), Vault.of(desk.store)
    token = sign_in.show_code(
        desk.store, vault, try_of(request, desk, caller.id), session, given.code
    )
    with desk.act(caller) as act:
        proof.remove_second_factor(act, caller.id)
    hand_session(request, token)
    return {"state": "removed"}


@router.post("/sessions/end-others")
def end_others(desk: DeskHere, caller: Account) -> dict[str, int]:
    """End all sessions but this one."""
    with desk.act(caller) as act:
        return {"ended": sessions.end(act, caller.id, but=_session(caller))}


@router.post("/sessions/{session_id}/end")
def end_session(session_id: str, desk: DeskHere, caller: Account) -> dict[str, int]:
    """End one of one's own sessions."""
    with desk.act(caller) as act:
        ended = sessions.end(act, caller.id, only=session_id)
    if not ended:
        raise Refusal(
            f"there is no session {session_id} of yours",
            field="session_id",
            value=session_id,
            remedy="a session of /api/v1/me/security",
            kind="not_found",
        )
    return {"ended": ended}
