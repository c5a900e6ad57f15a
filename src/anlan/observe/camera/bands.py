"""The bands of a staff that are seen above water, and how far the camera has moved them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anlan.observe.camera.strip import BAND_CM, PX_PER_CM, Array, opencv

SHIFT_CM = 4.0
"""A staff farther from its place than this is not looked for: the camera was turned."""
SIDEWAYS = 6
LEAST_FOUND = 0.5
"""Least correlation of a band that is seen."""
MOST_STRETCH = 0.03
ALIKE_CM = 1.5
"""Bands may lie so far off the common fit."""
LEAST_BANDS = 3


@dataclass(frozen=True)
class Band:
    """How well a band is found, and how far from its place: down and to the right, px."""

    correlation: float
    down: float = 0.0
    right: float = 0.0


@dataclass(frozen=True)
class Fit:
    """The bands that are seen, and where they lie: down by start + stretch · row, to the right by
    right + lean · row."""

    seen: list[int]
    start: float
    stretch: float
    right: float
    lean: float


def look_for(strip: Array, pattern: Array) -> list[Band]:
    """Each band of 10 cm of the pattern, looked for near its place."""
    cv2 = opencv()
    size, reach = BAND_CM * PX_PER_CM, round(SHIFT_CM * PX_PER_CM)
    padded = np.pad(strip, ((reach, reach), (SIDEWAYS, SIDEWAYS)), mode="edge").astype(np.float32)
    found = []
    for top in range(0, strip.shape[0] - size + 1, size):
        band = pattern[top : top + size].astype(np.float32)
        around = padded[top : top + size + 2 * reach]
        if float(around.std()) < 2.0 or float(band.std()) < 2.0:
            found.append(Band(0.0))
            continue
        scores = cv2.matchTemplate(around, band, cv2.TM_CCOEFF_NORMED)
        _, best, _, place = cv2.minMaxLoc(scores)
        found.append(Band(float(best), float(place[1] - reach), float(place[0] - SIDEWAYS)))
    return found


def common(bands: list[Band]) -> Fit | None:
    """The common small shift and stretch of the bands that are seen; None where none holds."""
    middle = (np.arange(len(bands)) + 0.5) * BAND_CM * PX_PER_CM
    shift = np.array([each.down for each in bands])
    # ripples look a little like marks: what is far worse than the best band is none
    least = max(LEAST_FOUND, 0.75 * max((each.correlation for each in bands), default=0.0))
    clear = [k for k, each in enumerate(bands) if each.correlation >= least]
    best: list[int] = []
    tolerance = ALIKE_CM * PX_PER_CM / 2
    for i in clear:
        for j in clear:
            if j < i:
                continue
            stretch = 0.0 if i == j else (shift[j] - shift[i]) / (middle[j] - middle[i])
            if abs(stretch) > MOST_STRETCH:
                continue
            start = shift[i] - stretch * middle[i]
            near = [k for k in clear if abs(start + stretch * middle[k] - shift[k]) <= tolerance]
            best = max(best, near, key=len)
    # water hides a staff from below: from the top on all bands are seen, but for a single one
    whole = [k for n, k in enumerate(best) if k <= (best[n - 1] + 2 if n else 1)]
    cut = next((n for n, k in enumerate(best) if k not in whole), len(best))
    best, beyond = best[:cut], best[cut:]
    # one or two bands farther down are chance; more are the staff again, behind something
    if len(best) < LEAST_BANDS or len(beyond) >= LEAST_BANDS:
        return None
    # few bands cannot tell stretch from chance
    degree = 1 if len(best) >= 5 else 0
    down = np.polyfit(middle[best], shift[best], degree)[::-1]
    right = np.polyfit(middle[best], [bands[k].right for k in best], degree)[::-1]
    return Fit(
        best,
        float(down[0]),
        float(down[1]) if degree else 0.0,
        float(right[0]),
        float(right[1]) if degree else 0.0,
    )


def moved(pattern: Array, fit: Fit) -> Array:
    """The pattern where the picture has it."""
    rows = np.arange(pattern.shape[0], dtype=np.float32)
    up = (rows - (fit.start + fit.stretch * rows))[:, None]
    left = np.arange(pattern.shape[1], dtype=np.float32) - (fit.right + fit.lean * rows)[:, None]
    cv2 = opencv()
    return np.asarray(
        cv2.remap(
            pattern.astype(np.float32),
            left.astype(np.float32),
            np.broadcast_to(up, left.shape).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.float64,
    )
