"""Flow in pipes against what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anlan.hydraulics.drainage import (
    Conduit,
    CrossSection,
    Curve,
    DrainageRun,
    Inflow,
    Junction,
    Network,
    Orifice,
    Outfall,
    Outlet,
    Pump,
    Storage,
    Weir,
    constant,
)
from anlan.hydraulics.drainage import sections as exact
from tests.hydraulics.drainage.pipes import line_of_pipes, run_for


@pytest.mark.parametrize(
    "section",
    [
        CrossSection("circular", 1.0),
        CrossSection("rect_open", 1.0, 1.5),
        CrossSection("trapezoidal", 1.0, 0.5, 1.5, 1.5),
    ],
    ids=lambda s: s.shape,
)
def test_a_long_pipe_runs_at_mannings_normal_depth(section: CrossSection) -> None:
    """Far from the outfall Q = A R^(2/3) sqrt(S) / n."""
    net = line_of_pipes(20, section, slope=0.002, inflow=0.4)
    run = DrainageRun(net)

    run_for(run, 4 * 3600.0)

    depth = float(run.head[0, 5]) - net.nodes[5].invert
    area = float(exact.area(section, depth))
    radius = area / float(exact.wetted_perimeter(section, depth))
    assert area * radius ** (2 / 3) * math.sqrt(0.002) / 0.013 == pytest.approx(0.4, rel=1e-3)
    np.testing.assert_allclose(run.flow[0], 0.4, rtol=1e-6)


def test_a_full_pipe_loses_the_head_that_manning_and_its_losses_ask() -> None:
    """h = L (Q n / (A R^(2/3)))^2 + (0.5 + 1.0) v^2 / 2g over 500 m of 0.6 m under a tide."""
    pipe = Conduit(
        "pipe", "a", "b", CrossSection("circular", 0.6), 500.0, 0.013, entry_loss=0.5, exit_loss=1.0
    )
    end = Outfall("b", 0.0, "stage", constant(2.0))
    net = Network([Junction("a", 0.0, 20.0), end], [pipe], [Inflow("a", constant(0.5))])
    run = DrainageRun(net)

    run_for(run, 3600.0)

    area = math.pi * 0.09
    friction = 500.0 * (0.5 * 0.013 / (area * 0.15 ** (2 / 3))) ** 2
    losses = 1.5 * (0.5 / area) ** 2 / (2 * 9.81)
    assert float(run.head[0, 0]) - 2.0 == pytest.approx(friction + losses, rel=1e-3)


def test_water_falls_out_of_a_flat_channel_at_critical_depth() -> None:
    """q = 1 m2/s: critical depth (1 / 9.81)^(1/3) = 0.467 m."""
    section = CrossSection("rect_open", 3.0, 2.0)
    run = DrainageRun(line_of_pipes(10, section, slope=0.0002, inflow=2.0))

    run_for(run, 2 * 3600.0)

    assert float(run.head[0, -1]) == pytest.approx((1.0 / 9.81) ** (1 / 3), rel=2e-3)


def test_a_basin_fills_by_what_enters() -> None:
    """Area 100 + 50 d m2: 36 m3 in an hour's 10 l/s stand where 100 d + 25 d^2 = 36."""
    basin = Storage("basin", 1.0, 3.0, Curve((0.0, 2.0), (100.0, 200.0)))
    wall = Weir("wall", "basin", "out", "transverse", 1.0, 1.0, offset=2.5)
    net = Network([basin, Outfall("out", 0.0)], [wall], [Inflow("basin", constant(0.01))])
    run = DrainageRun(net)

    run_for(run, 3600.0)

    assert float(run.volume[0, 0]) == pytest.approx(36.0)
    assert float(run.head[0, 0]) - 1.0 == pytest.approx(
        -2.0 + math.sqrt(4.0 + 36.0 / 25.0), abs=1e-3
    )


def test_still_water_stays_still() -> None:
    """A level of 2 m over pipes full, half full and dry, against a tide of 2 m."""
    end = Outfall("end", 0.0, "stage", constant(2.0))
    net = line_of_pipes(8, CrossSection("circular", 1.0), slope=0.004, outfall=end)
    run = DrainageRun(net)
    run.restart(np.full(9, 2.0))
    before = run.head.copy()

    run_for(run, 600.0)

    assert np.abs(run.flow).max() < 1e-12
    np.testing.assert_allclose(run.head, before, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            Orifice("x", "a", "b", "side", 0.4, 0.5, coefficient=0.6),
            0.6 * 0.2 * math.sqrt(2 * 9.81 * 1.8),
        ),
        (
            Orifice("x", "a", "b", "bottom", 0.4, coefficient=0.6),
            0.6 * math.pi * 0.04 * math.sqrt(2 * 9.81 * 2.0),
        ),
        (Weir("x", "a", "b", "transverse", 2.0, 3.0, offset=1.0, coefficient=1.8), 1.8 * 3.0),
        (Weir("x", "a", "b", "v_notch", 2.0, slope=1.0, offset=1.0, coefficient=1.4), 1.4),
        (Outlet("x", "a", "b", Curve((0.0, 4.0), (0.0, 2.0))), 1.0),
        (Pump("x", "a", "b", "depth", Curve((1.0, 3.0), (0.1, 0.5))), 0.3),
        (Pump("x", "a", "b", "depth_steps", Curve((1.0, 3.0), (0.1, 0.5))), 0.5),
        (Pump("x", "a", "b", "head", Curve((-4.0, 0.0), (0.6, 0.2))), 0.5),
    ],
    ids=lambda value: (
        f"{type(value).__name__} {getattr(value, 'kind', getattr(value, 'law', ''))}"
        if not isinstance(value, float)
        else ""
    ),
)
def test_a_regulator_passes_what_its_law_says(
    kind: Orifice | Weir | Outlet | Pump, expected: float
) -> None:
    """From a wide basin with 2 m of water to an outfall at -1 m, whose water stands lower."""
    basin = Storage("a", 0.0, 4.0, constant(1e6), initial_depth=2.0)
    run = DrainageRun(Network([basin, Outfall("b", -1.0)], [kind]))

    run.advance(1.0)

    assert float(run.flow[0, 0]) == pytest.approx(expected, rel=1e-5)


def test_a_weir_drowned_by_equal_water_passes_nothing() -> None:
    tanks = [Storage(n, 0.0, 4.0, constant(50.0), initial_depth=2.0) for n in ("a", "b")]
    wall = Weir("wall", "a", "b", "transverse", 2.0, 3.0, offset=1.0)
    gate = Conduit("gate", "b", "end", CrossSection("circular", 0.5), 10.0, 0.013, flap=True)
    net = Network([*tanks, Outfall("end", 0.0, "stage", constant(2.0))], [wall, gate])
    run = DrainageRun(net)

    run_for(run, 300.0)

    assert np.abs(run.flow).max() < 1e-9


def test_a_pump_starts_and_stops_at_its_depths() -> None:
    """Inflow 0.1, pump 0.3 m3/s from 10 m2: it starts at 2 m and runs until 0.5 m."""
    well = Storage("well", 0.0, 5.0, constant(10.0))
    pump = Pump("p", "well", "out", "depth", constant(0.3), 2.0, 0.5, running=False)
    net = Network([well, Outfall("out", 1.0)], [pump], [Inflow("well", constant(0.1))], step=1.0)
    run = DrainageRun(net)
    depths, running = [], []

    for _ in range(600):
        run.advance(1.0)
        depths.append(float(run.head[0, 0]))
        running.append(bool(run.running[0, 0]))

    starts = [k for k in range(1, 600) if running[k] and not running[k - 1]]
    stops = [k for k in range(1, 600) if running[k - 1] and not running[k]]
    assert max(depths) == pytest.approx(2.0, abs=0.05)
    assert min(depths[starts[0] :]) == pytest.approx(0.5, abs=0.05)
    assert stops[0] - starts[0] == pytest.approx(75, abs=3)


def test_a_flap_keeps_the_tide_out() -> None:
    shut = Outfall("end", 0.0, "stage", constant(3.0), flap=True)
    net = line_of_pipes(3, CrossSection("circular", 1.0), outfall=shut)
    run = DrainageRun(net)

    run_for(run, 600.0)

    assert not run.volume.any()
    assert float(run.budget.backflow[0]) == 0.0


def test_the_tide_fills_the_pipes_to_its_level() -> None:
    tide = Outfall("end", 0.0, "stage", constant(0.9))
    run = DrainageRun(line_of_pipes(3, CrossSection("circular", 1.0), outfall=tide))

    run_for(run, 2 * 3600.0)

    np.testing.assert_allclose(run.head[0], 0.9, atol=3e-3)


def test_water_above_a_rim_floods_or_ponds_and_comes_back() -> None:
    """1 m3/s into a pipe that cannot take it: lost over an open rim, kept over a ponded one."""
    pipe = Conduit("pipe", "a", "b", CrossSection("circular", 0.3), 100.0, 0.013)
    storm = Inflow("a", Curve((0.0, 600.0, 601.0), (1.0, 1.0, 0.0)))
    open_rim = Network([Junction("a", 1.0, 2.0), Outfall("b", 0.0)], [pipe], [storm])
    ponded = Network(
        [Junction("a", 1.0, 2.0, ponded_area=1000.0), Outfall("b", 0.0)], [pipe], [storm]
    )
    lost, kept = DrainageRun(open_rim), DrainageRun(ponded)

    run_for(lost, 3600.0)
    run_for(kept, 600.0)
    highest = float(kept.head[0, 0])
    run_for(kept, 3000.0)

    assert float(lost.budget.flooded[0]) > 400.0
    assert float(lost.head[0, 0]) < 1.5
    assert 3.3 < highest < 3.6
    assert float(kept.budget.flooded[0]) == 0.0
    assert float(kept.head[0, 0]) < highest
