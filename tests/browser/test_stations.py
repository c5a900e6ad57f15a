"""The health of the stations on the desk, in real Chromium, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from anlan.observe import Reading, archive
from tests.browser.conftest import NIGHT, Person, Served

pytestmark = pytest.mark.browser


def test_a_stuck_gauge_is_named_first_and_found_by_keyboard(
    served: Served, sit_down: Callable[..., Person]
) -> None:
    hand = served.hand
    ten = timedelta(minutes=10)
    with hand.store.transaction() as tx:
        for station in hand.city.stations.values():
            stuck = station.id == "jinshanzui"
            readings = [
                Reading(station.series, NIGHT - ten * n, 2.5 if stuck else 2 + 0.03 * (n % 5))
                for n in range(60)
            ]
            archive.add(tx, readings, NIGHT)
    page = sit_down(hand.account("duty_officer")).page
    page.get_by_test_id("tab-stations").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("stations")
    expect(panel).to_contain_text("21 站，1 站有问题")
    first = panel.get_by_role("listitem").first
    expect(first).to_contain_text("金山嘴")
    expect(first).to_contain_text("数值长时间不变，疑似卡滞")
    panel.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".detail-head")).to_contain_text("金山嘴")
