"""The course of an event as the journal tells it: one line for each decision that mattered."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, select

from anlan.review.colours import COLOUR_WORDS
from anlan.store import schema

WORDS = {
    "run.published": ("预报发布", "forecast published"),
    "run.failed": ("预报计算失败", "forecast failed"),
    "alert.drafted": ("预警草拟", "alert drafted"),
    "alert.approved": ("预警审批通过", "alert approved"),
    "alert.rejected": ("预警驳回", "alert rejected"),
    "alert.issued": ("预警发布", "alert sent"),
    "alert.lapsed": ("预警草稿作废", "draft lapsed"),
    "alert.relayed": ("转发上级预警", "official warning relayed"),
    "incident.opened": ("事件建立", "incident opened"),
    "incident.level_proposed": ("建议响应等级", "level proposed"),
    "incident.level_set": ("启动/调整响应", "level set"),
    "incident.closed": ("事件结束", "incident closed"),
    "case.escalated": ("事项升级", "case escalated"),
    "case.unheard": ("事项无人应答", "case unanswered by all"),
    "task.escalated": ("任务升级", "task escalated"),
    "task.unheard": ("任务无人应答", "task unanswered by all"),
}
"""Kinds of entry that make a line of the timeline (Chinese, English); others are counted."""


def timeline(conn: Connection) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Lines in order of the journal, and the number of entries of each kind.

    A line: ``seq``, ``at`` (recorded, ISO UTC), ``kind``, ``word``, ``word_en``, ``subject``,
    ``what`` (from the rows that the entry names), ``actor``, ``on_behalf``.
    """
    J = schema.journal
    subjects = _subjects(conn)
    lines, kinds = [], Counter[str]()
    columns = select(J.c.seq, J.c.recorded_at, J.c.kind, J.c.subject, J.c.actor, J.c.on_behalf)
    for row in conn.execute(columns.order_by(J.c.seq)):
        kinds[row.kind] += 1
        if row.kind in WORDS:
            lines.append(
                {
                    "seq": row.seq,
                    "at": row.recorded_at.isoformat(),
                    "kind": row.kind,
                    "word": WORDS[row.kind][0],
                    "word_en": WORDS[row.kind][1],
                    "subject": row.subject,
                    "what": subjects.get(row.subject, ""),
                    "actor": row.actor,
                    "on_behalf": row.on_behalf,
                }
            )
    return lines, dict(sorted(kinds.items()))


def _subjects(conn: Connection) -> dict[str, str]:
    """What each subject is, in words that hold nothing personal."""
    A, R, I = schema.alert, schema.run, schema.incident  # noqa: E741
    C, T = schema.case_item, schema.task
    known = {}
    columns = select(A.c.id, A.c.area_name, A.c.event_name, A.c.colour, A.c.msg_type)
    for row in conn.execute(columns):
        ends = "解除" if row.msg_type == "Cancel" else ""
        colour = COLOUR_WORDS.get(row.colour, "")
        known[row.id] = f"{row.area_name} {row.event_name}{colour}{ends}"
    for run in conn.execute(select(R.c.id, R.c.issued_at, R.c.members)):
        known[run.id] = f"{run.issued_at:%m-%d %H:%M}Z，{run.members} 成员"
    for table in (I, C, T):
        title = table.c.name if table is I else table.c.title
        known |= {row[0]: row[1] for row in conn.execute(select(table.c.id, title))}
    return known
