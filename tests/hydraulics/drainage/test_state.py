"""Mass, members and restarts of any network."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Drainage,
    DrainageRun,
    Junction,
    Network,
    Node,
    Outfall,
    Pump,
    constant,
)
from tests.hydraulics.drainage.pipes import line_of_pipes, networks, run_for

CELL = 25.0


def _beside_a_pool(
    drainage: Drainage, members: int, depths: list[float], steps: int
) -> DrainageRun:
    """Steps of 7 s beside cells at level 1 m, whose water is kept in count and handed back in."""
    run = DrainageRun(drainage, members, CELL)
    water = np.full((members, len(drainage.cells)), 0.0)
    water += np.array(depths)[:members, None]
    for _ in range(steps):
        taken = run.advance(7.0, 1.0 + water, water)
        assert (taken <= water * CELL).all()
        water = np.maximum(water - taken / CELL, 0.0)
    return run


@settings(max_examples=60, derandomize=True, deadline=None)
@given(drainage=networks(), depth=st.floats(0.0, 0.5))
def test_the_budget_closes_and_no_depth_is_negative(drainage: Drainage, depth: float) -> None:
    run = _beside_a_pool(drainage, 1, [depth], 40)

    assert np.isfinite(run.head).all()
    assert (run.head >= [node.invert for node in drainage.network.nodes]).all()
    came = float((run.budget.initial + run.budget.from_surface + run.budget.backflow)[0]) + 1.0
    assert abs(float(run.budget.residual[0])) <= 1e-12 * came


@settings(max_examples=15, derandomize=True, deadline=None)
@given(drainage=networks())
def test_members_equal_single_runs_bit_for_bit(drainage: Drainage) -> None:
    """Ten members, more than one block of eight, each over its own depth of water."""
    depths = [0.02 * k for k in range(10)]

    together = _beside_a_pool(drainage, 10, depths, 12)

    for k in (0, 3, 9):
        alone = _beside_a_pool(drainage, 1, [depths[k]], 12)
        np.testing.assert_array_equal(together.head[k], alone.head[0])
        np.testing.assert_array_equal(together.flow[k], alone.flow[0])
        np.testing.assert_array_equal(together.volume[k], alone.volume[0])


@settings(max_examples=15, derandomize=True, deadline=None)
@given(drainage=networks())
def test_two_halves_equal_the_whole(drainage: Drainage) -> None:
    net = Drainage(drainage.network)
    whole, first, second = DrainageRun(net), DrainageRun(net), DrainageRun(net)

    run_for(whole, 200.0)
    run_for(first, 100.0)
    for array, kept in zip(second.state, first.state.copy(), strict=True):
        array[...] = kept
    second.time = first.time
    run_for(second, 100.0)

    np.testing.assert_array_equal(whole.head, second.head)
    np.testing.assert_array_equal(whole.flow, second.flow)
    np.testing.assert_array_equal(whole.budget.storage, second.budget.storage)


def test_each_term_of_the_budget_is_what_happened() -> None:
    """0.1 m3/s for 1000 s; what entered is stored or has left."""
    run = DrainageRun(line_of_pipes(4, CrossSection("circular", 1.0), inflow=0.1))

    run_for(run, 1000.0)

    budget = run.budget
    assert float(budget.inflow[0]) == pytest.approx(100.0)
    assert float(budget.outflow[0]) > 0.0
    assert float((budget.storage + budget.outflow)[0]) == pytest.approx(100.0)
    assert float(budget.initial[0]) == float(budget.flooded[0]) == 0.0


def test_an_empty_network_stays_empty() -> None:
    run = DrainageRun(line_of_pipes(4, CrossSection("circular", 1.0)))

    run_for(run, 100.0)

    assert not run.flow.any()
    assert not run.volume.any()


def test_a_pump_takes_no_more_than_there_is() -> None:
    """10 m3/s asked of a manhole with 1.167 m3."""
    nodes: list[Node] = [Junction("a", 0.0, 3.0, initial_depth=1.0), Outfall("b", 2.0)]
    run = DrainageRun(Network(nodes, [Pump("p", "a", "b", "depth", constant(10.0))]))

    run_for(run, 20.0)

    assert float(run.budget.outflow[0]) == pytest.approx(1.167)
    assert float(run.head[0, 0]) == pytest.approx(0.0, abs=1e-9)


def test_a_link_to_nowhere_is_refused_by_name() -> None:
    pipe = Conduit("pipe", "a", "x", CrossSection("circular", 1.0), 10.0, 0.013)

    with pytest.raises(ValueError, match="link 'pipe' leads to 'x', which is no node"):
        Network([Junction("a", 0.0)], [pipe])


def test_an_outfall_with_two_links_is_refused() -> None:
    pipes = [Conduit(n, "a", "b", CrossSection("circular", 1.0), 10.0, 0.013) for n in ("p", "q")]

    with pytest.raises(ValueError, match="outfall 'b' has 2 links; it must have one"):
        Network([Junction("a", 0.0), Outfall("b", 0.0)], pipes)
