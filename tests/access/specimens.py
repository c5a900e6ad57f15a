"""What the matrix of rights asks for: a subject of one's own for every name in an address.

A new route with a new ``{name}`` in its path needs a function here when its reach is
``territory`` or ``own``: it makes a subject that ``account`` may have and nobody elsewhere may.
Routes that take a body get the smallest one that their schema allows, or what `BODIES` says.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select

from anlan.access import privacy, sessions
from anlan.access.desk import WALL
from anlan.access.photos import keep_photo
from anlan.access.policy import Row
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.observe import people
from anlan.respond import actions, joint, orders
from anlan.respond.firms import passes, shots, work
from anlan.respond.roads import by_hand
from anlan.respond.roads.network import network_of
from anlan.respond.volunteers import learning
from anlan.respond.volunteers import work as volunteer_work
from anlan.store import ids, schema
from tests.service.hand import Hand

Maker = Callable[[Hand, Act, str, str], str]

BODIES: Mapping[str, Any] = {
    "POST /api/v1/evacuation/villages/{village}/people": {"purpose": "电话通知转移"},
    "POST /api/v1/people/{person}/open": {"purpose": "回电核实情况"},
    "POST /api/v1/cases": {"territory": "330482101201", "text": "积水"},
    "POST /api/v1/depth-reports": {"territory": "330482101201", "depth_class": "ankle"},
    "POST /api/v1/readings": {"readings": []},
    "POST /api/v1/firms/{firm_id}/operation": {"operation": "reduced"},
    "POST /api/v1/firms/{firm_id}/measures": {"text": "垫高", "due_at": "2021-07-27T08:00:00Z"},
    "POST /api/v1/firms/{firm_id}/cases": {"kind": "firm_visit", "form": {"purpose": "during"}},
    "POST /api/v1/checks/{check_id}/live": {"description": "v=0"},
    "POST /api/v1/joint/{joint_id}/join": {"root": "330421000000"},
    "POST /api/v1/joint/{joint_id}/tasks": {"title": "看一看", "assignee": "duty-1"},
    "POST /api/v1/tasks/{task_id}/note": {"text": "已到场"},
}
# an address names these besides its subject
WORDS: Mapping[str, str] = {"command": "close", "layer": "p50", "index": "0", "kind": "html"}


def _case(hand: Hand, act: Act, account: str, village: str) -> str:
    return actions.open_case(
        Act(act.tx, act.now, "system"),
        hand.city,
        "resident_report",
        territory=village,
        text="积水",
        reporter=account,
    )


def _task(hand: Hand, act: Act, account: str, village: str) -> str:
    case = _case(hand, act, account, village)
    engine = Act(act.tx, act.now, "system")
    task = actions.give_task(engine, hand.city, case, "看一看")
    # as it stands once given: that a neighbour's city must be asked in first is tried elsewhere
    T = schema.task
    tx, given = act.tx, {"assignee": account, "state": "assigned"}
    tx.execute(T.update().where(T.c.id == task).values(**given))
    return task


def _photo(hand: Hand, act: Act, account: str, village: str) -> str:
    raw = io.BytesIO()
    shade = hash((account, village)) % 16_000_000
    Image.new("RGB", (4, 4), (shade >> 16, shade >> 8 & 255, shade & 255)).save(raw, "PNG")
    return keep_photo(act, raw.getvalue(), "a.png")


def person_of(hand: Hand, act: Act, account: str, village: str) -> str:
    """A person with a name and a number, in the village, who uses ``account``."""
    vault, name = Vault.of(hand.store), f"PX-{account}"
    if not act.tx.execute(schema.person.select().where(schema.person.c.id == name)).first():
        act.tx.execute(
            schema.person.insert().values(
                id=name,
                account=account,
                name_enc=vault.seal("王小明"),
                phone_enc=vault.seal("10000009999"),
                role="resident",
                tier="resident",
                territory=village,
                language="zh",
                opted_out=False,
                on_duty=True,
                synthetic=True,
            )
        )
    return name


def _delivery(hand: Hand, act: Act, account: str, village: str) -> str:
    if not act.tx.execute(schema.alert.select().where(schema.alert.c.id == "AX")).first():
        words = ("chain", "rule", "area", "area_name", "event", "event_name", "colour", "msg_type")
        more = ("status", "state", "issuer", "headline", "description", "instruction")
        act.tx.execute(
            schema.alert.insert().values(
                dict.fromkeys((*words, *more), "x")
                | {"id": "AX", "version": 1, "official": False, "approvals_needed": 1}
                | {"drafted_at": act.now, "expires_at": act.now, "grounds": [], "references": []}
            )
        )
    name = "DX" + ids.digest(account)[:12]
    act.tx.execute(
        schema.delivery.insert().values(
            id=name,
            alert="AX",
            version=1,
            person=person_of(hand, act, account, village),
            channel="app",
            tier="resident",
            state="sent",
            body="【演练】",
            planned_at=act.now,
        )
    )
    return name


def _session(hand: Hand, act: Act, account: str, village: str) -> str:
    sessions.begin(act, account, WALL.now(), method="password", second_factor=True)
    S = schema.session
    return str(act.tx.execute(select(S.c.id).where(S.c.account == account)).scalars().first())


def _order(hand: Hand, act: Act, account: str, village: str) -> str:
    commander = Act(act.tx, act.now, hand.account("commander"))
    incident = actions.current(act.tx)
    name = incident.id if incident else actions.open_incident(commander, hand.city, "试验")
    return orders.give(commander, hand.city, name, "原地待命", to=account)


def _firm(hand: Hand, act: Act, account: str, village: str) -> str:
    """A firm of the village; which one does not hang on who asks."""
    return next(firm.id for firm in hand.city.firms.values() if firm.territory == village)


def _pass(hand: Hand, act: Act, account: str, village: str) -> str:
    firm = hand.city.firms[_firm(hand, act, account, village)]
    asked = {"plate": "浙F12345", "cargo": "food", "origin": "独山港", "destination": "金山"}
    times = {"valid_from": act.now, "valid_to": act.now + timedelta(hours=6)}
    return passes.apply(act, hand.city, firm, {**asked, **times}, "phone")


def _check(hand: Hand, act: Act, account: str, village: str) -> str:
    """A remote check with one picture, sent by the firm."""
    firm = hand.city.firms[_firm(hand, act, account, village)]
    form = {"firm_account": firm.account, "shots": ["gate"]}
    case = work.open_for(act, hand.city, firm, shots.KIND, form=form)
    digest = _photo(hand, act, account, village)
    by_firm = Act(act.tx, act.now, firm.account)
    shots.send(by_firm, hand.city, case, "gate", digest, "image/jpeg", "recorded")
    return case


def _joint(hand: Hand, act: Act, account: str, village: str) -> str:
    return actions.open_case(
        Act(act.tx, act.now, "system"),
        hand.city,
        joint.KIND,
        territory=village,
        form={"subject": "river"},
        reporter=account,
    )


def _volunteer(hand: Hand, act: Act, account: str, village: str) -> str:
    name = "VX" + ids.digest(account)[:12]
    act.tx.execute(
        schema.volunteer.insert().values(
            id=name,
            account=None,
            person=person_of(hand, act, account, village),
            territory=village,
            state="applied",
            times=[],
            past={},
            applied_at=act.now,
            erase_at=act.now + timedelta(days=30),
            synthetic=True,
        )
    )
    return name


def _work(hand: Hand, act: Act, account: str, village: str) -> str:
    given = {
        "title": "搬运沙袋",
        "territory": village,
        "starts_at": act.now.isoformat(),
        "ends_at": (act.now + timedelta(hours=8)).isoformat(),
        "needed": 1,
    }
    return volunteer_work.offer(Act(act.tx, act.now, "system"), hand.city, given, "Exercise")


def _road_order(hand: Hand, act: Act, account: str, village: str) -> str:
    """A road closed at the point of one that runs through the village."""
    network = network_of(hand.city)
    at = next(
        (float(lon), float(lat))
        for edge in network.edges
        for lon, lat in edge.line
        if hand.city.territory.locate(float(lon), float(lat)).code == village
    )
    return by_hand.order(
        Act(act.tx, act.now, "system"),
        hand.city,
        network,
        lambda where: True,
        at=at,
        effect="closed",
        until=act.now + timedelta(hours=8),
        reason="路面塌陷",
    )


def _item(hand: Hand, act: Act, account: str, village: str) -> str:
    given = {"title": "涉水安全", "body": "水过膝盖不下水", "territory": village}
    return learning.push(Act(act.tx, act.now, "system"), hand.city, given)


def _opening(hand: Hand, act: Act, account: str, village: str) -> str:
    """Somebody looked at the person who uses the account."""
    person = person_of(hand, act, account, village)
    officer = Act(act.tx, act.now, hand.account("duty_officer"))
    purpose = f"回电核实 {account}"
    privacy.open_person(officer, Vault.of(hand.store), person, purpose, WALL.now())
    return purpose


def _depth_report(hand: Hand, act: Act, account: str, village: str) -> str:
    where = people.Where(None, village, None, None, None)
    name = people.record(
        Act(act.tx, act.now, account), hand.city, "resident", "knee", where, age=timedelta()
    )
    return str(name)


MAKERS: Mapping[str, Maker] = {
    "village": lambda hand, act, account, village: village,
    "volunteer": _volunteer,
    "work": _work,
    "item": _item,
    "opening": _opening,
    "depth_report": _depth_report,
    "road_order": _road_order,
    "case_id": _case,
    "task_id": _task,
    "digest": _photo,
    "delivery_id": _delivery,
    "firm_id": _firm,
    "pass_id": _pass,
    "check_id": _check,
    "joint_id": _joint,
    "order_id": _order,
    "session_id": _session,
    "person": person_of,
}


SHOWN: Mapping[str, str] = {
    "/api/v1/me/security": "session_id",
    "/api/v1/people": "person",
    "/api/v1/me/openings": "opening",
    "/api/v1/me/messages": "delivery_id",
    "/api/v1/me/orders": "order_id",
    "/api/v1/cases": "case_id",
    "/api/v1/tasks": "task_id",
    "/api/v1/firms": "firm_id",
    "/api/v1/passes": "pass_id",
    "/api/v1/volunteers": "volunteer",
    "/api/v1/volunteer-work": "work",
    "/api/v1/learning": "item",
    "/api/v1/depth-reports": "depth_report",
}
"""What of one's own each list shows, and of others' does not."""
LISTED_ELSEWHERE: Mapping[str, str] = {
    "/api/v1/live": "tests/service/test_live.py",
    "/sta/v1.1": "tests/observe/sta",
    "/api/v1/evacuation": "tests/service/test_evacuation.py",
    "/api/v1/dispatch/proposal": "tests/respond/dispatch",
    "/api/v1/command": "tests/respond/test_orders.py",
    "/api/v1/points": "tests/respond/stories",
    "/api/v1/points/board": "tests/respond/stories",
    "/api/v1/me/firm": "tests/respond/firms",
    "/api/v1/me/firm/shot": "tests/respond/firms",
    "/api/v1/me/firm/live": "tests/respond/firms",
    "/api/v1/me/joint": "tests/respond/firms/test_joint.py",
    "/api/v1/me/push": "tests/warn",
    "/api/v1/notices": "tests/respond",
    "/api/v1/me/volunteer": "tests/respond/volunteers",
    "/api/v1/volunteer-hours.csv": "tests/respond/volunteers",
}
"""Lists that need a story of their own, and where they are tried."""


def smallest(schema_: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
    """The smallest value that a JSON schema allows."""
    if "$ref" in schema_:
        return smallest(parts[schema_["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema_:
        return smallest(schema_["anyOf"][0], parts)
    if "default" in schema_:
        return schema_["default"]
    if "enum" in schema_:
        return schema_["enum"][0]
    if "const" in schema_:
        return schema_["const"]
    match schema_.get("type"):
        case "object":
            fields = schema_.get("properties", {})
            return {name: smallest(fields[name], parts) for name in schema_.get("required", ())}
        case "array":
            return [smallest(schema_["items"], parts)] * schema_.get("minItems", 0)
        case "integer" | "number":
            return schema_.get("minimum", schema_.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
    if schema_.get("format") == "date-time":
        return "2021-07-25T12:00:00+08:00"
    return "x" * max(1, schema_.get("minLength", 1))


def body_of(document: Mapping[str, Any], row: Row) -> Any:
    """A body that the route of ``row`` takes; None where it takes none."""
    named = BODIES.get(f"{row.method} {row.path}")
    if named is not None:
        return named
    operation = document["paths"].get(row.path, {}).get(row.method.lower(), {})
    kinds = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in kinds:
        return {} if row.method in ("POST", "PUT", "PATCH") else None
    return smallest(kinds["application/json"]["schema"], document["components"]["schemas"])
