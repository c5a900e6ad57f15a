"""Measured quantities: their units at the edge, their SI-side unit inside, their sane range."""

from __future__ import annotations

import math
from dataclasses import dataclass

from anlan.refusal import Refusal


@dataclass(frozen=True)
class Quantity:
    """One measured quantity.

    Attributes:
        name: key used in station tables and series names.
        unit: unit inside the archive.
        factors: accepted unit → factor to ``unit``.
        low, high: what a gauge can measure at all; a value outside is flagged ``suspect`` as it
            arrives (never dropped). The same for every city: its own range is in its `Limits`.
        has_datum: values are heights above a datum.
        is_sum: values are sums over an interval that ends at the valid time.
    """

    name: str
    unit: str
    factors: dict[str, float]
    low: float
    high: float
    has_datum: bool = False
    is_sum: bool = False


#: What the archive has no name for: kept in the unit that its sender declared.
OTHER = "other"
QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity("rain", "mm", {"mm": 1.0, "cm": 10.0}, 0.0, 300.0, is_sum=True),
        Quantity("river_level", "m", {"m": 1.0, "cm": 0.01}, -10.0, 1000.0, has_datum=True),
        Quantity("tide", "m", {"m": 1.0, "cm": 0.01}, -10.0, 15.0, has_datum=True),
        Quantity("flow", "m3/s", {"m3/s": 1.0, "m³/s": 1.0, "L/s": 0.001}, -1e6, 1e6),
        Quantity("wind", "m/s", {"m/s": 1.0, "km/h": 1 / 3.6, "kn": 0.514444}, 0.0, 100.0),
        Quantity("displacement", "mm", {"mm": 1.0, "cm": 10.0, "m": 1000.0}, -1e4, 1e4),
        Quantity("settlement", "mm", {"mm": 1.0, "cm": 10.0, "m": 1000.0}, -1e4, 1e4),
        Quantity("pore_pressure", "kPa", {"kPa": 1.0, "Pa": 0.001, "MPa": 1000.0}, -1e2, 1e4),
        Quantity("battery", "V", {"V": 1.0, "mV": 0.001}, 0.0, 100.0),
        Quantity(OTHER, "", {"": 1.0}, -math.inf, math.inf),
    )
}


def to_archive_unit(quantity: str, value: float, unit: str, where: str) -> float:
    """``value`` in the archive's unit; refuses a unit that the quantity does not have.

    ``where`` says which row or item the value came from, for the sentence.
    """
    known = QUANTITIES[quantity]
    factor = known.factors.get(unit.strip())
    if factor is None:
        accepted = " or ".join(known.factors)
        raise Refusal(
            f"{where}: unit '{unit}' does not fit {quantity}; give the values in {accepted}",
            field="unit",
            value=unit,
            remedy=f"values in {accepted}",
        )
    return value * factor
