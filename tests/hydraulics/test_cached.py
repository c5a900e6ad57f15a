"""Compiled code is kept on disk: a second process compiles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import numpy as np
from anlan.hydraulics import GreenAmpt, ShallowWater, march, schemes, soil, tracking

model = ShallowWater(
    np.zeros((6, 6)), 10.0, 0.03, scheme="{scheme}", infiltration=GreenAmpt(1e-6, 0.1, 0.3)
)
model.set_rain(1e-5)
model.track([0.1])
model.run(70.0)
kept = [schemes.TILES["{scheme}"], march.advance, soil.change_soil, tracking.follow]
print(sum(sum(f.stats.cache_misses.values()) for f in kept))
"""


@pytest.mark.parametrize("scheme", ["inertial", "full"])
def test_a_second_process_finds_all_compiled_code_on_disk(scheme: str, tmp_path: Path) -> None:
    """Its key may hold nothing of the process, such as another compiled function."""

    def missed() -> int:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(scheme=scheme)],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    assert missed() >= 4
    assert missed() == 0
