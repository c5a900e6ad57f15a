"""Hours of a run and moments of the world, and numbers rounded as the document keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.assess.document import Quantiles


def iso(moment: datetime) -> str:
    """An aware moment as ISO 8601 in UTC to the minute, such as ``2021-07-25T18:20Z``."""
    nearest = moment.astimezone(UTC) + timedelta(seconds=30)
    return nearest.strftime("%Y-%m-%dT%H:%MZ")


def hours_since(issued: datetime, times: Sequence[datetime]) -> NDArray[np.float64]:
    """The hours from issue to each time."""
    return np.array([(time - issued).total_seconds() / 3600.0 for time in times], dtype=np.float64)


def moment(issued: datetime, hours: float) -> str | None:
    """The moment ``hours`` after issue, or None where hours is NaN (it does not happen)."""
    return None if np.isnan(hours) else iso(issued + timedelta(hours=float(hours)))


def rounded(quantiles: dict[str, float], digits: int) -> Quantiles:
    """Quantiles rounded to so many decimals."""
    return Quantiles(
        p10=round(quantiles["p10"], digits),
        p50=round(quantiles["p50"], digits),
        p90=round(quantiles["p90"], digits),
    )
