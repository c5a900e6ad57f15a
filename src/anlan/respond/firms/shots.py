"""Remote check 远程核查: a firm shows what the shot list asks for, by live or recorded video.

The list is the field ``shots`` of the pack ``remote_check``: whoever opens the check chooses
which of its shots are wanted. Each picture or film that comes is numbered; the newest of a
shot counts. The inspector accepts or refuses each; what was refused is shown again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import packs
from anlan.respond.firms import work
from anlan.respond.firms.facts import F
from anlan.respond.records import get_case
from anlan.store import schema

S, N = schema.check_shot, schema.note
KIND = "remote_check"
Way = Literal["recorded", "live"]
MOST_SENDINGS = 30
"""Of one check: room for each shot to be sent several times, and an end to it."""


@dataclass(frozen=True)
class Shot:
    """One entry of the shot list, with the newest picture or film of it."""

    name: str
    label: str
    label_en: str
    sent: Any | None

    @property
    def state(self) -> str:
        """``wanted``, ``sent``, ``accepted`` or ``refused``."""
        if self.sent is None:
            return "wanted"
        return str(self.sent.verdict or "sent")


def wanted(conn: Connection, city: City, case_id: str) -> list[Shot]:
    """The shot list of a check, in the order of the pack.

    Raises `Refusal` (not_found) for a case that is no remote check.
    """
    case = get_case(conn, case_id)
    if case.kind != KIND:
        raise Refusal(
            f"there is no remote check {case_id} in your part of the city",
            field="case",
            value=case_id,
            remedy=f"a case of kind {KIND}",
            kind="not_found",
        )
    field = next(one for one in packs.of_kind(city.folder, KIND).field if one.key == "shots")
    asked = case.data.get("form", {}).get("shots")
    newest = {
        row.shot: row
        for row in conn.execute(select(S).where(S.c.case_id == case_id).order_by(S.c.number))
    }
    return [
        Shot(choice.value, choice.label, choice.label_en, newest.get(choice.value))
        for choice in field.choices
        if not isinstance(asked, list | tuple) or choice.value in asked
    ]


def firm_of_case(conn: Connection, case_id: str) -> str | None:
    """The firm that a case is about."""
    found: str | None = conn.execute(
        select(F.c.firm).where(F.c.case_id == case_id)
    ).scalar_one_or_none()
    return found


def next_number(conn: Connection, city: City, case_id: str, shot: str) -> int:
    """The number of the next picture or film of a shot; to be asked before anything is kept.

    Raises `Refusal` for a shot that the list does not hold, a check that was settled, or more
    sendings than one check takes.
    """
    listed = wanted(conn, city, case_id)
    case = get_case(conn, case_id)
    if shot not in [one.name for one in listed]:
        raise Refusal(
            f"shot '{shot[:40]}' is not on the list of check {case_id}",
            field="shot",
            value=shot[:40],
            remedy=", ".join(one.name for one in listed),
        )
    last = conn.execute(
        select(func.coalesce(func.max(S.c.number), 0)).where(S.c.case_id == case_id)
    ).scalar_one()
    if case.state in cases.SETTLED or last >= MOST_SENDINGS:
        raise Refusal(
            f"check {case_id} takes no more pictures: it is '{case.state}' and has {last} of "
            f"at most {MOST_SENDINGS}",
            field="case",
            value=case_id,
            remedy="ask the service team for a new check",
            kind="conflict",
        )
    return int(last) + 1


def send(act: Act, city: City, case_id: str, shot: str, digest: str, mime: str, way: Way) -> int:
    """Put down that a picture or film of a shot came; returns its number.

    When every shot of the list is there, the firm's own task is done. Raises `Refusal` as
    `next_number` does.
    """
    number = next_number(act.tx, city, case_id, shot)
    act.tx.execute(
        S.insert().values(
            case_id=case_id,
            number=number,
            shot=shot,
            digest=digest,
            mime=mime,
            way=way,
            sent_at=act.now,
            sent_by=act.actor,
        )
    )
    act.record("check.shot_sent", case_id, grounds=[f"case:{case_id}"], content=[shot, digest])
    listed = wanted(act.tx, city, case_id)
    if all(one.state in ("sent", "accepted") for one in listed):
        work.finish_own(act, city, case_id, f"清单 {len(listed)} 项已全部拍摄上传")
    return number


def judge(
    act: Act, city: City, case_id: str, number: int, accepted: bool, reason: str = ""
) -> None:
    """Accept or refuse one picture or film; a refusal says what is to be shown instead.

    When every shot is accepted, the inspector's own task is done.
    """
    try:
        row = get_sending(act.tx, case_id, number)
    except Refusal as refusal:
        # the check is there; what it lacks is no secret
        refusal.kind = "conflict"
        raise
    if row.sent_by == act.actor:
        raise Refusal(
            f"{act.actor} sent this; somebody else looks at it",
            field="actor",
            value=act.actor,
            remedy="let another person judge it",
            kind="forbidden",
        )
    if get_case(act.tx, case_id).state in cases.SETTLED:
        raise Refusal(
            f"check {case_id} is settled: what was sent is judged no more",
            field="case",
            value=case_id,
            remedy="reject the check with a reason, or open a new one",
            kind="conflict",
        )
    note = None
    if not accepted:
        note = keep_note(act, "check.shot_refused", work.words(reason, "reason"))
    act.tx.execute(
        update(S)
        .where(S.c.case_id == case_id, S.c.number == number)
        .values(
            verdict="accepted" if accepted else "refused",
            verdict_note=note,
            verdict_by=act.actor,
            verdict_at=act.now,
        )
    )
    verb = "accepted" if accepted else "refused"
    act.record(f"check.shot_{verb}", case_id, grounds=[f"case:{case_id}"], content=number)
    listed = wanted(act.tx, city, case_id)
    if all(one.state == "accepted" for one in listed):
        work.finish_own(act, city, case_id, f"清单 {len(listed)} 项均已认可")


def get_sending(conn: Connection, case_id: str, number: int) -> Any:
    """One picture or film that was sent; raises `Refusal` (not_found)."""
    row = conn.execute(select(S).where(S.c.case_id == case_id, S.c.number == number)).first()
    if row is None:
        raise Refusal(
            f"there is no picture {number} of check {case_id}",
            field="number",
            value=number,
            remedy="a number of the check's list",
            kind="not_found",
        )
    return row


def view(conn: Connection, listed: Sequence[Shot]) -> list[dict[str, Any]]:
    """The shot list as JSON."""
    noted = sorted({one.sent.verdict_note for one in listed if one.sent and one.sent.verdict_note})
    bodies = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(noted)))
    said = {row.digest: row.body for row in bodies}
    return [
        {
            "shot": one.name,
            "label": one.label,
            "label_en": one.label_en,
            "state": one.state,
            "sent": None
            if one.sent is None
            else {
                "number": one.sent.number,
                "mime": one.sent.mime,
                "way": one.sent.way,
                "at": one.sent.sent_at.isoformat(),
                "by": one.sent.sent_by,
                "reason": said.get(one.sent.verdict_note),
            },
        }
        for one in listed
    ]
