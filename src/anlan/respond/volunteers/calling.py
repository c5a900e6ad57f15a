"""The call-out 点对点召集: who would be asked and why, sending it, and the answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.records import start_timer
from anlan.respond.volunteers import claiming, work
from anlan.respond.volunteers.candidates import candidates
from anlan.respond.volunteers.privacy import keep_longer
from anlan.respond.volunteers.ranking import Selection, selection
from anlan.respond.volunteers.records import (
    CL,
    AnyRow,
    K,
    Q,
    V,
    call_of,
    past_of,
    work_of,
)
from anlan.respond.volunteers.rules import load
from anlan.respond.volunteers.showing import Past, expected, places_for, rate
from anlan.respond.volunteers.telling import tell
from anlan.store import ids

REPLY = "volunteer.reply"
DAY = timedelta(hours=24)
MOST_OVERBOOKED = 3
"""Yeses are taken for at most this many times the places that are needed."""


def still_needed(conn: Connection, row: AnyRow) -> int:
    """Places not yet promised by anybody."""
    held = conn.execute(
        select(CL.c.id).where(CL.c.work == row.id, CL.c.state.in_(sorted(claiming.HOLDING)))
    ).all()
    return max(0, int(row.needed) - len(held))


def preview(
    conn: Connection,
    city: City,
    work_id: str,
    now: datetime,
    within: Collection[str] | None = None,
    *,
    confidence: float | None = None,
    only: Sequence[str] | None = None,
) -> Selection:
    """Whom a call would ask now, why, and how many are expected; nothing is changed."""
    row, rules = work_of(conn, work_id), load(city.folder)
    if confidence is not None and not 0.05 <= confidence <= 0.999:
        raise Refusal(
            f"confidence {confidence} is outside 0.05 to 0.999",
            field="confidence",
            value=confidence,
            remedy="a probability such as 0.9",
        )
    return selection(
        candidates(conn, city, row, now, within),
        rules.call,
        row.starts_at,
        still_needed(conn, row),
        confidence,
        only,
    )


def send(
    act: Act,
    city: City,
    work_id: str,
    chosen: Sequence[str],
    within: Collection[str] | None = None,
    *,
    confidence: float | None = None,
    reply_min: float | None = None,
) -> str:
    """Call the volunteers whom a person chose from the preview; returns the call's id.

    Raises:
        Refusal: for work that is over; when somebody chosen can no longer be asked; for nobody.
    """
    row, rules = work_of(act.tx, work_id), load(city.folder)
    if row.state != "open" or row.ends_at <= act.now:
        raise Refusal(
            f"{work_id} is over; offer the work anew (该项工作已结束)",
            field="work",
            value=row.state,
            remedy="work that is open",
            kind="conflict",
        )
    found = preview(act.tx, city, work_id, act.now, within, confidence=confidence, only=chosen)
    lost = sorted(set(chosen) - {each.candidate.id for each in found.chosen})
    if lost or not found.chosen:
        raise Refusal(
            f"{', '.join(lost[:5]) or 'nobody'} can be asked no more; look at the preview again",
            field="volunteers",
            value=", ".join(lost[:5]),
            remedy="the preview's list",
            kind="conflict",
        )
    minutes = rules.call.reply_min if reply_min is None else reply_min
    if not 1 <= minutes <= 10_080:
        raise Refusal(
            f"reply_min {minutes:g} is outside 1 to 10080", field="reply_min", value=minutes,
            remedy="minutes within which to answer",
        )  # fmt: skip
    reply_by = min(row.ends_at, act.now + timedelta(minutes=minutes))
    show = sum(each.show for each in found.chosen) / len(found.chosen)
    open_places = still_needed(act.tx, row)
    if open_places:
        wide = places_for(open_places, show, found.confidence, MOST_OVERBOOKED * open_places)
        held = row.needed - open_places
        work.set_places(act, city, work_id, max(row.places, held + wide))
    call = ids.next_id(act.tx, "VC")
    people = [each.candidate.id for each in found.chosen]
    notice = tell(act, city, row, people, "call", reply_by, "/v/", reply_by=reply_by)
    act.tx.execute(
        K.insert().values(
            id=call, work=work_id, notice=notice, reply_by=reply_by,
            expected=found.expected.as_json(), state="open", by=act.actor, at=act.now,
        )
    )  # fmt: skip
    act.tx.execute(
        Q.insert(),
        [
            {"call": call, "volunteer": each.candidate.id, "rank": rank, "answer": None,
             "answered_at": None, "reasons": each.reasons()}
            for rank, each in enumerate(found.chosen, start=1)
        ],
    )  # fmt: skip
    act.record(
        "volunteer.called", call, grounds=[f"work:{work_id}", f"notice:{notice}"], content=people
    )
    start_timer(act, REPLY, call, (reply_by - act.now).total_seconds() / 60)
    return call


def answer(act: Act, city: City, call: str, volunteer: str, says: str) -> str:
    """Yes or no in one tap; returns ``claimed``, ``waiting`` or ``no``.

    The last word counts: a yes may be taken back, a no turned into a yes while there is time.

    Raises:
        Refusal: ``not_found`` for who was not asked; ``conflict`` past the work's end, and as for
            `work.claim`.
    """
    row = call_of(act.tx, call)
    asked = act.tx.execute(select(Q).where(Q.c.call == call, Q.c.volunteer == volunteer)).first()
    if asked is None:
        raise Refusal(
            f"there is no call {call[:40]} here", field="call", value=call[:40],
            remedy="a call of your list", kind="not_found",
        )  # fmt: skip
    if says not in ("yes", "no"):
        raise Refusal(
            f"'{says[:20]}' is no answer; say yes or no", field="answer", value=says[:20],
            remedy="yes or no",
        )  # fmt: skip
    held = work.board(act, work_of(act.tx, row.work)).states.get(volunteer)
    came_of = held or ""
    if says == "no" and held in claiming.CAME:
        raise Refusal(
            "you are there, or were; check out instead (您已签到，请签退)",
            field="answer",
            value=held,
            remedy="check out",
            kind="conflict",
        )
    if says == "no":
        if held in ("claimed", "waiting"):
            work.withdraw(act, city, row.work, volunteer)
        came_of = "no"
    elif held in (None, "withdrawn"):
        came_of = work.claim(act, city, row.work, volunteer, call)
    if asked.answer != says:
        act.tx.execute(
            update(Q)
            .where(Q.c.call == call, Q.c.volunteer == volunteer)
            .values(answer=says, answered_at=act.now)
        )
        act.record(f"volunteer.said_{says}", volunteer, grounds=[f"call:{call}"])
        keep_longer(act, city, volunteer)
    return came_of


def outlook(conn: Connection, city: City, row: AnyRow, now: datetime) -> dict[str, object]:
    """How many will come as things stand: who is there, who promised, who may still say yes."""
    call = load(city.folder).call
    held = conn.execute(select(CL).where(CL.c.work == row.id)).all()
    open_asked = conn.execute(
        select(Q.c.volunteer)
        .join(K, K.c.id == Q.c.call)
        .where(K.c.work == row.id, Q.c.answer.is_(None), K.c.reply_by > now)
    ).scalars()
    names = {one.volunteer for one in held}
    silent = [name for name in open_asked if name not in names]
    rows = conn.execute(select(V).where(V.c.id.in_([*names, *silent]))).all()
    past = past_of(conn, rows, now)
    chances = []
    for one in held:
        known = past.get(one.volunteer, Past())
        if one.state in claiming.CAME:
            chances.append(1.0)
        elif one.state == "claimed":
            chances.append(rate(known.came, known.promised, call.prior_show))
    for name in silent:
        known = past.get(name, Past())
        yes = rate(known.yes, known.asked, call.prior_yes)
        chances.append(yes * rate(known.came, known.promised, call.prior_show))
    return {**expected(chances, row.needed).as_json(), "silent": len(silent)}


def settle(act: Act, city: City, call: str) -> dict[str, object] | None:
    """The time to answer is over: the organiser is shown when too few will come."""
    row = call_of(act.tx, call)
    act.tx.execute(update(K).where(K.c.id == call).values(state="closed"))
    kept = work_of(act.tx, row.work)
    if kept.state != "open":
        return None
    found = outlook(act.tx, city, kept, act.now)
    short = float(str(found["enough"])) < load(city.folder).call.confidence
    act.record(
        "volunteer.call_short" if short else "volunteer.call_settled", call,
        grounds=[f"work:{row.work}"], content=found,
    )  # fmt: skip
    return {"outcome": "short" if short else "settled"}
