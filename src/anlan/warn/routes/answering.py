"""The page of a reply link: the message, and a button. No sign-in, no script.

Opening it acknowledges nothing: mail and chat services open links by themselves. Only the button
does, and the link names one message of one person.
"""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from anlan.access.desk import Desk, DeskHere
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, replies
from anlan.warn.message import load_messages
from anlan.warn.records import local
from anlan.warn.sending import SYSTEM

router = APIRouter(include_in_schema=False)
D, P = schema.delivery, schema.person
_HEAD = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>安澜 · 确认收到</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<style>body{font:1.25rem/1.6 sans-serif;margin:0;padding:1.5rem;background:#0b1622;color:#eef4fa}
main{max-width:36rem;margin:auto}blockquote{margin:1rem 0;padding:1rem;background:#16273a;
border-left:.4rem solid #f5a623;white-space:pre-wrap;overflow-wrap:anywhere}
button{font:inherit;font-weight:700;width:100%;padding:1rem;border:0;border-radius:.5rem;
background:#2e9e5b;color:#fff}.done{color:#7be0a3;font-weight:700}</style><main>"""
_GONE = "<h1>链接无效</h1><p>请按短信或电话联系值班室。</p><p lang=en>This link is not known."
_BUTTON = """<form method="post"><button data-testid="confirm">确认收到 · Confirm</button></form>
<p>确认只表示您已看到这条信息。</p>"""


def _page(inner: str, status: int = 200) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(_HEAD + inner, status, headers)


def _row(conn: Connection, token: str) -> Any:
    name = replies.delivery_of(conn, token)
    return conn.execute(
        select(D.c.id, D.c.body, D.c.state, D.c.answered_at, P.c.language, P.c.account)
        .join(P, P.c.id == D.c.person)
        .where(D.c.id == name)
    ).first()


def _show(desk: Desk, token: str) -> HTMLResponse:
    messages = load_messages(desk.city)
    with desk.store.read() as conn:
        row = _row(conn, token)
        if row is None:
            return _page(_GONE, 404)
        language = "en" if row.language.startswith("en") else "zh"
        text = replies.without_link(conn, messages, row.id, row.body, language)
    said = f"<h1>{escape(desk.city.name)}</h1><blockquote>{escape(text)}</blockquote>"
    if row.state == "answered":
        at = local(desk.city, row.answered_at)
        return _page(f"{said}<p class=done data-testid=confirmed>已确认 {at} · Confirmed</p>")
    return _page(said + _BUTTON)


@router.get("/r/{token}")
def read(token: str, desk: DeskHere) -> HTMLResponse:
    """The message behind a reply link."""
    return _show(desk, token)


@router.post("/r/{token}")
def confirm(token: str, desk: DeskHere) -> HTMLResponse:
    """收到: acknowledge the message behind a reply link; again changes nothing."""
    with desk.store.read() as conn:
        row = _row(conn, token)
    if row is not None:
        with desk.store.transaction() as tx:
            try:
                # the link is the person's own; nobody signed in
                actions.acknowledge(Act(tx, desk.clock.now(), SYSTEM, row.account), row.id)
            except Refusal as refusal:
                return _page(f"<p>{escape(refusal.message)}</p>", 409)
    return _show(desk, token)
