"""The cases of a firm: opened for it, and finished by who does the work in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from anlan.city import City, Firm
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import actions
from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.payload import LONGEST_TEXT
from anlan.respond.records import C, tasks_of
from anlan.store import schema

F = schema.firm_case
KINDS = ("freight_pass", "firm_question", "firm_visit", "remote_check", "resumption")
#: As many cases of a kind may be open for one firm at once.
MOST_OPEN = {"resumption": 1}
MOST_OPEN_ELSE = 20
#: Kinds that the firm itself opens; the others come from its service team.
BY_FIRM = ("freight_pass", "firm_question", "resumption")


def words(text: str, field: str) -> str:
    """``text`` once it says something and is not too long; raises `Refusal`."""
    if not text.strip() or len(text) > LONGEST_TEXT or "\x00" in text:
        raise Refusal(
            f"{field} is needed: 1 to {LONGEST_TEXT} characters",
            field=field,
            value=text[:40],
            remedy=f"say why in at most {LONGEST_TEXT} characters",
        )
    return text.strip()


def open_for(
    act: Act,
    city: City,
    firm: Firm,
    kind: str,
    *,
    form: Mapping[str, object] | None = None,
    text: str = "",
    photos: Sequence[str] = (),
    source: str = "desk",
) -> str:
    """Open a case of ``kind`` for a firm; returns its id.

    What the firm asks for is reported by its own account, also when an officer writes it down;
    what its team sets on foot is reported by the officer.
    """
    if kind not in KINDS:
        raise Refusal(
            f"kind '{kind[:40]}' is none of a firm's; use one of {', '.join(KINDS)}",
            field="kind",
            value=kind[:40],
            remedy=", ".join(KINDS),
        )
    most = MOST_OPEN.get(kind, MOST_OPEN_ELSE)
    waiting = select(func.count()).select_from(C.join(F, F.c.case_id == C.c.id))
    waiting = waiting.where(F.c.firm == firm.id, C.c.kind == kind, C.c.state.not_in(cases.SETTLED))
    if act.tx.execute(waiting).scalar_one() >= most:
        raise Refusal(
            f"firm {firm.id} has {most} open of '{kind}' already; wait until one has an outcome",
            field="kind",
            value=kind,
            remedy="see its dossier for what is open",
            kind="conflict",
        )
    case_id = actions.open_case(
        act,
        city,
        kind,
        territory=firm.territory,
        lon=firm.lon,
        lat=firm.lat,
        text=text,
        photos=photos,
        source=source,
        reporter=(firm.account or act.actor) if kind in BY_FIRM else act.actor,
        grounds=[f"firm:{firm.id}"],
        form=dict(form or {}),
    )
    act.tx.execute(F.insert().values(case_id=case_id, firm=firm.id))
    return case_id


def finish(
    act: Act,
    city: City,
    case_id: str,
    text: str,
    *,
    form: Mapping[str, object] | None = None,
    photos: Sequence[str] = (),
) -> None:
    """Complete the open tasks of a case as the actor: as assignee, else as its supervisor.

    A supervisor's completion says that it came without an acknowledgement. Raises `Refusal`
    where the actor may do neither.
    """
    done: dict[str, object] = {"text": text}
    if photos:
        done["photos"] = list(photos)
    if form:
        done["form"] = dict(form)
    for task in tasks_of(act.tx, case_id):
        if task.state in tasks.ENDED:
            continue
        if task.assignee != act.actor:
            # whoever decides at the desk need not wait for the person asked to say so
            reason = {"reason": "由工作专班直接办理"} if task.state in tasks.WAITING else {}
            actions.task_command(act, city, task.id, "complete", {**done, **reason})
            continue
        if task.state in tasks.WAITING:
            actions.task_command(act, city, task.id, "acknowledge")
        actions.task_command(act, city, task.id, "complete", done)


def finish_own(act: Act, city: City, case_id: str, text: str) -> None:
    """Complete the tasks of a case that the actor holds, and no other."""
    for task in tasks_of(act.tx, case_id):
        if task.assignee != act.actor or task.state in tasks.ENDED:
            continue
        if task.state in tasks.WAITING:
            actions.task_command(act, city, task.id, "acknowledge")
        actions.task_command(act, city, task.id, "complete", {"text": text})
