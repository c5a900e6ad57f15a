"""Web push for one's own browser: the desk's key, subscribing, and ending it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select

from anlan.access import Caller
from anlan.access.desk import DeskHere, PhoneUser
from anlan.access.vault import Vault
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn.channels.subscribing import subscribe, subscribed, unsubscribe
from anlan.warn.channels.web_push import Push

router = APIRouter()
P = schema.person


class Keys(BaseModel):
    """The keys of a browser's subscription, base64url."""

    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)


class Subscribing(BaseModel):
    """A browser's ``PushSubscription`` as JSON."""

    endpoint: str = Field(max_length=1000)
    keys: Keys


def _key(request: Request) -> str:
    """The ``applicationServerKey`` of the desk; empty where it has no such channel."""
    lines = getattr(request.app.state, "lines", {}).values()
    return next((line.server_key for line in lines if isinstance(line, Push)), "")


def _persons(conn: Connection, caller: Caller) -> list[str]:
    query = select(P.c.id).where(P.c.account == caller.id, P.c.erased_at.is_(None))
    return list(conn.execute(query.order_by(P.c.id)).scalars())


@router.get("/me/push")
def my_push(request: Request, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """``key``: the applicationServerKey, empty where this desk pushes nothing; ``mark``: SHA-256
    of the endpoint that is kept for the caller, empty for none."""
    with desk.store.read() as conn:
        kept = subscribed(conn, Vault.of(desk.store), _persons(conn, caller))
    return {"key": _key(request), "mark": kept}


@router.post("/me/push")
def push_to_me(
    given: Subscribing, request: Request, desk: DeskHere, caller: PhoneUser
) -> dict[str, Any]:
    """Keep this browser as where notices go; it takes the place of the one before."""
    if not _key(request):
        raise Refusal(
            "this desk has no channel of kind web_push; add one to channels.toml (未设浏览器推送)",
            field="channel",
            remedy="a channel of kind web_push",
            kind="conflict",
        )
    with desk.act(caller) as act:
        persons = _persons(act.tx, caller)
        return {"mark": subscribe(act, Vault.of(desk.store), persons, given.model_dump())}


@router.post("/me/push/end")
def push_no_more(desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """Forget the caller's browser; asking again changes nothing."""
    with desk.act(caller) as act:
        return {"ended": unsubscribe(act, _persons(act.tx, caller))}
