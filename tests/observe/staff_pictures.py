"""Pictures of a staff gauge in a river, rendered: light, weather, camera and water as they come."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.observe.camera.strip import Staff

Picture = NDArray[np.uint8]
# its own types do not fit NumPy's
cv2: Any = importlib.import_module("cv2")
SIZE = (720, 1280)
STAFF = Staff(((612, 60), (668, 62), (664, 640), (606, 638)), 4.0, 1.0)


@dataclass(frozen=True)
class Scene:
    """What a picture shows.

    Attributes:
        level: of the water, m. light: 0 (night) to 1 (day). glare: share of the staff blinded.
        turn: of the camera, degrees; shake: px it moved. fog, rain: 0 to 1. blur: px.
        hidden: a board before the staff, from so many m above the water. dirt: 0 to 1.
        reflection: how well the staff mirrors in the water, 0 to 1. infrared: no colours.
    """

    level: float
    light: float = 1.0
    glare: float = 0.0
    turn: float = 0.0
    shake: tuple[float, float] = (0.0, 0.0)
    fog: float = 0.0
    rain: float = 0.0
    blur: float = 0.8
    hidden: float | None = None
    dirt: float = 0.2
    reflection: float = 0.3
    infrared: bool = False
    seed: int = 1


def board(staff: Staff, px_per_cm: int = 8) -> NDArray[np.float64]:
    """The staff as it is made: E marks of 5 cm left and right, blue and red by the metre."""
    height = round((staff.top_m - staff.bottom_m) * 100) * px_per_cm
    picture = np.full((height, 12 * px_per_cm, 3), 235, np.uint8)
    for centimetre in range(round((staff.top_m - staff.bottom_m) * 100)):
        level = round(staff.top_m * 100) - centimetre - 1
        ink = (30.0, 60.0, 170.0) if (level // 100) % 2 else (180.0, 40.0, 40.0)
        rows = slice(centimetre * px_per_cm, (centimetre + 1) * px_per_cm)
        # counted from the decimetre above: 5 cm to the right, then 5 cm to the left
        place = 9 - level % 10
        right = place < 5
        spine = (
            slice(6 * px_per_cm, 7 * px_per_cm) if right else slice(5 * px_per_cm, 6 * px_per_cm)
        )
        picture[rows, spine] = ink
        if (place % 5) % 2 == 0:
            teeth = (
                slice(6 * px_per_cm, 11 * px_per_cm) if right else slice(px_per_cm, 6 * px_per_cm)
            )
            picture[rows, teeth] = ink
        if level % 10 == 0:  # the figure of the decimetre, on the free side
            cv2.putText(
                picture, str(level // 10 % 10), (px_per_cm, (centimetre + 1) * px_per_cm - 4),
                cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 3,
            )  # fmt: skip
    return picture.astype(np.float64)


def render(scene: Scene, staff: Staff = STAFF) -> Picture:
    """The picture of a scene, RGB."""
    rng = np.random.default_rng(scene.seed)
    rows, columns = SIZE
    wall = cv2.resize(rng.normal(0, 1, (40, 70)), (columns, rows), interpolation=cv2.INTER_CUBIC)
    picture = np.stack([115 + 14 * wall, 112 + 13 * wall, 104 + 12 * wall], axis=-1)
    source = board(staff)
    stains = cv2.resize(
        rng.normal(0, 1, (30, 4)), source.shape[1::-1], interpolation=cv2.INTER_CUBIC
    )
    source = source * (1 - 0.25 * scene.dirt * np.clip(stains, 0, 2))[..., None]
    h, w = source.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    place = cv2.getPerspectiveTransform(corners, np.array(staff.corners, np.float32))
    drawn = cv2.warpPerspective(source, place, (columns, rows), flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.ones((h, w)), place, (columns, rows), flags=cv2.INTER_AREA)
    picture = picture * (1 - there[..., None]) + drawn * there[..., None]
    line = water_row(scene.level, staff, place, h)
    ripples = cv2.resize(rng.normal(0, 1, (90, 40)), (columns, rows), interpolation=cv2.INTER_CUBIC)
    water = np.stack([70 + 9 * ripples, 84 + 10 * ripples, 76 + 9 * ripples], axis=-1)
    mirrored = np.zeros_like(picture)
    cut = int(np.clip(round(line), 1, rows - 1))
    count = min(cut, rows - cut)
    mirrored[cut : cut + count] = picture[cut - count : cut][::-1]
    waves = (np.arange(rows)[:, None] + 3 * ripples).astype(np.float32)
    across = (np.arange(columns)[None, :] + 4 * ripples).astype(np.float32)
    mirrored = cv2.remap(mirrored.astype(np.float32), across, waves, cv2.INTER_LINEAR)
    below = (np.arange(rows)[:, None] > line + 0.8 * ripples)[..., None]
    share = scene.reflection * (mirrored.sum(axis=-1, keepdims=True) > 0)
    picture = np.where(below, water * (1 - share) + mirrored * share, picture)
    if scene.hidden is not None:
        top = water_row(scene.level + scene.hidden, staff, place, h)
        left, right = staff.corners[0][0] - 16, staff.corners[1][0] + 10
        picture[int(top) :, int(left) : int(right)] = (150, 120, 60) + 6 * rng.normal(
            size=(rows - int(top), int(right) - int(left), 3)
        )
    return camera(picture, scene, rng)


def water_row(level: float, staff: Staff, place: NDArray[np.float64], height: int) -> float:
    """The row of the picture at which a level meets the staff."""
    down = (staff.top_m - level) / (staff.top_m - staff.bottom_m) * height
    point = cv2.perspectiveTransform(np.array([[[48.0, down]]], np.float32), place)
    return float(point[0, 0, 1])


def camera(picture: NDArray[np.float64], scene: Scene, rng: np.random.Generator) -> Picture:
    """What the camera makes of it: turn, shake, fog, rain, light, glare, blur, noise, JPEG."""
    rows, columns = SIZE
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), scene.turn, 1.0)
    turn[:, 2] += scene.shake
    picture = cv2.warpAffine(picture, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT)
    picture = picture * (1 - scene.fog) + 190 * scene.fog
    for _ in range(int(400 * scene.rain)):
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        cv2.line(picture, (x, y), (x + 2, y + 22), (185, 190, 195), 1)
    picture = picture * (0.04 + 0.96 * scene.light)
    if scene.glare:
        spot = np.zeros(SIZE)
        middle = (int(staff_middle()[0]), int(staff_middle()[1]))
        cv2.circle(spot, middle, int(60 + 500 * scene.glare), 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), 30)
        picture = picture + 400 * spot[..., None]
    if scene.infrared:
        picture = np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1)
    picture = cv2.GaussianBlur(picture, (0, 0), max(scene.blur, 0.3))
    noise = 3 + 9 * (1 - scene.light)
    picture = np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])


def staff_middle() -> tuple[float, float]:
    """The middle of the staff in the picture."""
    return (
        float(np.mean([x for x, _ in STAFF.corners])),
        float(np.mean([y for _, y in STAFF.corners])),
    )
