"""Skills 技能 with their training and its end; when a volunteer can come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers import times as windows
from anlan.respond.volunteers.records import S, V, add_months, not_oneself, volunteer_of
from anlan.respond.volunteers.rules import load
from anlan.store import insert, schema


def add_skill(act: Act, city: City, volunteer: str, given: Mapping[str, object]) -> None:
    """Put down a skill 技能 of a volunteer, not yet verified; the same one again replaces it.

    ``given``: ``skill``, ``learned_at`` (date of the training), ``proof`` (digest of a photo).
    """
    rules = load(city.folder)
    name = str(given.get("skill") or "")
    known = rules.skill(name)
    learned = date_of("learned_at", given.get("learned_at"), act.now)
    photos = given.get("photos")  # as the phone's outbox names what it uploaded
    proof = given.get("proof") or (photos[0] if isinstance(photos, list) and photos else None)
    if proof is not None:
        J = schema.journal
        own = select(J.c.seq).where(
            J.c.subject == str(proof), J.c.kind == "photo.kept", J.c.actor == act.actor
        )
        if act.tx.execute(own.limit(1)).first() is None:
            raise Refusal(
                "proof is no photo that you uploaded; upload it first and give its digest",
                field="proof",
                value=str(proof)[:40],
                remedy="the digest that the upload answered",
            )
    expires = add_months(learned, known.valid_months) if known.valid_months else None
    values: dict[str, object] = {
        "learned_at": learned, "expires_at": expires, "proof": proof,
        "verified_by": None, "verified_at": None,
    }  # fmt: skip
    act.tx.execute(
        insert(act.tx, S)
        .values(volunteer=volunteer, skill=name, **values)
        .on_conflict_do_update(index_elements=["volunteer", "skill"], set_=values)
    )
    act.record("volunteer.skill_claimed", volunteer, content=name)


def drop_skill(act: Act, volunteer: str, skill: str) -> None:
    """Take a skill away."""
    act.tx.execute(S.delete().where(S.c.volunteer == volunteer, S.c.skill == skill))
    act.record("volunteer.skill_dropped", volunteer, content=skill)


def verify_skill(act: Act, city: City, volunteer: str, skill: str, until: object = None) -> None:
    """A person has seen the certificate; ``until`` (date) where it names another end.

    Raises `Refusal`: not one's own; not without a proof where the rules ask for one.
    """
    row, known = volunteer_of(act.tx, volunteer), load(city.folder).skill(skill)
    not_oneself(act, row)
    have = act.tx.execute(select(S).where(S.c.volunteer == volunteer, S.c.skill == skill)).first()
    if have is None or (known.proof and not have.proof):
        raise Refusal(
            f"{skill} of {volunteer} has no certificate to verify; ask for a photo of it",
            field="skill",
            value=skill,
            remedy="a skill with its proof",
            kind="conflict",
        )
    values: dict[str, object] = {"verified_by": act.actor, "verified_at": act.now}
    if until:
        values["expires_at"] = date_of("until", until, None)
    act.tx.execute(update(S).where(S.c.volunteer == volunteer, S.c.skill == skill).values(**values))
    act.record("volunteer.skill_verified", volunteer, content=[skill, values.get("expires_at")])


def set_times(act: Act, volunteer: str, given: object) -> None:
    """When the volunteer can come; see `times.windows`."""
    found = windows.windows(given)
    act.tx.execute(update(V).where(V.c.id == volunteer).values(times=found))
    act.record("volunteer.times_set", volunteer, content=found)


def set_away(act: Act, volunteer: str, until: object) -> None:
    """Not to be asked before ``until`` (a moment with its offset); None: to be asked again."""
    moment = None if not until else date_of("until", until, None)
    act.tx.execute(update(V).where(V.c.id == volunteer).values(away_until=moment))
    act.record("volunteer.away", volunteer, content=moment)


def date_of(field: str, value: object, latest: datetime | None) -> datetime:
    """A date or moment as UTC; a bare date is its beginning in UTC."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    fits = moment is not None and 1950 <= moment.year <= 2100
    if moment is None or not fits or (latest is not None and moment > latest + timedelta(days=1)):
        raise Refusal(
            f"{field} {str(value)[:40]} is no date"
            + (" that has been" if latest else "")
            + "; write 2026-05-01",
            field=field,
            value=str(value)[:40],
            remedy="a date such as 2026-05-01",
        )
    return moment
