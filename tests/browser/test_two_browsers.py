"""With nobody replayed, people at two browsers carry the chain by hand, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person, Served
from tests.free_text import HOSTILE

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]


def _confirm(page: Page, **fields: str) -> None:
    """Answer the question that a grave step asks."""
    for name, text in fields.items():
        page.locator(f"dialog [name={name}]").fill(text)
    page.get_by_test_id("ask-confirm").click()


def _draw(page: Page, card: Locator) -> None:
    """Draw round the whole city by mouse, then a corner too many, taken back by keyboard."""
    state = page.get_by_test_id("draw-state")
    card.get_by_test_id("draw-area").click()
    expect(page.get_by_test_id("draw-save")).to_be_disabled()
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    left, right = box["x"] + 330, box["x"] + box["width"] - 60
    top, bottom = box["y"] + 230, box["y"] + box["height"] - 150
    for count, (x, y) in enumerate(((left, top), (right, top), (right, bottom)), start=1):
        page.mouse.click(x, y)
        expect(state).to_have_attribute("data-open", str(count))
    page.mouse.click(left, bottom)
    page.keyboard.press("Enter")
    expect(state).to_have_attribute("data-rings", "1")
    page.keyboard.press("Space")
    expect(state).to_have_attribute("data-open", "1")
    page.keyboard.press("Control+z")
    expect(state).to_have_attribute("data-open", "0")
    page.get_by_test_id("draw-save").click()
    expect(page.get_by_test_id("draw-bar")).to_have_count(0)
    expect(card.get_by_test_id("area-show")).to_be_visible()


def test_approve_dispatch_receive_and_close_by_hand(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    officer, commander = hand.account("duty_officer"), hand.account("commander")
    first, second = sit_down(officer).page, sit_down(commander).page
    expect(first.get_by_test_id("exercise")).to_be_visible()

    hand.post_tide([6.42, 6.45, 6.47])
    hand.step(1)
    # the draft appears by itself, with its audience
    card = first.locator("[data-testid=alert-card][data-state=draft]")
    expect(card).to_have_count(1)
    card.get_by_test_id("audience").click()
    expect(first.locator("dialog")).to_contain_text("【演练】")
    first.keyboard.press("Escape")
    _draw(first, card)
    card.get_by_test_id("approve").click()
    expect(first.get_by_test_id("audience-counts")).to_contain_text("预计费用")
    _confirm(first)
    expect(card.get_by_test_id("approvals")).to_contain_text(hand.city.accounts[officer].name)
    # an orange alert needs a second officer, who sits elsewhere
    waiting = second.locator("[data-testid=alert-card][data-state=draft]")
    expect(waiting.get_by_test_id("area-show")).to_be_visible()
    waiting.get_by_test_id("approve").click()
    _confirm(second)
    expect(second.locator("[data-testid=alert-card][data-state=issued]")).to_have_count(1)
    hand.step(1)
    second.get_by_test_id("level-accept").click()
    _confirm(second, reason="风暴潮橙色预警")
    expect(second.get_by_test_id("task-card").first).to_be_visible()
    hand.step(1)

    with hand.signed_in(commander) as desk:
        tasks = desk.get("/api/v1/tasks").json()
    task = next(
        t
        for t in tasks
        if t["state"] == "assigned"
        and hand.city.accounts[t["assignee"]].role in ("crew", "volunteer", "village_officer")
    )
    worker = sit_down(task["assignee"], 390, 844).page
    expect(worker.get_by_test_id("exercise")).to_be_visible()
    worker.get_by_test_id("phone-tasks").click()
    mine = worker.locator(f"[data-testid=task-card][data-task={task['id']}]")
    mine.get_by_test_id("task-acknowledge").click()
    mine.get_by_test_id("task-depart").click()
    mine.get_by_test_id("task-arrive").click()
    mine.get_by_test_id("task-done").click()
    worker.get_by_test_id("evidence").fill("已到位，海塘巡查完毕，无险情")
    worker.get_by_test_id("evidence-submit").click()
    expect(mine).to_have_count(0)

    with hand.signed_in(commander) as desk:
        assert desk.get(f"/api/v1/cases/{task['case']}").json()["state"] == "done_claimed"
    second.get_by_test_id("tab-cases").click()
    second.locator(f"[data-testid=case-card][data-case={task['case']}]").click()
    second.get_by_test_id("case-command-verify").click()
    second.get_by_test_id("case-command-close").click()
    with hand.signed_in(commander) as desk:
        for _ in range(50):
            state = desk.get(f"/api/v1/cases/{task['case']}").json()["state"]
            if state == "closed":
                break
            second.wait_for_timeout(100)
    assert state == "closed"


def test_what_nobody_does_shows_on_the_desk(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    page = sit_down(hand.account("duty_officer")).page
    with hand.signed_in(hand.account("commander")) as desk:
        incident = desk.post("/api/v1/incidents", json={"name": "防汛值守"}).json()
        desk.post(f"/api/v1/incidents/{incident['id']}/level", json={"level": "IV", "reason": "雨"})
    expect(page.get_by_test_id("task-card").first).to_be_visible()
    hand.step(61)
    late = page.locator("[data-testid=task-card].escalated")
    expect(late.first).to_be_visible()


def test_a_resident_reports_water_from_the_phone(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    resident = hand.account("resident")
    page = sit_down(resident, 390, 844).page
    page.get_by_test_id("phone-report").click()
    page.get_by_test_id("depth-knee").click()
    # whatever somebody writes is text to whoever reads it, and does nothing
    typed = ("html", "entity", "formula", "sql", "template", "markdown", "bidi", "emoji")
    words = " ".join(["小区门口积水，车进不来", *(HOSTILE[kind] for kind in typed)])
    page.get_by_test_id("report-text").fill(words)
    where = page.get_by_test_id("report-where")
    where.fill(hand.city.territory.villages()[0].name[:3])
    page.get_by_test_id("report-suggestion").first.click()
    page.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("report-card")).to_have_count(1)
    desk = sit_down(hand.account("duty_officer")).page
    desk.get_by_test_id("tab-cases").click()
    expect(desk.get_by_test_id("case-card")).to_have_count(1)
    desk.get_by_test_id("case-card").click()
    expect(desk.locator("body")).to_contain_text(HOSTILE["html"])
    expect(desk.locator("body")).to_contain_text(HOSTILE["formula"])
    expect(desk.locator("body")).to_contain_text(HOSTILE["template"])
    for reader in (page, desk):
        assert reader.locator('img[src="x"], a[href*="evil.example"]').count() == 0


def test_the_desk_speaks_english_too(served: Served, sit_down: SitDown) -> None:
    page = sit_down(served.hand.account("duty_officer")).page
    page.get_by_test_id("language-toggle").get_by_text("EN").click()
    expect(page.locator("body")).to_contain_text("Nothing awaits approval")
