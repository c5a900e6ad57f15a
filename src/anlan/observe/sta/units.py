"""Units and quantities in the words of others: UCUM codes, names, definitions.

UCUM: The Unified Code for Units of Measure, https://ucum.org. Definitions of quantities: CF
standard names, and QUDT for voltage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anlan.observe.quantity import QUANTITIES
from anlan.refusal import Refusal

_CF = "http://vocab.nerc.ac.uk/standard_name/"


@dataclass(frozen=True)
class Names:
    """What a quantity is called: in Chinese, in English, and by the address that defines it."""

    zh: str
    en: str
    definition: str


NAMES: Mapping[str, Names] = {
    "rain": Names("雨量", "rain", f"{_CF}lwe_thickness_of_precipitation_amount/"),
    "river_level": Names(
        "水位", "river level", f"{_CF}water_surface_height_above_reference_datum/"
    ),
    "tide": Names("潮位", "tide level", f"{_CF}water_surface_height_above_reference_datum/#tide"),
    "flow": Names("流量", "discharge", f"{_CF}water_volume_transport_in_river_channel/"),
    "wind": Names("风速", "wind speed", f"{_CF}wind_speed/"),
    "displacement": Names(
        "位移", "displacement", "http://qudt.org/vocab/quantitykind/Displacement"
    ),
    "settlement": Names("沉降", "settlement", "http://qudt.org/vocab/quantitykind/Displacement"),
    "pore_pressure": Names(
        "孔隙水压力", "pore pressure", "http://qudt.org/vocab/quantitykind/Pressure"
    ),
    "battery": Names("电池电压", "battery voltage", "http://qudt.org/vocab/quantitykind/Voltage"),
}


def names_of(quantity: str) -> Names:
    """What a quantity is called, also one that is not in the table above."""
    plain = quantity.replace("_", " ")
    return NAMES.get(quantity) or Names(plain, plain, f"urn:anlan:quantity:{quantity}")


#: UCUM code -> name, and how the archive's tables write the unit.
UCUM: Mapping[str, tuple[str, str]] = {
    "mm": ("millimetre", "mm"),
    "cm": ("centimetre", "cm"),
    "m": ("metre", "m"),
    "m3/s": ("cubic metre per second", "m3/s"),
    "L/s": ("litre per second", "L/s"),
    "m/s": ("metre per second", "m/s"),
    "km/h": ("kilometre per hour", "km/h"),
    "[kn_i]": ("knot", "kn"),
    "V": ("volt", "V"),
    "mV": ("millivolt", "mV"),
    "kPa": ("kilopascal", "kPa"),
    "Pa": ("pascal", "Pa"),
    "MPa": ("megapascal", "MPa"),
}


def unit_of(archive: str) -> dict[str, str]:
    """A ``unitOfMeasurement`` of a unit as the archive's tables write it."""
    for code, (name, unit) in UCUM.items():
        if unit == archive:
            return {"name": name, "symbol": code, "definition": f"ucum:{code}"}
    return {"name": archive, "symbol": archive, "definition": f"ucum:{archive}"}


def factor_of(quantity: str, symbol: str) -> float:
    """What turns a value in the unit ``symbol`` into the archive's.

    Raises `Refusal` for a unit that the quantity does not have.
    """
    known = QUANTITIES[quantity]
    factor = known.factors.get(UCUM[symbol][1] if symbol in UCUM else symbol)
    if factor is None:
        codes = [code for code, (_, unit) in UCUM.items() if unit in known.factors]
        accepted = ", ".join(codes or known.factors)
        raise Refusal(
            f"unit '{symbol[:40]}' does not fit {quantity}; give unitOfMeasurement the symbol "
            f"{accepted} (UCUM)",
            field="unitOfMeasurement",
            value=symbol[:40],
            remedy=accepted,
        )
    return factor
