"""What happened in a past event, to judge rules by; looked at only after they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.observe import archive
from anlan.review import observed
from anlan.review.score import Crossing, crossings_of, known_events
from anlan.warn import load_rules


@dataclass(frozen=True)
class Reference:
    """What happened: crossings, the events that they tell of, and where they were taken from."""

    crossings: Sequence[Crossing]
    known: Sequence[str]
    source: str


def of_world(conn: Connection, city: City, truth: Mapping[str, Any]) -> Reference:
    """What happened in a replayed world: its truth, and the readings for other level rules."""
    return _reference(conn, city, truth, "replayed world (reconstructed), city's levels")


def of_record(conn: Connection, city: City, known: Sequence[Crossing] | None) -> Reference:
    """What recorded readings show, and what somebody wrote down besides (None: nobody did)."""
    tide = observed.truth(conn, city) if _read(conn, city, observed.TIDE_EVENT) else {}
    found = _reference(conn, city, tide, "readings, city's levels")
    if known is None:
        return found
    return Reference(
        [*found.crossings, *known],
        [*found.known, *dict.fromkeys(each.event for each in known)],
        f"{found.source}; what was written down",
    )


def _reference(conn: Connection, city: City, truth: Mapping[str, Any], source: str) -> Reference:
    """What happened by ``truth`` and, for other level rules of the city, by their gauges."""
    at_gauges, gauged = observed.gauges(conn, city)
    known = [*known_events(truth), *(event for event in gauged if _read(conn, city, event))]
    return Reference([*crossings_of(truth), *at_gauges], known, source)


def _read(conn: Connection, city: City, event: str) -> bool:
    """Whether any gauge of the city's rules about an event gave a reading at all."""
    series = [
        city.stations[station].series
        for rule in load_rules(city).rules
        if rule.event == event and rule.levels is not None
        for station in rule.levels.by_station
    ]
    return bool(archive.latest(conn, series))
