"""Runs the same basins on the CPU and on the simulated device, and prints what differs, as JSON.

The simulator has to be chosen before the compiler is first imported, hence a program of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Literal

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from anlan.hydraulics import (
    Boundary,
    Breach,
    Constant,
    GreenAmpt,
    Series,
    ShallowWater,
    Source,
    State,
    edge_faces,
)

# blocks of 5 x 5 cells: two rows of three, so that one has a neighbour on either side
NY, NX = 9, 14
# the simulator's main thread does nothing but look after the others: let it not look for long
sys.setswitchinterval(1e-4)
MEMBERS = 2


def model(scheme: Literal["inertial", "full"], number: int, device: Literal["cpu", "cuda"]) -> Any:
    """Two members over hills with everything that a device runs, drawn from ``number``."""
    rng = np.random.default_rng(number)
    shape = (NY, NX)
    active = rng.random(shape) > 0.05
    active[:, [0, -1]] = active[[0, -1]] = True
    crest = np.where(rng.random((NY, NX + 1)) < 0.1, rng.normal(1.0, 0.5, (NY, NX + 1)), -np.inf)
    crest[5, 6] = 2.0
    active[5, 5:7] = True
    wet = rng.random(shape) < 0.7
    run = ShallowWater(
        rng.normal(0.0, 0.5, shape),
        10.0,
        rng.uniform(0.01, 0.1, shape),
        scheme=scheme,
        active=active,
        face_crest_x=crest,
        breaches=[Breach([("x", 5, 6)], 0.0, 0.4, 1.0)],
        boundaries=[
            Boundary("discharge", edge_faces(active, "west"), Series([0.0, 2.0], [0.0, 8.0])),
            Boundary("level", edge_faces(active, "east", 0, 5), 1.0),
            Boundary("open", edge_faces(active, "north", 2, 6)),
            Boundary("normal_depth", edge_faces(active, "south", 2, 6), slope=0.001),
        ],
        sources=[Source((np.array([0, 0]), np.array([3, 4])), 2.0)],
        infiltration=Constant(1e-4) if number % 2 else GreenAmpt(1e-6, 0.1, 0.3),
        members=MEMBERS,
        precision="double" if number % 3 == 0 else "single",
        max_step=0.25,
        device=device,
    )
    depth = np.where(wet & active, rng.exponential(0.5, (MEMBERS, *shape)), 0.0)
    run.restore(State(time=0.0, depth=depth))
    run.set_rain(rng.uniform(0.0, 1e-4, (MEMBERS, *shape)))
    run.set_level_boundary((np.array([8]), np.array([13])), 0.8)
    run.run(1.0)
    return run


def main(examples: int) -> None:
    worst = {"depth": 0.0, "discharge": 0.0, "volume": 0.0, "lost": 0.0, "seen": 0}

    def most(name: str, value: float) -> None:
        worst[name] = max(worst[name], value)

    schemes: tuple[Literal["inertial", "full"], ...] = ("inertial", "full")
    for scheme in schemes:

        @seed(1)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.just(scheme), st.integers(0, 2**32 - 1))
        def compare(scheme: Literal["inertial", "full"], number: int) -> None:
            cpu, gpu = model(scheme, number, "cpu"), model(scheme, number, "cuda")
            a, b = cpu.state, gpu.state
            assert cpu.steps == gpu.steps
            most("depth", float(np.abs(a.depth - b.depth).max()))
            for ours, theirs in ((a.qx, b.qx), (a.qy, b.qy)):
                assert ours is not None
                assert theirs is not None
                most("discharge", float(np.abs(ours - theirs).max()))
            for name in ("inflow", "outflow", "infiltration", "storage"):
                ours, theirs = getattr(cpu.budget, name), getattr(gpu.budget, name)
                most("volume", float(np.abs(ours - theirs).max() / cpu.budget.storage.max()))
            most("lost", float(np.abs(gpu.budget.relative_error).max()))
            worst["seen"] += 1

        compare()
    print(json.dumps(worst))


main(int(sys.argv[1]))
