"""Places and villages in the territory's tree, as indices that arrays can be summed by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.city import Territory, Unit


def above(territory: Territory, code: str, level: str) -> str:
    """Code of the unit of that level which holds ``code`` (or is it); "" where there is none.

    Raises:
        Refusal: if the code is not in the territory.
    """
    for unit in (territory.unit(code), *territory.ancestors(code)):
        if unit.level == level:
            return unit.code
    return ""


def index_above(
    territory: Territory, codes: Sequence[str], units: Sequence[Unit], level: str
) -> NDArray[np.int64]:
    """For each code, the position in ``units`` of the unit that holds it; -1 where none does."""
    position = {unit.code: i for i, unit in enumerate(units)}
    return np.array(
        [position.get(above(territory, code, level), -1) for code in codes], dtype=np.int64
    )
