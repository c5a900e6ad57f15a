"""A person's decision about who goes where: the thing is bound and its crew gets a task, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import actions as respond
from anlan.respond.dispatch.needs import Need, load
from anlan.respond.records import get_case
from anlan.respond.resources import assets, custody
from anlan.respond.resources.custody import one
from anlan.store import insert, schema

A, X = schema.asset, schema.dispatch_refusal
MOST_LINES = 60
ACK_MIN, DONE_MIN = 10, 180


@dataclass(frozen=True)
class Sending:
    """One asset to one case; ``words`` go into the task's instruction, such as its route."""

    case: str
    asset: str
    words: str = ""


def may_hold(act: Act, city: City, row: custody.AnyRow) -> bool:
    """Whether the actor has a say over an asset."""
    try:
        custody.require_holder(act, city, row.territory, row.department, row.account or "")
    except Refusal:
        return False
    return True


def accept(
    act: Act, city: City, sendings: Sequence[Sending], run: str | None = None
) -> list[dict[str, str]]:
    """Send each asset to its case: all of them, or none. Returns case, asset and task.

    The task goes to the account that answers for the asset, by the engine of all tasks.
    Raises `Refusal`: a case or asset that is not the actor's to decide about, an asset that is
    not ready any more (conflict), one that nobody answers for.
    """
    if not 0 < len(sendings) <= MOST_LINES:
        raise Refusal(
            f"{len(sendings)} lines; give 1 to {MOST_LINES}",
            field="lines",
            value=len(sendings),
            remedy=f"1 to {MOST_LINES} lines",
        )
    done = []
    for sending in sendings:
        custody.require_part(act, city, sending.case)
        row = one(act.tx, A, sending.asset, "asset")
        custody.require_holder(act, city, row.territory, row.department, row.account or "")
        if not row.account:
            raise Refusal(
                f"nobody answers for {row.name} ({row.id}); give it an account in equipment.csv",
                field="asset",
                value=row.id,
                remedy="an asset with an account",
            )
        case = get_case(act.tx, sending.case)
        place = city.places.get(case.place or "")
        need = load(city.folder).of(case.kind, place.kind if place else None)
        task = respond.give_task(
            act,
            city,
            sending.case,
            _title(need, row.name, case.title),
            assignee=row.account,
            instruction=sending.words,
            ack_min=ACK_MIN,
            done_min=DONE_MIN,
        )
        assets.take(act, row.id, case_id=sending.case, task=task)
        grounds = [f"case:{sending.case}", *([f"run:{run}"] if run else [])]
        act.record("dispatch.accepted", row.id, grounds=grounds, content={"task": task})
        done.append({"case": sending.case, "asset": row.id, "task": task})
    return done


def _title(need: Need | None, asset: str, case: str) -> str:
    return f"{need.title if need else '支援'}（{asset.split('（')[0]}）：{case}"[:120]


def refuse(act: Act, city: City, case: str, asset: str, reason: str) -> None:
    """This asset shall not be proposed for this case again; says why."""
    custody.require_part(act, city, case)
    one(act.tx, A, asset, "asset")
    if not reason.strip():
        raise Refusal("say why it should not go", field="reason", value="", remedy="a few words")
    note = keep_note(act, "dispatch.refusal", reason)
    act.tx.execute(
        insert(act.tx, X)
        .values(case_id=case, asset=asset, by=act.actor, at=act.now, note=note)
        .on_conflict_do_nothing()
    )
    act.record("dispatch.refused", asset, grounds=[f"case:{case}"], content=note)


def forget_refusal(act: Act, city: City, case: str, asset: str) -> None:
    """It may be proposed again."""
    custody.require_part(act, city, case)
    found = act.tx.execute(select(X).where(X.c.case_id == case, X.c.asset == asset)).first()
    if found is None:
        raise Refusal(
            f"{asset[:40]} was not refused for case {case[:40]}",
            field="asset",
            value=asset[:40],
            remedy="a pair that was refused",
            kind="not_found",
        )
    act.tx.execute(X.delete().where(X.c.case_id == case, X.c.asset == asset))
    act.record("dispatch.allowed", asset, grounds=[f"case:{case}"])
