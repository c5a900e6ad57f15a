"""The tab of dispatch in a real browser: a route round water, a request filled, a team sent."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import NIGHT, Person, Served
from tests.respond.roads.flooded import publish

BELT = (121.13, 30.715, 121.21, 30.735)


def report(page: Page) -> None:
    """A report of water from the desk, so that there is a case to work on."""
    answer = page.evaluate(
        """async () => (await fetch('/api/v1/cases', {method: 'POST',
            headers: {'X-Anlan': '1', 'Content-Type': 'application/json'},
            body: JSON.stringify({kind: 'resident_report', territory: '330482108004',
              lon: 121.2, lat: 30.675, text: '地下车库进水'})})).status"""
    )
    assert answer == 200


def test_the_officer_finds_a_route_fills_a_request_and_sends_a_team(
    served: Served, sit_down: Callable[..., Person]
) -> None:
    hand = served.hand
    publish(hand.city, hand.store, "RUN", NIGHT, BELT, {"p50": [0.0], "p90": [1.2]}, {"OH01": 5})
    person = sit_down(hand.account("duty_officer"))
    page = person.page
    page.get_by_test_id("tab-dispatch").wait_for()
    report(page)
    page.get_by_test_id("tab-dispatch").click()

    page.get_by_test_id("dispatch-route").click()
    page.get_by_test_id("route-vehicle").select_option("car")
    page.get_by_test_id("route-from").select_option(label="广陈镇")
    page.get_by_test_id("route-to").select_option(label="独山港镇")
    page.get_by_test_id("find-route").click()
    blocked = page.locator("[data-testid=avoided][data-effect=blocked]").first
    expect(blocked).to_contain_text("限 0.30 米")
    expect(page.get_by_test_id("route-card")).to_contain_text("合成路网")

    # a leg of it closed by hand: shown in the middle of the map, clicked on there, opened again
    page.emulate_media(reduced_motion="reduce")
    page.locator("[data-testid=route-card] ol button").first.click()
    page.get_by_test_id("pick-road").click()
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for n, choice in enumerate(("closed", "stretch", "6")):
        page.locator("dialog select").nth(n).select_option(choice)
    page.locator("dialog textarea").fill("路面塌陷")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("road-order")).to_contain_text("路面塌陷")
    page.get_by_test_id("lift-road").click()
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("road-order")).to_have_count(0)

    page.get_by_test_id("dispatch-resources").click()
    page.get_by_test_id("new-request").click()
    page.locator("dialog select").nth(0).select_option(index=1)
    page.locator("dialog select").nth(1).select_option("编织袋")
    page.locator("dialog textarea[name=quantity]").fill("300")
    page.get_by_test_id("ask-confirm").click()
    page.get_by_test_id("offers").click()
    page.get_by_test_id("send").first.click()
    expect(page.get_by_test_id("request")).to_have_attribute("data-state", "filled")
    page.get_by_test_id("receive").click()
    expect(page.get_by_test_id("fill")).to_have_attribute("data-state", "received")

    page.get_by_test_id("dispatch-assign").click()
    first = page.get_by_test_id("sending").first
    expect(first).to_contain_text("路程最短")
    asset = first.get_attribute("data-asset")
    first.get_by_test_id("assign-accept").click()
    expect(page.locator(f"[data-testid=sending][data-asset={asset}]")).to_have_count(0)

    page.get_by_test_id("dispatch-evacuate").click()
    expect(page.get_by_test_id("evac-sum")).to_contain_text("尚缺 0 人")
    page.get_by_test_id("evac-people").click()
    expect(page.get_by_test_id("evac-list")).to_contain_text("*")
    page.get_by_test_id("evac-accept").click()
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("evac-accepted")).to_contain_text("与最新预报一致")
    assert person.complaints == []
