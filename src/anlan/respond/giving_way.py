"""Bookings give way: a shelter that is open for people is not a room for meetings.

What begins within a day of the opening, or is under way, is cancelled at once with a reason that
who booked it reads; what lies further ahead is looked at a day before it begins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import booking
from anlan.respond import case as cases
from anlan.respond.machine import Event
from anlan.respond.pack import Pack
from anlan.respond.records import AnyRow, C, case_event, get_case
from anlan.store import schema, timers

LOOK = "case.room"
"""The timer that looks at a booking a day before it begins."""
AHEAD = timedelta(hours=24)
SLOT = timedelta(hours=1)
"""No slot of a booking is longer."""
B, S = schema.booking_slot, schema.shelter_use


def is_open(conn: Connection, shelter: str) -> bool:
    """Whether a shelter takes people in now."""
    return bool(conn.execute(select(S.c.open).where(S.c.id == shelter)).scalar_one_or_none())


def watch(act: Act, city: City, pack: Pack, case_id: str, venue: str, starts: datetime) -> None:
    """Look at a new booking a day before it begins; refuse what begins sooner in an open shelter.

    Raises:
        Refusal: ``conflict``.
    """
    if venue not in city.shelters:
        return
    if starts <= act.now + AHEAD and is_open(act.tx, venue):
        name = city.shelters[venue].name
        assert pack.booking is not None
        raise Refusal(
            f"{name} is open as a shelter; choose another room or a later day",
            field=f"form.{pack.booking.venue}",
            value=venue,
            remedy="a room that is not open as a shelter",
            kind="conflict",
            zh=f"{name}正在启用避灾，请换场地，或约一天以后。",
        )
    timers.start(act.tx, LOOK, case_id, max(act.now, starts - AHEAD))


def look(act: Act, city: City, case: AnyRow) -> bool:
    """A day before it begins: cancel a booking whose shelter is open; whether it was."""
    venue = act.tx.execute(
        select(B.c.venue).where(B.c.case_id == case.id).limit(1)
    ).scalar_one_or_none()
    if venue is None or case.state in cases.ENDED or not is_open(act.tx, venue):
        return False
    _cancel(act, city, case, venue)
    return True


def opened(act: Act, city: City, shelter: str) -> list[str]:
    """A shelter has been opened: cancel what is under way or begins within a day; the cases."""
    held = select(B.c.case_id).where(
        B.c.venue == shelter, B.c.starts_at > act.now - SLOT, B.c.starts_at <= act.now + AHEAD
    )
    rows = act.tx.execute(select(C).where(C.c.id.in_(held)).order_by(C.c.id)).all()
    gone = [row for row in rows if row.state not in cases.ENDED and _reaches(act, row.id)]
    for row in gone:
        _cancel(act, city, row, shelter)
    return [row.id for row in gone]


def _reaches(act: Act, case_id: str) -> bool:
    """Whether a booking has not ended yet."""
    slots = act.tx.execute(select(B.c.starts_at).where(B.c.case_id == case_id)).scalars().all()
    return bool(slots) and max(slots) > act.now - SLOT


def _cancel(act: Act, city: City, case: AnyRow, shelter: str) -> None:
    engine = Act(act.tx, act.now, "system", on_behalf=None if act.actor == "system" else act.actor)
    reason = f"{city.shelters[shelter].name}启用避灾，预约取消，请改约其他场地或时间。"
    payload = {"reason": reason, "cause": "shelter_opened"}
    event = Event("cancelled", "cancel", case.state, "cancelled", payload)
    case_event(engine, get_case(act.tx, case.id), event, [f"shelter:{shelter}"])


def book(act: Act, city: City, pack: Pack, case_id: str, answers: dict[str, str]) -> None:
    """Hold the slots that a booking asks for (`booking.take`), as far as no shelter needs them."""
    if pack.booking is None:
        return
    booking.take(act, city, pack, case_id, answers)
    starts = datetime.fromisoformat(answers[pack.booking.starts])
    watch(act, city, pack, case_id, answers[pack.booking.venue], starts)
