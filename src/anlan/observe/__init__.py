"""Readings in: parsed, judged, kept with their history.

Reading: `Reading`, `parse_csv`, `parse_rows`. Keeping: `actions.record`.
Asking: `archive.window`, `archive.latest`; with the quality rules' doubts `judging.window`; all
with ``as_of``. Summed up: `aggregates.read`. The stations themselves: `health.stations`.
"""

from anlan.observe import (
    actions,
    aggregates,
    archive,
    exchange,
    health,
    judging,
    quality,
    retention,
)
from anlan.observe.archive import Observation
from anlan.observe.quantity import QUANTITIES, Quantity
from anlan.observe.reading import FLAGS, USABLE, Reading, RefusedRow, parse_csv, parse_rows

__all__ = [
    "FLAGS",
    "QUANTITIES",
    "USABLE",
    "Observation",
    "Quantity",
    "Reading",
    "RefusedRow",
    "actions",
    "aggregates",
    "archive",
    "exchange",
    "health",
    "judging",
    "parse_csv",
    "parse_rows",
    "quality",
    "retention",
]
