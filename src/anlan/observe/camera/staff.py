"""Reading a staff gauge 水尺 in a picture, with a stated confidence; rather nothing than a guess.

The camera stands still and the four corners of the staff in its picture are known. The staff is
cut out and set upright; what it looks like is known too, from a picture at low water in good light
or from the usual pattern of E marks. Then, from the top down:

1. Each band of 10 cm is looked for near its place (normalised correlation). Bands that are found
   where a common small shift and stretch puts them are the staff above water; the fit corrects
   for a camera that moved a little. Too few, or no common fit: no reading.
2. Below the last band that is seen, each row either still fits the pattern or not. The water line
   is the split into fitting and not fitting rows that explains the residuals best (maximum
   likelihood of two normal distributions).
3. Below the line there must be water: what is there must look like what is beside the staff at
   that height, and at a wall the picture beside the staff must change at the line too. What
   stands before the staff fails here.

Confidence is the product of what each step is worth, 0 to 1: how well the bands correlate, how
sharply the line splits, how alike staff and neighbourhood are below it.

The idea of template and water line follows the review of Kuo and Tai (2022, doi
10.3390/w14121890); limits and weights are our own, set on rendered pictures (tests) and to be
checked against the gauge's own record before a level is trusted alone.
"""

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
SHIFT_CM = 4.0
"""A staff farther from its place than this is not looked for: the camera was turned."""
SIDEWAYS = 6
LEAST_FOUND, WELL_FOUND = 0.5, 0.7
"""Least correlation of a band that is seen, and one that leaves no doubt."""
SOFTNESSES = (1.5, 4.0)
"""Blur of the pattern, px."""
MOST_STRETCH = 0.03
LEAST_EDGE = 1.8
EDGE_CM = 4.0
"""So near the water line the picture beside the staff must change."""
HALF = round(1.25 * PX_PER_CM)
ALIKE_CM = 1.5
"""Bands may lie so far off the common fit."""
LEAST_BANDS = 3
LEAST_CONFIDENCE = 0.45
SURE = 0.7
"""Readings of this confidence are ``ok``, those below ``suspect``."""


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


@dataclass(frozen=True)
class StaffReading:
    """What a picture says of the level.

    Attributes:
        level_m: on the datum of the staff; None where it cannot be read.
        confidence: 0 to 1.
        why: what it cannot be read for; empty where it can.
    """

    level_m: float | None
    confidence: float
    why: str = ""

    @property
    def flag(self) -> str:
        """The flag of a reading of this confidence."""
        return "ok" if self.confidence >= SURE else "suspect"


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


def read_staff(picture: Picture, staff: Staff, reference: Array | None = None) -> StaffReading:
    """The level in a picture (rows, columns[, RGB]).

    Args:
        reference: the staff as `upright` cuts it out of a picture where all of it is seen;
            without it the usual E marks are looked for.
    """
    wide = upright(picture, staff)
    strip = _staff_of(wide)
    if why := _unfit(strip):
        return StaffReading(None, 0.0, why)
    sharp = e_marks(staff) if reference is None else _staff_of(reference)
    # the same pattern as sharper and as softer lenses and longer nights show it
    tries = []
    for softness in SOFTNESSES:
        pattern = _softened(sharp, softness)
        bands = _bands(strip, pattern)
        fit = _common(bands)
        if fit is not None:
            worth = sum(bands[k].correlation for k in fit.seen)
            tries.append((worth, pattern, bands, fit))
    if not tries:
        return StaffReading(None, 0.0, "the staff is not recognised: dark, hidden or moved")
    _, pattern, bands, fit = max(tries, key=lambda each: each[0])
    row, sharpness = _water_line(strip, _moved(pattern, fit), fit.seen)
    if row is None:
        return StaffReading(None, 0.0, "no water line on the staff: the water is below it")
    correlation = float(np.mean([bands[k].correlation for k in fit.seen]))
    good = float(np.clip((correlation - LEAST_FOUND) / (WELL_FOUND - LEAST_FOUND), 0.0, 1.0))
    water = _water_below(wide, staff, row)
    confidence = round(good**0.5 * sharpness * water * _whole(fit.seen, row), 2)
    if water < 0.5:
        return StaffReading(None, confidence, "something stands before the staff")
    if confidence < LEAST_CONFIDENCE:
        return StaffReading(None, confidence, "the water line is not clear")
    # a row of the picture is a place on the staff once the camera's shift is taken off
    place = row - (fit.start + fit.stretch * row)
    return StaffReading(round(staff.top_m - place / PX_PER_CM / 100.0, 3), confidence)


def _staff_of(wide: Array) -> Array:
    """(height, width) the staff alone, grey."""
    side = (wide.shape[1] - WIDTH) // 2
    return np.asarray(wide[:, side : side + WIDTH].mean(axis=2))


def _softened(pattern: Array, softness: float) -> Array:
    return np.asarray(opencv().GaussianBlur(pattern, (0, 0), softness), dtype=np.float64)


def _unfit(strip: Array) -> str:
    """Why nothing can be read off a strip at all; empty where something may."""
    if float(strip.std()) < 6.0:
        return "too dark or too even" if float(strip.mean()) < 60 else "blinded or in fog"
    if float((strip > 250).mean()) > 0.35:
        return "blinded by glare"
    return ""


@dataclass(frozen=True)
class _Band:
    """How well a band is found, and how far from its place: down and to the right, px."""

    correlation: float
    down: float = 0.0
    right: float = 0.0


@dataclass(frozen=True)
class _Fit:
    """The bands that are seen, and where they lie: down by start + stretch · row, to the right by
    right + lean · row."""

    seen: list[int]
    start: float
    stretch: float
    right: float
    lean: float


def _bands(strip: Array, pattern: Array) -> list[_Band]:
    """Each band of 10 cm of the pattern, looked for near its place."""
    cv2 = opencv()
    size, reach = BAND_CM * PX_PER_CM, round(SHIFT_CM * PX_PER_CM)
    padded = np.pad(strip, ((reach, reach), (SIDEWAYS, SIDEWAYS)), mode="edge").astype(np.float32)
    found = []
    for top in range(0, strip.shape[0] - size + 1, size):
        band = pattern[top : top + size].astype(np.float32)
        around = padded[top : top + size + 2 * reach]
        if float(around.std()) < 2.0 or float(band.std()) < 2.0:
            found.append(_Band(0.0))
            continue
        scores = cv2.matchTemplate(around, band, cv2.TM_CCOEFF_NORMED)
        _, best, _, place = cv2.minMaxLoc(scores)
        found.append(_Band(float(best), float(place[1] - reach), float(place[0] - SIDEWAYS)))
    return found


def _common(bands: list[_Band]) -> _Fit | None:
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
    return _Fit(
        best,
        float(down[0]),
        float(down[1]) if degree else 0.0,
        float(right[0]),
        float(right[1]) if degree else 0.0,
    )


def _moved(pattern: Array, fit: _Fit) -> Array:
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


def _water_line(strip: Array, pattern: Array, seen: list[int]) -> tuple[float | None, float]:
    """The row of the water, None where the pattern goes on to the end; and how sharp it is."""
    size = BAND_CM * PX_PER_CM
    begin = max(0, (seen[-1] - 1) * size)
    end = min(strip.shape[0], (seen[-1] + 3) * size)
    part = _row_fit(strip[begin:end], pattern[begin:end])
    count, least = part.size, 2 * PX_PER_CM
    if count < 4 * least:
        return None, 0.0
    best, at = -np.inf, 0
    for k in range(least, count - least + 1):
        above, below = part[:k], part[k:]
        spread = k * np.log(above.std() + 0.05) + (count - k) * np.log(below.std() + 0.05)
        if -spread > best and above.mean() > below.mean():
            best, at = -spread, k
    # rows whose window holds some of both belong to neither
    above, below = part[: max(least, at - HALF)], part[min(count - least, at + HALF) :]
    step = float(above.mean() - below.mean()) if at else 0.0
    if step < 0.2:
        return None, 0.0
    # a window is half in the water where its correlation is half way down
    half_way = 0.5 * (float(above.mean()) + float(below.mean()))
    near = np.arange(max(0, at - 3 * HALF), min(count, at + 3 * HALF))
    under = near[part[near] < half_way]
    row = float(under[0]) if under.size else float(at)
    noise = float(np.sqrt(0.5 * (above.var() + below.var())))
    return begin + row, float(np.clip((step - noise) / 0.5, 0.0, 1.0)) ** 0.5


def _row_fit(strip: Array, pattern: Array) -> Array:
    """(rows,) correlation of picture and pattern in 2.5 cm around each row, -1 to 1."""
    rows = strip.shape[0]
    out = np.zeros(rows)
    for row in range(rows):
        window = slice(max(0, row - HALF), min(rows, row + HALF + 1))
        a, b = strip[window] - strip[window].mean(), pattern[window] - pattern[window].mean()
        scale = np.sqrt((a * a).sum() * (b * b).sum())
        out[row] = float((a * b).sum() / scale) if scale > 1e-6 else 0.0
    return out


def _water_below(wide: Array, staff: Staff, row: float) -> float:
    """How sure it is that water begins at a row, and not a thing before the staff; 0 to 1.

    At a wall the picture changes beside the staff at that very row. Alone in the water, what is
    below the row looks like what is beside it. Still water mirrors the staff in either case.
    """
    side = (wide.shape[1] - WIDTH) // 2
    image = _mirror_image(_staff_of(wide), int(row))
    still = float(np.clip((image - 0.7) / 0.15, 0.0, 1.0))
    below = wide[int(row) + 2 * PX_PER_CM : int(row) + 2 * BAND_CM * PX_PER_CM]
    if below.shape[0] < 2 * PX_PER_CM:
        return still if staff.free else max(still, _edge_at(wide, int(row)))
    here = below[:, side + 6 : side + WIDTH - 6]
    apart = max(_apart(here, each) for each in (below[:, : side // 2], below[:, -side // 2 :]))
    like = float(1.0 - np.clip((apart - 0.9) / 1.2, 0.0, 1.0))
    if staff.free:
        return max(still, like)
    # an edge may be there by chance: without water's look and without an image it stays in doubt
    doubt = max(0.65, like, float(np.clip((image - 0.2) / 0.3, 0.0, 1.0)))
    return max(still, _edge_at(wide, int(row)) * doubt)


def _edge_at(wide: Array, row: int) -> float:
    """How clearly the picture beside the staff changes at a row rather than near it, 0 to 1.

    What stands close to the staff is left out: a board before it may be a little wider.
    """
    side = (wide.shape[1] - WIDTH) // 2
    part = np.concatenate([wide[:, : 3 * side // 4], wide[:, -3 * side // 4 :]], axis=1)
    rows = part.mean(axis=1)
    deep, reach = 3 * BAND_CM * PX_PER_CM, BAND_CM * PX_PER_CM
    first, last = max(8, row - reach), min(rows.shape[0] - 8, row + reach)
    if last <= first:
        return 0.0
    steps = []
    for k in range(first, last, 2):
        above, below = rows[max(0, k - deep) : k], rows[k : k + deep]
        spread = np.sqrt(0.5 * (above.var(axis=0) + below.var(axis=0))) + 1.5
        steps.append(float((np.abs(above.mean(axis=0) - below.mean(axis=0)) / spread).max()))
    place = first + 2 * int(np.argmax(steps))
    if abs(place - row) > EDGE_CM * PX_PER_CM:
        return 0.0
    return float(np.clip((max(steps) - LEAST_EDGE) / 0.8, 0.0, 1.0))


def _apart(one: Array, other: Array) -> float:
    """How far two parts of a picture (rows, columns, 3) differ, against their own spread."""
    worst = 0.0
    for channel in range(3):
        a, b = one[..., channel], other[..., channel]
        spread = 1.5 * float(np.median(np.abs(b - np.median(b))))
        worst = max(worst, abs(float(np.median(a)) - float(np.median(b))) / (spread + 4.0))
    return worst


def _mirror_image(strip: Array, row: int) -> float:
    """Correlation of what is below a row with the mirror image of what is above it."""
    cv2 = opencv()
    deep = min(2 * BAND_CM * PX_PER_CM, row, strip.shape[0] - row)
    if deep < BAND_CM * PX_PER_CM:
        return 0.0
    below = cv2.GaussianBlur(strip[row : row + deep].astype(np.float32), (0, 0), 4)
    above = cv2.GaussianBlur(strip[row - deep : row][::-1].astype(np.float32), (0, 0), 4)
    # waves move the image up and down a little
    inner = above[2 * PX_PER_CM : -2 * PX_PER_CM]
    return float(cv2.matchTemplate(below, inner, cv2.TM_CCOEFF_NORMED).max())


def _whole(seen: list[int], row: float) -> float:
    """What the bands above the line are worth: less where some of them were not seen."""
    expected = max(1, int(row // (BAND_CM * PX_PER_CM)))
    share = len([k for k in seen if k < expected]) / expected
    return float(np.sqrt(min(1.0, share)))
