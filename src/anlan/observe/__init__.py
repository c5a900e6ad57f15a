"""Readings in: parsed, judged, kept with their history.

Reading: `Reading`, `parse_csv`, `parse_rows`. Keeping: `actions.record`.
Asking: `archive.window`, `archive.latest`, both with ``as_of``.
"""

from anlan.observe import actions, archive
from anlan.observe.archive import Observation
from anlan.observe.quantity import QUANTITIES, Quantity
from anlan.observe.reading import USABLE, Reading, RefusedRow, parse_csv, parse_rows

__all__ = [
    "QUANTITIES",
    "USABLE",
    "Observation",
    "Quantity",
    "Reading",
    "RefusedRow",
    "actions",
    "archive",
    "parse_csv",
    "parse_rows",
]
