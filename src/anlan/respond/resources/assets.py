"""Teams, vehicles, pumps and boats: each is in one place, and in one state.

ready 待命 → out 出动 → ready; ready ↔ resting 轮休, repair 维修. What is out is bound to a case, by
a fill of a request or by a task; only what is ready can be taken, by a conditional UPDATE.
"""

from __future__ import annotations

from sqlalchemy import update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import task as tasks
from anlan.respond.records import get_task
from anlan.respond.resources import custody
from anlan.respond.resources.custody import changed, one
from anlan.store import schema

A = schema.asset
STATES = {"ready": "待命", "out": "出动", "resting": "轮休", "repair": "维修"}
BY_HAND = ("ready", "resting", "repair")


def take(
    act: Act, asset: str, *, case_id: str, fill: str | None = None, task: str | None = None
) -> None:
    """Bind a thing that is ready to a case; raises `Refusal` (conflict) when it is not ready."""
    row = one(act.tx, A, asset, "asset")
    changed(
        act.tx.execute(
            update(A)
            .where(A.c.id == asset, A.c.state == "ready")
            .values(state="out", case_id=case_id, fill=fill, task_id=task, since=act.now)
        ),
        lambda: Refusal(
            f"{row.name} ({asset}) is '{row.state}'"
            + (f" for case {row.case_id}" if row.case_id else "")
            + "; only what is ready can be sent",
            field="asset",
            value=asset,
            remedy="another one that is ready, or bring this one back first",
            kind="conflict",
        ),
    )
    act.record("resource.out", asset, grounds=[f"case:{case_id}"])


def release(act: Act, asset: str, fill: str | None = None) -> None:
    """A thing is back and ready; ``fill``: only while it is out for this one."""
    query = update(A).where(A.c.id == asset, A.c.state == "out")
    if fill is not None:
        query = query.where(A.c.fill == fill)
    act.tx.execute(
        query.values(state="ready", case_id=None, fill=None, task_id=None, since=act.now)
    )
    act.record("resource.back", asset)


def set_state(act: Act, city: City, asset: str, state: str, reason: str = "") -> None:
    """Put a thing to rest, into repair, or back to ready; whoever has a say over it may.

    What is out for a request comes back by returning that; what is out for a task that has
    ended becomes ready here.
    """
    row = one(act.tx, A, asset, "asset")
    custody.require_holder(act, city, row.territory, row.department, row.account or "")
    if state not in BY_HAND:
        raise Refusal(
            f"state '{state[:20]}' is not set by hand; use {', '.join(BY_HAND)}",
            field="state",
            value=state[:20],
            remedy=", ".join(BY_HAND),
        )
    if row.state == "out":
        busy = row.fill is not None or (
            row.task_id is not None and get_task(act.tx, row.task_id).state not in tasks.ENDED
        )
        if busy:
            held = row.fill or row.task_id
            raise Refusal(
                f"{row.name} is out for case {row.case_id} ({held}); it comes back when that ends",
                field="asset",
                value=asset,
                remedy=f"return {row.fill}" if row.fill else f"complete or withdraw {row.task_id}",
                kind="conflict",
            )
    act.tx.execute(
        update(A)
        .where(A.c.id == asset, A.c.state == row.state)
        .values(state=state, case_id=None, fill=None, task_id=None, since=act.now)
    )
    note = keep_note(act, "resource.state", reason) if reason.strip() else None
    act.record("resource.state", asset, content={"to": state, "note": note})
