"""The example in the package's own description runs as it stands."""

from __future__ import annotations

import doctest

import anlan.hydraulics


def test_the_example_of_the_package_runs() -> None:
    outcome = doctest.testmod(anlan.hydraulics)
    assert outcome.attempted > 0
    assert outcome.failed == 0
