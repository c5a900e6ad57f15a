"""Compiled code is kept on disk: a second process compiles nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json
import numpy as np
from anlan.hydraulics import GreenAmpt, ShallowWater, march, schemes, soil, tracking

for scheme in ("inertial", "full"):
    model = ShallowWater(
        np.zeros((6, 6)), 10.0, 0.03, scheme=scheme, infiltration=GreenAmpt(1e-6, 0.1, 0.3)
    )
    model.set_rain(1e-5)
    model.track([0.1])
    model.run(70.0)
kept = {
    "inertial": schemes.TILES["inertial"],
    "full": schemes.TILES["full"],
    "advance": march.advance,
    "soil": soil.change_soil,
    "track": tracking.follow,
}
print(json.dumps({name: sum(f.stats.cache_misses.values()) for name, f in kept.items()}))
"""


def test_a_second_process_finds_all_compiled_code_on_disk(tmp_path: Path) -> None:
    """Its key may hold nothing of the process, such as another compiled function."""

    def missed() -> dict[str, int]:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(json.loads(done.stdout))

    assert min(missed().values()) >= 1
    assert set(missed().values()) == {0}
