"""The pages on the way in, in a real browser: first link, password, second factor, locked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from anlan.access import totp
from anlan.access.desk import WALL
from anlan.store import schema
from tests.browser.conftest import Person, Served
from tests.browser.test_phone_offline import SOON, phone

pytestmark = pytest.mark.browser
SitDown = Callable[..., Person]
PASSWORD = "drei Pegel am Fluss 7"


def open_security(page: Page) -> None:
    page.get_by_test_id("account").click()
    page.get_by_test_id("account-security").click()
    expect(page.get_by_test_id("security")).to_be_visible()


def leave(page: Page) -> None:
    page.get_by_test_id("account").click()
    page.get_by_test_id("signout").click()
    expect(page.get_by_test_id("signin")).to_be_visible()


def enter(page: Page, account: str, password: str, code: str = "") -> None:
    form = page.get_by_test_id("signin")
    form.locator("input[name=username]").fill(account)
    form.locator("input[name=password]").fill(password)
    if code:
        form.locator("input[name=code]").fill(code)
    form.get_by_role("button").click()


def test_from_the_first_link_to_password_and_second_factor_and_out_again(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    account = hand.account("duty_officer")
    link = hand.link(account)
    person = sit_down(account)
    page = person.page
    open_security(page)
    page.locator("input[name=new]").fill(PASSWORD)
    page.locator("input[name=new]").press("Enter")
    expect(page.locator("input[name=old]")).to_be_visible()
    page.get_by_test_id("factor-begin").click()
    secret = page.locator("[data-testid=factor-scan] code").inner_text().replace(" ", "")
    expect(page.locator("img.qr")).to_be_visible()
    page.locator("[data-testid=factor-scan] input").fill(totp.code_at(secret, WALL.now()))
    page.locator("[data-testid=factor-scan] button").click()
    recovery = page.locator("[data-testid=recovery-codes] li").first.inner_text()
    page.get_by_test_id("codes-kept").click()
    page.keyboard.press("Escape")
    leave(page)

    # the password alone opens nothing: the code is asked for, a wrong one is said so
    enter(page, account, PASSWORD)
    expect(page.locator("input[name=code]")).to_be_visible()
    enter(page, account, PASSWORD, "000000")
    expect(page.get_by_test_id("signin-problem")).to_have_text("动态口令不正确或已使用，请等下一个")
    enter(page, account, PASSWORD, totp.code_at(secret, WALL.now() + timedelta(seconds=30)))
    expect(page.get_by_test_id("account")).to_contain_text(hand.city.accounts[account].name)
    leave(page)
    # without the telephone: a recovery code
    enter(page, account, PASSWORD)
    enter(page, account, PASSWORD, recovery)
    expect(page.get_by_test_id("account")).to_be_visible()
    leave(page)

    # a link works once, and says so
    page.goto(served.url + link)
    expect(page.get_by_test_id("account")).to_be_visible()
    page.goto(served.url + link)
    expect(page.locator("h1")).to_have_text("登录链接已失效")
    person.complaints.clear()


def test_whoever_guesses_is_locked_out_and_told_for_how_long(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    account = hand.account("analyst")
    page = sit_down(account).page
    leave(page)
    for _ in range(5):
        with page.expect_response("**/api/v1/signin"):
            enter(page, account, "falsch")
        expect(page.get_by_test_id("signin-problem")).to_have_text("账号或密码不正确")
        expect(page.get_by_test_id("signin").get_by_role("button")).to_be_enabled()
    enter(page, account, "falsch")
    expect(page.get_by_test_id("signin-problem")).to_contain_text("失败次数过多，请 15 分钟后再试")
    # a link still lets in whom the desk knows
    page.goto(served.url + hand.link(account))
    expect(page.get_by_test_id("account")).to_be_visible()


KEPT = """(words) => new Promise((resolve) => {
  const request = indexedDB.open("anlan");
  request.onsuccess = () => {
    const all = request.result.transaction("person").objectStore("person").getAll();
    all.onsuccess = () => {
      request.result.close();
      resolve(all.result.some((one) => String(one.value ?? "").includes(words)));
    };
  };
})"""


def kept(page: Page, words: str, expected: bool) -> None:
    """Wait until the phone keeps the words as typed, or no more."""
    for _ in range(SOON // 100):
        if page.evaluate(KEPT, words) is expected:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"'{words}' is {'not ' if expected else ''}kept")


def test_what_was_being_typed_is_there_again_when_the_session_has_ended(
    served: Served, sit_down: SitDown
) -> None:
    hand = served.hand
    first, second = hand.account("resident"), hand.account("grid_worker")
    person = phone(sit_down, first)
    page = person.page
    page.get_by_test_id("phone-report").click()
    page.get_by_test_id("depth-waist").click()
    page.get_by_test_id("report-text").fill("车库进水，有人被困")
    kept(page, "车库进水，有人被困", True)
    with hand.store.transaction() as tx:
        tx.execute(schema.session.delete())
    page.reload()
    expect(page.get_by_test_id("signed-out")).to_be_visible(timeout=SOON)

    # somebody else on this phone sees nothing of it
    page.goto(served.url + hand.link(second))
    page.get_by_test_id("phone-report").click(timeout=SOON)
    page.get_by_test_id("report-help").check()
    expect(page.get_by_test_id("report-text")).to_have_value("")
    page.goto(served.url + hand.link(first))
    page.get_by_test_id("phone-report").click(timeout=SOON)
    expect(page.get_by_test_id("report-text")).to_have_value("车库进水，有人被困", timeout=SOON)
    expect(page.get_by_test_id("depth-waist")).to_have_attribute("aria-checked", "true")
    # sent, it is a draft no more
    page.get_by_test_id("report-where").fill(hand.city.territory.villages()[0].name[:3])
    page.get_by_test_id("report-suggestion").first.click()
    page.get_by_test_id("report-submit").click(timeout=SOON)
    expect(page.get_by_test_id("report-card")).to_have_count(1, timeout=SOON)
    page.get_by_test_id("phone-report").click()
    kept(page, "被困", False)
    expect(page.get_by_test_id("report-text")).to_have_value("")
    person.complaints.clear()
