"""HTTP for what stands beside a case: two cases kept apart, and personal answers opened."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from anlan.access.desk import DeskHere, PhoneUser
from anlan.access.vault import Vault
from anlan.respond import actions, personal
from anlan.respond.routes.seeing import seen_case

router = APIRouter(tags=["respond"])


class Apart(BaseModel):
    """The case that is another matter."""

    other: str


class Opening(BaseModel):
    """Which personal answer (key of the form), and what for."""

    key: str
    purpose: Annotated[str, StringConstraints(min_length=2, max_length=200)]


@router.post("/cases/{case_id}/apart")
def apart(case_id: str, given: Apart, desk: DeskHere, caller: PhoneUser) -> dict[str, str]:
    """Two cases are two: the engine proposes neither for the other again."""
    with desk.act(caller) as act:
        seen_case(desk, caller, act.tx, case_id)
        actions.keep_apart(act, desk.city, case_id, given.other)
    return {"apart": given.other}


@router.post("/cases/{case_id}/personal")
def open_answer(
    case_id: str, given: Opening, desk: DeskHere, caller: PhoneUser
) -> dict[str, object]:
    """A personal answer in clear, for who works on the case; logged with its purpose."""
    with desk.act(caller) as act:
        seen_case(desk, caller, act.tx, case_id)
        vault = Vault.of(desk.store)
        value = personal.open_answer(act, desk.city, case_id, given.key, given.purpose, vault)
    return {"key": given.key, "value": value}
