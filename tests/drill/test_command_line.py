"""anlan drill from a terminal: the example of docs/command.md, word by word."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.cli.commands import app
from anlan.refusal import Refusal

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
EXAMPLE = next(line for line in PAGE.splitlines() if line.startswith("anlan drill cities/talstadt"))


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> dict[str, object]:
    (tmp_path / "cities").symlink_to(ROOT / "cities")
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, [*shlex.split(EXAMPLE)[1:], *more])
    assert answer.exit_code == 0, answer.output
    report: dict[str, object] = json.loads(answer.stdout)
    return report


def test_the_example_of_the_documents_prints_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run(tmp_path, monkeypatch, "--json")
    said = re.search(r'^\{"met".*\}$', PAGE, re.MULTILINE)
    assert said is not None
    assert report["verdict"] == json.loads(said[0])
    page = (tmp_path / "build" / "drill" / "drill.html").read_text(encoding="utf-8")
    kept = json.loads((tmp_path / "build" / "drill" / "drill.json").read_text(encoding="utf-8"))
    assert kept == report
    assert "演练 EXERCISE" in page
    assert "http" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_a_speed_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="speed"):
        CliRunner().invoke(
            app,
            ["drill", str(ROOT / "cities/talstadt"), "flash-flood", "--speed", "0.5"],
            catch_exceptions=False,
            standalone_mode=False,
        )
