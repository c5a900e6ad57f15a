"""Dikes on faces: tight below the crest, a weir above it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics import LocalInertial
from tests.hydraulics.basins import Numbers, Precision


def _crest(nx: int, ny: int, column: int, crest: float) -> Numbers:
    faces = np.full((ny, nx + 1), -np.inf)
    faces[:, column] = crest
    return faces


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_dike_is_tight_below_its_crest(precision: Precision) -> None:
    polder = LocalInertial(
        np.zeros((3, 10)), 50.0, 0.03, face_crest_x=_crest(10, 3, 5, 2.0), precision=precision
    )
    level = np.zeros((3, 10))
    level[:, :5] = 1.99
    polder.restore(polder.still_water(level))

    polder.run(6 * 3600.0)

    assert not polder.state.depth[:, 5:].any()
    assert polder.state.depth[:, :5] == pytest.approx(np.full((3, 5), 1.99), abs=1e-5)


def test_water_above_the_crest_falls_to_the_crest() -> None:
    """5 columns at 2.2 m: 0.2 m flows over, and 0.2 m stands behind the dike."""
    polder = LocalInertial(np.zeros((3, 10)), 50.0, 0.03, face_crest_x=_crest(10, 3, 5, 2.0))
    level = np.zeros((3, 10))
    level[:, :5] = 2.2
    polder.restore(polder.still_water(level))

    polder.run(12 * 3600.0)

    assert polder.state.depth[:, :5] == pytest.approx(np.full((3, 5), 2.0), abs=5e-3)
    assert polder.state.depth[:, 5:] == pytest.approx(np.full((3, 5), 0.2), abs=5e-3)
    assert abs(polder.budget.relative_error) < 1e-7


def test_flow_over_a_crest_is_critical_and_no_more() -> None:
    """0.3 m over a broad crest passes (2/3)^1.5 sqrt(9.81) 0.3^1.5 = 0.280 m2/s."""
    weir = LocalInertial(
        np.zeros((1, 12)), 5.0, 0.02, face_crest_x=_crest(12, 1, 6, 1.0), precision="double"
    )
    up, down = np.zeros((1, 12), np.bool_), np.zeros((1, 12), np.bool_)
    up[:, :6], down[:, 6:] = True, True
    weir.set_level_boundary(up, 1.3)
    weir.set_level_boundary(down, 0.2)

    weir.run(600.0)

    assert weir.state.qx is not None
    critical = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81) * 0.3**1.5
    assert critical == pytest.approx(0.280, abs=1e-3)
    assert weir.state.qx[0, 6] == pytest.approx(critical, rel=1e-6)


def test_an_infinite_crest_is_a_wall_and_so_is_an_inactive_cell() -> None:
    active = np.ones((4, 9), np.bool_)
    active[:, 6] = False
    rooms = LocalInertial(
        np.zeros((4, 9)), 20.0, 0.03, active=active, face_crest_x=_crest(9, 4, 3, math.inf)
    )
    level = np.zeros((4, 9))
    level[:, 3:6] = 50.0
    rooms.restore(rooms.still_water(level))

    rooms.run(600.0)

    assert not rooms.state.depth[:, :3].any()
    assert not rooms.state.depth[:, 6:].any()
    assert rooms.state.depth[:, 3:6] == pytest.approx(np.full((4, 3), 50.0), rel=1e-5)


def test_a_crest_below_the_ground_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    bed = rng.normal(0.0, 0.3, (5, 8))
    plain = LocalInertial(bed, 20.0, 0.03)
    sunk = LocalInertial(bed, 20.0, 0.03, face_crest_x=np.full((5, 9), -10.0))
    for model in (plain, sunk):
        model.set_rain(1e-4)
        model.run(1800.0)
    assert np.array_equal(plain.state.depth, sunk.state.depth)
