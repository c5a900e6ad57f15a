"""The phone page for those who read badly, see badly or have big thumbs; and its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from anlan.store import schema
from tests.browser.conftest import AtWork, Person, Served
from tests.browser.street import give_task, picture, publish_run, ready_offline
from tests.browser.test_phone_offline import SOON, phone, plug, settled, unplug

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]
WIDTH = 360
NARROW = 320  # the narrowest phone in use, and what a wider one shows when zoomed to 400 %
THUMB = 44
PAGES = ("messages", "tasks", "report", "map", "more", "matters", "mine", "waiting", "settings")

# controls that are too small for a thumb, and what sticks out of the screen
UNFIT = """([thumb, width]) => {
  const shown = [...document.querySelectorAll("button, a, select, textarea, input, label.camera")]
    .filter((one) => one.offsetParent && !one.closest(".hidden, .maplibregl-map"))
    .filter((one) => !one.matches(".hidden, [type=checkbox], [type=radio]"));
  const small = shown
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.height < thumb - 0.5 || box.width < thumb - 0.5)
    .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
  const wide = [...document.querySelectorAll(".phone *")]
    .filter((one) => !one.closest(".hours, .maplibregl-map, .hidden") && !one.matches(".hidden"))
    .filter((one) => one.getBoundingClientRect().right > width + 0.5)
    .map((one) => `${one.className} sticks out`);
  return [...small, ...wide];
}"""


def open_page(page: Page, name: str) -> None:
    page.evaluate("name => { location.hash = name }", name)
    expect(page.locator(".phone-main")).not_to_be_empty()
    page.wait_for_timeout(150)


@pytest.mark.parametrize(
    ("size", "language", "width"),
    [("usual", "中文", WIDTH), ("largest", "English", NARROW), ("largest", "中文", NARROW)],
)
def test_every_page_fits_a_small_screen_and_a_thumb(
    served: Served, sit_down: SitDown, size: str, language: str, width: int
) -> None:
    hand = served.hand
    worker = hand.account("grid_worker")
    give_task(hand, worker)
    publish_run(hand, lambda lon, lat, hour: 0 * lon + 0.1 * hour)
    person = phone(sit_down, worker)
    page = person.page
    page.set_viewport_size({"width": width, "height": 640})
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-settings").click()
    page.get_by_test_id(f"type-{size}").click()
    page.get_by_role("radio", name=language).click()
    for name in PAGES:
        open_page(page, name)
        assert page.evaluate(UNFIT, [THUMB, width]) == [], name
    # the choice is kept, as is the phone's own size of type
    page.reload()
    assert page.evaluate("document.documentElement.dataset.type") == size
    base = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert base == pytest.approx({"usual": 16, "largest": 26.4}[size])


def test_a_task_is_read_aloud_in_chinese_with_its_units_in_words(
    at_work: AtWork,
) -> None:
    task, person = at_work.task, at_work.person
    page = person.page
    card = page.locator(f"[data-task={task}]")
    expect(card).to_be_visible(timeout=SOON)
    # this machine has no voice: what would be said is what counts
    page.evaluate(
        """() => {
          window.said = [];
          speechSynthesis.speak = (one) => window.said.push([one.lang, one.text]);
        }"""
    )
    button = card.get_by_test_id("read-aloud")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    said: list[Any] = page.evaluate("window.said")
    assert {language for language, _ in said} == {"zh-CN"}
    whole = "".join(text for _, text in said)
    assert "查看积水" in whole
    assert "0.3到0.6米" in whole
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_matter_with_a_form_is_written_in_airplane_mode_and_lands_with_its_answers(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    person = phone(sit_down, hand.account("resident"))
    page = person.page
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-matters").click()
    expect(page.get_by_test_id("matter-help_request")).to_be_visible(timeout=SOON)
    ready_offline(page)
    unplug(person)
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-matters").click()
    page.get_by_test_id("matter-help_request").click()
    page.get_by_test_id("answer-need-move").check()
    page.get_by_test_id("answer-people").fill("3")
    page.get_by_test_id("answer-frail-yes").check()
    page.get_by_test_id("photo").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_test_id("matter-text").fill("一楼进水，老人在二楼")
    page.get_by_test_id("matter-submit").click(timeout=SOON)
    expect(page.get_by_test_id("report-waiting")).to_have_count(1, timeout=SOON)
    plug(person)
    settled(page)
    expect(page.get_by_test_id("report-card")).to_have_count(1, timeout=SOON)
    C = schema.case_item
    with hand.store.read() as conn:
        data = conn.execute(select(C.c.data).where(C.c.kind == "help_request")).scalar_one()
    assert data["form"]["need"] == ["move"]
    assert data["form"]["people"] == 3
    assert len(data["photos"]) == 1
    person.complaints.clear()


def test_a_report_that_was_refused_later_is_put_right_and_sent_again(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    person = phone(sit_down, hand.account("resident"))
    page = person.page
    ready_offline(page)
    # a position far from the city: the phone cannot know, the service refuses it
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation({"longitude": 116.4, "latitude": 39.9, "accuracy": 10})
    unplug(person)
    page.get_by_test_id("phone-report").click()
    page.get_by_test_id("depth-waist").click()
    page.get_by_test_id("report-text").fill("车被淹")
    page.get_by_test_id("report-submit").click(timeout=SOON)
    expect(page.get_by_test_id("unsent")).to_be_visible(timeout=SOON)
    plug(person)
    page.get_by_test_id("refused").click(timeout=SOON)
    page.get_by_test_id("conflict-change").click()
    expect(page.get_by_test_id("report-text")).to_have_value("车被淹")
    expect(page.get_by_test_id("depth-waist")).to_have_attribute("aria-checked", "true")
    page.get_by_test_id("report-where").fill(hand.city.territory.villages()[0].name[:3])
    page.get_by_test_id("report-suggestion").first.click()
    page.get_by_test_id("report-submit").click(timeout=SOON)
    expect(page.get_by_test_id("report-card")).to_have_count(1, timeout=SOON)
    settled(page)
    expect(page.get_by_test_id("refused")).to_have_count(0)
    person.complaints.clear()


def test_what_does_not_fit_is_said_at_once_and_not_kept(served: Served, sit_down: SitDown) -> None:
    person = phone(sit_down, served.hand.account("resident"))
    page = person.page
    person.context.grant_permissions(["geolocation"])
    person.context.set_geolocation({"longitude": 116.4, "latitude": 39.9, "accuracy": 10})
    page.get_by_test_id("phone-report").click()
    page.get_by_test_id("depth-knee").click()
    page.get_by_test_id("report-submit").click(timeout=SOON)
    expect(page.get_by_test_id("toast").first).to_contain_text("116.4", timeout=SOON)
    # the report is still open, to be put right
    expect(page.get_by_test_id("depth-knee")).to_have_attribute("aria-checked", "true")
    settled(page)
    expect(page.get_by_test_id("refused")).to_have_count(0)


def test_the_reporter_says_how_it_was_dealt_with(served: Served, sit_down: SitDown) -> None:
    hand = served.hand
    resident = hand.account("resident")
    seen = {"territory": hand.city.accounts[resident].territory, "text": "井盖没了"}
    with hand.signed_in(resident) as phone_of:
        case = phone_of.post("/api/v1/cases", json=seen).json()["id"]
    with hand.signed_in(hand.account("commander")) as desk:
        task = desk.get(f"/api/v1/cases/{case}").json()["tasks"][0]["id"]
        done = {"text": "已换新", "reason": "电话报告"}
        assert desk.post(f"/api/v1/tasks/{task}/complete", json=done).status_code == 200
    with hand.signed_in(hand.account("duty_officer")) as desk:
        assert desk.post(f"/api/v1/cases/{case}/verify", json={}).status_code == 200
    page = phone(sit_down, resident).page
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-mine").click()
    page.get_by_test_id("verdict-partly").click(timeout=SOON)
    page.get_by_test_id("stars-3").click()
    expect(page.get_by_test_id("report-card")).to_contain_text("部分解决，3 星", timeout=SOON)
    with hand.signed_in(hand.account("duty_officer")) as desk:
        outcome = desk.get(f"/api/v1/cases/{case}").json()
        assert (outcome["verdict"], outcome["rating"]) == ("partly", 3)
        assert desk.post(f"/api/v1/cases/{case}/close", json={}).status_code == 200
    # closed, and yet not put right: it comes back to who did it
    page.reload()
    page.get_by_test_id("reopen").click(timeout=SOON)
    page.get_by_test_id("reopen-why").fill("又松了")
    page.get_by_test_id("reopen-send").click()
    expect(page.get_by_test_id("report-card")).to_have_attribute(
        "data-state", "assigned", timeout=SOON
    )
