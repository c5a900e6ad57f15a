"""The end of offered work: reported done with everybody back, or called off."""

from __future__ import annotations

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import commands
from anlan.respond import task as tasks
from anlan.respond.records import tasks_of
from anlan.respond.volunteers import claiming
from anlan.respond.volunteers.records import CL, AnyRow, W, words, work_of
from anlan.respond.volunteers.telling import tell
from anlan.respond.volunteers.work import END, board
from anlan.store import timers


def finish(act: Act, city: City, work: str, text: str) -> str:
    """The work is done and everybody back: its case is reported done, with what came of it.

    Raises `Refusal` (conflict) while somebody is still out: nobody is left behind.
    """
    row = work_of(act.tx, work)
    out = [name for name, state in board(act, row).states.items() if state == "on_site"]
    if out:
        raise Refusal(
            f"still out: {', '.join(sorted(out))}; check them out or look for them first "
            "(仍有人未签退)",
            field="work",
            value=work,
            remedy="everybody checked out",
            kind="conflict",
        )
    summary = words("text", text)
    close(act, city, row, "ended")
    rows = act.tx.execute(select(CL.c.state).where(CL.c.work == work)).scalars()
    came = sum(state in claiming.CAME for state in rows)
    told = f"需要 {row.needed} 人，到场 {came} 人，全部平安返回。{summary}"
    for task in tasks_of(act.tx, row.case_id) if row.case_id else ():
        if task.state in tasks.ENDED:
            continue
        if task.assignee == act.actor and task.state in ("assigned", "delivered", "claimed"):
            commands.task_command(act, city, task.id, "acknowledge")
        payload = {"text": told, "reason": "志愿服务结束"}
        commands.task_command(act, city, task.id, "complete", payload)
    return told


def close(act: Act, city: City, row: AnyRow, state: str) -> None:
    """No more claims: who had a place and never came has missed it, who waited waits no more."""
    if row.state != "open":
        return
    act.tx.execute(update(W).where(W.c.id == row.id).values(state=state))
    timers.stop(act.tx, row.id, [END])
    gone = {"claimed": "missed" if state == "ended" else "withdrawn", "waiting": "withdrawn"}
    told: list[str] = []
    for name, known in board(act, row).states.items():
        if known not in gone:
            continue
        mine = update(CL).where(CL.c.work == row.id, CL.c.volunteer == name)
        act.tx.execute(mine.values(state=gone[known]))
        told.append(name)
        kind = "missed" if gone[known] == "missed" else "released"
        act.record(f"volunteer.{kind}", name, grounds=[f"work:{row.id}"])
    act.record(f"volunteer.work_{state}", row.id)
    if state == "cancelled" and told:
        tell(act, city, row, told, "cancelled")


def cancel(act: Act, city: City, work: str, reason: str) -> None:
    """Call the work off: those who were to come are told; its case is withdrawn with the reason.

    Raises `Refusal` (conflict) while somebody is out.
    """
    row = work_of(act.tx, work)
    why = words("reason", reason, 300)
    if "on_site" in board(act, row).states.values() or row.state != "open":
        raise Refusal(
            f"{work} has begun or is over; end it instead",
            field="work",
            value=row.state,
            remedy="the command finish",
            kind="conflict",
        )
    close(act, city, row, "cancelled")
    if row.case_id:
        commands.case_command(act, city, row.case_id, "cancel", {"reason": why})
