"""HTTP for the hand-over of a shift."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from anlan.access.desk import DeskHere, JournalReader
from anlan.refusal import Refusal
from anlan.respond import handover

router = APIRouter(tags=["respond"])
COMMANDS = "save, sign, acknowledge, discard"


class Start(BaseModel):
    """Of which incident; empty where there is none."""

    incident: str = ""


class HandoverCommand(BaseModel):
    """``save`` and ``sign`` take the text, ``sign`` who comes, ``acknowledge`` a remark."""

    text: str = ""
    to: str | None = None
    remark: str = ""


@router.get("/handovers")
def handovers(desk: DeskHere, caller: JournalReader) -> list[dict[str, Any]]:
    """Hand-overs, newest first; of drafts the caller's own."""
    with desk.store.read() as conn:
        return handover.listed(conn, desk.city, caller.id)


@router.post("/handovers")
def draft(start: Start, desk: DeskHere, caller: JournalReader) -> dict[str, str]:
    """Draft a note from how things stand now; an own draft is drafted anew."""
    with desk.act(caller) as act:
        return {"id": handover.draft(act, desk.city, start.incident, exercise=desk.exercise)}


@router.post("/handovers/{handover_id}/{command}")
def command(
    handover_id: str, command: str, given: HandoverCommand, desk: DeskHere, caller: JournalReader
) -> dict[str, Any]:
    """``save``, ``sign``, ``acknowledge`` or ``discard``; others' drafts answer 404."""
    with desk.act(caller) as act:
        passed: list[str] = []
        if command == "save":
            handover.save(act, handover_id, given.text)
        elif command == "sign":
            handover.sign(act, handover_id, given.text, given.to)
        elif command == "acknowledge":
            passed = handover.acknowledge(act, desk.city, handover_id, given.remark)
        elif command == "discard":
            handover.discard(act, handover_id)
        else:
            raise Refusal(
                f"there is no command '{command[:40]}'; use one of {COMMANDS}",
                field="command",
                value=command[:40],
                remedy=COMMANDS,
            )
        return {"state": handover.get(act.tx, handover_id).state, "posts": passed}
