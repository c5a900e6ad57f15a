"""Feedback both ways, and corrections of hours by another person."""

from __future__ import annotations

from sqlalchemy import update

from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.volunteers.claiming import CAME
from anlan.respond.volunteers.hours import MOST_MINUTES, of_claims
from anlan.respond.volunteers.records import (
    CL,
    claim_of,
    not_oneself,
    volunteer_of,
    words,
)
from anlan.store import ids, schema

H = schema.hours_correction


def rate(act: Act, work: str, volunteer: str, stars: int, text: str, *, of_work: bool) -> None:
    """1 to 5 stars and words: of the work by the volunteer, or of the volunteer by an organiser.

    Raises `Refusal`: for who was not there; nobody rates themselves.
    """
    claim, who = claim_of(act.tx, work, volunteer), volunteer_of(act.tx, volunteer)
    if claim.state not in CAME:
        raise Refusal(
            f"{volunteer} was not there ({claim.state}); feedback is for who came",
            field="work",
            value=claim.state,
            remedy="a check-in",
            kind="conflict",
        )
    if isinstance(stars, bool) or not 1 <= stars <= 5:
        raise Refusal("stars are 1 to 5", field="stars", value=stars, remedy="1, 2, 3, 4 or 5")
    if not of_work:
        not_oneself(act, who)
    said = words("text", text, 500, needed=False)
    note = keep_note(act, "volunteer.feedback", said) if said else None
    names = ("rating_of_work", "note_on_work") if of_work else (
        "rating_of_volunteer", "note_on_volunteer",
    )  # fmt: skip
    act.tx.execute(
        update(CL).where(CL.c.id == claim.id).values(dict(zip(names, (stars, note), strict=True)))
    )
    kind = "volunteer.rated_work" if of_work else "volunteer.rated"
    act.record(kind, claim.id, grounds=[f"work:{work}"], content={"stars": stars, "note": note})


def correct_hours(act: Act, work: str, volunteer: str, minutes: int, reason: str) -> int:
    """Add (or take) minutes; returns the minutes that then count.

    Raises `Refusal`: without a reason, for oneself, beyond a day, or below none.
    """
    claim, who = claim_of(act.tx, work, volunteer), volunteer_of(act.tx, volunteer)
    not_oneself(act, who)
    if isinstance(minutes, bool) or minutes == 0 or abs(minutes) > MOST_MINUTES:
        raise Refusal(
            f"minutes {minutes} is no correction; give -{MOST_MINUTES} to {MOST_MINUTES}, not 0",
            field="minutes",
            value=minutes,
            remedy="minutes to add, or with a minus to take",
        )
    now_counts = of_claims(act.tx, [claim.id])[claim.id][1]
    if now_counts + minutes < 0:
        raise Refusal(
            f"{volunteer} has {now_counts} minutes there; {minutes} would leave fewer than none",
            field="minutes",
            value=minutes,
            remedy=f"-{now_counts} at least",
        )
    note = keep_note(act, "volunteer.hours", words("reason", reason, 300))
    name = ids.next_id(act.tx, "HC")
    act.tx.execute(
        H.insert().values(
            id=name, claim=claim.id, minutes=minutes, reason_note=note, by=act.actor, at=act.now
        )
    )
    act.record(
        "volunteer.hours_corrected", claim.id,
        grounds=[f"work:{work}"], content={"minutes": minutes, "reason_note": note},
    )  # fmt: skip
    return now_counts + minutes
