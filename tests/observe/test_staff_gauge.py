"""A staff gauge in a picture is read to the centimetre, or said not to be readable; never guessed.

The pictures are rendered (`staff_pictures`): perspective, ripples, mirror image, stains, noise,
JPEG. What they cannot show is a real river; the limits were set on other seeds than those here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed: pip install 'anlan[cameras]'")

from anlan.observe.camera.staff import SURE, StaffReading, read_staff  # noqa: E402
from anlan.observe.camera.strip import upright  # noqa: E402
from tests.observe.staff_pictures import STAFF, Scene, render  # noqa: E402

SCENES = 20
LEVELS = (1.37, 2.12, 2.58, 3.33)


def readings(levels: tuple[float, ...] = LEVELS, **scene: Any) -> list[tuple[float, StaffReading]]:
    """(true level, reading) over several levels and seeds of one kind of scene."""
    return [
        (level, read_staff(render(Scene(level, seed=77 + number, **scene)), STAFF))
        for number, level in enumerate(levels)
    ]


def errors_cm(found: list[tuple[float, StaffReading]]) -> list[float]:
    return [
        100 * abs(reading.level_m - level)
        for level, reading in found
        if reading.level_m is not None
    ]


@pytest.mark.parametrize(
    ("scene", "least"),
    [
        ({}, 3),
        ({"light": 0.5, "infrared": True}, 3),
        ({"fog": 0.4}, 3),
        ({"rain": 1.0}, 3),
        ({"dirt": 0.8}, 3),
        ({"turn": 0.6, "shake": (3.0, -3.0)}, 3),
    ],
    ids=["day", "infrared", "fog", "rain", "dirt", "camera moved a little"],
)
def test_what_is_read_is_right_to_two_centimetres(scene: dict[str, Any], least: int) -> None:
    found = readings(**scene)
    errors = errors_cm(found)
    assert len(errors) >= least
    assert max(errors) <= 2.0


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        ({"light": 0.0}, "too dark or too even"),
        ({"glare": 0.4}, "blinded by glare"),
        ({"fog": 0.97}, "blinded or in fog"),
        ({"turn": 12.0}, "the staff is not recognised: dark, hidden or moved"),
        ({"hidden": 0.3}, "something stands before the staff"),
        ({"hidden": 0.6}, "something stands before the staff"),
    ],
    ids=["night", "glare", "fog", "camera turned away", "hidden at the water", "hidden higher"],
)
def test_what_cannot_be_read_is_said_and_not_guessed(scene: dict[str, Any], why: str) -> None:
    found = readings(LEVELS[1:3], **scene)
    assert errors_cm(found) == []
    assert why in {reading.why for _, reading in found}


def test_water_above_or_below_the_staff_gives_no_level() -> None:
    for level in (0.6, 4.3):
        assert read_staff(render(Scene(level)), STAFF).level_m is None


def test_a_staff_of_another_make_is_read_by_its_own_reference_picture() -> None:
    """The same scene, the colours turned: the usual marks do not fit it, its own picture does."""
    low = 255 - render(Scene(0.5))
    reference = upright(low, STAFF)
    pictures = [(level, 255 - render(Scene(level, seed=90 + n))) for n, level in enumerate(LEVELS)]
    assert errors_cm([(level, read_staff(each, STAFF)) for level, each in pictures[:2]]) == []
    errors = errors_cm([(level, read_staff(each, STAFF, reference)) for level, each in pictures])
    assert len(errors) >= 2
    assert max(errors) <= 2.0


def test_confidence_decides_the_flag() -> None:
    assert StaffReading(1.0, SURE).flag == "ok"
    assert StaffReading(1.0, SURE - 0.01).flag == "suspect"


@pytest.mark.parametrize("shape", [(720, 1280, 3), (40, 40, 3), (1, 1, 3)])
def test_a_picture_of_anything_else_gives_no_level(shape: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(5).integers(0, 255, shape).astype(np.uint8)
    flat = np.full(shape, 128, np.uint8)
    assert read_staff(noise, STAFF).level_m is None
    assert read_staff(flat, STAFF).level_m is None


@pytest.mark.slow
def test_of_many_scenes_hardly_any_sure_reading_is_wrong() -> None:
    """Prints what is read, and how well, by kind of scene: the figures of docs/stations.md."""
    kinds: dict[str, dict[str, Any]] = {
        "day": {},
        "dusk": {"light": 0.3},
        "infrared": {"light": 0.5, "infrared": True},
        "rain": {"rain": 1.0},
        "fog": {"fog": 0.5},
        "soft lens": {"blur": 2.0},
        "mirror": {"reflection": 0.8},
        "hidden": {"hidden": 0.4},
        "hidden, infrared": {"hidden": 0.4, "infrared": True},
    }
    sure_and_wrong = 0
    for name, scene in kinds.items():
        rng = np.random.default_rng(2026)
        levels = rng.uniform(1.3, 3.5, SCENES)
        found = [
            (float(level), read_staff(render(Scene(float(level), seed=5000 + n, **scene)), STAFF))
            for n, level in enumerate(levels)
        ]
        errors = np.array(errors_cm(found))
        rms = float(np.sqrt((errors**2).mean())) if errors.size else float("nan")
        print(f"{name:18} read {errors.size / SCENES:4.0%}  rms {rms:.1f} cm")
        sure_and_wrong += sum(
            reading.level_m is not None
            and reading.confidence >= SURE
            and abs(reading.level_m - level) > 0.05
            for level, reading in found
        )
    assert sure_and_wrong == 0
