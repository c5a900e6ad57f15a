"""What the tests share: the real cities, and a store for one test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from anlan.city import City, load
from anlan.store import Store

CITIES = Path(__file__).parents[1] / "cities"


# what decides whether work lands must answer the same each time; at a desk new examples are sought
settings.register_profile("landing", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("landing" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def pinghu() -> City:
    """The first city."""
    return load(CITIES / "pinghu")


@pytest.fixture(scope="session")
def talstadt() -> City:
    """The second city: another CRS, datum and time zone, no tide, no typhoon."""
    return load(CITIES / "talstadt")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder of its own; its key lies beside it."""
    opened = Store(tmp_path / "var")
    yield opened
    opened.close()
