"""The page on firms says what holds: its file is read, its example runs."""

from __future__ import annotations

import re
from pathlib import Path

from anlan.respond.firms.settings import FILE, faults, load

PAGE = (Path(__file__).parents[3] / "docs" / "firms.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_the_settings_of_the_page_are_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(BLOCKS["toml"], encoding="utf-8")
    assert faults(tmp_path / FILE) == []
    assert load(tmp_path).task_force.department == "交通局"


def test_the_example_of_the_page_runs() -> None:
    exec(compile(BLOCKS["python"], "docs/firms.md", "exec"), {})


def test_an_unknown_key_of_the_file_is_named(tmp_path: Path) -> None:
    text = BLOCKS["toml"].replace("longest_h", "longest_hours")
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert {fault.field for fault in faults(tmp_path / FILE)} == {
        "passes.longest_h",
        "passes.longest_hours",
    }
