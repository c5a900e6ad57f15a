"""Pages behind a secret address: registering by invitation, and yes or no to a call in one tap.

Opening a page changes nothing, since chat programs open every link that they carry; the button
does. What is written into a page is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection, select

from anlan.access.desk import Desk, DeskHere
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers import calling, register
from anlan.respond.volunteers.records import K, Q, V, W
from anlan.respond.volunteers.telling import local, place_of
from anlan.store import schema
from anlan.warn import replies

pages = APIRouter(include_in_schema=False)
D = schema.delivery
HEADERS = {"referrer-policy": "no-referrer", "cache-control": "no-store"}
SAID = {
    "claimed": "已报名，请按时到场。You have a place; please come.",
    "waiting": "已记下，名额已满，现为候补。You are on the waiting list.",
    "no": "已记下：这次不能来。Noted: not this time.",
}

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>安澜 · 志愿</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<body style="font:20px/1.6 sans-serif;background:#f4f7fa;color:#14202c;padding:1.5rem;
max-width:34rem;margin:auto">{mark}{body}</body></html>"""
_BUTTON = """<button name="answer" value="{value}" style="font:inherit;width:100%;min-height:3.5rem;
margin:.4rem 0;border:0;border-radius:.6rem;color:#fff;background:{colour}">{words}</button>"""
_EXERCISE = '<p style="color:#a33;font-weight:bold">【演练】EXERCISE</p>'


def _page(body: str, exercise: bool, status: int = 200) -> HTMLResponse:
    mark = _EXERCISE if exercise else ""
    return HTMLResponse(_PAGE.format(mark=mark, body=body), status, headers=HEADERS)


def _gone(desk: Desk) -> HTMLResponse:
    return _page(
        "<h1>链接已失效</h1><p>请在手机页查看，或向组织者索取新的。<br>"
        "This link is no longer good. Use the phone page, or ask the organiser.</p>",
        desk.exercise,
        404,
    )


@pages.get("/join/{token}")
def join(token: str, desk: DeskHere) -> HTMLResponse:
    """What registering means, and the button that begins it."""
    with desk.store.read() as conn:
        found = register.invitation(conn, token, desk.wall.now())
    if found is None:
        return _gone(desk)
    where = escape(desk.city.territory.unit(found.territory).name)
    city = escape(desk.city.name)
    button = _BUTTON.format(value="join", colour="#0b6bcb", words="开始登记 Register")
    return _page(
        f"<h1>{city}志愿者登记</h1><p>{where}邀请您登记为志愿者。登记姓名和电话须经您同意，"
        "加密保存，只按用途查看并留痕，到期删除；审核通过后可认领工作、接受召集。</p>"
        f"<p lang=en>Register as a volunteer of {escape(desk.city.name_en)}. Name and number are "
        "kept encrypted, opened for a purpose only, and erased by date.</p>"
        f'<form method="post">{button}</form>',
        desk.exercise,
    )


@pages.post("/join/{token}")
def accept(token: str, desk: DeskHere) -> Response:
    """Take a place of the invitation and go on, signed in, to the registration on the phone."""
    try:
        with desk.store.transaction() as tx:
            link = register.accept(Act(tx, desk.clock.now(), "system"), token, desk.wall.now())
    except Refusal:
        return _gone(desk)
    return RedirectResponse(f"/signin/{link}", 303, headers=HEADERS)


def _asked(conn: Connection, token: str) -> tuple[Any, Any] | None:
    """The call and the work that a reply link is about, with the volunteer it went to."""
    delivery = replies.delivery_of(conn, token)
    if delivery is None:
        return None
    call: Any = conn.execute(
        select(K.c.id, K.c.work, Q.c.volunteer, Q.c.answer)
        .join(Q, Q.c.call == K.c.id)
        .join(V, V.c.id == Q.c.volunteer)
        .join(D, (D.c.alert == K.c.notice) & (D.c.person == V.c.person))
        .where(D.c.id == delivery)
    ).first()
    if call is None:
        return None
    return call, conn.execute(select(W).where(W.c.id == call.work)).one()


@pages.get("/v/{token}")
def call_page(token: str, desk: DeskHere) -> HTMLResponse:
    """The call with two buttons."""
    with desk.store.read() as conn:
        found = _asked(conn, token)
    if found is None:
        return _gone(desk)
    call, row = found
    said = {"yes": "您已答复：能来。", "no": "您已答复：不能来。"}.get(call.answer or "", "")
    where = escape(place_of(desk.city, row, "zh"))
    when = f"{local(desk.city, row.starts_at)} — {local(desk.city, row.ends_at)}"
    return _page(
        f"<h1>志愿召集</h1><p><b>{escape(row.title)}</b><br>{where}<br>{when}</p><p>{said}</p>"
        '<form method="post">'
        + _BUTTON.format(value="yes", colour="#0a7a3d", words="能来 Yes")
        + _BUTTON.format(value="no", colour="#5a6775", words="不能来 No")
        + "</form>",
        row.status != "Actual",
    )


@pages.post("/v/{token}")
async def call_answer(token: str, request: Request, desk: DeskHere) -> HTMLResponse:
    """Take the answer; the last one counts."""
    says = (await request.body())[:100].decode(errors="replace").partition("answer=")[2]
    return _answered(token, says, desk)


def _answered(token: str, says: str, desk: Desk) -> HTMLResponse:
    with desk.store.transaction() as tx:
        found = _asked(tx, token)
        if found is None:
            return _gone(desk)
        call, row = found
        act = Act(tx, desk.clock.now(), "system", call.volunteer)
        try:
            came_of = calling.answer(act, desk.city, call.id, call.volunteer, says)
        except Refusal as refusal:
            return _page(f"<h1>没有记下</h1><p>{escape(refusal.message)}</p>", desk.exercise, 409)
    return _page(f"<h1>{escape(SAID.get(came_of, '已记下'))}</h1>", row.status != "Actual")
