"""A case with a form, by hand on the desk: opened, blocked for a listed reason, asked again."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served


def test_a_form_is_filled_in_shown_and_asked_again_when_the_work_is_done(
    browser: Browser, served: Served
) -> None:
    hand = served.hand
    home = hand.city.accounts[hand.account("resident")].territory
    desk = browser.new_context(viewport={"width": 1500, "height": 950}).new_page()
    desk.goto(served.url + hand.link(hand.account("duty_officer")))
    desk.get_by_test_id("tab-cases").click()
    desk.get_by_test_id("new-case-open").click()
    desk.get_by_test_id("new-case-kind").select_option("pump_dispatch")
    desk.get_by_test_id("new-case-where").select_option(home)
    desk.get_by_test_id("new-case-send").click()
    # a group of buttons without an answer is named, and nothing is sent
    expect(desk.get_by_test_id("toast").first).to_contain_text("需要的设备")
    desk.get_by_test_id("answer-equipment-pump_truck").check()
    desk.get_by_test_id("answer-depth_cm").fill("45")
    desk.get_by_test_id("new-case-text").fill("下穿通道积水，请求泵车")
    desk.get_by_test_id("new-case-send").click()
    drawer = desk.get_by_test_id("case-drawer")
    expect(drawer.get_by_test_id("given-equipment")).to_have_text("移动泵车")
    expect(drawer.get_by_test_id("given-depth_cm")).to_have_text("45 cm")

    drawer.get_by_test_id("case-command-accept").click()
    drawer.get_by_test_id("case-command-block").click()
    desk.get_by_test_id("ask").locator("select").select_option("outfall_high")
    desk.get_by_test_id("ask-confirm").click()
    expect(drawer.get_by_test_id("case-paused")).to_contain_text("外河水位高")
    drawer.get_by_test_id("case-command-unblock").click()
    expect(drawer.get_by_test_id("case-paused")).to_have_count(0)

    drawer.get_by_test_id("task-command-complete").click()
    asked = desk.get_by_test_id("ask")
    expect(asked.get_by_test_id("field-used")).to_be_visible()
    expect(asked.get_by_test_id("field-photos")).to_be_visible()
