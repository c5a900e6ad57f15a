"""Which lots fill a request: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SOON = timedelta(days=30)
"""A lot that expires within this time is named, so that it is used or replaced first."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as it stands; ``expires_at`` UTC or None, ``quantity`` in the item's unit."""

    id: str
    depot: str
    quantity: float
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether it may no longer be handed out."""
        return self.expires_at is not None and self.expires_at <= now

    def expires_soon(self, now: datetime) -> bool:
        """Whether it still may, but not for long."""
        return (
            self.expires_at is not None and not self.expired(now) and self.expires_at <= now + SOON
        )


@dataclass(frozen=True, slots=True)
class Part:
    """So much of one lot."""

    lot: str
    depot: str
    quantity: float


def parts(
    lots: Sequence[Lot], quantity: float, near: Mapping[str, float], now: datetime
) -> list[Part]:
    """Lots that together give ``quantity``, or all there is: the nearest depot first.

    Within a depot the lot that expires first goes first; an expired one never does. ``near``:
    how far each depot is (any measure); depots not in it come last.
    """
    able = [lot for lot in lots if lot.quantity > 0 and not lot.expired(now)]
    able.sort(
        key=lambda lot: (
            near.get(lot.depot, float("inf")),
            lot.depot,
            lot.expires_at is None,
            lot.expires_at.timestamp() if lot.expires_at else 0.0,
            lot.id,
        )
    )
    found: list[Part] = []
    left = quantity
    for lot in able:
        if left <= 0:
            break
        take = min(left, lot.quantity)
        found.append(Part(lot.id, lot.depot, take))
        left -= take
    return found
