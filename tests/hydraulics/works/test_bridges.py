"""Bridges: free below the soffit, pressed at it, overflowed above; never more than an open face."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics.works import Bridge, bridge_loss, pack_bridges, through_bridge
from tests.hydraulics.works.canal import canal_with_bridge

G = 9.81
KEPT = settings(max_examples=200, derandomize=True, deadline=None)


def _loss(
    level_a: float,
    level_b: float,
    bed: float = 0.0,
    soffit: float = 4.0,
    top: float = math.inf,
    pier_share: float = 0.0,
) -> float:
    return float(
        bridge_loss(level_a, level_b, bed, soffit, top, pier_share, sluice=0.5, orifice=0.8, weir=1)
    )


def test_a_bridge_above_the_water_loses_nothing() -> None:
    assert _loss(3.9, 3.5) == 0.0


def test_piers_lose_what_a_sudden_widening_loses() -> None:
    """A fifth blocked: speed 1.25 v between them, loss (0.25 v)^2 / (2 g) = 0.0625 v^2 / (2 g)."""
    speed, depth = 2.0, 3.0
    lost = _loss(3.0, 2.9, pier_share=0.2) * (speed * depth) ** 2
    assert lost == pytest.approx(0.0625 * speed**2 / (2.0 * G))


def test_a_drowned_opening_is_an_orifice() -> None:
    """Fall 0.2 m passes 0.8 x 4 m x sqrt(2 g 0.2) = 6.339 m2/s: that is what loses 0.2 m."""
    assert _loss(5.2, 5.0) * 6.339**2 == pytest.approx(0.2, rel=1e-3)


def test_an_opening_touched_on_one_side_alone_is_a_sluice() -> None:
    """H = 6 m over an opening of 4 m: 0.5 x 4 x sqrt(2 g (6 - 2)) = 17.72 m2/s; the fall is 5 m."""
    assert _loss(6.0, 1.0) * 17.72**2 == pytest.approx(5.0, rel=1e-3)


def test_piers_narrow_a_pressed_opening() -> None:
    assert _loss(5.2, 5.0, pier_share=0.2) == pytest.approx(_loss(5.2, 5.0) / 0.8**2)


def test_water_over_the_deck_is_a_weir_beside_the_opening() -> None:
    """1 m over the deck, free: 1.705 m2/s more than the sluice's 0.5 x 4 x sqrt(2 g 4) = 17.72."""
    assert _loss(6.0, 1.0, top=5.0) * (17.72 + 1.705) ** 2 == pytest.approx(5.0, rel=1e-3)


def test_a_deck_on_the_ground_below_its_top_lets_nothing_through() -> None:
    assert _loss(1.0, 0.5, soffit=0.0, top=2.0) == math.inf
    assert through_bridge(3.0, math.inf, 1.0, 1.0, 10.0) == 0.0


@KEPT
@given(
    level=st.floats(0.1, 9.0),
    fall=st.floats(0.0, 3.0),
    pier_share=st.sampled_from([0.0, 0.3]),
    top=st.sampled_from([4.5, math.inf]),
)
def test_the_loss_is_continuous_in_the_levels(
    level: float, fall: float, pier_share: float, top: float
) -> None:
    here = _loss(level + fall, level, pier_share=pier_share, top=top)
    near = _loss(level + fall + 1e-8, level, pier_share=pier_share, top=top)
    lower = _loss(level + fall, level + 1e-8, pier_share=pier_share, top=top)
    assert near == pytest.approx(here, rel=1e-3, abs=1e-6)
    assert lower == pytest.approx(here, rel=1e-3, abs=1e-6)


@KEPT
@given(
    q=st.floats(-20.0, 20.0),
    a=st.floats(0.0, 9.0),
    b=st.floats(0.0, 9.0),
    soffit=st.floats(0.0, 8.0),
    deck=st.floats(0.0, 2.0),
    dt=st.floats(0.01, 60.0),
)
def test_a_bridge_never_turns_the_flow_nor_adds_to_it(
    q: float, a: float, b: float, soffit: float, deck: float, dt: float
) -> None:
    loss = _loss(a, b, soffit=soffit, top=soffit + deck, pier_share=0.1)
    after = through_bridge(q, loss, max(a, b), dt, 10.0)
    assert abs(after) <= abs(q)
    assert after * q >= 0.0


@KEPT
@given(a=st.floats(0.0, 9.0), b=st.floats(0.0, 9.0))
def test_a_bridge_is_the_same_from_either_side(a: float, b: float) -> None:
    assert _loss(a, b, pier_share=0.1, top=5.0) == _loss(b, a, pier_share=0.1, top=5.0)


def test_a_river_pressed_through_a_bridge_stands_as_high_as_the_orifice_asks() -> None:
    """5 m2/s under a soffit 4 m over the bed: fall (5 / (0.8 x 4))^2 / (2 g) = 0.1244 m, steadily.

    The canal's own slope over one cell adds 1 mm.
    """
    falls, discharges = canal_with_bridge(soffit=4.0, discharge=5.0)
    assert np.mean(falls) == pytest.approx(0.1254, abs=5e-4)
    assert np.ptp(falls) < 1e-3
    assert np.ptp(discharges) < 0.01


def test_faces_of_bridges_are_laid_out_one_by_one() -> None:
    bridges = [
        Bridge("north", faces=(("x", 0, 1), ("x", 1, 1)), soffit=103.0, top=104.0),
        Bridge("south", faces=(("y", 1, 0),), soffit=102.5, pier_share=0.1),
    ]
    packed = pack_bridges(bridges, zero=100.0, members=2)
    assert packed.owner.tolist() == [0, 0, 1]
    assert packed.axis.tolist() == [0, 0, 1]
    assert packed.row.tolist() == [0, 1, 1]
    assert packed.soffit.tolist() == [3.0, 3.0, 2.5]
    assert packed.top.tolist() == [4.0, 4.0, math.inf]
    assert packed.discharge.shape == (2, 2)
