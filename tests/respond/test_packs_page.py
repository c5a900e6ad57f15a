"""The page about packs: its example is a sound pack that works, its tables name what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from anlan.respond import actions, hours, packs, views
from anlan.respond.check import check
from anlan.respond.pack import FieldType, Pack
from anlan.store import schema
from tests.respond.town import EAST_ONE, Desk

PAGE = (Path(__file__).parents[2] / "docs/packs.md").read_text(encoding="utf-8")
[EXAMPLE, CALENDAR] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def first_cells(heading: str) -> set[str]:
    """The names in backticks of the first column of the table under a heading."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`\[*([a-z_]+)\]*`", cell)}


def test_the_tables_name_every_part_of_a_pack_and_every_type_of_question() -> None:
    assert first_cells("table") == set(Pack.model_fields)
    assert first_cells("`type`") == set(get_args(FieldType))


def test_the_example_is_sound_and_its_fault_is_said_as_the_page_says(desk: Desk) -> None:
    file = desk.city.folder / "packs/street_tree.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    assert check(desk.city.folder) == []
    file.write_text(re.sub(r"^priority.*\n", "", EXAMPLE, flags=re.MULTILINE), encoding="utf-8")
    [fault] = check(desk.city.folder)
    assert str(fault) in PAGE


def test_the_example_goes_from_a_report_to_closing(desk: Desk) -> None:
    (desk.city.folder / "packs/street_tree.toml").write_text(EXAMPLE, encoding="utf-8")
    assert packs.of_kind(desk.city.folder, "street_tree").pack.title == "行道树险情"
    resident, grid, duty = (desk.as_(name) for name in ("resident-east", "grid-east-1", "duty"))
    case = actions.open_case(
        resident,
        desk.city,
        "street_tree",
        territory=EAST_ONE,
        reporter="resident-east",
        form={"dangers": ["leaning"]},
    )
    [task] = views.case(desk.tx, case)["tasks"]
    for command in ("acknowledge", "arrive"):
        actions.task_command(grid, desk.city, task["id"], command)
    actions.case_command(grid, desk.city, case, "block", {"cause": "wind"})
    assert views.case(desk.tx, case)["paused"] == "wind"
    actions.case_command(grid, desk.city, case, "unblock")
    photo = "0" * 64
    kept = {"digest": photo, "mime": "image/jpeg", "content": b"", "at": desk.now}
    desk.tx.execute(schema.attachment.insert().values(kept))
    actions.task_command(grid, desk.city, task["id"], "complete", {"photos": [photo]})
    passed = {"form": {"gone": {"leaning": True}}}
    actions.case_command(resident, desk.city, case, "verify", passed)
    assert actions.case_command(duty, desk.city, case, "close") == "closed"


def test_the_calendar_of_the_page_has_no_fault(desk: Desk) -> None:
    (desk.city.folder / "hours.toml").write_text(CALENDAR, encoding="utf-8")
    assert hours.check(desk.city.folder) == []
