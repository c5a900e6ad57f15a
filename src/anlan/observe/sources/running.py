"""The sources of one city: what its folder asks for, at work beside the desk or not."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.registry import installed
from anlan.observe.sources.source import Feed, Origin
from anlan.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A source that a city's folder asks for.

    Attributes:
        series: what it gives, as far as its file tells.
        feed: its feed; None where nobody runs it, or its file asks for none.
    """

    name: str
    title: str
    file: str
    origin: Origin
    series: Collection[str]
    feed: Feed | None = None

    def start(self) -> None:
        """Start the feed. Raises `Refusal` when it cannot."""
        if self.feed is not None:
            self.feed.start()

    def stop(self) -> None:
        """Stop the feed."""
        if self.feed is not None:
            self.feed.stop()

    def as_dict(self) -> dict[str, object]:
        """As JSON: whose readings these are, and how the feed is doing."""
        state = self.feed.state() if self.feed is not None else None
        return {
            "name": self.name,
            "title": self.title,
            "file": self.file,
            "owner": self.origin.owner,
            "licence": self.origin.licence,
            "quality": self.origin.quality,
            "cadence_s": self.origin.cadence.total_seconds(),
            "time_out_s": self.origin.time_out_s,
            "series": sorted(self.series),
            "state": state
            and {
                "connected": state.connected,
                "heard_at": state.heard_at,
                "taken": state.taken,
                "refused": state.refused,
                "waiting": state.waiting,
                "problem": state.problem,
            },
        }


def configured(city: City) -> list[Running]:
    """The sources that have a file in the city's folder; nothing is opened.

    Raises `Refusal` naming file, key, value and remedy where one cannot be read.
    """
    found = []
    for source in installed()[0]:
        read = source.settings(city)
        if read is not None:
            origin, settings = read
            series = source.series(settings)
            found.append(Running(source.name, source.title, source.file, origin, series))
    return found


def feeds(city: City, store: Store, clock: Clock) -> list[Running]:
    """The feeds that the city's folder asks for, not yet started. Raises as `configured` does."""
    sources, broken = installed()
    for each in broken:
        log.error("source %s of package %s: %s", each.name, each.package, each.problem)
    found = []
    for source in sources:
        read = source.settings(city)
        if read is None:
            continue
        origin, settings = read
        feed = source.open(city, store, clock, settings)
        if feed is not None:
            series = source.series(settings)
            found.append(Running(source.name, source.title, source.file, origin, series, feed))
    return found
