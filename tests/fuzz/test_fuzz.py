"""What fuzzing has found stays found; and a short search for more."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
# half a minute in all where work is landed; `make fuzz` goes on for ten
SECONDS = 15 if "CI" in os.environ else 2


@pytest.mark.parametrize("target", TARGETS)
def test_every_input_that_was_kept_holds_the_laws(target: str) -> None:
    kept = sorted((CORPUS / target).iterdir())
    assert len(kept) > 10
    for path in kept:
        TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_a_short_search_guided_by_coverage_finds_nothing_that_breaks(target: str) -> None:
    if importlib.util.find_spec("atheris") is None:
        assert "CI" not in os.environ
        pytest.skip("atheris is not installed")
    command = [sys.executable, "-m", "tests.fuzz", target, "--seconds", str(SECONDS)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=root)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "DONE" in done.stderr
