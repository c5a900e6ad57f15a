"""Fixtures of the warning tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City
from anlan.store.sqlite import Sqlite
from tests.warn.world import World


@pytest.fixture(scope="session")
def settled(pinghu: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with people and accounts: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("settled")
    made = World(pinghu, folder)
    made.settle()
    made.store.close()
    return folder


@pytest.fixture
def world(pinghu: City, settled: Path, tmp_path: Path) -> Iterator[World]:
    """A fresh world at 25 July 2021, 00:00 UTC; levels and texts are Pinghu's as shipped."""
    shutil.copytree(settled, tmp_path, dirs_exist_ok=True)
    made = World(pinghu, tmp_path)
    if not isinstance(made.store.database, Sqlite):  # the copied folder holds no database then
        made.settle()
    yield made
    made.store.close()
