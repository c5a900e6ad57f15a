"""The examples of docs/rules.md are read and run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.city import City
from anlan.cli.commands import app
from anlan.warn.rules import SEEN, read_rules

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
HEAD = 'approver_roles = ["commander"]\n'


def blocks(kind: str) -> list[str]:
    """Code blocks of a kind."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [text for own, text in found if own == kind]


def printed(start: str) -> tuple[list[str], list[str]]:
    """The words of the command that begins so, and the lines that the page shows after it."""
    block = next(each for each in blocks("") if each.startswith(f"$ {start}"))
    first, *lines = block.splitlines()
    return first.split()[2:], [line.rstrip() for line in lines if line.strip()]


def said(words: list[str]) -> list[str]:
    """What the command prints."""
    result = CliRunner().invoke(app, words)
    if result.exception is not None:
        raise result.exception
    return [line.rstrip() for line in result.stdout.splitlines() if line.strip()]


def test_every_kind_has_an_example_that_fits_pinghu(pinghu: City, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(HEAD + "\n".join(blocks("toml")), "utf-8")
    found = read_rules(pinghu, path)
    shown = {way for way in SEEN if f"[rule.{way}]" in "".join(blocks("toml"))}
    assert shown == set(SEEN)
    assert len(found.rules) == PAGE.count("\n[[rule]]\n")
    assert (len(found.inhibitions), len(found.silences)) == (1, 1)
    assert {rule.runs for rule in found.rules} == {2, 3}


def test_the_rehearsal_of_the_city_s_rules_on_wanda_prints_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    words, lines = printed("anlan alert rehearse cities/pinghu examples")
    assert said(words) == lines


def test_the_rehearsal_of_the_candidate_prints_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words, lines = printed("anlan alert rehearse candidate.toml")
    rules = (ROOT / "cities" / "pinghu" / "rules.toml").read_text("utf-8")
    (tmp_path / "candidate.toml").write_text(rules.replace("blue = 5.80", "blue = 5.30"), "utf-8")
    for name in ("cities", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    assert said(words) == lines


@pytest.mark.slow
def test_the_rehearsal_over_in_fa_prints_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    words, lines = printed("anlan alert rehearse cities/pinghu infa-2021")
    assert said([*words, "--cache", str(tmp_path / "cache")]) == lines
