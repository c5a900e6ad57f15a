"""Which of the people are moved for them, and how early a tick may move them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.replay.chance import HALF_TICK


@dataclass(frozen=True)
class Cast:
    """The people of a replay or a drill.

    Attributes:
        early: a moment that lies so far ahead of a tick falls to that tick.
        by_hand: accounts that act for themselves and are never moved.
    """

    early: timedelta = HALF_TICK
    by_hand: frozenset[str] = frozenset()

    def moves(self, account: str | None) -> bool:
        """Whether this account is moved."""
        return account is not None and account not in self.by_hand

    def comes(self, due: datetime, now: datetime) -> bool:
        """Whether what is due then happens at the tick that is now."""
        return due <= now + self.early


EVERYBODY = Cast()
