"""The command board in a browser: the level foreseen, posts, orders, the watch handed over."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Served

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]


def begin(page: Page) -> None:
    """Open an incident by hand, see what level III brings, and set it."""
    page.get_by_test_id("incident-open").click()
    page.locator("textarea[name=name]").fill("试验事件")
    page.locator("textarea[name=reason]").fill("试")
    page.get_by_test_id("ask-confirm").click()
    page.get_by_test_id("level-set").click()
    page.get_by_test_id("ask").locator("select").select_option("III")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("foreseen")).to_contain_text("封闭下穿立交 ×8")
    page.locator("textarea[name=reason]").fill("试")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("level")).to_contain_text("III")


def test_a_commander_commands_by_keyboard_and_hands_the_watch_over(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    page = sit_down(hand.account("commander")).page
    begin(page)
    page.keyboard.press("c")
    board = page.get_by_test_id("command-board")
    expect(board).to_be_visible()
    expect(page.get_by_test_id("step-underpass")).to_contain_text("0/8")
    page.get_by_test_id("checklist-by-town").click()
    expect(page.get_by_test_id("checklist-matrix").get_by_role("rowheader")).not_to_have_count(0)

    page.get_by_test_id("command-posts").click()
    post = page.get_by_test_id("post-commander")
    expect(post).to_have_class("post missing")
    post.get_by_test_id("post-take").click()
    expect(post).to_have_attribute("data-holder", hand.account("commander"))

    page.get_by_test_id("command-orders").click()
    page.get_by_test_id("order-to").fill("交通局值班室")
    page.get_by_test_id("order-means").select_option("phone")
    page.get_by_test_id("order-what").fill("两辆大巴待命 <script>alert(1)</script>")
    page.get_by_test_id("order-what").press("Tab")
    page.keyboard.press("Enter")
    order = page.get_by_test_id("order").first
    expect(order).to_contain_text("<script>alert(1)</script>")
    order.get_by_test_id("order-acknowledge").click()
    page.get_by_test_id("ask").locator("select").select_option("phone")
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("order").first).to_have_attribute("data-state", "acknowledged")

    page.get_by_test_id("command-handover").click()
    page.get_by_test_id("handover-draft").click()
    note = page.get_by_test_id("handover-text")
    expect(note).to_have_value(re.compile("两辆大巴待命"))
    page.get_by_test_id("handover-sign").click()
    page.get_by_test_id("ask-confirm").click()
    expect(page.get_by_test_id("handover")).to_have_attribute("data-state", "signed")

    second = sit_down(hand.account("duty_officer")).page
    expect(second.get_by_test_id("open-command")).to_be_visible()
    second.keyboard.press("c")
    second.get_by_test_id("command-handover").click()
    second.get_by_test_id("handover-acknowledge").click()
    second.get_by_test_id("ask-confirm").click()
    second.get_by_test_id("command-posts").click()
    expect(second.get_by_test_id("post-commander")).to_have_attribute(
        "data-holder", hand.account("duty_officer")
    )
    second.keyboard.press("Escape")
    expect(second.get_by_test_id("command-board")).to_have_count(0)


def test_an_order_is_answered_on_the_phone(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    worker = hand.account("grid_worker")
    page = sit_down(hand.account("commander")).page
    begin(page)
    page.keyboard.press("c")
    page.get_by_test_id("command-orders").click()
    name = hand.city.accounts[worker].name
    page.get_by_test_id("order-to").fill(f"{name} {worker}")
    page.get_by_test_id("order-what").fill("查看二号闸")
    page.get_by_test_id("order-give").click()
    expect(page.get_by_test_id("order").first).to_have_attribute("data-state", "given")

    phone = sit_down(worker, 390, 844).page
    phone.goto(f"{served.url}/phone.html#orders")
    card = phone.get_by_test_id("order-card").first
    expect(card).to_contain_text("查看二号闸")
    card.get_by_test_id("order-received").click()
    expect(card).to_have_attribute("data-state", "acknowledged")
    card.locator("textarea").fill("闸门完好")
    card.get_by_test_id("order-done").click()
    expect(card).to_have_attribute("data-state", "done")
    expect(page.get_by_test_id("order").first).to_contain_text("闸门完好")
