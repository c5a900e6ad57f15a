"""Where the water begins on a staff, and whether it is water that begins there."""

from __future__ import annotations

import numpy as np

from anlan.observe.camera.strip import BAND_CM, PX_PER_CM, WIDTH, Array, Staff, opencv, staff_of

LEAST_EDGE = 1.8
EDGE_CM = 4.0
"""So near the water line the picture beside the staff must change."""
HALF = round(1.25 * PX_PER_CM)


def water_line(strip: Array, pattern: Array, seen: list[int]) -> tuple[float | None, float]:
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


def water_below(wide: Array, staff: Staff, row: float) -> float:
    """How sure it is that water begins at a row, and not a thing before the staff; 0 to 1.

    At a wall the picture changes beside the staff at that very row. Alone in the water, what is
    below the row looks like what is beside it. Still water mirrors the staff in either case.
    """
    side = (wide.shape[1] - WIDTH) // 2
    image = _mirror_image(staff_of(wide), int(row))
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
