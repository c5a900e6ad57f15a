"""Degrees to metres and back: one projected system per city, lon first at the edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from anlan.refusal import Refusal


def projected(crs: str) -> pyproj.CRS:
    """The coordinate system named ``crs``, which must be projected and in metres.

    Raises:
        Refusal: for an unknown name, a system in degrees, or one in feet.
    """
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise Refusal(
            f"crs {crs!r} is not a coordinate reference system; name one in metres, "
            "such as EPSG:4549",
            field="crs",
            value=crs,
            remedy="an EPSG code of a projected system in metres",
        ) from None
    unit = system.axis_info[0].unit_name if system.axis_info else "no unit"
    if not system.is_projected or unit != "metre":
        raise Refusal(
            f"crs {crs!r} ({system.name}) is in {unit}, not in metres; "
            "name the projected system of the city, such as EPSG:4549",
            field="crs",
            value=crs,
            remedy="an EPSG code of a projected system in metres",
        )
    return system


class Projection:
    """Between lon, lat (EPSG:4326) and x, y in metres of ``crs``."""

    def __init__(self, crs: str) -> None:
        system = projected(crs)
        self._forward = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
        self._back = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)

    def to_xy(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
        """x, y in m; numbers for numbers, arrays for arrays."""
        return self._transform(self._forward, lon, lat)

    def to_lonlat(self, x: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
        """lon, lat in degrees; numbers for numbers, arrays for arrays."""
        return self._transform(self._back, x, y)

    @staticmethod
    def _transform(
        transformer: pyproj.Transformer, first: ArrayLike, second: ArrayLike
    ) -> tuple[Any, Any]:
        if np.ndim(first) == 0:
            a, b = transformer.transform(float(np.asarray(first)), float(np.asarray(second)))
            return float(a), float(b)
        a, b = transformer.transform(np.asarray(first), np.asarray(second))
        result: tuple[NDArray[np.float64], NDArray[np.float64]] = np.asarray(a), np.asarray(b)
        return result
