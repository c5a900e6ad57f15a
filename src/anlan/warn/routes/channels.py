"""How the channels are, and what their providers push."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool

from anlan.access.desk import DeskHere, Viewer
from anlan.refusal import Refusal
from anlan.store import schema

router = APIRouter()
D = schema.delivery
MOST_REPORT = 1_000_000  # octets of one push


@router.get("/channels")
def channels(request: Request, here: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """The channels that reach beyond this machine: how fast, how they are, and what waits."""
    lines = getattr(request.app.state, "lines", {})
    with here.store.read() as conn:
        rows = conn.execute(
            select(D.c.channel, D.c.state, func.count())
            .where(D.c.channel.in_(list(lines)))
            .group_by(D.c.channel, D.c.state)
        ).all()
    return [
        {
            "name": name,
            "kind": line.kind,
            "title": line.title,
            "per_minute": line.common.per_minute,
            "receipts": line.receipts,
            "problem": line.problem(),
            "deliveries": {state: count for channel, state, count in rows if channel == name},
        }
        for name, line in sorted(lines.items())
    ]


@router.post("/channels/{name}/reports/{token}", include_in_schema=False)
async def take_report(name: str, token: str, request: Request) -> dict[str, object]:
    """What a provider pushes: receipts and answers. The token in the address lets it in.

    Providers sign nothing here. Whoever has not the token hears of no channel.
    """
    line = getattr(request.app.state, "lines", {}).get(name)
    known = "" if line is None else line.report_token
    if line is None or not known or not secrets.compare_digest(known.encode(), token.encode()):
        raise Refusal(
            "no such channel, or not this token (无此通道)", field="token", kind="not_found"
        )
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_REPORT:
            raise Refusal(
                f"a report has more than {MOST_REPORT} octets; push fewer at a time",
                field="body",
                remedy="fewer reports at a time",
            )
    found: dict[str, object] = await run_in_threadpool(line.take_report, bytes(body))
    return found
