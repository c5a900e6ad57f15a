"""The flow model moves what a structure passes, no more than is there, and remembers it.

What a structure passes is tried in ``works``.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics import Gate, Pump, ShallowWater, Structure, Weir
from tests.hydraulics import basins

pytestmark = pytest.mark.parametrize("scheme", basins.SCHEMES)
WEIR = Weir("W", (0, 0), (0, 1), crest=0.5, width=2.0)


def _two_rooms(
    scheme: basins.Scheme, structure: Structure, first: float, second: float
) -> ShallowWater:
    """Two closed cells of 400 m2 with the bed at 0 m, joined by the structure alone."""
    rooms = basins.model(
        np.zeros((1, 2)),
        20.0,
        0.03,
        face_crest_x=np.full((1, 3), math.inf),
        scheme=scheme,
        precision="double",
        structures=[structure],
        max_step=10.0,
    )
    rooms.restore(rooms.still_water([[first, second]]))
    return rooms


def _pump(capacity: float = 1.0, start: float = 1.2, stop: float = 1.0) -> Pump:
    return Pump("P", (0, 0), (0, 1), capacity=capacity, start_level=start, stop_level=stop)


def test_what_a_weir_passes_leaves_one_cell_and_reaches_the_other(scheme: basins.Scheme) -> None:
    """0.4 m over a crest of 2 m: 1.705 x 2 x 0.4^1.5 = 0.863 m3 in the first second."""
    rooms = _two_rooms(scheme, WEIR, 0.9, 0.0)

    rooms.advance(1.0)

    volume = (2.0 / 3.0) ** 1.5 * math.sqrt(9.81) * 2.0 * 0.4**1.5
    assert volume == pytest.approx(0.863, abs=1e-3)
    assert rooms.budget.structures["W"] == pytest.approx(volume)
    assert rooms.discharges["W"] == pytest.approx(volume)
    depths = rooms.state.depth[0]
    assert depths.tolist() == pytest.approx([0.9 - volume / 400.0, volume / 400.0])


def test_water_over_a_weir_stops_at_its_crest(scheme: basins.Scheme) -> None:
    """0.4 m of 400 m2 stand over the crest: 160 m3 go, and 0.4 m stand on the other side."""
    rooms = _two_rooms(scheme, WEIR, 0.9, 0.0)
    rooms.run(6 * 3600.0)
    assert rooms.state.depth[0].tolist() == pytest.approx([0.5, 0.4], abs=2e-3)
    assert rooms.budget.residual == pytest.approx(0.0, abs=1e-9)


def test_a_tide_flap_passes_outwards_alone(scheme: basins.Scheme) -> None:
    flap = Gate("G", (0, 0), (0, 1), sill=0.5, width=2.0, flap=True)
    shut = _two_rooms(scheme, flap, 0.6, 1.5)
    shut.run(600.0)
    assert shut.budget.structures["G"] == 0.0

    free = _two_rooms(scheme, flap, 1.5, 0.6)
    free.run(3600.0)
    assert free.state.depth[0].tolist() == pytest.approx([1.05, 1.05], abs=2e-3)


def test_a_pump_starts_at_one_level_and_stops_at_a_lower_one(scheme: basins.Scheme) -> None:
    rooms = _two_rooms(scheme, _pump(), 1.5, 0.0)

    rooms.run(600.0)  # 1.5 m down to 1.0 m is 200 m3, 200 s
    first_run = rooms.budget.structures["P"]
    assert first_run == pytest.approx(200.0, abs=10.0)
    assert rooms.state.depth[0, 0] == pytest.approx(1.0, abs=10.0 / 400.0)

    rooms.set_rain([[0.15 / 600.0, 0.0]])
    rooms.run(600.0)  # up to 1.15 m: between the levels it stays off
    assert rooms.budget.structures["P"] == first_run

    rooms.run(300.0)  # past 1.2 m: on again
    assert rooms.budget.structures["P"] > first_run + 10.0


def test_a_running_pump_keeps_running_over_a_restart(scheme: basins.Scheme) -> None:
    rooms = _two_rooms(scheme, _pump(), 1.5, 0.0)
    rooms.run(170.0)  # now near 1.1 m, below the start level
    again = _two_rooms(scheme, _pump(), 0.0, 0.0)
    again.restore(rooms.state.copy())
    again.run(20.0)
    assert again.budget.structures["P"] == pytest.approx(20.0)


def test_a_pump_moves_no_more_than_is_there(scheme: basins.Scheme) -> None:
    rooms = _two_rooms(scheme, _pump(capacity=1000.0, start=0.1, stop=-1.0), 1.5, 0.25)
    rooms.run(60.0)
    assert rooms.state.depth[0, 0] == 0.0
    assert rooms.state.depth[0, 1] == pytest.approx(1.75, rel=1e-12)
    assert rooms.budget.structures["P"] == pytest.approx(600.0, rel=1e-12)
    assert rooms.budget.residual == pytest.approx(0.0, abs=1e-10)


def test_a_structure_on_an_inactive_cell_is_refused(scheme: basins.Scheme) -> None:
    with pytest.raises(ValueError, match=r"structure 'P': to_cell \(0, 1\) is an inactive cell"):
        ShallowWater(
            np.zeros((1, 2)),
            20.0,
            0.03,
            active=np.array([[True, False]]),
            structures=[_pump()],
            scheme=scheme,
        )
