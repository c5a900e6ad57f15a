"""The posts 岗位 of the command post: who holds which, assigned, taken over, relieved.

A post has one holder at a time in an incident; whom nobody holds it is vacant. The posts and who
may hold them are the plan's (`plan.Post`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.incidents import command_post, must_be_open
from anlan.respond.payload import checked
from anlan.respond.plan import load, rank
from anlan.respond.plan_posts import Post
from anlan.respond.records import CITY_SUPERVISORS, AnyRow, get_incident, officer
from anlan.store import ids, schema

P = schema.post_holding
View = dict[str, Any]


def holders(conn: Connection, incident_id: str) -> dict[str, str]:
    """post -> the account that holds it now; vacant ones are left out."""
    rows = conn.execute(
        select(P.c.post, P.c.account).where(P.c.incident == incident_id, P.c.held_to.is_(None))
    )
    return {row.post: row.account for row in rows}


def assign(act: Act, city: City, incident_id: str, post: str, account: str) -> str:
    """A commander or duty officer puts somebody on a post; who held it is relieved.

    Returns the id of the holding. Raises `Refusal`: forbidden, closed, unknown post or account,
    a role that the plan does not let on this post, or who holds it already.
    """
    command_post(act, "assign a post")
    return _put(act, city, incident_id, post, account, "assigned")


def take(act: Act, city: City, incident_id: str, post: str) -> str:
    """The actor takes a post over, vacant or held; who held it is relieved.

    Returns the id of the holding. Raises `Refusal` as `assign` does.
    """
    return _put(act, city, incident_id, post, act.actor, "taken")


def relieve(act: Act, city: City, incident_id: str, post: str, reason: str) -> None:
    """The holder, a commander or a duty officer leaves the post vacant, with the reason.

    Raises `Refusal`: nobody holds it, no reason, or somebody else asks.
    """
    _known(city, post)
    must_be_open(get_incident(act.tx, incident_id))
    held = holders(act.tx, incident_id).get(post)
    if held is None:
        raise Refusal(
            f"nobody holds post '{post}' in {incident_id}; assign it first",
            field="post",
            value=post,
            remedy="a post that somebody holds",
            kind="conflict",
            zh="这个岗位现在没有人。",
        )
    if act.actor != held:
        command_post(act, "relieve somebody else")
    if not reason.strip():
        raise Refusal(
            "why is the post left vacant? give the reason",
            field="reason",
            value=reason,
            remedy="a sentence",
        )
    checked({"reason": reason})
    _end(act, incident_id, post, "relieved", keep_note(act, "post.relieve", reason))


def pass_on(act: Act, city: City, incident_id: str, leaving: str, coming: str) -> list[str]:
    """With a hand-over, the posts of who leaves go to who comes, as far as their role may.

    Returns the posts passed on; the others stay where they are and are shown as held.
    """
    person = officer(act.tx, coming)
    passed = []
    for post, account in sorted(holders(act.tx, incident_id).items()):
        if account == leaving and person and person.role in _known(city, post).roles:
            _put(act, city, incident_id, post, coming, "handed_over")
            passed.append(post)
    return passed


def end_all(act: Act, incident_id: str) -> None:
    """When an incident closes, every post in it is laid down."""
    for post in sorted(holders(act.tx, incident_id)):
        _end(act, incident_id, post, "closed", None)


def _known(city: City, name: str) -> Post:
    posts = {post.id: post for post in load(city.folder).post}
    if name not in posts:
        raise Refusal(
            f"there is no post '{name}' in plan.toml; known: {', '.join(posts)}",
            field="post",
            value=name,
            remedy=", ".join(posts),
            kind="not_found",
        )
    return posts[name]


def _put(act: Act, city: City, incident_id: str, post: str, account: str, how: str) -> str:
    must_be_open(get_incident(act.tx, incident_id))
    known = _known(city, post)
    person = officer(act.tx, account)
    if person is None or person.role not in known.roles:
        raise Refusal(
            f"{account} may not hold post '{post}' ({known.name}); "
            f"its roles are {', '.join(known.roles)}",
            field="account",
            value=account,
            remedy=f"an account with one of the roles {', '.join(known.roles)}",
            kind="forbidden" if account == act.actor else "invalid",
            zh=f"此账号的角色不能担任{known.name}。",
        )
    before = holders(act.tx, incident_id).get(post)
    if before == account:
        raise Refusal(
            f"{account} holds post '{post}' already",
            field="account",
            value=account,
            remedy="somebody else",
            kind="conflict",
            zh=f"{known.name}已经由此人担任。",
        )
    if before is not None:
        _end(act, incident_id, post, how, None)
    name = ids.next_id(act.tx, "P")
    act.tx.execute(
        P.insert().values(
            id=name,
            incident=incident_id,
            post=post,
            account=account,
            held_from=act.now,
            given_by=act.actor,
        )
    )
    content = {"post": post, "account": account, "before": before}
    act.record(f"post.{how}", name, grounds=[f"incident:{incident_id}"], content=content)
    return name


def _end(act: Act, incident_id: str, post: str, how: str, note: str | None) -> None:
    held = (P.c.incident == incident_id, P.c.post == post, P.c.held_to.is_(None))
    name = act.tx.execute(select(P.c.id).where(*held)).scalar_one()
    values = {"held_to": act.now, "ended_by": act.actor, "how": how, "reason_note": note}
    act.tx.execute(update(P).where(P.c.id == name).values(**values))
    if how in ("relieved", "closed"):
        content = {"post": post, "reason_note": note}
        act.record(f"post.{how}", name, grounds=[f"incident:{incident_id}"], content=content)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def board(conn: Connection, city: City, incident: AnyRow, role: str = "") -> list[View]:
    """Every post of the plan with its holder, since when, and whether it should be held by now.

    ``role``: of who looks: ``may_take`` says whether they could take it.
    """
    rows = conn.execute(
        select(P).where(P.c.incident == incident.id).order_by(P.c.held_from, P.c.id)
    ).all()
    names = {account.id: account.name for account in city.accounts.values()}
    shown = []
    for post in load(city.folder).post:
        own = [row for row in rows if row.post == post.id]
        now = next((row for row in own if row.held_to is None), None)
        wanted = post.must_from is not None and rank(incident.level) >= rank(post.must_from)
        shown.append(
            {
                "post": post.id,
                "name": post.name,
                "name_en": post.name_en,
                "duty": post.duty,
                "duty_en": post.duty_en,
                "roles": list(post.roles),
                "from": post.must_from,
                "account": now.account if now else None,
                "account_name": names.get(now.account, now.account) if now else None,
                "since": _iso(now.held_from) if now else None,
                "missing": wanted and now is None and incident.state == "open",
                "may_take": role in post.roles and incident.state == "open",
                "past": [
                    {
                        "account": row.account,
                        "account_name": names.get(row.account, row.account),
                        "from": _iso(row.held_from),
                        "to": _iso(row.held_to),
                        "how": row.how,
                    }
                    for row in reversed(own)
                    if row.held_to is not None
                ],
            }
        )
    return shown


def staff(conn: Connection, incident_id: str) -> Mapping[str, Sequence[str]]:
    """account -> posts held now; a supervisor of the city counts even without one."""
    found: dict[str, list[str]] = {}
    for post, account in holders(conn, incident_id).items():
        found.setdefault(account, []).append(post)
    return found


def on_staff(conn: Connection, incident_id: str, account: str) -> bool:
    """Whether an account is of the command post: by its role, or by a post that it holds."""
    person = officer(conn, account)
    if person is None:
        return False
    return person.role in CITY_SUPERVISORS or account in staff(conn, incident_id)
