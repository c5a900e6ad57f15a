"""Depth of water as people report it: how deep, where, how sure; kept apart from gauges.

Words: `CLASSES`, `TRUST`. Taking one in: `record`. Asking: `reports`, ``as_of`` any moment.
"""

from anlan.observe.people.report import (
    CLASSES,
    NEAR,
    NEAR_M,
    TRUST,
    TRUSTED,
    DepthClass,
    Report,
    Standing,
    metres,
    standing,
)
from anlan.observe.people.taking import (
    MOST_PER_HOUR,
    Where,
    record,
    reports,
    territories_with_photo,
)

__all__ = [
    "CLASSES",
    "MOST_PER_HOUR",
    "NEAR",
    "NEAR_M",
    "TRUST",
    "TRUSTED",
    "DepthClass",
    "Report",
    "Standing",
    "Where",
    "metres",
    "record",
    "reports",
    "standing",
    "territories_with_photo",
]
