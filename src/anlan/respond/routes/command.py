"""HTTP for the command post: orders, posts, the checklist, and what a level would bring."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Decider, Desk, DeskHere, JournalReader, PhoneUser, Viewer
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import checklist as checklists
from anlan.respond import command_log, order_ladder, orders, posts
from anlan.respond.expand import Opening
from anlan.respond.levels import foresee
from anlan.respond.log_page import render
from anlan.respond.plan import load, rank
from anlan.respond.records import AnyRow, I, get_incident, officers

router = APIRouter(tags=["respond"])
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
NOT_AT_WORK = frozenset({"resident", "firm", "partner", "station"})


class NewOrder(BaseModel):
    """An order, a report that came in, or a decision; as `anlan.respond.orders.give` takes it."""

    what: str
    kind: str = "order"
    to: str | None = None
    to_name: str = ""
    by: str | None = None
    means: str = "desk"
    given_at: datetime | None = None
    ack_min: float = 15


class OrderCommand(BaseModel):
    """What goes with ``acknowledge`` (means, at, words), ``done`` (words), ``withdraw`` (words)."""

    means: str = "desk"
    at: datetime | None = None
    words: str = ""


class PostCommand(BaseModel):
    """``assign`` takes an account, ``relieve`` a reason, ``take`` nothing."""

    account: str = ""
    reason: str = ""


@router.get("/command")
def command_post(desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """Posts and orders of the open incident (the newest one, should none be open).

    Who does not see the whole city gets the orders that concern them.
    """
    now = desk.clock.now()
    with desk.store.read() as conn:
        incident = conn.execute(
            I.select().order_by((I.c.state == "open").desc(), I.c.id.desc()).limit(1)
        ).first()
        if incident is None:
            return {"incident": None, "posts": [], "orders": [], "may_write": False}
        found = orders.listed(
            conn,
            desk.city,
            now,
            incident=incident.id,
            concerning=None if caller.role in CITY_WIDE else caller.id,
        )
        for order in found:
            order["allowed"] = orders.allowed(conn, order, caller.id)
        staff = posts.on_staff(conn, incident.id, caller.id)
        return {
            "incident": {"id": incident.id, "name": incident.name, "state": incident.state},
            "posts": posts.board(conn, desk.city, incident, caller.role),
            "orders": found,
            "may_write": staff and incident.state == "open",
        }


@router.get("/command/accounts")
def at_work(desk: DeskHere, caller: JournalReader) -> list[dict[str, str]]:
    """Accounts that orders and posts may be given to."""
    with desk.store.read() as conn:
        found = officers(conn)
    names = {account.id: account.name for account in desk.city.accounts.values()}
    return [
        {
            "id": each.id,
            "name": names.get(each.id, each.id),
            "role": each.role,
            "territory_name": desk.city.territory.unit(each.territory).name,
            "department": each.department,
        }
        for each in found
        if each.role not in NOT_AT_WORK
    ]


@router.get("/me/orders")
def my_orders(desk: DeskHere, caller: PhoneUser) -> list[dict[str, Any]]:
    """Orders given to the caller, and those that climbed to them unanswered; newest first."""
    with desk.store.read() as conn:
        found = orders.listed(conn, desk.city, desk.clock.now(), concerning=caller.id, most=50)
        mine = [
            each
            for each in found
            if each["kind"] == "order" and caller.id in (each["to"], *each["told"])
        ]
        for order in mine:
            order["allowed"] = orders.allowed(conn, order, caller.id)
    return mine


@router.post("/incidents/{incident}/orders")
def give_order(
    incident: str, new: NewOrder, desk: DeskHere, caller: Viewer, key: Key = None
) -> dict[str, Any]:
    """Give an order, or put one down that was given by telephone."""

    def do(act: Act) -> dict[str, Any]:
        return {"id": orders.give(act, desk.city, incident, **new.model_dump())}

    return once(desk, caller, key, do)


@router.post("/orders/{order_id}/{command}")
def command_order(
    order_id: str,
    command: str,
    given: OrderCommand,
    desk: DeskHere,
    caller: PhoneUser,
    key: Key = None,
) -> dict[str, Any]:
    """``acknowledge``, ``done`` or ``withdraw``; a foreign order answers 404."""

    def do(act: Act) -> dict[str, Any]:
        _must_concern(act, caller, order_id)
        if command == "acknowledge":
            orders.acknowledge(act, order_id, means=given.means, at=given.at, words=given.words)
        elif command == "done":
            orders.report_done(act, order_id, given.words)
        elif command == "withdraw":
            orders.withdraw(act, order_id, given.words)
        else:
            raise _no_command(command, "acknowledge, done, withdraw")
        return {"state": orders.get_order(act.tx, order_id).state}

    return once(desk, caller, key, do)


def _must_concern(act: Act, caller: Caller, order_id: str) -> None:
    order = orders.get_order(act.tx, order_id)
    concerned = caller.id in (
        order.given_to,
        order.given_by,
        order.entered_by,
    ) or order_ladder.was_told(act.tx, order_id, caller.id)
    if not concerned and not posts.on_staff(act.tx, order.incident, caller.id):
        raise orders.missing(order_id)


def _no_command(command: str, known: str) -> Refusal:
    return Refusal(
        f"there is no command '{command[:40]}'; use one of {known}",
        field="command",
        value=command[:40],
        remedy=known,
    )


@router.post("/incidents/{incident}/posts/{post}/{command}")
def command_of_post(
    incident: str, post: str, command: str, given: PostCommand, desk: DeskHere, caller: Viewer
) -> dict[str, Any]:
    """``assign``, ``take`` or ``relieve`` a post; answers who holds it now."""
    with desk.act(caller) as act:
        if command == "assign":
            posts.assign(act, desk.city, incident, post, given.account)
        elif command == "take":
            posts.take(act, desk.city, incident, post)
        elif command == "relieve":
            posts.relieve(act, desk.city, incident, post, given.reason)
        else:
            raise _no_command(command, "assign, take, relieve")
        return {"account": posts.holders(act.tx, incident).get(post)}


@router.get("/incidents/{incident}/checklist")
def checklist(incident: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The plan per level and step: done, late, by whom; the caller's part of the city."""
    with desk.store.read() as conn:
        return checklists.checklist(
            conn,
            desk.city,
            desk.clock.now(),
            incident,
            lambda territory: caller.sees(desk.city, territory),
        )


@router.get("/incidents/{incident}/foresee")
def what_a_level_brings(
    incident: str, level: str, desk: DeskHere, caller: Decider
) -> dict[str, Any]:
    """What setting this level now would start, withdraw, stop and stand down; changes nothing."""
    rank(level)
    with desk.store.read() as conn:
        get_incident(conn, incident)
        found = foresee(conn, desk.clock.now(), desk.city, incident, level)
    titles = {step.id: (step.title, step.title_en) for step in load(desk.city.folder).step}

    def openings(those: tuple[Opening, ...]) -> list[dict[str, Any]]:
        grouped: dict[str, list[str]] = {}
        for each in those:
            grouped.setdefault(each.step.id, []).append(each.target.name)
        return [
            {
                "step": step,
                "title": titles[step][0],
                "title_en": titles[step][1],
                "count": len(names),
                "targets": names[:12],
            }
            for step, names in grouped.items()
        ]

    def cases(those: tuple[AnyRow, ...]) -> list[dict[str, str]]:
        return [{"case": row.id, "title": row.title} for row in those]

    downs = openings(found.stands_down)
    names = {step.id: step.stand_down for step in load(desk.city.folder).step}
    for each in downs:
        words = names[each["step"]]
        if words is not None:
            each |= {"title": words.title, "title_en": words.title_en}
    return {
        "level": level,
        "starts": openings(found.starts),
        "stands_down": downs,
        "withdrawn": cases(found.withdrawn),
        "stopped": cases(found.stopped),
        "runs_on": cases(found.runs_on),
    }


def _lines(desk: Desk, incident: str) -> list[command_log.Line]:
    with desk.store.read() as conn:
        return command_log.lines(conn, desk.city, desk.clock.now(), incident)


@router.get("/incidents/{incident}/log")
def log(incident: str, desk: DeskHere, caller: JournalReader) -> list[dict[str, Any]]:
    """The command log of an incident, oldest first."""
    return _lines(desk, incident)


@router.get("/incidents/{incident}/log.csv")
def log_csv(incident: str, desk: DeskHere, caller: JournalReader) -> Response:
    """The same as CSV."""
    text = command_log.as_csv(_lines(desk, incident), desk.city.zone, desk.exercise)
    headers = {"content-disposition": f'attachment; filename="command-log-{incident}.csv"'}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/incidents/{incident}/log.html")
def log_page(incident: str, desk: DeskHere, caller: JournalReader) -> HTMLResponse:
    """The same as one page to print and sign."""
    found = _lines(desk, incident)
    page = render(found, desk.city, incident, desk.clock.now(), desk.exercise)
    return HTMLResponse(page, headers={"content-security-policy": PAGE_POLICY})
