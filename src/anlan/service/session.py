"""Signing in and out, who I am, and links for others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from anlan.access import Caller, issue, redeem_link
from anlan.access.desk import AccountKeeper, Desk, DeskHere, hand_session, optional_caller
from anlan.access.settings import address_of
from anlan.access.settings import read as read_settings
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter(tags=["session"])
pages = APIRouter(include_in_schema=False)
PHONE_ROLES = ("grid_worker", "crew", "volunteer", "resident", "firm", "partner", "village_officer")

_GONE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>安澜</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<body style="font:18px/1.6 sans-serif;background:#0b1622;color:#dfe9f3;padding:3rem">
<h1>登录链接已失效</h1><p>每个链接只能用一次，24 小时内有效。请向值班员索取新链接。</p>
<p lang="en">This sign-in link was used already or is older than a day.
Ask the duty officer for a new one.</p>"""


def city_view(city: City) -> dict[str, object]:
    """What every page needs to know of the city."""
    outline = city.territory.root
    units = [outline, *city.territory.towns(), *city.territory.villages()]
    lons, lats = [unit.lon for unit in units], [unit.lat for unit in units]
    bounds = (
        list(outline.polygon.bounds)
        if outline.polygon is not None
        else [min(lons), min(lats), max(lons), max(lats)]
    )
    return {
        "id": city.id,
        "name": city.name,
        "name_en": city.name_en,
        "zone": city.zone.key,
        "datum": city.datum,
        "centre": [outline.lon, outline.lat],
        "bounds": bounds,
        "synthetic": city.synthetic,
    }


def ways_in(desk: Desk) -> dict[str, object]:
    """How one may sign in, beside a password and a link: the city's single sign-on."""
    sso = read_settings(desk.city).sso
    return {"sso": None if sso is None else {"name": sso.name, "name_en": sso.name_en}}


@router.get("/session")
def session(
    desk: DeskHere, caller: Annotated[Caller | None, Depends(optional_caller)]
) -> dict[str, object]:
    """Who is signed in, with which rights, at which desk."""
    account = None
    if caller is not None:
        account = {
            "id": caller.id,
            "name": caller.name,
            "name_en": caller.name_en,
            "role": caller.role,
            "territory": caller.territory,
            "territory_name": desk.city.territory.named(caller.territory).name,
            "department": caller.department,
        }
    event = desk.event
    return {
        "account": account,
        "rights": sorted(caller.rights) if caller else [],
        "lacks": caller.lacks if caller else "",
        "sign_in": ways_in(desk),
        "city": city_view(desk.city),
        "exercise": desk.exercise,
        "event": None
        if event is None
        else {
            "id": event.id,
            "name": event.name,
            "name_en": event.name_en,
            "from": event.start,
            "to": event.end,
        },
    }


@router.get("/accounts")
def accounts(desk: DeskHere, caller: AccountKeeper) -> list[dict[str, object]]:
    """All accounts, to hand out sign-in links."""
    with desk.store.read() as conn:
        rows = conn.execute(
            select(schema.account).where(schema.account.c.disabled.is_(False)).order_by("id")
        ).all()
    return [
        {
            "id": row.id,
            "name": row.name,
            "role": row.role,
            "territory": row.territory,
            "territory_name": desk.city.territory.named(row.territory).name,
            "department": row.department,
        }
        for row in rows
    ]


@router.post("/accounts/{account}/link")
def account_link(
    account: str, request: Request, desk: DeskHere, caller: AccountKeeper
) -> dict[str, str]:
    """A one-time sign-in link for somebody, good for a day."""
    with desk.act(caller) as act:
        token = issue(act, account, "link", desk.wall.now())
    base = address_of(desk.city) or str(request.base_url).rstrip("/")
    return {"url": f"{base}/signin/{token}"}


@pages.get("/signin/{token}")
def signin(token: str, request: Request, desk: DeskHere) -> Response:
    """Exchange a one-time link for a session and go to the page of one's role."""
    # a browser that looks ahead, or a chat that previews, must not use the link up
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(status_code=503)
    agent = request.headers.get("user-agent", "")
    try:
        with desk.store.transaction() as tx:
            act = Act(tx, desk.clock.now(), "system")
            account, secret = redeem_link(act, token, desk.wall.now(), agent)
            role = tx.execute(
                select(schema.account.c.role).where(schema.account.c.id == account)
            ).scalar_one()
    except Refusal:
        return HTMLResponse(_GONE, status_code=403)
    hand_session(request, secret)
    return RedirectResponse(home_of(role), status_code=303)


def home_of(role: str) -> str:
    """The page of a role."""
    return "/phone.html" if role in PHONE_ROLES else "/"
