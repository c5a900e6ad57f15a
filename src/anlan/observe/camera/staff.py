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

import numpy as np

from anlan.observe.camera.bands import LEAST_FOUND, common, look_for, moved
from anlan.observe.camera.strip import (
    BAND_CM,
    PX_PER_CM,
    Array,
    Picture,
    Staff,
    e_marks,
    opencv,
    staff_of,
    upright,
)
from anlan.observe.camera.water import water_below, water_line

WELL_FOUND = 0.7
"""A mean correlation of bands that leaves no doubt."""
SOFTNESSES = (1.5, 4.0)
"""Blur of the pattern, px."""
LEAST_CONFIDENCE = 0.45
SURE = 0.7
"""Readings of this confidence are ``ok``, those below ``suspect``."""


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


def read_staff(picture: Picture, staff: Staff, reference: Array | None = None) -> StaffReading:
    """The level in a picture (rows, columns[, RGB]).

    Args:
        reference: the staff as `upright` cuts it out of a picture where all of it is seen;
            without it the usual E marks are looked for.
    """
    wide = upright(picture, staff)
    strip = staff_of(wide)
    if why := _unfit(strip):
        return StaffReading(None, 0.0, why)
    sharp = e_marks(staff) if reference is None else staff_of(reference)
    # the same pattern as sharper and as softer lenses and longer nights show it
    tries = []
    for softness in SOFTNESSES:
        pattern = _softened(sharp, softness)
        bands = look_for(strip, pattern)
        fit = common(bands)
        if fit is not None:
            worth = sum(bands[k].correlation for k in fit.seen)
            tries.append((worth, pattern, bands, fit))
    if not tries:
        return StaffReading(None, 0.0, "the staff is not recognised: dark, hidden or moved")
    _, pattern, bands, fit = max(tries, key=lambda each: each[0])
    row, sharpness = water_line(strip, moved(pattern, fit), fit.seen)
    if row is None:
        return StaffReading(None, 0.0, "no water line on the staff: the water is below it")
    correlation = float(np.mean([bands[k].correlation for k in fit.seen]))
    good = float(np.clip((correlation - LEAST_FOUND) / (WELL_FOUND - LEAST_FOUND), 0.0, 1.0))
    water = water_below(wide, staff, row)
    confidence = round(good**0.5 * sharpness * water * _whole(fit.seen, row), 2)
    if water < 0.5:
        return StaffReading(None, confidence, "something stands before the staff")
    if confidence < LEAST_CONFIDENCE:
        return StaffReading(None, confidence, "the water line is not clear")
    # a row of the picture is a place on the staff once the camera's shift is taken off
    place = row - (fit.start + fit.stretch * row)
    return StaffReading(round(staff.top_m - place / PX_PER_CM / 100.0, 3), confidence)


def _softened(pattern: Array, softness: float) -> Array:
    return np.asarray(opencv().GaussianBlur(pattern, (0, 0), softness), dtype=np.float64)


def _unfit(strip: Array) -> str:
    """Why nothing can be read off a strip at all; empty where something may."""
    if float(strip.std()) < 6.0:
        return "too dark or too even" if float(strip.mean()) < 60 else "blinded or in fog"
    if float((strip > 250).mean()) > 0.35:
        return "blinded by glare"
    return ""


def _whole(seen: list[int], row: float) -> float:
    """What the bands above the line are worth: less where some of them were not seen."""
    expected = max(1, int(row // (BAND_CM * PX_PER_CM)))
    share = len([k for k in seen if k < expected]) / expected
    return float(np.sqrt(min(1.0, share)))
