"""Rules rehearsed on past events: what is counted, what is hidden, and what cannot be touched."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from anlan.cli.commands import app
from anlan.refusal import Refusal
from anlan.store import Store
from tests.replay.short import PINGHU, short_city

SOURCE = Path("src")
RULES = PINGHU / "rules.toml"
#: Whatever could hand a text to an outlet, or plan to.
SENDING = ("channels", "sending", "approval", "planning", "following", "drafting", "actions")
SHORT = ["--world", "near", "--resolution", "400", "--members", "2"]


def rehearse(*words: str | Path) -> dict[str, Any]:
    """The JSON that the command prints."""
    said = CliRunner().invoke(app, ["alert", "rehearse", *map(str, words), "--json"])
    if said.exception is not None:
        raise said.exception
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def level(result: dict[str, Any], rule: str, colour: str) -> dict[str, Any]:
    """The counts of one rule at one level."""
    return next(e for e in result["scores"] if (e["rule"], e["level"]) == (rule, colour))


@pytest.fixture(scope="module")
def wanda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Zhapu's published hourly levels of typhoon Wanda (5612), as readings."""
    path = tmp_path_factory.mktemp("wanda") / "wanda.csv"
    with (PINGHU / "tide" / "surge_5612_zhapu.csv").open(encoding="utf-8") as given:
        rows = [
            f"zhapu.tide,{row['time']},{row['observed_m']},gauge_zero_zhapu\n"
            for row in csv.DictReader(given)
        ]
    path.write_text("series,valid_at,value,datum\n" + "".join(rows), "utf-8")
    return path


def test_a_record_of_1956_is_judged_by_its_own_readings(wanda: Path) -> None:
    result = rehearse(RULES, wanda)["rehearsed"][0]
    assert (result["runs"], result["reconstructed"]) == (0, False)
    # 6.55 m at 06:00 on 2 August is over 6.40 m (orange) and under 6.80 m (red)
    assert level(result, "storm-tide", "orange")["events"] == 1
    assert level(result, "storm-tide", "red")["events"] == 0
    # hourly readings and a hold of 10 minutes: said one reading after the beginning, thus late
    orange = level(result, "storm-tide", "orange")
    assert (orange["hits"], orange["misses"], orange["false_alarms"]) == (0, 1, 0)
    # neither rain nor rivers are in the record: what no gauge saw is not called quiet
    assert result["unjudged"] == ["waterlogging", "river-level"]


def test_what_somebody_wrote_down_judges_what_no_gauge_measures(
    wanda: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(
        "event,area,colour,start,end\n"
        "waterlogging,330482101000,yellow,1956-08-02T02:00,1956-08-02T09:00\n",
        "utf-8",
    )
    result = rehearse(RULES, wanda, "--truth", truth)["rehearsed"][0]
    assert result["unjudged"] == ["river-level"]
    assert level(result, "waterlogging", "yellow")["misses"] == 1
    assert level(result, "waterlogging", "orange")["events"] == 0


def test_candidate_rules_are_judged_by_the_city_s_levels_not_by_their_own(
    wanda: Path, tmp_path: Path
) -> None:
    lower = tmp_path / "candidate.toml"
    lower.write_text(RULES.read_text("utf-8").replace("blue = 5.80", "blue = 4.80"), "utf-8")
    before = level(rehearse(RULES, wanda)["rehearsed"][0], "storm-tide", "blue")
    after = level(rehearse(lower, wanda, "--city", PINGHU)["rehearsed"][0], "storm-tide", "blue")
    assert after["events"] == before["events"]
    assert (before["hits"], after["hits"] > 0) == (0, True)
    assert min(after["lead_hours"]) >= 1.0


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """A night of In-Fa rehearsed with forecasts: city folder, cache, what was printed."""
    folder = tmp_path_factory.mktemp("night")
    city, cache = folder / "pinghu", folder / "cache"
    short_city(city)
    return city, cache, rehearse(city, "infa-2021", *SHORT, "--cache", cache)


def test_a_replayed_night_is_rehearsed_with_the_forecasts_of_its_time(
    night: tuple[Path, Path, dict[str, Any]],
) -> None:
    result = night[2]["rehearsed"][0]
    assert (result["name"], result["reconstructed"]) == ("infa-2021 · near", True)
    assert (result["runs"], result["lost_runs"]) == (1, 0)
    assert {each["rule"] for each in result["scores"]} == {
        "storm-tide",
        "waterlogging",
        "river-level",
    }
    for each in result["scores"]:
        assert each["hits"] + each["misses"] == each["events"]
        assert each["verified"] + each["false_alarms"] + each["open"] == each["warnings"]
    assert "10-1601" in night[2]["definitions"]["standard"]


def test_a_second_rehearsal_says_the_same_and_computes_no_run_again(
    night: tuple[Path, Path, dict[str, Any]],
) -> None:
    city, cache, before = night
    written = {path: path.stat().st_mtime_ns for path in (cache / "runs").rglob("*.json")}
    assert written
    assert rehearse(city, "infa-2021", *SHORT, "--cache", cache) == before
    assert written == {p: p.stat().st_mtime_ns for p in (cache / "runs").rglob("*.json")}


def test_a_live_desk_is_left_as_it_was(
    wanda: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / "live"
    Store(live).close()
    before = {p: p.read_bytes() for p in sorted(live.rglob("*")) if p.is_file()}
    monkeypatch.setenv("ANLAN_DATA_DIR", str(live))
    # nothing answers there: a rehearsal that opened the desk's database would fail
    monkeypatch.setenv("ANLAN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/anlan")
    monkeypatch.chdir(tmp_path)
    rehearse(RULES, wanda)
    assert before == {p: p.read_bytes() for p in sorted(live.rglob("*")) if p.is_file()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["live"]


def test_the_cache_is_never_a_desk_s_data_folder(tmp_path: Path) -> None:
    Store(tmp_path / "live").close()
    with pytest.raises(Refusal, match="data folder of a desk"):
        rehearse(RULES, "infa-2021", *SHORT, "--cache", tmp_path / "live")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("earthquake,330482101000,yellow,1956-08-02T02:00,1956-08-02T09:00", "event"),
        ("waterlogging,330482999000,yellow,1956-08-02T02:00,1956-08-02T09:00", "territory"),
        ("waterlogging,,yellow,1956-08-02T02:00,1956-08-02T09:00", "area"),
        ("waterlogging,330482101000,purple,1956-08-02T02:00,1956-08-02T09:00", "colour"),
        ("waterlogging,330482101000,yellow,1956-08-02T09:00,1956-08-02T02:00", "end"),
        ("waterlogging,330482101000,yellow,yesterday,1956-08-02T02:00", "start"),
        ("waterlogging,330482101000,yellow", "start"),
    ],
)
def test_each_fault_of_what_was_written_down_is_named(
    row: str, field: str, wanda: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text(f"event,area,colour,start,end\n{row}\n", "utf-8")
    with pytest.raises(Refusal) as found:
        rehearse(RULES, wanda, "--truth", truth)
    assert found.value.field == field


def test_a_record_of_more_than_a_year_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "series,valid_at,value\nzhapu.tide,1956-01-01T00:00Z,1\nzhapu.tide,2020-01-01T00:00Z,1\n",
        "utf-8",
    )
    with pytest.raises(Refusal, match="a year at most"):
        rehearse(RULES, path)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ((RULES, "no-such-event"), "event"),
        ((RULES, "infa-2021", "--world", "mars"), "world"),
        ((PINGHU / "nothing.toml", "infa-2021"), "rules"),
        ((PINGHU.parents[1] / "pyproject.toml", "infa-2021"), "city"),
        ((RULES, "infa-2021", "--truth", "x.csv"), "truth"),
        ((RULES, "no-such-file.csv"), "file"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused_by_name(
    words: tuple[Any, ...], field: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as found:
        rehearse(*words, "--cache", tmp_path / "cache")
    assert found.value.field == field


def imported(module: str) -> Iterable[str]:
    """Modules of ours that a module names in its imports."""
    base = SOURCE / Path(*module.split("."))
    file = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            path = SOURCE / Path(*name.split("."))
            if name.startswith("anlan.") and (
                path.with_suffix(".py").exists() or (path / "__init__.py").exists()
            ):
                yield name


def reach(module: str) -> set[str]:
    """Every module of ours that ``module`` reaches by imports; packages' fronts are not opened."""
    found: set[str] = set()
    ahead = [module]
    while ahead:
        one = ahead.pop()
        if one in found:
            continue
        found.add(one)
        if not (SOURCE / Path(*one.split(".")) / "__init__.py").exists():
            ahead += imported(one)
    return found


def test_no_way_leads_from_a_rehearsal_to_an_outlet() -> None:
    for module in ("anlan.warn.rehearsal", "anlan.replay.rehearse"):
        there = reach(module)
        assert "anlan.warn.lifecycle" in there
        for name in SENDING:
            assert not [each for each in there if each.startswith(f"anlan.warn.{name}")], module


def test_rules_in_a_rehearsal_see_neither_the_world_nor_what_happened() -> None:
    there = reach("anlan.warn.rehearsal")
    assert not [e for e in there if e.startswith(("anlan.replay", "anlan.review"))]
