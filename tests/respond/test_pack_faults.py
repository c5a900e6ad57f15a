"""A pack that cannot be meant is refused with its file, the key and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.city import City
from anlan.refusal import Refusal
from anlan.respond import packs
from anlan.respond.check import check
from tests.respond.town import PACKS

CITIES = Path(__file__).parents[2] / "cities"
FIELDS = """
[[field]]
key = "items"
type = "choices"
label = "问题"
label_en = "Findings"
choices = [{ value = "wet", label = "积水", label_en = "Wet" }]

[[field]]
key = "passed"
type = "yes_no"
phase = "check"
label = "合格"
label_en = "Passed"
each = "items"
must = true
"""
SOUND = PACKS["resident_report"] + FIELDS


@pytest.mark.parametrize("city", ["pinghu", "talstadt"])
def test_the_packs_of_the_cities_are_sound(city: str) -> None:
    assert check(CITIES / city) == []
    assert {"plan_step", "resident_report", "help_request"} <= set(packs.load(CITIES / city))


def test_the_pack_that_the_faults_below_are_put_into_has_none(tmp_path: Path) -> None:
    file = tmp_path / "resident_report.toml"
    file.write_text(SOUND, encoding="utf-8")
    assert packs.read(file)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("priority = 1", "", "pack.priority", "is missing"),
        ("priority = 1", 'priority = "1"', "pack.priority", "should be a valid integer"),
        ("due_min = 120", "due_min = 0", "deadlines.due_min", "greater than 0"),
        ("due_min = 120", "due_mins = 120", "deadlines.due_mins", "did you mean 'due_min'?"),
        ('kind = "resident_report"', 'kind = "report"', "pack.kind", "'resident_report'"),
        ('"grid_worker", "village_officer", "town_officer"]', '"grids"]', "owner.roles", "one of"),
        ("[deadlines]", '[verification]\nby = ["checker"]\n[deadlines]', "verification.roles", ""),
        (
            "[deadlines]",
            '[verification]\nanother_than = ["reporter"]\n[deadlines]',
            "verification.another_than",
            'add "doer"',
        ),
        (
            'opens = ["resident"',
            'side_states = ["merged"]\nopens = ["resident"',
            "pause",
            'add "blocked"',
        ),
        ('type = "choices"', 'type = "choice"', "field.passed.each", "phase open"),
        ("must = true", 'must = "yes"', "field.passed.must", "one of its answers"),
        ('phase = "check"', "", "field.passed.must", "phase done or check"),
        ('each = "items"', 'each = "itens"', "field.passed.each", "'choices' field"),
        ('type = "yes_no"', 'type = "yes"', "field.1.type", "input should be"),
        ('key = "passed"', 'key = "items"', "field.key", "stands twice"),
        ("must = true", "personal = true", "field.passed.personal", "text, words or phone"),
        ("must = true", "min = 3", "field.passed", "leave out min and max"),
        (
            "ack_min = 15",
            'ack_min = 15\nto = "items"',
            "task.0.to",
            "no account field of phase open",
        ),
        (
            "[[task]]",
            '[[points]]\nto = "doer"\npoints = 5\nat_least_rating = 4\nwords = "好"\n'
            'words_en = "Good"\n[[task]]',
            "points.0.at_least_rating",
            'on = "rated"',
        ),
        ("label = ", "label ", "", "is not TOML"),
    ],
)
def test_a_fault_of_a_pack_is_named(
    tmp_path: Path, old: str, new: str, field: str, says: str
) -> None:
    text = SOUND.replace(
        "[[task]]", '[[pause]]\ncode = "x"\ntitle = "等"\ntitle_en = "Wait"\n[[task]]'
    )
    changed = text.replace(old, new, 1)
    assert changed != text
    file = tmp_path / "resident_report.toml"
    file.write_text(changed, encoding="utf-8")
    pack, found = packs.read(file)
    assert pack is None
    named = {fault.field: str(fault) for fault in found}
    assert field in named
    assert says in named[field]
    assert all(fault.file == "packs/resident_report.toml" and fault.remedy for fault in found)


def test_a_step_of_the_plan_needs_a_pack_and_a_pack_a_ladder(city: City) -> None:
    (city.folder / "packs/plan_step.toml").unlink()
    report = city.folder / "packs/resident_report.toml"
    report.write_text(PACKS["resident_report"].replace("town_officer", "analyst"), encoding="utf-8")
    found = [str(fault) for fault in check(city.folder)]
    assert any("step.duty.kind 'plan_step' has no pack" in fault for fault in found)
    assert any("owner.roles 'analyst' has no ladder" in fault for fault in found)


def test_a_broken_pack_stops_its_own_kind_and_no_other(city: City) -> None:
    (city.folder / "packs/broken.toml").write_text("[pack]\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"packs/broken.toml: pack.kind is missing"):
        packs.of_kind(city.folder, "broken")
    assert packs.of_kind(city.folder, "resident_report").kind == "resident_report"


def test_a_kind_without_a_file_is_refused_with_those_that_there_are(city: City) -> None:
    with pytest.raises(Refusal, match="known: plan_step, resident_report"):
        packs.of_kind(city.folder, "flood")
