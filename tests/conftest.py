"""What the tests share: the real cities, and a store for one test, on either engine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from anlan.city import City, load
from anlan.store import Store
from anlan.store.sqlite import FILE, Sqlite
from tests import postgresql

HERE = Path(__file__).parent
CITIES = HERE.parent / "cities"
LONG = ("validation", "replay", "forecast", "browser")
# whoever runs the tests may have a desk of their own
os.environ.pop("ANLAN_DATABASE_URL", None)


# what decides whether work lands must answer the same each time; at a desk new examples are sought
settings.register_profile("landing", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("landing" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session", autouse=True)
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New SQLite stores start from a file of empty tables, which was migrated once.

    That is what `postgresql_server` does with a template. Opening checks the revision as ever, and
    stores opened in other processes migrate by themselves.
    """
    folder = tmp_path_factory.mktemp("empty")
    Store(folder, private=True).close()
    check = Store._migrate

    def from_template(opened: Store) -> None:
        new = opened.data_dir / FILE
        if isinstance(opened.database, Sqlite) and not new.exists():
            shutil.copyfile(folder / FILE, new)
        check(opened)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_migrate", from_template)
        yield


@pytest.fixture(scope="session")
def pinghu() -> City:
    """The first city."""
    return load(CITIES / "pinghu")


@pytest.fixture(scope="session")
def talstadt() -> City:
    """The second city: another CRS, datum and time zone, no tide, no typhoon."""
    return load(CITIES / "talstadt")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A PostgreSQL server; the tests that need one are skipped where none is installed."""
    programs = postgresql.programs()
    if programs is None:
        assert not os.environ.get("CI"), "PostgreSQL is not installed; run make packages"
        pytest.skip("PostgreSQL is not installed; run make packages")
    server = postgresql.Server(programs)
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def new_database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Call it, and stores opened from then on use another, empty database.

    On SQLite that is the folder's own. Whole modules run on both engines by
    ``pytestmark = pytest.mark.both_engines``.
    """

    server: postgresql.Server | None = None
    if getattr(request, "param", "sqlite") == "postgresql":
        server = request.getfixturevalue("postgresql_server")
    made: list[str] = []

    def change() -> None:
        if server is not None:
            made.append(server.fresh())
            monkeypatch.setenv("ANLAN_DATABASE_URL", made[-1])

    change()
    yield change
    for url in made:
        assert server is not None
        server.drop(url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: no worker is left alone with one at the end."""

    def place(item: pytest.Item) -> int:
        part = item.path.relative_to(HERE).parts[0]
        return LONG.index(part) if part in LONG else len(LONG)

    items.sort(key=place)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked ``both_engines`` runs once on SQLite and once on PostgreSQL."""
    if metafunc.definition.get_closest_marker("both_engines"):
        metafunc.parametrize("new_database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def store(tmp_path: Path, new_database: Callable[[], None]) -> Iterator[Store]:
    """An empty store in a folder of its own; its key lies beside it."""
    opened = Store(tmp_path / "var")
    yield opened
    opened.close()
