"""Territory 辖区: the tree city > town > village, by administrative code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from anlan.refusal import Refusal

LEVELS = ("city", "town", "village")


@dataclass(frozen=True)
class Unit:
    """One unit of the territory.

    Attributes:
        code: administrative code, 12 digits.
        level: ``city``, ``town`` or ``village`` (villages and communities 村社区 alike).
        parent: code of the unit above; empty for the city.
        lon, lat: a point inside the unit, degrees, EPSG:4326.
        population: residents; old_houses: houses whose residents move out first.
        polygon: area in lon, lat, where one is known.
        approximate: the area or point is not a surveyed one.
        synthetic: invented, not merely imprecise.
    """

    code: str
    name: str
    name_en: str
    level: str
    parent: str
    lon: float
    lat: float
    population: int
    old_houses: int
    polygon: shapely.Geometry | None
    approximate: bool
    synthetic: bool
    source: str


class Territory:
    """The tree of units. Exactly one unit has no parent: the city.

    ``neighbours`` are the roots of other cities' trees, known by code and name for joint teams;
    they are no part of this tree and hold none of its units.
    """

    def __init__(self, units: Iterable[Unit], neighbours: Iterable[Unit] = ()) -> None:
        self._units = {unit.code: unit for unit in units}
        roots = [unit for unit in self._units.values() if not unit.parent]
        if len(roots) != 1:
            raise Refusal(
                f"the territory has {len(roots)} units without a parent; it needs exactly one, "
                "the city",
                field="parent",
                value=", ".join(unit.code for unit in roots),
                remedy="give every unit but the city the code of the unit above it",
            )
        self.root = roots[0]
        self._neighbours = {unit.code: unit for unit in neighbours}
        self._children: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            self._children.setdefault(unit.parent, []).append(unit)
        self._villages = [unit for unit in self._units.values() if unit.level == "village"]
        self._towns = [unit for unit in self._units.values() if unit.level == "town"]

    def __contains__(self, code: object) -> bool:
        return code in self._units

    def units(self) -> list[Unit]:
        """Every unit, in the order of the file."""
        return list(self._units.values())

    def unit(self, code: str) -> Unit:
        """The unit with ``code``.

        Raises:
            Refusal: ``not_found`` where there is none.
        """
        try:
            return self._units[code]
        except KeyError:
            raise Refusal(
                f"territory code {code!r} is not in {self.root.name}; use a code of territory.csv",
                field="territory",
                value=code,
                remedy=f"a 12-digit code such as {self.root.code}",
                kind="not_found",
            ) from None

    def neighbours(self) -> list[Unit]:
        """The roots of the neighbouring cities' territories, in the order of the file."""
        return list(self._neighbours.values())

    def named(self, code: str) -> Unit:
        """The unit or neighbouring city with ``code``: whom an account belongs to.

        Raises:
            Refusal: ``not_found`` where there is none.
        """
        return self._neighbours.get(code) or self.unit(code)

    def towns(self) -> list[Unit]:
        """The towns, in the order of the file."""
        return list(self._towns)

    def villages(self) -> list[Unit]:
        """The villages and communities, in the order of the file."""
        return list(self._villages)

    def children(self, code: str) -> list[Unit]:
        """The units directly below ``code``."""
        return list(self._children.get(self.unit(code).code, ()))

    def ancestors(self, code: str) -> list[Unit]:
        """The units above ``code``, the nearest first, the city last."""
        above: list[Unit] = []
        unit = self.unit(code)
        while unit.parent:
            unit = self.unit(unit.parent)
            above.append(unit)
        return above

    def is_within(self, code: str, ancestor: str) -> bool:
        """Whether ``code`` is ``ancestor`` or lies below it; a neighbour lies in itself alone."""
        if code in self._neighbours:
            return code == ancestor
        unit = self.unit(code)
        return unit.code == ancestor or any(
            above.code == ancestor for above in self.ancestors(code)
        )

    def town_of(self, code: str) -> Unit | None:
        """The town that ``code`` is or belongs to; None for the city itself."""
        chain = [self.unit(code), *self.ancestors(code)]
        return next((unit for unit in chain if unit.level == "town"), None)

    def locate(self, lon: float, lat: float) -> Unit:
        """The village that a point belongs to: the nearest of the town whose area holds it,
        or the nearest of all where no town area does. Approximate like the areas themselves."""
        return self._villages[int(self.village_index(lon, lat))]

    def village_index(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
        """``locate`` for arrays: index into ``villages()``, shaped like ``lon``."""
        shape = np.shape(lon)
        lons = np.asarray(lon, dtype=np.float64).ravel()
        lats = np.asarray(lat, dtype=np.float64).ravel()
        index = self._nearest(lons, lats, list(range(len(self._villages))))
        for town in self._towns:
            if town.polygon is None:
                continue
            own = [
                k for k, unit in enumerate(self._villages) if self.is_within(unit.code, town.code)
            ]
            inside = shapely.contains_xy(town.polygon, lons, lats)
            if own and inside.any():
                index[inside] = self._nearest(lons[inside], lats[inside], own)
        return index.reshape(shape)

    def _nearest(
        self, lons: NDArray[np.float64], lats: NDArray[np.float64], of: list[int]
    ) -> NDArray[np.int64]:
        # Degrees of longitude shrink with latitude; within one city the cosine is a constant.
        shrink = float(np.cos(np.radians(self.root.lat)))
        points = [(self._villages[k].lon * shrink, self._villages[k].lat) for k in of]
        _, hit = cKDTree(points).query(np.column_stack([lons * shrink, lats]))
        return np.asarray(np.asarray(of, dtype=np.int64)[hit])
