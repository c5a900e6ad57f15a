"""Rooms booked for a time: a row for each slot, whose key can be there only once.

A booking is a case; it holds its slots from the moment it is opened until it is cancelled or
merged away. Two bookings of one slot cannot both be stored, whoever comes first and however fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import packs
from anlan.respond.pack import Booking, Pack
from anlan.store import schema

B = schema.booking_slot


@dataclass(frozen=True, slots=True)
class Room:
    """A room that can be booked: a training room of the pack, or a shelter of the city."""

    id: str
    name: str
    name_en: str
    territory: str
    lon: float | None
    lat: float | None
    seats: int
    shelter: bool
    synthetic: bool


def rooms(city: City, booking: Booking) -> list[Room]:
    """The rooms that a pack lets people book, its own first."""
    units = {unit.code: unit for unit in city.territory.units()}
    found = [
        Room(
            venue.id,
            venue.name,
            venue.name_en,
            venue.territory,
            units[venue.territory].lon if venue.territory in units else None,
            units[venue.territory].lat if venue.territory in units else None,
            venue.seats,
            False,
            venue.synthetic,
        )
        for venue in booking.venues
    ]
    if booking.shelters:
        found += [
            Room(s.id, s.name, s.name, s.territory, s.lon, s.lat, s.capacity, True, s.synthetic)
            for s in city.shelters.values()
        ]
    return found


def room(city: City, pack: Pack, answers: Mapping[str, Any]) -> Room | None:
    """The room that a report asks for; None for kinds that book nothing."""
    if pack.booking is None:
        return None
    wanted = answers[pack.booking.venue]
    return next(one for one in rooms(city, pack.booking) if one.id == wanted)


def slots(booking: Booking, starts: datetime, ends: datetime) -> list[datetime]:
    """The starts of the slots that a time touches; slots count from the full hour (UTC).

    Zones that lie by a quarter or half of an hour off UTC keep their slots: 15 divides both.
    """
    length = timedelta(minutes=booking.slot_min)
    first = starts - timedelta(
        minutes=starts.minute % booking.slot_min,
        seconds=starts.second,
        microseconds=starts.microsecond,
    )
    found = []
    while first < ends:
        found.append(first)
        first += length
    return found


def take(act: Act, city: City, pack: Pack, case_id: str, answers: Mapping[str, Any]) -> None:
    """Hold the slots that a booking asks for.

    Raises:
        Refusal: a time that lies in the past, ends before it starts, is too long or too far
            ahead; ``conflict`` when a slot of it is taken, naming the time.
    """
    booking = pack.booking
    if booking is None:
        return
    starts, ends = (datetime.fromisoformat(answers[key]) for key in (booking.starts, booking.ends))
    _check_time(act.now, city, booking, starts, ends)
    venue = answers[booking.venue]
    wanted = slots(booking, starts, ends)
    taken = _taken(act.tx, venue, wanted)
    if not taken:
        try:
            with act.tx.begin_nested():
                act.tx.execute(
                    B.insert(),
                    [{"venue": venue, "starts_at": at, "case_id": case_id} for at in wanted],
                )
        except IntegrityError:
            # somebody else was faster: the key of the table decided
            taken = _taken(act.tx, venue, wanted) or wanted
    if taken:
        local = " ".join(f"{at.astimezone(city.zone):%m-%d %H:%M}" for at in taken[:4])
        raise Refusal(
            f"{_name(city, booking, venue)} is taken at {local}; choose another time or room",
            field=f"form.{booking.starts}",
            value=answers[booking.starts],
            remedy="a time that GET /api/v1/bookings shows as free",
            kind="conflict",
            zh=f"{_name(city, booking, venue)}在 {local} 已有预约，请换时间或场地。",
        )


def _name(city: City, booking: Booking, venue: str) -> str:
    return next((one.name for one in rooms(city, booking) if one.id == venue), venue)


def _check_time(
    now: datetime, city: City, booking: Booking, starts: datetime, ends: datetime
) -> None:
    longest, ahead = timedelta(hours=booking.longest_h), timedelta(days=booking.ahead_days)
    faults = (
        (starts < now, booking.starts, "lies in the past", "a time from now on", "已经过去"),
        (ends <= starts, booking.ends, "is not after the start", "a later end", "不在开始之后"),
        (
            ends - starts > longest,
            booking.ends,
            "makes it too long",
            f"{booking.longest_h:g} h at most",
            f"使预约超过 {booking.longest_h:g} 小时",
        ),
        (
            ends - now > ahead,
            booking.ends,
            "is too far ahead",
            f"within {booking.ahead_days:g} days",
            f"超过 {booking.ahead_days:g} 天以后",
        ),
    )
    for wrong, key, what, remedy, zh in faults:
        if wrong:
            moment = starts if key == booking.starts else ends
            shown = f"{moment.astimezone(city.zone):%Y-%m-%d %H:%M}"
            raise Refusal(
                f"form.{key} {shown} {what}; give {remedy}",
                field=f"form.{key}",
                value=shown,
                remedy=remedy,
                zh=f"{shown} {zh}，请改时间。",
            )


def _taken(conn: Connection, venue: str, wanted: Sequence[datetime]) -> list[datetime]:
    rows = conn.execute(
        select(B.c.starts_at)
        .where(B.c.venue == venue, B.c.starts_at.in_(wanted))
        .order_by(B.c.starts_at)
    )
    return list(rows.scalars())


def give_back(act: Act, case_id: str) -> None:
    """Free the slots of a booking that will not take place."""
    act.tx.execute(B.delete().where(B.c.case_id == case_id))


def taken_between(
    conn: Connection, venues: Sequence[str], begin: datetime, end: datetime
) -> list[tuple[str, datetime, str]]:
    """(venue, start of slot, case) of what is held from ``begin`` to ``end``, in order."""
    rows = conn.execute(
        select(B)
        .where(B.c.venue.in_(venues), B.c.starts_at >= begin, B.c.starts_at < end)
        .order_by(B.c.venue, B.c.starts_at)
    )
    return [(row.venue, row.starts_at, row.case_id) for row in rows]


def bookable(city: City) -> list[tuple[Pack, Booking]]:
    """The packs of the city that book rooms."""
    return [
        (pack, pack.booking)
        for pack in packs.load(city.folder).values()
        if pack.booking is not None
    ]
