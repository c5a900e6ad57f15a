"""Water between the network and the surface above it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Drainage,
    DrainageRun,
    Inlet,
    Junction,
    Network,
    Node,
    Outfall,
    Storage,
    Weir,
    constant,
)

GRATE = Inlet(weir_length=2.0, orifice_area=0.1, weir_coefficient=1.7, orifice_coefficient=0.6)


def tank(depth: float, area: float = 1e5) -> Drainage:
    """A deep tank under a cell; its only link is a weir above all water."""
    node = Storage("tank", 0.0, 9.0, constant(area), initial_depth=depth)
    wall = Weir("wall", "tank", "out", "transverse", 0.5, 1.0, offset=8.5)
    network = Network([node, Outfall("out", 0.0)], [wall])
    return Drainage(network, {"tank": (0, 0)}, {"tank": GRATE})


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0.05, 1.7 * 2.0 * 0.05**1.5),
        (0.60, 0.6 * 0.1 * math.sqrt(2 * 9.81 * 0.60)),
    ],
    ids=["weir", "orifice"],
)
def test_shallow_water_falls_over_the_grate_and_deep_water_through_it(
    depth: float, expected: float
) -> None:
    run = DrainageRun(tank(1.0), cell_area=1e6)

    taken = run.advance(1.0, level=[5.0 + depth], depth=[depth])

    assert float(taken[0, 0]) == pytest.approx(expected, rel=1e-3)


def test_a_head_above_the_street_gives_water_back_through_the_orifice() -> None:
    """Head 6 m, street at 5 m and dry: Q = 0.6 * 0.1 * sqrt(2 g)."""
    run = DrainageRun(tank(6.0), cell_area=1e6)

    taken = run.advance(1.0, level=[5.0], depth=[0.0])

    assert float(taken[0, 0]) == pytest.approx(-0.06 * math.sqrt(2 * 9.81), rel=1e-3)
    assert float(run.budget.to_surface[0]) == pytest.approx(-float(taken[0, 0]))


def test_equal_levels_exchange_nothing() -> None:
    run = DrainageRun(tank(5.2), cell_area=50.0)

    taken = run.advance(10.0, level=[5.2], depth=[0.2])

    assert abs(float(taken[0, 0])) < 1e-12


def test_a_dry_street_gives_nothing_to_a_low_head() -> None:
    run = DrainageRun(tank(1.0), cell_area=50.0)

    assert float(run.advance(10.0, level=[5.0], depth=[0.0])[0, 0]) == 0.0


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    head=st.floats(3.0, 8.0),
    depth=st.floats(0.0, 1.0),
    small=st.floats(0.5, 50.0),
    cell=st.floats(0.5, 400.0),
    dt=st.floats(0.1, 60.0),
)
def test_an_exchange_never_overshoots(
    head: float, depth: float, small: float, cell: float, dt: float
) -> None:
    """The levels approach each other and do not pass, in steps of any length."""
    run = DrainageRun(tank(head, small), cell_area=cell)
    level = 5.0 + depth

    taken = float(run.advance(dt, level=[level], depth=[depth])[0, 0])

    after = level - taken / cell
    new_head = float(run.head[0, 0])
    assert taken <= depth * cell
    if head > level:
        assert taken <= 0.0
        assert new_head >= after - 1e-3
    else:
        assert taken >= 0.0
        assert new_head <= after + 1e-3 or new_head <= 5.0


def test_all_the_water_of_a_cell_may_go_and_no_more() -> None:
    """2 cm on 10 m2 beside a wide grate for a minute."""
    run = DrainageRun(tank(1.0), cell_area=10.0)

    taken = float(run.advance(60.0, level=[5.02], depth=[0.02])[0, 0])

    assert 0.15 < taken <= 0.2


def test_two_nodes_under_one_cell_take_no_more_than_it_holds() -> None:
    """1 cm on 10 m2 over two deep tanks with wide grates for a minute."""
    tanks = [Storage(name, 0.0, 9.0, constant(1e5)) for name in ("a", "b")]
    walls = [
        Weir("between", "a", "b", "transverse", 0.5, 1.0, offset=8.5),
        Weir("wall", "b", "out", "transverse", 0.5, 1.0, offset=8.5),
    ]
    network = Network([*tanks, Outfall("out", 0.0)], walls)
    run = DrainageRun(Drainage(network, {"a": (0, 0), "b": (0, 0)}), cell_area=10.0)

    taken = run.advance(60.0, level=[5.01, 5.01], depth=[0.01, 0.01])

    assert 0.08 < float(taken.sum()) <= 0.1


def test_an_outfall_in_a_cell_feels_its_level_and_fills_it() -> None:
    pipe = Conduit("pipe", "a", "b", CrossSection("circular", 0.5), 50.0, 0.013)
    nodes: list[Node] = [Junction("a", 0.2, 5.0, initial_depth=2.0), Outfall("b", 0.0)]
    drainage = Drainage(Network(nodes, [pipe]), {"b": (3, 4)})
    free = DrainageRun(drainage, cell_area=100.0)
    drowned = DrainageRun(drainage, cell_area=100.0)

    out = free.advance(2.0, level=[0.0], depth=[0.0])
    held = drowned.advance(2.0, level=[2.2], depth=[1.0])

    assert float(out[0, 0]) < -0.1
    assert abs(float(held[0, 0])) < 1e-9
    assert (drainage.rows.tolist(), drainage.columns.tolist()) == ([3], [4])


def test_an_outfall_draws_no_more_back_than_its_cell_holds() -> None:
    """A pool of 1 cm on 10 m2 stands above an empty pipe."""
    pipe = Conduit("pipe", "a", "b", CrossSection("circular", 0.5), 50.0, 0.013)
    network = Network([Junction("a", 0.0, 5.0), Outfall("b", 0.0)], [pipe])
    run = DrainageRun(Drainage(network, {"b": (0, 0)}), cell_area=10.0)
    depth, drawn = 0.01, 0.0

    for _ in range(20):
        taken = float(run.advance(5.0, level=[1.0 + depth], depth=[depth])[0, 0])
        drawn += taken
        depth -= taken / 10.0

    assert 0.0 < drawn <= 0.1
    assert depth >= -1e-15


def test_each_member_meets_its_own_street() -> None:
    run = DrainageRun(tank(1.0), members=3, cell_area=1e6)

    taken = run.advance(1.0, level=[[5.0], [5.1], [5.2]], depth=[[0.0], [0.1], [0.2]])

    assert taken[0, 0] == 0.0
    assert 0.0 < taken[1, 0] < taken[2, 0]


def test_an_inlet_without_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="inlet is given for 'tank', which has no cell"):
        Drainage(tank(1.0).network, {}, {"tank": GRATE})


def test_levels_must_be_given_where_nodes_are_coupled() -> None:
    with pytest.raises(ValueError, match="1 nodes are coupled; give level and depth"):
        DrainageRun(tank(1.0)).advance(1.0)


def test_the_volume_taken_is_in_the_budget() -> None:
    run = DrainageRun(tank(1.0), cell_area=100.0)

    taken = run.advance(10.0, level=[5.1], depth=[0.1])

    np.testing.assert_allclose(run.budget.from_surface, taken[:, 0])
    np.testing.assert_allclose(run.budget.residual, 0.0, atol=1e-9)
