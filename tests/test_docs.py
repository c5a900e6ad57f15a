"""What the documents name is there: targets, commands, files, columns, keys, links, figures."""

from __future__ import annotations

import csv
import importlib
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from anlan.access import policy
from anlan.city.columns import OFFICIAL, SHEETS
from anlan.cli.commands import app

ROOT = Path(__file__).parents[1]
PINGHU = ROOT / "cities" / "pinghu"
CHANGELOG = ROOT / "CHANGELOG.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
every_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)

FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MISSING = "Not there yet:"


def promised(page: Path) -> str:
    """The page, without what it says is not there yet."""
    text = page.read_text(encoding="utf-8")
    return text.split(MISSING)[0] if page == CHANGELOG else text


def code(text: str) -> Iterator[str]:
    """Lines of code blocks, continued ones joined, and code within sentences."""
    for block in FENCE.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from SPAN.findall(FENCE.sub("", text))


def cells(text: str, file: str) -> set[str]:
    """The names in the second cell of the table row about ``file``, without explanations."""
    row = next(line for line in text.splitlines() if line.startswith(f"| `{file}` |"))
    return {name.strip() for name in re.sub(r"\([^)]*\)", "", row.split("|")[2]).split(",")}


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The command of ``anlan`` that ``words`` call, and the words left over; None if unknown."""
    command: Any = typer.main.get_command(app)
    while getattr(command, "commands", None) and words and not words[0].startswith("-"):
        command, words = command.commands.get(words[0]), words[1:]
    return command, words


def calls(text: str) -> Iterator[list[str]]:
    """The words after ``anlan`` in every call of it."""
    for line in code(text):
        call = re.search(r"(?:^|\$ |\$\(|/bin/)anlan ([a-z][^)|]*)", line)
        if call is not None:
            yield shlex.split(call[1], comments=True)


@every_page
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in code(promised(page)):
        for name in re.findall(r"^(?:\$ )?make ([a-z-]+)", line):
            assert name in targets, f"{page.name}: make {name}"


@every_page
def test_every_anlan_command_and_option_named_exists(page: Path) -> None:
    for words in calls(promised(page)):
        command, rest = find(words)
        assert command is not None, f"{page.name}: anlan {' '.join(words)}"
        known = {option for each in command.params for option in each.opts} | {"--help"}
        for word in rest:
            if word.startswith("-"):
                assert word in known, f"{page.name}: anlan {' '.join(words)}: {word}"


def test_what_the_changelog_calls_missing_is_missing() -> None:
    lost = list(calls(CHANGELOG.read_text(encoding="utf-8").split(MISSING)[1]))
    for words in lost:
        assert find(words)[0] is None, f"anlan {' '.join(words)} is there now: say so"


def anchors(page: Path) -> set[str]:
    """Headings as a browser's address names them."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


@every_page
def test_every_file_and_module_named_exists(page: Path) -> None:
    for line in code(promised(page)):
        for path in re.findall(r"\b((?:src|tests|cities|benchmarks|docs)/[\w./-]+)", line):
            assert (ROOT / path).exists(), f"{page.name}: {path}"
        for name in re.findall(r"(?:^|python -m )(anlan(?!\.db)(?:\.\w+)+)", line):
            module, _, last = name.rpartition(".")
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                assert hasattr(importlib.import_module(module), last), f"{page.name}: {name}"


def test_every_file_of_the_page_on_pinghu_exists() -> None:
    event = PINGHU / "events" / "infa-2021"
    for name in SPAN.findall((ROOT / "docs" / "pinghu.md").read_text(encoding="utf-8")):
        if re.fullmatch(r"[\w/-]+\.(csv|toml|tif|py|md)", name):
            found = [base / name for base in (PINGHU, PINGHU / "tide", event)]
            assert any(path.exists() for path in found), name


def operation() -> str:
    return (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.file))
def test_the_columns_of_a_city_s_tables_are_those_that_are_read(sheet: Any) -> None:
    assert cells(operation(), sheet.file) == set(sheet.columns)


def test_the_columns_of_official_warnings_are_those_that_are_read() -> None:
    named = re.search(r"`official.csv` \(([^)]+)\)", operation())
    assert named is not None
    assert {name.strip() for name in named[1].split(",")} == set(OFFICIAL.columns)


def keys(table: Any, under: str = "") -> Iterator[str]:
    """Dotted keys of a TOML document, list items merged."""
    for item in table if isinstance(table, list) else [table]:
        if isinstance(item, dict):
            for name, value in item.items():
                yield f"{under}{name}"
                yield from keys(value, f"{under}{name}.")


@pytest.mark.parametrize("file", ["rules.toml", "plan.toml", "messages.toml"])
def test_the_documented_keys_of_rules_plan_and_messages_are_in_pinghu_s(file: str) -> None:
    bullet = re.search(rf"- \*\*`{file}`\*\*:(.*?)Shape", operation(), re.DOTALL)
    assert bullet is not None
    there = set(keys(tomllib.loads((PINGHU / file).read_text(encoding="utf-8"))))
    named = [name.strip("[]") for name in SPAN.findall(bullet[1])]
    assert named
    for name in named:
        top = re.sub(r"\.<.*", "", name)
        assert top in there or f"rule.{top}" in there, f"{file}: {name}"


def test_every_environment_variable_named_is_read() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    for page in PAGES:
        for name in set(re.findall(r"\bANLAN_\w+", page.read_text(encoding="utf-8"))):
            assert name in source, f"{page.name}: {name}"


def test_every_address_of_the_api_named_exists() -> None:
    # tests/access holds this table against the routes
    there = {f"{path}/" for path in re.findall(r"/api/v1/[^\s.]+", policy.TABLE)}
    for page in PAGES:
        for path in re.findall(r"/api/v1(/[a-z-]+)", page.read_text(encoding="utf-8")):
            begins = f"/api/v1{path}/"
            assert any(each.startswith(begins) for each in there), f"{page.name}: {begins}"


def test_the_measured_errors_printed_are_those_that_the_city_s_files_keep() -> None:
    science = (ROOT / "docs" / "science.md").read_text(encoding="utf-8")
    fit = tomllib.loads((PINGHU / "tide" / "setup.toml").read_text(encoding="utf-8"))["fit"]
    assert f"K = {fit['fetch_m'] / 1e3:.1f} km\n" in science
    for sentence in fit["sentence"].split("; ")[:2]:
        assert f"{sentence}\n" in science
    with (PINGHU / "typhoon" / "track_errors.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            line = (
                f"{float(row['lead_h']):4.0f} h  {int(row['cases']):4d} cases "
                f"{int(row['storms']):3d} storms  along {float(row['along_km']):5.0f} km  "
                f"cross {float(row['cross_km']):5.0f} km  "
            )
            assert f"{line}ln V {float(row['wind_ln']):.2f}" in science
