"""A run on a GPU, here on the compiler's simulator, gives what the CPU gives."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from anlan.hydraulics import Pump, ShallowWater, State

PROGRAM = Path(__file__).with_name("simulated_device.py")
COMPILER = importlib.util.find_spec("numba_cuda") is not None


@pytest.mark.skipif(not COMPILER, reason="numba-cuda is not installed")
def test_both_schemes_agree_with_the_cpu_on_random_basins() -> None:
    """Two members, four steps: edges, a breach, barriers, sources, held cells, rain, soil."""
    run = subprocess.run(
        [sys.executable, str(PROGRAM), "1"],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    worst = json.loads(run.stdout.splitlines()[-1])
    assert worst["seen"] >= 2
    assert worst["depth"] < 1e-5  # m, some ten spacings of single precision at 10 m
    assert worst["discharge"] < 1e-4  # m2/s
    assert worst["volume"] < 1e-6  # of the water held
    assert worst["lost"] < 1e-7


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"scheme": "second_order"}, "second_order"),
        ({"structures": [Pump("lift", (0, 0), (2, 2), 1.0, 0.5, 0.2)]}, "lift"),
    ],
)
def test_what_a_gpu_cannot_run_is_refused_by_name(more: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ShallowWater(np.zeros((3, 3)), 1.0, 0.03, device="cuda", **more)


def test_without_a_gpu_the_message_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"anlan\[cuda\]|nvidia-smi"):
        ShallowWater(np.zeros((3, 3)), 1.0, 0.03, device="cuda")


@pytest.mark.gpu
@pytest.mark.parametrize("scheme", ["inertial", "full"])
def test_a_basin_on_a_real_gpu_agrees_with_the_cpu(scheme: Any) -> None:
    rng = np.random.default_rng(1)
    bed, depth = rng.normal(0.0, 0.5, (300, 400)), rng.exponential(0.5, (300, 400))
    devices: tuple[Literal["cpu", "cuda"], ...] = ("cpu", "cuda")
    cpu, gpu = (
        ShallowWater(bed, 10.0, 0.03, scheme=scheme, max_step=0.2, device=d) for d in devices
    )
    for run in (cpu, gpu):
        run.restore(State(time=0.0, depth=depth))
        run.set_rain(1e-5)
        run.run(20.0)
    assert gpu.steps == cpu.steps
    assert np.abs(gpu.depth - cpu.depth).max() < 1e-4
    assert abs(gpu.budget.relative_error) < 1e-6
