"""Silences set at the desk, and the communication test."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from anlan.access.desk import Decider, DeskHere, PeopleReader, Viewer
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.warn import communication, silences
from anlan.warn.routes.people import masked

router = APIRouter()


class NewSilence(BaseModel):
    """What is held back, up to which colour, for how long, and why."""

    hours: float
    up_to: str
    reason: str
    rules: list[str] = []
    areas: list[str] = []


@router.get("/silences")
def standing(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """Silences of the desk that hold now, and by whom."""
    with desk.store.read() as conn:
        found = silences.standing(conn, desk.clock.now())
    accounts = desk.city.accounts
    return [
        {**each, "by_name": accounts[each["by"]].name if each["by"] in accounts else each["by"]}
        for each in found
    ]


@router.post("/silences")
def silence(given: NewSilence, desk: DeskHere, caller: Decider, key: Key = None) -> dict[str, Any]:
    """Hold back new and rising warnings for a while; never red, never longer than 72 h."""
    return once(
        desk,
        caller,
        key,
        lambda act: {"id": silences.silence(act, desk.city, **given.model_dump())},
    )


@router.post("/silences/{silence_id}/lift")
def lift(silence_id: str, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """End a silence now; what it held back is decided afresh."""
    with desk.act(caller) as act:
        silences.lift(act, silence_id)
    return {"id": silence_id, "state": "lifted"}


@router.get("/communication-tests")
def tests(desk: DeskHere, caller: PeopleReader) -> list[dict[str, Any]]:
    """The communication tests so far, newest first."""
    with desk.store.read() as conn:
        return communication.history(conn, desk.clock.now())


@router.post("/communication-tests")
def begin(desk: DeskHere, caller: Decider, key: Key = None) -> dict[str, Any]:
    """Ask everybody who must answer, by every channel of theirs, whether it arrives."""
    return once(
        desk,
        caller,
        key,
        lambda act: {"id": communication.begin(act, desk.city, live=desk.clock.real)},
    )


@router.get("/communication-tests/{test_id}")
def report(test_id: str, desk: DeskHere, caller: PeopleReader) -> dict[str, Any]:
    """What became of a test, with every dead or silent address, persons masked."""
    with desk.store.read() as conn:
        found = communication.report(conn, test_id, desk.clock.now())
        vault = Vault.of(desk.store)
        found["troubled"] = [masked(conn, desk, vault, row) for row in found["troubled"]]
    return found
