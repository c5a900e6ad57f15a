"""A staff gauge cut out of a picture and set upright, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

PX_PER_CM = 4
WIDTH = 48
"""Pixels across the staff once it is upright."""
BESIDE = 1.5
"""Widths of the staff that are cut out on either side of it."""
BAND_CM = 10


@dataclass(frozen=True)
class Staff:
    """A staff gauge in the picture of a camera.

    Attributes:
        corners: pixels (x, y): top left, top right, bottom right, bottom left of the staff.
        top_m, bottom_m: levels at the upper and lower two corners.
        free: it stands alone in the water rather than at a wall, bank or pier.
    """

    corners: tuple[tuple[float, float], ...]
    top_m: float
    bottom_m: float
    free: bool = False

    @property
    def height(self) -> int:
        """Pixels of the upright staff."""
        return round((self.top_m - self.bottom_m) * 100 * PX_PER_CM)


def opencv() -> Any:
    """OpenCV. Raises `Refusal` where it is not installed."""
    try:
        import cv2
    except ImportError as problem:
        raise Refusal(
            "reading a staff gauge needs OpenCV; install it: pip install 'anlan[cameras]'",
            field="camera.staff",
            remedy="pip install 'anlan[cameras]'",
        ) from problem
    return cv2


def upright(picture: Picture, staff: Staff) -> Array:
    """(height, width and what is beside it, 3) the staff and its sides, 0 to 255."""
    cv2 = opencv()
    colours = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    side = round(WIDTH * BESIDE)
    left, right, top, bottom = side, side + WIDTH, 0, staff.height
    target = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    turn = cv2.getPerspectiveTransform(np.array(staff.corners, np.float32), target)
    size = (WIDTH + 2 * side, staff.height)
    cut = cv2.warpPerspective(colours, turn, size, flags=cv2.INTER_AREA, borderValue=0)
    return np.asarray(cut, dtype=np.float64)


def e_marks(staff: Staff) -> Array:
    """(height, width) the usual pattern: white, E marks of 5 cm in turn left and right.

    The marks hang on whole decimetres of the level, so the staff's own top counts.
    """
    rows = np.arange(staff.height)
    # centimetres below the next whole decimetre above the top
    above = np.ceil(staff.top_m * 10.0 - 1e-9) * 10.0 - staff.top_m * 100.0
    depth = above + (rows + 0.5) / PX_PER_CM
    centimetre = np.floor(depth).astype(int)
    bar = (centimetre % 5) % 2 == 0
    second = (centimetre % 10) >= 5
    x = (np.arange(WIDTH) + 0.5) / WIDTH
    spine = np.where(second[:, None], (x > 0.42) & (x < 0.5), (x > 0.5) & (x < 0.58))
    teeth = np.where(second[:, None], (x < 0.5) & (x > 0.08), (x > 0.5) & (x < 0.92))
    dark = (bar[:, None] & teeth) | spine
    return np.where(dark, 40.0, 225.0)


def staff_of(wide: Array) -> Array:
    """(height, width) the staff alone, grey."""
    side = (wide.shape[1] - WIDTH) // 2
    return np.asarray(wide[:, side : side + WIDTH].mean(axis=2))
