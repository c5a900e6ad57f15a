"""The worked example of docs/volunteers.md holds, and the cities' volunteers have no fault."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from anlan.city import City
from anlan.respond.volunteers.check import check
from anlan.respond.volunteers.rules import load

ROOT = Path(__file__).parents[3]


def test_the_example_of_the_page_runs() -> None:
    page = (ROOT / "docs" / "volunteers.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example, "docs/volunteers.md", "exec"), {})


@pytest.mark.parametrize("city", ["pinghu", "talstadt"])
def test_the_volunteers_of_the_cities_that_ship_have_no_fault(city: str) -> None:
    assert check(ROOT / "cities" / city) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "word"),
    [
        ("volunteers.toml", "confidence = 0.9", "confidence = 1.5", "call.confidence", "less than"),
        ("volunteers.toml", "grace_min = 15", "grace_minutes = 15", "safety.grace_min", "required"),
        ("volunteers.toml", "{reply_by}", "{reply}", "text.call.zh", "no slot"),
        ("volunteers.toml", '"volunteer_search"', '"search"', "safety.search", "no pack"),
        ("volunteers.csv", "PE0334", "PE0335", "person", "account"),
        ("volunteers.csv", "driver:2027-02-01", "flying:2027-02-01", "skills", "flying"),
        ("volunteers.csv", ",9,5,5,4,", ",9,5,4,5,", "yes", "more came"),
        ("volunteers.csv", "V0001,", "VR0001,", "id", "begins with VR"),
    ],
)
def test_a_fault_is_named_with_file_field_and_what_is_wrong(
    pinghu: City, tmp_path: Path, file: str, old: str, new: str, field: str, word: str
) -> None:
    for name in ("volunteers.toml", "volunteers.csv", "people.csv"):
        shutil.copy(pinghu.folder / name, tmp_path / name)
    shutil.copytree(pinghu.folder / "packs", tmp_path / "packs")
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [fault for fault in check(tmp_path) if fault.field == field]
    assert found, check(tmp_path)
    assert found[0].file == file
    assert word in found[0].message


def test_the_rules_of_pinghu_are_those_of_its_file(pinghu: City) -> None:
    rules = load(pinghu.folder)
    assert rules.skills["first_aid"].valid_months == 24
    assert (rules.safety.safe_min, rules.safety.grace_min) == (180, 15)
