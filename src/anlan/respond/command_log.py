"""The command log as it is read, printed and exported: one line for each order, post and hand-over.

Lines are in the order in which things happened. Times are ISO 8601 UTC; `table` writes them in the
city's zone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.legible import cell
from anlan.respond import orders
from anlan.respond.plan import load
from anlan.respond.records import get_incident
from anlan.store import schema

Line = dict[str, Any]
WORDS = {
    "order": "指令",
    "report": "报告",
    "decision": "决定",
    "order.unanswered": "超时上报",
    "post.assigned": "任命",
    "post.taken": "接任",
    "post.handed_over": "交接接任",
    "post.relieved": "离岗",
    "handover": "交接班",
    "incident.opened": "事件建立",
    "incident.closed": "事件结束",
}
MEANS = {"desk": "系统", "phone": "电话", "radio": "电台", "face": "当面", "written": "书面"}
STATES = {
    "given": "未回复",
    "acknowledged": "已回复",
    "done": "已办结",
    "withdrawn": "已撤回",
    "noted": "",
    "signed": "待接班",
}
COLUMNS = (
    "时间",
    "类别",
    "下达/报告人",
    "对象",
    "内容",
    "方式",
    "录入",
    "回复时间",
    "状态",
    "结果",
)


def lines(conn: Connection, city: City, now: datetime, incident_id: str) -> list[Line]:
    """The whole log of an incident, oldest first; raises `Refusal` (not_found)."""
    incident = get_incident(conn, incident_id)
    found = [_line("incident.opened", incident.opened_at, what=incident.name)]
    if incident.closed_at:
        found.append(_line("incident.closed", incident.closed_at, what=incident.name))
    for each in orders.listed(conn, city, now, incident=incident_id):
        found.append(_of_order(each))
        if each["told_at"]:
            found.append(_climbed(each))
    names = {account.id: account.name for account in city.accounts.values()}
    found += _of_posts(conn, city, incident_id, names)
    found += _of_handovers(conn, incident_id, names)
    return sorted(found, key=lambda line: (line["at"], line["id"]))


def _line(kind: str, at: datetime | str, name: str = "", **more: Any) -> Line:
    moment = at if isinstance(at, str) else at.isoformat()
    empty = {"who": None, "to": None, "means": "", "entered_by": None, "acknowledged_at": None,
             "state": "", "result": None}  # fmt: skip
    return {"id": name, "at": moment, "kind": kind, "word": WORDS[kind], **empty, **more}


def _of_order(row: orders.View) -> Line:
    parts = (row["answer"], row["ended_words"])
    # of a report the other side is who said it
    who, to = (
        (row["to_name"], None) if row["kind"] == "report" else (row["by_name"], row["to_name"])
    )
    return _line(
        row["kind"],
        row["given_at"],
        row["id"],
        who=who,
        to=to,
        what=row["what"],
        means=row["means"],
        entered_by=row["entered_by_name"],
        acknowledged_at=row["acknowledged_at"],
        state=row["state"],
        late=row["late"],
        result="；".join(part for part in parts if part) or None,
    )


def _climbed(row: orders.View) -> Line:
    return _line(
        "order.unanswered",
        row["told_at"],
        row["id"],
        to="、".join(row["told_names"]),
        what=f"{row['id']} 逾时未回复，上报一级",
    )


def _of_posts(
    conn: Connection, city: City, incident_id: str, names: Mapping[str, str]
) -> list[Line]:
    P = schema.post_holding
    called = {post.id: post.name for post in load(city.folder).post}
    rows = conn.execute(select(P).where(P.c.incident == incident_id).order_by(P.c.held_from)).all()
    reasons = orders.notes(conn, [row.reason_note for row in rows])
    starts = {(row.post, row.held_to): row.how for row in rows if row.held_to is not None}
    found = []
    for row in rows:
        # how the one before ended is how this one began
        how = starts.get((row.post, row.held_from))
        how = how or ("taken" if row.given_by == row.account else "assigned")
        if how == "relieved":
            how = "taken" if row.given_by == row.account else "assigned"
        holder = names.get(row.account, row.account)
        giver = names.get(row.given_by, row.given_by)
        post = called.get(row.post, row.post)
        found.append(_line(f"post.{how}", row.held_from, row.id, who=giver, to=holder, what=post))
        if row.how == "relieved" and row.held_to is not None:
            ender = names.get(row.ended_by, row.ended_by)
            result = reasons.get(row.reason_note or "")
            found.append(
                _line(
                    "post.relieved", row.held_to, row.id,
                    who=ender, to=holder, what=post, result=result,
                )
            )  # fmt: skip
    return found


def _of_handovers(conn: Connection, incident_id: str, names: Mapping[str, str]) -> list[Line]:
    X = schema.handover
    rows = conn.execute(
        select(X).where(X.c.incident == incident_id, X.c.signed_at.is_not(None))
    ).all()
    remarks = orders.notes(conn, [row.remark_note for row in rows])
    return [
        _line(
            "handover",
            row.signed_at,
            row.id,
            who=names.get(row.from_account, row.from_account),
            to=names.get(taker, taker)
            if (taker := row.acknowledged_by or row.to_account)
            else None,
            what=row.id,
            acknowledged_at=row.acknowledged_at.isoformat() if row.acknowledged_at else None,
            state=row.state,
            result=remarks.get(row.remark_note or ""),
        )
        for row in rows
    ]


def table(found: list[Line], zone: ZoneInfo) -> list[tuple[str, ...]]:
    """Rows of `COLUMNS`, in words, times in the zone."""

    def local(text: str | None) -> str:
        if not text:
            return ""
        return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return [
        (
            local(line["at"]),
            line["word"],
            line["who"] or "",
            line["to"] or "",
            line["what"] or "（内容已删除）",
            MEANS.get(line["means"], ""),
            line["entered_by"] or "",
            local(line["acknowledged_at"]),
            STATES.get(line["state"], ""),
            line["result"] or "",
        )
        for line in found
    ]


def as_csv(found: list[Line], zone: ZoneInfo, exercise: bool) -> str:
    """The log as CSV with a byte-order mark, so that a spreadsheet reads it as UTF-8.

    A cell that a spreadsheet would take for a formula is written with an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    if exercise:
        writer.writerow(["【演练】EXERCISE"])
    writer.writerow(COLUMNS)
    for row in table(found, zone):
        writer.writerow([cell(each) for each in row])
    return "\ufeff" + out.getvalue()
