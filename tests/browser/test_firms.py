"""Help to firms as people do it: a pass shown and checked without signal, a check seen live."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Person, Served

SitDown = Callable[..., Person]
FIRM, TOWN, LIAISON, CHECKER = "firm-001", "town-danghu-1", "liaison-transport", "grid-001001"
PHONE = (390, 844)
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser whose camera shows a moving test picture."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "no Chromium; run make packages"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *FAKE_CAMERA])
        yield launched
        launched.close()


def ask_for_pass(phone: Page) -> None:
    phone.get_by_test_id("pass-ask").click()
    phone.get_by_test_id("pass-plate").fill("浙F12345")
    phone.get_by_test_id("pass-cargo").select_option("food")
    phone.get_by_test_id("pass-origin").fill("独山港")
    phone.get_by_test_id("pass-destination").fill("上海金山")
    phone.get_by_test_id("pass-submit").click()
    expect(phone.get_by_test_id("pass")).to_have_attribute("data-state", "asked")


def test_a_pass_is_shown_and_checked_by_two_phones_without_signal(
    served: Served, sit_down: SitDown, tmp_path: Path
) -> None:
    # tall enough that neither bar nor notice lies over the code
    firm = sit_down(FIRM, 480, 1500).page
    ask_for_pass(firm)
    desk = sit_down(LIAISON).page
    desk.get_by_test_id("tab-firms").click()
    desk.get_by_test_id("firms-passes").click()
    desk.get_by_test_id("pass-issue").click()
    expect(desk.get_by_test_id("pass-line")).to_have_attribute("data-state", "issued")

    checker = sit_down(CHECKER, *PHONE)
    checker.page.get_by_test_id("phone-more").click()
    checker.page.get_by_test_id("phone-verify").click()
    expect(checker.page.get_by_test_id("verify-list")).to_have_attribute("data-old", "false")
    expect(firm.get_by_test_id("pass")).to_have_attribute("data-state", "issued")
    firm.context.set_offline(True)
    checker.context.set_offline(True)

    firm.get_by_test_id("pass-show").click()
    expect(firm.get_by_test_id("toast")).to_have_count(0)
    picture = tmp_path / "qr.png"
    firm.get_by_test_id("qr").screenshot(path=picture)
    # another reader than ours reads the same
    seen = cv2.imread(str(picture))
    assert seen is not None
    large = cv2.resize(seen, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    read, *_ = cv2.QRCodeDetector().detectAndDecode(large)
    assert read.startswith("ANLAN-PASS.1.")
    checker.page.get_by_test_id("verify-photo").set_input_files(picture)
    verdict = checker.page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-state", "valid")
    expect(verdict).to_contain_text("浙F12345")

    # the task force takes it back: the phone without signal cannot know, and says how old it is
    desk.get_by_test_id("pass-revoke").click()
    desk.get_by_test_id("ask").locator("textarea").fill("换车")
    desk.get_by_test_id("ask-confirm").click()
    expect(desk.get_by_test_id("pass-line")).to_have_attribute("data-state", "revoked")
    expect(checker.page.get_by_test_id("verify-list")).to_be_visible()
    checker.page.get_by_test_id("verify-again").click()

    # with a signal the new list comes, and the same code is refused
    checker.context.set_offline(False)
    checker.page.reload()
    expect(checker.page.get_by_test_id("verify-list")).to_contain_text("1 张")
    checker.page.get_by_test_id("verify-text").fill(read)
    checker.page.get_by_test_id("verify-submit").click()
    expect(checker.page.get_by_test_id("verdict")).to_have_attribute("data-state", "revoked")
    firm.context.set_offline(False)


def test_a_firm_shows_its_switch_room_live_and_the_inspector_accepts_the_shot(
    served: Served, sit_down: SitDown
) -> None:
    desk = sit_down(TOWN).page
    desk.get_by_test_id("tab-firms").click()
    desk.get_by_test_id("firms-search").fill("F001")
    desk.get_by_test_id("firm-line").click()
    desk.get_by_test_id("firm-open-remote_check").click()
    desk.get_by_test_id("choose-switch_room").check()
    desk.get_by_test_id("firm-case-send").click()
    expect(desk.get_by_test_id("shot-switch_room")).to_have_attribute("data-state", "wanted")

    firm = sit_down(FIRM, *PHONE).page
    firm.get_by_test_id("live-start").click()
    desk.get_by_test_id("live-look").click()
    expect(firm.get_by_test_id("live-check")).to_have_attribute(
        "data-state", "connected", timeout=20_000
    )
    desk.wait_for_function(
        "document.querySelector('[data-testid=live-video]').videoWidth > 0", timeout=20_000
    )
    firm.get_by_test_id("live-take-switch_room").click()
    shot = desk.get_by_test_id("shot-switch_room")
    expect(shot).to_have_attribute("data-state", "sent")
    shot.get_by_test_id("shot-accept").click()
    expect(shot).to_have_attribute("data-state", "accepted")
    firm.get_by_test_id("live-end").click()
