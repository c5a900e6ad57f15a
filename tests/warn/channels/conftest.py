"""Fixtures of the channel tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City
from tests.warn.channels.office import Office


@pytest.fixture
def office(pinghu: City, tmp_path: Path) -> Iterator[Office]:
    """A desk cleared for Actual alerts, with a folder of its own."""
    made = Office(pinghu, tmp_path)
    yield made
    made.close()
