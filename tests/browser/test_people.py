"""A resident reports water from the phone; the desk sees it on the map, and not as a gauge."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person, Served

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]


def test_a_depth_reported_on_the_phone_is_a_mark_on_the_desks_map(
    served: Served, sit_down: SitDown
) -> None:
    village = served.hand.city.territory.villages()[0]
    desk = sit_down(served.hand.account("duty_officer"))
    expect(desk.page.get_by_test_id("map")).to_be_visible()
    phone = sit_down(served.hand.account("resident"), 390, 844)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation(
        {"longitude": village.lon, "latitude": village.lat, "accuracy": 18}
    )
    phone.page.get_by_test_id("phone-report").click()
    phone.page.get_by_test_id("depth-waist").click()
    phone.page.get_by_test_id("report-here").click()
    expect(phone.page.get_by_text("已定位")).to_be_visible()
    edge = phone.page.evaluate(
        "Math.max(...[...document.querySelectorAll('form.report *')]"
        ".map((one) => one.getBoundingClientRect().right))"
    )
    assert edge <= 390, "nothing sticks out of a phone"
    phone.page.get_by_test_id("report-submit").click()
    desk.page.get_by_test_id("tab-cases").click()
    desk.page.get_by_test_id("case-card").first.click()
    desk.page.get_by_test_id("case-on-map").click()
    box = desk.page.get_by_test_id("map").bounding_box()
    assert box is not None
    card = desk.page.get_by_test_id("detail-report")
    for _ in range(10):
        # the mark stands on the spot to which the map flies, which takes it a while
        desk.page.wait_for_timeout(1500)
        desk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 12)
        if card.is_visible():
            break
    expect(card).to_contain_text("齐腰")
    expect(card).to_contain_text("0.60–1.10 m")
    expect(card).to_contain_text("可信度 40%")
    expect(card).to_contain_text("不是测站读数")
    expect(card).to_contain_text("居民")
