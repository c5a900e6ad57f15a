"""Dikes on faces: tight below the crest, a weir above it, and gone where they break."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics import Breach, ShallowWater
from tests.hydraulics import basins
from tests.hydraulics.basins import Numbers, Precision, Scheme

CREST_FLOW = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81)

pytestmark = pytest.mark.parametrize("scheme", basins.SCHEMES)


def _crest(nx: int, ny: int, column: int, crest: float) -> Numbers:
    faces = np.full((ny, nx + 1), -np.inf)
    faces[:, column] = crest
    return faces


def _polder(
    scheme: Scheme, outside: float, precision: Precision = "single", dx: float = 50.0
) -> ShallowWater:
    """3 rows of 10 cells; a dike 2 m high between columns 4 and 5, water west of it."""
    crest = _crest(10, 3, 5, 2.0)
    polder = basins.model(
        np.zeros((3, 10)), dx, 0.03, face_crest_x=crest, scheme=scheme, precision=precision
    )
    level = np.zeros((3, 10))
    level[:, :5] = outside
    polder.restore(polder.still_water(level))
    return polder


@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_dike_is_tight_below_its_crest(scheme: Scheme, precision: Precision) -> None:
    polder = _polder(scheme, 1.99, precision)

    polder.run(6 * 3600.0)

    assert not polder.state.depth[:, 5:].any()
    assert polder.state.depth[:, :5] == pytest.approx(np.full((3, 5), 1.99), abs=1e-6)


def test_water_above_the_crest_falls_to_the_crest(scheme: Scheme) -> None:
    """5 columns at 2.2 m: 0.2 m flows over, and 0.2 m stands behind the dike."""
    polder = _polder(scheme, 2.2)

    polder.run(24 * 3600.0)

    assert polder.state.depth[:, :5] == pytest.approx(np.full((3, 5), 2.0), abs=5e-3)
    assert polder.state.depth[:, 5:] == pytest.approx(np.full((3, 5), 0.2), abs=5e-3)
    assert abs(polder.budget.relative_error) < 1e-7


@pytest.mark.parametrize(
    ("downstream", "share"),
    [
        (0.2, 1.0),
        # Half the head downstream: Villemonte (1947) leaves (1 - 0.5^1.5)^0.385 = 0.845.
        (1.15, 0.845),
    ],
)
def test_flow_over_a_crest_is_critical_and_less_where_drowned(
    scheme: Scheme, downstream: float, share: float
) -> None:
    """0.3 m over a broad crest passes (2/3)^1.5 sqrt(9.81) 0.3^1.5 = 0.280 m2/s."""
    weir = basins.model(
        np.zeros((1, 12)),
        5.0,
        0.02,
        face_crest_x=_crest(12, 1, 6, 1.0),
        scheme=scheme,
        precision="double",
    )
    up, down = np.zeros((1, 12), np.bool_), np.zeros((1, 12), np.bool_)
    up[:, :6], down[:, 6:] = True, True
    weir.set_level_boundary(up, 1.3)
    weir.set_level_boundary(down, downstream)

    weir.run(600.0)

    assert weir.state.qx is not None
    critical = CREST_FLOW * 0.3**1.5
    assert critical == pytest.approx(0.280, abs=1e-3)
    assert weir.state.qx[0, 6] == pytest.approx(share * critical, rel=1e-3)


def test_an_infinite_crest_is_a_wall_and_so_is_an_inactive_cell(scheme: Scheme) -> None:
    active = np.ones((4, 9), np.bool_)
    active[:, 6] = False
    rooms = basins.model(
        np.zeros((4, 9)),
        20.0,
        0.03,
        active=active,
        face_crest_x=_crest(9, 4, 3, math.inf),
        scheme=scheme,
    )
    level = np.zeros((4, 9))
    level[:, 3:6] = 50.0
    rooms.restore(rooms.still_water(level))

    rooms.run(600.0)

    assert not rooms.state.depth[:, :3].any()
    assert not rooms.state.depth[:, 6:].any()
    assert (rooms.state.depth[:, 3:6] == 50.0).all()


def test_a_crest_below_the_ground_changes_nothing(scheme: Scheme) -> None:
    bed = np.random.default_rng(1).normal(0.0, 0.3, (5, 8))
    plain = basins.model(bed, 20.0, 0.03, scheme=scheme)
    sunk = basins.model(bed, 20.0, 0.03, face_crest_x=np.full((5, 9), -10.0), scheme=scheme)
    for model in (plain, sunk):
        model.set_rain(1e-4)
        model.run(1800.0)
    assert np.array_equal(plain.state.depth, sunk.state.depth)


def test_a_breach_falls_from_its_time_on_and_passes_a_weir_over_what_is_left(
    scheme: Scheme,
) -> None:
    """River at 2 m, dike at 2.5 m that falls to 0.5 m from 600 s to 1000 s.

    At 700 s it stands at 2 m: still dry. At 900 s it stands at 1 m and passes 1.705 m2/s.
    """
    river, low = np.zeros((1, 12), np.bool_), np.zeros((1, 12), np.bool_)
    river[:, :6], low[:, 6:] = True, True
    dike = basins.model(
        np.zeros((1, 12)),
        5.0,
        0.02,
        face_crest_x=_crest(12, 1, 6, 2.5),
        breaches=[Breach([("x", 0, 6)], 600.0, 0.5, 400.0)],
        scheme=scheme,
        precision="double",
        max_step=0.5,
    )
    dike.set_level_boundary(river, 2.0)

    dike.run_until(700.0)
    assert not dike.state.depth[:, 6:].any()

    dike.set_level_boundary(low, 0.1)
    dike.run_until(900.0)
    assert dike.state.qx is not None
    assert dike.state.qx[0, 6] == pytest.approx(CREST_FLOW, rel=0.01)

    dike.run_until(2000.0)
    assert dike.state.qx[0, 6] == pytest.approx(CREST_FLOW * 1.5**1.5, rel=1e-3)


def test_a_breach_never_falls_below_the_bed_and_opens_at_once_without_duration(
    scheme: Scheme,
) -> None:
    """Both sides meet where they would without a dike: 5 of 10 columns at 1 m give 0.5 m."""
    polder = basins.model(
        np.zeros((3, 10)),
        20.0,
        0.1,
        face_crest_x=_crest(10, 3, 5, 2.0),
        breaches=[Breach([("x", row, 5) for row in range(3)], 300.0, -7.0)],
        scheme=scheme,
    )
    level = np.zeros((3, 10))
    level[:, :5] = 1.0
    polder.restore(polder.still_water(level))

    polder.run_until(299.0)
    assert not polder.state.depth[:, 5:].any()

    polder.run_until(4 * 3600.0)
    assert polder.state.depth == pytest.approx(np.full((3, 10), 0.5), abs=2e-3)
