"""The clock, and the hand on it while an event is replayed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel

from anlan.access.desk import ReplayKeeper
from anlan.refusal import Refusal

router = APIRouter(tags=["clock"])


class ReplayControl(Protocol):
    """What the service needs of a replay under way."""

    def view(self) -> dict[str, object]:
        """World, span, speed, pause, progress and what event time waits for."""
        ...

    def control(self, paused: bool | None, speed: float | None, jump_to: datetime | None) -> None:
        """Pause or go on, change speed, hurry ahead."""
        ...

    def restart(self) -> None:
        """Begin the event again; what was recorded is put aside, not lost."""
        ...


class ReplayCommand(BaseModel):
    """What may be asked of a replay; times with their zone."""

    paused: bool | None = None
    speed: float | None = None
    jump_to: datetime | None = None
    restart: bool = False


@router.get("/clock")
def clock(request: Request) -> dict[str, object]:
    """Event time, and the replay's state."""
    view: dict[str, object] = request.app.state.clock_view()
    return view


@router.post("/replay")
def command(command: ReplayCommand, request: Request, caller: ReplayKeeper) -> dict[str, object]:
    """Pause, change speed, hurry ahead, or begin again."""
    replay: ReplayControl | None = request.app.state.replay
    if replay is None:
        raise Refusal(
            "this desk runs live; there is no replay to control",
            field="replay",
            remedy="anlan demo, or anlan replay",
            kind="conflict",
        )
    if command.jump_to is not None and command.jump_to.tzinfo is None:
        raise Refusal(
            f"jump_to {command.jump_to.isoformat()} has no zone; "
            "write it like 2021-07-25T20:00+08:00",
            field="jump_to",
            value=command.jump_to.isoformat(),
            remedy="ISO 8601 with offset",
        )
    if command.restart:
        replay.restart()
    else:
        replay.control(command.paused, command.speed, command.jump_to)
    view: dict[str, object] = request.app.state.clock_view()
    return view
