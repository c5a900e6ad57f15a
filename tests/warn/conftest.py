"""Fixtures of the warning tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City
from tests.warn.world import World


@pytest.fixture
def world(pinghu: City, tmp_path: Path) -> Iterator[World]:
    """A fresh world at 25 July 2021, 00:00 UTC; levels and texts are Pinghu's as shipped."""
    made = World(pinghu, tmp_path)
    yield made
    made.store.close()
