"""Feeds: one package for each way in which readings reach the city by themselves."""

from collections.abc import Sequence
from typing import Protocol

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources import sl651
from anlan.store import Store


class Feed(Protocol):
    """A source that runs beside the desk."""

    def start(self) -> None:
        """Begin. Raises `Refusal` when it cannot."""

    def stop(self) -> None:
        """End; what was confirmed is kept."""


def feeds(city: City, store: Store, clock: Clock) -> Sequence[Feed]:
    """The feeds that the city's folder asks for, not yet started."""
    found = [sl651.listener(city, store, clock)]
    return [feed for feed in found if feed is not None]
