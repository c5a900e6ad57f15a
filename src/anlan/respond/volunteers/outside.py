"""Out there and back: check-in, check-out, and the timer that finds out who did not return.

At check-in a time is set by which the person must have reported. Past it they are reminded; when
the grace after that has passed too, a case is opened by which a person looks for them, and its own
ladder climbs until somebody answers. Both times count from the check-in: a desk that was down
catches up at once, for whoever is out there did not wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import commands, reporting
from anlan.respond.records import get_case, start_timer
from anlan.respond.volunteers.privacy import keep_longer
from anlan.respond.volunteers.records import CL, AnyRow, claim_of, volunteer_of, work_of
from anlan.respond.volunteers.rules import load
from anlan.respond.volunteers.telling import local, tell
from anlan.store import timers

REMIND, SEARCH = "volunteer.remind", "volunteer.search"
EARLY = timedelta(hours=2)
OLDEST_S = 6 * 3600
"""A check-in or check-out kept on a phone without signal may be this old when it arrives."""


def check_in(act: Act, city: City, work: str, volunteer: str, age_s: float = 0.0) -> datetime:
    """On site 签到; returns by when (UTC) the volunteer must have reported.

    ``age_s``: how long ago, for one that the phone kept; the safety time counts from then.
    Raises `Refusal`: without a place in the work, or more than two hours early.
    """
    row, claim = work_of(act.tx, work), claim_of(act.tx, work, volunteer)
    at = act.now - timedelta(seconds=_age(age_s))
    if claim.state == "on_site":
        return _stands(claim)
    # who went home may come again, and who was late is welcome
    if claim.state not in ("claimed", "missed", "home"):
        raise Refusal(
            f"{work} has no place held for you (未认领或仍在候补)",
            field="work",
            value=claim.state,
            remedy="claim a place first",
            kind="conflict",
        )
    if row.state == "cancelled" or not row.starts_at - EARLY <= at <= row.ends_at:
        raise Refusal(
            f"{work} is from {local(city, row.starts_at)} to {local(city, row.ends_at)}; "
            "check in within two hours before, until its end (不在签到时间内)",
            field="work",
            value=at.isoformat(),
            remedy="a check-in in its time",
            kind="conflict",
        )
    # no hours from before the claim, and none twice
    begun: datetime = max(at, claim.claimed_at, claim.back_at or at)
    until = begun + timedelta(minutes=row.safe_min)
    act.tx.execute(
        update(CL)
        .where(CL.c.id == claim.id)
        .values(state="on_site", out_at=begun, safe_until=until, back_at=None, search_case=None)
    )
    act.record("volunteer.checked_in", claim.id, grounds=[f"work:{work}"], valid_at=begun)
    _watch(act, city, claim.id, until)
    keep_longer(act, city, volunteer)
    return until


def extend(act: Act, city: City, work: str, volunteer: str, minutes: int) -> datetime:
    """I am safe and stay longer 报平安; returns the new time (UTC).

    Raises `Refusal` for who is not out, and for more minutes than the rules allow at once.
    """
    claim, most = claim_of(act.tx, work, volunteer), load(city.folder).safety.extend_min
    if not isinstance(minutes, int) or not 5 <= minutes <= most:
        raise Refusal(
            f"minutes {minutes} is outside 5 to {most}; report again later",
            field="minutes",
            value=minutes,
            remedy=f"5 to {most}",
        )
    _must_be_out(claim, work)
    until = act.now + timedelta(minutes=minutes)
    _found(act, city, claim, "报平安")
    act.tx.execute(update(CL).where(CL.c.id == claim.id).values(safe_until=until, search_case=None))
    act.record("volunteer.reported_safe", claim.id, grounds=[f"work:{work}"], content=until)
    _watch(act, city, claim.id, until)
    return until


def check_out(act: Act, city: City, work: str, volunteer: str, age_s: float = 0.0) -> None:
    """Back safely 签退. By another person only when they know it, which the journal then shows.

    A search that had begun ends at once. Raises `Refusal` for who is not out.
    """
    claim = claim_of(act.tx, work, volunteer)
    if claim.state == "home":
        return
    _must_be_out(claim, work)
    at = max(claim.out_at, act.now - timedelta(seconds=_age(age_s)))
    timers.stop(act.tx, claim.id, [REMIND, SEARCH])
    _found(act, city, claim, "已签退")
    act.tx.execute(
        update(CL).where(CL.c.id == claim.id).values(state="home", back_at=at, safe_until=None)
    )
    act.record("volunteer.checked_out", claim.id, grounds=[f"work:{work}"], valid_at=at)
    keep_longer(act, city, volunteer)


def remind(act: Act, city: City, claim: AnyRow) -> dict[str, object] | None:
    """The time has passed: ask the volunteer. None for who has reported meanwhile."""
    if not _overdue(act, claim):
        return None
    row = work_of(act.tx, claim.work)
    search_at = claim.safe_until + timedelta(minutes=load(city.folder).safety.grace_min)
    tell(
        act, city, row, [claim.volunteer], "remind",
        safe_until=claim.safe_until, search_at=search_at,
    )  # fmt: skip
    act.record("volunteer.overdue", claim.id, grounds=[f"work:{row.id}"])
    return {"outcome": "reminded"}


def search(act: Act, city: City, claim: AnyRow) -> dict[str, object] | None:
    """Still no word: open the case by which a person looks. None for who has reported."""
    if not _overdue(act, claim) or claim.search_case is not None:
        return None
    row, who = work_of(act.tx, claim.work), volunteer_of(act.tx, claim.volunteer)
    case = reporting.open_case(
        act,
        city,
        load(city.folder).safety.search,
        f"志愿者未按时签退：{who.id}",
        territory=row.territory,
        place=row.place,
        text=f"{row.id} {row.title}；{local(city, claim.out_at)} 签到，应于 "
        f"{local(city, claim.safe_until)} 前报平安。在志愿者栏按用途查看联系方式。",
        source="engine",
        grounds=[f"claim:{claim.id}", f"work:{row.id}"],
    )
    act.tx.execute(update(CL).where(CL.c.id == claim.id).values(search_case=case))
    act.record("volunteer.searched_for", claim.id, grounds=[f"case:{case}"])
    return {"outcome": "searched_for", "case": case}


def _watch(act: Act, city: City, claim: str, until: datetime) -> None:
    """Set both times anew."""
    timers.stop(act.tx, claim, [REMIND, SEARCH])
    minutes = (until - act.now).total_seconds() / 60
    start_timer(act, REMIND, claim, minutes)
    start_timer(act, SEARCH, claim, minutes + load(city.folder).safety.grace_min)


def _overdue(act: Act, claim: AnyRow) -> bool:
    return claim.state == "on_site" and claim.safe_until is not None and claim.safe_until <= act.now


def _found(act: Act, city: City, claim: AnyRow, how: str) -> None:
    """Nobody needs to look any more: whoever is on the way is called off."""
    if claim.search_case is None:
        return
    if get_case(act.tx, claim.search_case).state in cases.ENDED:
        return
    engine = Act(act.tx, act.now, "system", act.actor)
    commands.case_command(engine, city, claim.search_case, "cancel", {"reason": f"本人{how}"})


def _must_be_out(claim: AnyRow, work: str) -> None:
    if claim.state != "on_site":
        raise Refusal(
            f"you are not checked in at {work} (尚未签到)",
            field="work",
            value=claim.state,
            remedy="check in first",
            kind="conflict",
        )


def _stands(claim: AnyRow) -> datetime:
    until: datetime = claim.safe_until
    return until


def _age(age_s: float) -> float:
    if not 0 <= age_s <= OLDEST_S:
        raise Refusal(
            f"age_s {age_s:g} is outside 0 to {OLDEST_S}; tell the organiser instead",
            field="age_s",
            value=age_s,
            remedy=f"0 to {OLDEST_S} seconds",
        )
    return age_s
