"""A watched structure on the desk: its card tells how far and how fast, beside the limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from anlan.city import City, load
from anlan.observe import Reading, archive
from tests.browser.conftest import NIGHT, Person, Served

pytestmark = pytest.mark.browser
STATION = (
    "pit-d1,人民路基坑测点一（虚构）,Pit point 1,displacement,121.02,30.70,mm,,,,"
    "330482001000,,60,gauge,true,invented\n"
)
STRUCTURE = """
[[structure]]
id = "pit-1"
name = "人民路基坑"
name_en = "Renmin Road pit"
kind = "foundation_pit"
source = "invented"
[[structure.point]]
station = "pit-d1"
total = { attention = 20.0, danger = 30.0 }
rate = { attention = 2.0, danger = 3.0 }
"""


@pytest.fixture
def pinghu(tmp_path: Path) -> City:
    """Pinghu with a watched pit."""
    folder = tmp_path / "city"
    shutil.copytree(Path(__file__).parents[2] / "cities" / "pinghu", folder)
    town = load(folder).territory.towns()[0].code
    with (folder / "stations.csv").open("a", encoding="utf-8") as stations:
        stations.write(STATION.replace("330482001000", town))
    (folder / "monitoring.toml").write_text(STRUCTURE, encoding="utf-8")
    return load(folder)


def test_a_pit_that_moves_fast_is_red_though_it_has_not_moved_far(
    served: Served, sit_down: Callable[..., Person]
) -> None:
    hour = timedelta(hours=1)
    with served.hand.store.transaction() as tx:
        course = [
            Reading("pit-d1.displacement", NIGHT - n * hour, 8 - n * 3.4 / 24) for n in range(48)
        ]
        archive.add(tx, course, NIGHT)
    page = sit_down(served.hand.account("duty_officer")).page
    page.get_by_test_id("tab-stations").click()
    page.get_by_test_id("stations").get_by_role("listitem").filter(
        has_text="人民路基坑"
    ).get_by_role("button").first.click()
    card = page.get_by_test_id("detail-station")
    expect(card).to_contain_text("达到报警值")
    moved = page.get_by_test_id("moved")
    expect(moved).to_contain_text("8.0 mm")
    expect(moved).to_contain_text("3.40 mm/d")
    expect(moved).to_contain_text("预警 2 · 报警 3")
