"""What the replayed world holds is hidden from everything that forecasts, warns or decides."""

from __future__ import annotations

import ast
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anlan import forecast
from anlan.city import load
from anlan.refusal import Refusal
from anlan.replay.world import World, world_names
from anlan.store import Store

SOURCE = Path("src/anlan")
CITY = Path("cities/pinghu")
#: The only packages that may make a replay, or move its people in a drill; no stage is among them.
ABOVE = {"cli", "service", "drill"}
FOLDER = re.compile(r"""worlds/|/\s*["']worlds["']|["'](near|worse|miss)\.toml["']""")


def modules_outside_the_replay() -> list[Path]:
    return [p for p in sorted(SOURCE.rglob("*.py")) if p.relative_to(SOURCE).parts[0] != "replay"]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_stage_imports_the_replay() -> None:
    for path in modules_outside_the_replay():
        if path.relative_to(SOURCE).parts[0] not in ABOVE:
            above = ("anlan.replay", "anlan.drill")
            assert not [name for name in imports(path) if name.startswith(above)], path


def test_what_may_make_a_replay_does_not_reach_into_its_world() -> None:
    for path in modules_outside_the_replay():
        inner = [
            n for n in imports(path) if re.match(r"anlan\.replay\.(parameters|edges|water)", n)
        ]
        assert not inner, path


def test_no_module_outside_the_replay_names_the_folder_of_the_worlds() -> None:
    for path in modules_outside_the_replay():
        assert not FOLDER.search(path.read_text(encoding="utf-8")), path


def test_rules_plan_and_city_settings_do_not_name_the_worlds() -> None:
    for path in [*CITY.glob("*.toml"), *CITY.glob("events/*/*.toml")]:
        assert not FOLDER.search(path.read_text(encoding="utf-8")), path


def test_a_forecast_has_the_same_inputs_with_the_worlds_deleted(tmp_path: Path) -> None:
    bare = tmp_path / "pinghu"
    shutil.copytree(CITY, bare, ignore=shutil.ignore_patterns("worlds", "__pycache__"))
    issue = datetime(2021, 7, 24, 12, 0, tzinfo=UTC)
    store = Store(tmp_path / "var")
    hashes = []
    for folder in (CITY, bare):
        city = load(folder)
        event = city.event("infa-2021")
        settings = forecast.read_settings(city.settings, resolution_m=400.0, members=2)
        with store.read() as conn:
            hashes.append(forecast.freeze(conn, city, event, issue, settings).hash)
        assert (folder / "events" / "infa-2021" / "worlds").exists() is (folder is CITY)
    store.close()
    assert hashes[0] == hashes[1]


def test_a_replay_without_its_worlds_says_which_there_are(tmp_path: Path) -> None:
    bare = tmp_path / "pinghu"
    shutil.copytree(CITY, bare, ignore=shutil.ignore_patterns("worlds", "__pycache__"))
    city = load(bare)
    event = city.event("infa-2021")
    assert world_names(event) == []
    with pytest.raises(Refusal, match="is not one of infa-2021"):
        World.load(city, event, "near", 1)
