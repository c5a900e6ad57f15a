"""What an outcome needs by its pack, and what follows from it: forms, evidence, verdict, reopening.

The deciding parts are pure; `commands` carries them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import filling, form
from anlan.respond.pack import Evidence, Pack, Phase
from anlan.respond.records import AnyRow, history_of

PHASE_OF: Mapping[str, Phase] = {"complete": "done", "claim_done": "done", "verify": "check"}
"""The part of the form that goes with a command."""


def answers(
    act: Act,
    city: City,
    pack: Pack,
    case: AnyRow,
    command: str,
    given: Mapping[str, object],
    vault: Vault | None,
) -> dict[str, Any]:
    """The part of the form that came with a command, checked and as it may be kept.

    A verification must answer the whole of its part, and pass: raises `Refusal` otherwise.
    """
    phase = PHASE_OF.get(command)
    if phase is None:
        return {}
    checking = phase == "check"
    plain = filling.plain_answers(
        act, city, pack, phase, given.get("form", {}), case, complete=checking
    )
    if checking:
        must_pass(pack, case.id, {**case.data.get("form", {}), **plain})
    return filling.keep(act, pack, phase, plain, vault)


def must_pass(pack: Pack, case_id: str, answered: Mapping[str, Any]) -> None:
    """Raise `Refusal` (conflict) when an answer is not what the check needs."""
    failed = form.unmet(pack.field, answered)
    if failed:
        named = ", ".join(field.label for field in failed)
        raise Refusal(
            f"case {case_id} does not pass: {named}; reject it with the reason instead",
            field=f"form.{failed[0].key}",
            value=answered.get(failed[0].key),
            remedy="reject",
            kind="conflict",
            zh=f"{named}没有达到要求，不能核实通过，请写明理由打回。",
        )


def lacking(pack: Pack, case: AnyRow, evidence: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is still missing before a case may count as done, each as ``key: words``. Pure.

    ``evidence``: what came with the work so far, the claim itself included.
    """
    answered = case.data.get("form", {})
    missing = [
        f"form.{field.key}: {field.label}" for field in filling.wanting(pack, "done", answered)
    ]
    return missing + _short_of(pack.evidence, evidence)


def _short_of(wanted: Evidence, evidence: Sequence[Mapping[str, Any]]) -> list[str]:
    photos = {photo for each in evidence for photo in each.get("photos") or ()}
    missing = []
    if len(photos) < wanted.photos:
        missing.append(f"photos: {wanted.photos} of the result, {len(photos)} so far")
    if wanted.text and not any(each.get("text_note") or each.get("text") for each in evidence):
        missing.append("text: what was done")
    return missing


def _lacking_word(missing: str) -> str:
    key, _, words = missing.partition(": ")
    known = {"photos": "办理结果的照片", "text": "办理说明"}
    return known.get(key, f"“{words}”")


def refuse_lacking(case_id: str, missing: Sequence[str]) -> None:
    """Raise `Refusal` naming what is missing, if anything is."""
    if missing:
        raise Refusal(
            f"case {case_id} is not done yet: {'; '.join(missing)} is missing",
            field=missing[0].split(":")[0],
            remedy=f"give {'; '.join(missing)}",
            zh=f"还不能算办完，缺：{'、'.join(map(_lacking_word, missing))}。",
        )


def listed_cause(pack: Pack, given: dict[str, object]) -> None:
    """Check the cause of a block, and let its title stand for words that were not given."""
    if "cause" not in given:
        return
    pause = pack.pause_of(given["cause"])
    if pause is None:
        listed = ", ".join(each.code for each in pack.pause) or "none for this kind"
        raise Refusal(
            f"cause '{given['cause']}' is not listed in the pack; listed: {listed}",
            field="cause",
            value=given["cause"],
            remedy=f"{listed}; or leave it out: the clock then runs on",
            zh="这个受阻原因不在所列之中；不选原因也可以报受阻，但时限照走。",
        )
    given.setdefault("reason", pause.title)


def in_time(act: Act, pack: Pack, case: AnyRow, command: str) -> None:
    """Refuse a verdict or a reopening that comes too late, and a second verdict."""
    days = pack.reporter.reopen_days
    if case.state == "closed" and act.now > case.closed_at + timedelta(days=days):
        raise Refusal(
            f"case {case.id} was closed over {days:g} days ago; "
            f"'{command}' is open for that long, open a new case instead",
            field="closed_at",
            value=case.closed_at.isoformat(),
            remedy="a new case",
            kind="conflict",
            zh=f"这件事项办结已超过 {days:g} 天，不能再评价或重开，请另报一件。",
        )
    if command == "rate" and is_rated(history_of(act.tx, case.id)):
        raise Refusal(
            f"case {case.id} has its verdict already; reopen it if it is not solved",
            field="rating",
            remedy="reopen",
            kind="conflict",
            zh="您已经评价过了；如果没有解决，请要求重办。",
        )


def is_rated(history: Sequence[AnyRow]) -> bool:
    """Whether the reporter has given a verdict on the outcome as it stands."""
    rated = False
    for row in history:
        if row.type in ("case.rejected", "case.reopened"):
            rated = False
        elif row.type == "case.rated":
            rated = True
    return rated


def open_to(act: Act, pack: Pack, case: AnyRow, commands: Sequence[str]) -> list[str]:
    """Those of ``commands`` for which it is not too late, for the buttons."""
    found = []
    for command in commands:
        try:
            if command in ("rate", "reopen"):
                in_time(act, pack, case, command)
        except Refusal:
            continue
        found.append(command)
    return found
