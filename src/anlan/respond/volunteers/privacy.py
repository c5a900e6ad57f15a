"""Personal data of volunteers: opened for a purpose and logged, erased by date (DESIGN.md 4.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from anlan.access import privacy
from anlan.access.credentials import INVITED
from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act
from anlan.observe import people
from anlan.refusal import Refusal
from anlan.respond import views
from anlan.respond.volunteers.records import CL, A, AnyRow, P, S, V, add_months, volunteer_of, words
from anlan.respond.volunteers.rules import load
from anlan.store import schema

PURPOSES: Mapping[str, str] = {
    "search": "寻找未按时签退的人",
    "contact": "就应召事项联系本人",
    "insurance": "办理志愿者保险",
    "approval": "核对登记信息",
}
OPEN_STATES = ("on_site", "claimed", "waiting")


def open_personal(
    act: Act, vault: Vault, volunteer: str, purpose: str, reason: str, wall: datetime
) -> dict[str, str]:
    """Name and telephone number of a volunteer, for one of `PURPOSES` and with a reason.

    ``wall`` is the real time; see `anlan.access.privacy.open_person`, which keeps who looked.
    Raises `Refusal` for another purpose or no reason, and for who is erased.
    """
    if purpose not in PURPOSES:
        raise Refusal(
            f"purpose '{purpose[:40]}' is none of {', '.join(PURPOSES)}",
            field="purpose",
            value=purpose[:40],
            remedy=", ".join(PURPOSES),
        )
    said = f"{PURPOSES[purpose]}：{words('reason', reason, 200)}"
    row = volunteer_of(act.tx, volunteer)
    if row.person is None:
        raise Refusal(
            f"the personal data of {volunteer} are erased",
            field="volunteer",
            value=volunteer,
            remedy="a volunteer who has not left",
            kind="conflict",
        )
    found = privacy.open_person(
        act, vault, row.person, said, wall, subject=f"volunteer:{volunteer}"
    )
    return {"name": found.name, "phone": found.phone}


def leave(act: Act, volunteer: str) -> None:
    """The volunteer leaves: erased at once.

    Raises `Refusal` (conflict) while they are out or hold a claim: somebody counts on them.
    """
    held = act.tx.execute(
        select(CL.c.work).where(CL.c.volunteer == volunteer, CL.c.state.in_(OPEN_STATES)).limit(1)
    ).scalar()
    if held is not None:
        raise Refusal(
            f"you are still down for {held}; check out or withdraw first (请先签退或退出)",
            field="volunteer",
            value=held,
            remedy="check out or withdraw",
            kind="conflict",
        )
    erase(act, volunteer)


def erase(act: Act, volunteer: str) -> None:
    """Forget the person: name, number, home, certificates, times, sign-ins and their own words.

    What remains is the number of the volunteer with hours and answers, which names nobody.
    """
    row = volunteer_of(act.tx, volunteer)
    tx, N, D = act.tx, schema.note, schema.delivery
    proofs = tx.execute(
        select(S.c.proof).where(S.c.volunteer == volunteer, S.c.proof.is_not(None))
    ).scalars()
    kept = schema.attachment
    for proof in list(proofs):
        if not _needed_elsewhere(tx, proof, row):
            tx.execute(kept.delete().where(kept.c.digest == proof))
    tx.execute(S.delete().where(S.c.volunteer == volunteer))
    written = tx.execute(
        select(CL.c.note_on_work, CL.c.note_on_volunteer).where(CL.c.volunteer == volunteer)
    ).all()
    digests = [name for one in written for name in one if name]
    tx.execute(update(N).where(N.c.digest.in_(digests)).values(body=None))
    if row.person is not None:
        tx.execute(update(D).where(D.c.person == row.person).values(body=""))
        of_person = select(D.c.id).where(D.c.person == row.person)
        H = schema.hand_off
        tx.execute(update(H).where(H.c.delivery.in_(of_person)).values(address_key=""))
        L = schema.opening
        looked = select(L.c.note).where(L.c.person == row.person)
        tx.execute(update(N).where(N.c.digest.in_(looked)).values(body=None))
        tx.execute(schema.contact.delete().where(schema.contact.c.person == row.person))
        tx.execute(P.delete().where(P.c.id == row.person))
    _leave_account(act, row)
    tx.execute(
        update(V)
        .where(V.c.id == volunteer)
        .values(state="erased", account=None, person=None, times=[], away_until=None)
    )
    act.record("volunteer.erased", volunteer)


def _leave_account(act: Act, row: AnyRow) -> None:
    """An account made by invitation ends; one that its holder had before is only no volunteer's."""
    if row.account is None:
        return
    mine = A.c.id == row.account
    if row.account.startswith(INVITED):
        privacy.forget_account(act, row.account)
    elif row.decided_by not in (None, "system"):
        act.tx.execute(update(A).where(mine, A.c.role == "volunteer").values(role="resident"))


def _needed_elsewhere(conn: Connection, photo: str, row: AnyRow) -> bool:
    """Whether a picture is anybody else's, or evidence: those stay."""
    J = schema.journal
    others = select(J.c.seq).where(
        J.c.subject == photo, J.c.kind == "photo.kept", J.c.actor != (row.account or "")
    )
    shared = select(S.c.volunteer).where(S.c.proof == photo, S.c.volunteer != row.id)
    return bool(
        conn.execute(others.limit(1)).first()
        or conn.execute(shared.limit(1)).first()
        or views.cases_with_photo(conn, photo)
        or people.territories_with_photo(conn, photo)
    )


def keep_longer(act: Act, city: City, volunteer: str) -> None:
    """The volunteer was active: the date of erasing moves on."""
    until = add_months(act.now, load(city.folder).data.keep_months)
    act.tx.execute(
        update(V).where(V.c.id == volunteer, V.c.erase_at < until).values(erase_at=until)
    )
