"""Cross sections of conduits: exact geometry, for tables and tests; the loops use ``geometry``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics.numerics import G

Numbers = NDArray[np.float64]
Shape = Literal["circular", "rect_closed", "rect_open", "trapezoidal", "tabulated"]

# Points of the tables: enough that the area of an egg is right to 1e-4 of the full one.
POINTS = 129


@dataclass(frozen=True)
class CrossSection:
    """The opening of a conduit, upright.

    Args:
        shape: "circular", "rect_closed", "rect_open", "trapezoidal" (a triangle has width 0) or
            "tabulated".
        height: from bottom to crown, or to the top of an open channel, m.
        width: of a rectangle, or of the bottom of a trapezoid, m; a circle needs none.
        left_slope: run over rise of one side of a trapezoid.
        right_slope: of the other.
        widths: of a tabulated section, at equal steps from bottom to top, m; 3 or more.
        closed: whether a tabulated section has a crown.
    """

    shape: Shape
    height: float
    width: float = 0.0
    left_slope: float = 0.0
    right_slope: float = 0.0
    widths: tuple[float, ...] = ()
    closed: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.height) and self.height > 0.0):
            raise ValueError(f"height of a cross section is {self.height} m; it must be above 0")
        for field in ("width", "left_slope", "right_slope"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"{field} of a cross section is {value}; it must be 0 or more")
        if self.shape in ("rect_closed", "rect_open") and self.width == 0.0:
            raise ValueError(f"a {self.shape} cross section needs a width above 0")
        if self.shape == "trapezoidal" and self.width + self.left_slope + self.right_slope == 0.0:
            raise ValueError("a trapezoidal cross section needs a width or a slope above 0")
        if self.shape == "tabulated" and (len(self.widths) < 3 or max(self.widths) <= 0.0):
            raise ValueError("a tabulated cross section needs 3 or more widths, one above 0")

    @property
    def is_closed(self) -> bool:
        """Whether it has a crown, so that it can run full."""
        if self.shape == "tabulated":
            return self.closed
        return self.shape in ("circular", "rect_closed")


def tabulated(
    height: float, width_at: Callable[[Numbers], ArrayLike], *, closed: bool = True
) -> CrossSection:
    """A section whose width, m, is a function of the height above its bottom, m."""
    y = np.linspace(0.0, height, POINTS)
    widths = np.broadcast_to(np.asarray(width_at(y), np.float64), y.shape)
    return CrossSection("tabulated", height, widths=tuple(float(w) for w in widths), closed=closed)


def ellipse(height: float, width: float) -> CrossSection:
    """An ellipse, upright or lying."""

    def width_at(y: Numbers) -> Numbers:
        return width * np.sqrt(np.maximum(1.0 - (2.0 * y / height - 1.0) ** 2, 0.0))

    return tabulated(height, width_at)


def parabola(height: float, width: float) -> CrossSection:
    """An open channel whose width grows with the root of the depth."""
    return tabulated(height, lambda y: width * np.sqrt(y / height), closed=False)


def egg(height: float) -> CrossSection:
    """The egg of sewers, height : width = 3 : 2.

    A half circle of radius r above, a circle of radius r/2 below and, between them, sides of
    radius 3r that touch both; height 3r.
    """
    r = height / 3.0

    def half(y: Numbers) -> Numbers:
        above = np.sqrt(np.maximum(r**2 - (y - 2.0 * r) ** 2, 0.0))
        below = np.sqrt(np.maximum(0.25 * r**2 - (y - 0.5 * r) ** 2, 0.0))
        sides = np.sqrt(np.maximum(9.0 * r**2 - (y - 2.0 * r) ** 2, 0.0)) - 2.0 * r
        # the lower circle and the sides touch on the line through their centres, 3-4-5
        return np.asarray(np.where(y >= 2.0 * r, above, np.where(y <= 0.2 * r, below, sides)))

    return tabulated(height, lambda y: 2.0 * half(y))


def filled_circle(diameter: float, sediment: float) -> CrossSection:
    """A circle with flat sediment of a depth, m, on its bottom."""

    def width_at(y: Numbers) -> Numbers:
        return 2.0 * np.sqrt(np.maximum((y + sediment) * (diameter - sediment - y), 0.0))

    return tabulated(diameter - sediment, width_at)


def triangle_below_rectangle(height: float, width: float, triangle: float) -> CrossSection:
    """A closed rectangle on a triangle of a height, m."""
    return tabulated(height, lambda y: width * np.minimum(y / triangle, 1.0))


def area(section: CrossSection, depth: ArrayLike) -> Numbers:
    """Wetted area, m2, at depths, m, within the section."""
    y = np.clip(np.asarray(depth, np.float64), 0.0, section.height)
    if section.shape == "circular":
        angle = 2.0 * np.arccos(1.0 - 2.0 * y / section.height)
        return np.asarray(section.height**2 / 8.0 * (angle - np.sin(angle)))
    if section.shape == "tabulated":
        return np.asarray(np.interp(y, *_profile(section)[:2]))
    slopes = 0.5 * (section.left_slope + section.right_slope)
    return np.asarray(y * (section.width + slopes * y))


def top_width(section: CrossSection, depth: ArrayLike) -> Numbers:
    """Width of the water surface, m."""
    y = np.clip(np.asarray(depth, np.float64), 0.0, section.height)
    if section.shape == "circular":
        return np.asarray(2.0 * np.sqrt(np.maximum(y * (section.height - y), 0.0)))
    if section.shape == "tabulated":
        levels = np.linspace(0.0, section.height, len(section.widths))
        return np.asarray(np.interp(y, levels, section.widths))
    return np.asarray(section.width + (section.left_slope + section.right_slope) * y)


def wetted_perimeter(section: CrossSection, depth: ArrayLike) -> Numbers:
    """Length of wall under water, m; of a closed rectangle the crown counts from 97 % on."""
    y = np.clip(np.asarray(depth, np.float64), 0.0, section.height)
    if section.shape == "circular":
        return np.asarray(section.height * np.arccos(1.0 - 2.0 * y / section.height))
    if section.shape == "tabulated":
        levels, _, walls = _profile(section)
        return np.asarray(np.interp(y, levels, walls))
    sides = math.hypot(1.0, section.left_slope) + math.hypot(1.0, section.right_slope)
    walls = section.width + sides * y
    if section.shape == "rect_closed":
        walls = walls + section.width * crown_share(y / section.height)
    return np.asarray(walls)


# Above this share of its height a closed rectangle feels its crown more and more.
CROWN_FROM = 0.97


def crown_share(x: Numbers) -> Numbers:
    """How much of the crown counts as wetted at a relative depth: from 0 to 1, without a jump."""
    return np.asarray(np.clip((x - CROWN_FROM) / (1.0 - CROWN_FROM), 0.0, 1.0))


def critical_discharge(section: CrossSection, depth: ArrayLike) -> Numbers:
    """Discharge whose critical depth this is: A sqrt(g A / T), m3/s."""
    a = area(section, depth)
    return np.asarray(a * np.sqrt(G * a / np.maximum(top_width(section, depth), 1e-9)))


def _profile(section: CrossSection) -> tuple[Any, Any, Any]:
    """Levels, areas and wetted walls of a tabulated section."""
    w = np.asarray(section.widths)
    levels = np.linspace(0.0, section.height, len(w))
    rise = levels[1]
    areas = np.concatenate([[0.0], np.cumsum(0.5 * rise * (w[1:] + w[:-1]))])
    walls = np.concatenate([[0.0], np.cumsum(2.0 * np.hypot(rise, 0.5 * np.diff(w)))]) + w[0]
    if section.closed:
        walls[-1] += w[-1]
    return levels, areas, walls
