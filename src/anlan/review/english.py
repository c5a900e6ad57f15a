"""English names of what a review speaks of; what has none keeps its Chinese name."""

from __future__ import annotations

from collections.abc import Mapping

from anlan.city import City


def units(city: City, codes: str) -> str:
    """The units of codes joined by blanks; those unknown to the city are left out."""
    found = [city.territory.unit(code) for code in codes.split() if code in city.territory]
    return ", ".join(unit.name_en or unit.name for unit in found)


def synthetic(city: City) -> list[str]:
    """The synthetic parts, where the city folder gives all of them in English."""
    named = city.settings.get("synthetic", {})
    english = named.get("parts_en") if isinstance(named, Mapping) else None
    whole = english is not None and len(english) == len(city.synthetic)
    return [str(part) for part in english] if english and whole else list(city.synthetic)
