"""Volunteers at their phones and the organiser at the desk, in real browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from sqlalchemy import select

from anlan.store import schema

if TYPE_CHECKING:
    from tests.browser.conftest import Served


def test_a_call_is_answered_in_one_tap_and_who_stays_out_is_looked_for(
    served: Served, sit_down: Any
) -> None:
    hand = served.hand
    desk = sit_down(hand.account("duty_officer")).page
    desk.get_by_test_id("tab-volunteers").click()
    desk.get_by_test_id("vo-offer").click()
    desk.get_by_test_id("vo-title").fill("搬运沙袋")
    desk.get_by_test_id("vo-needed").fill("2")
    desk.get_by_test_id("vo-skill").select_option("dialect")
    desk.get_by_test_id("vo-offer-save").click()
    desk.get_by_test_id("vo-call").click()
    expect(desk.get_by_test_id("vo-preview")).to_contain_text("预计到场")
    chosen = desk.get_by_test_id("vo-chosen")
    expect(chosen.first).to_contain_text("公里")
    first = chosen.first.inner_text().split()[0]
    desk.get_by_test_id("vo-send").click()
    expect(desk.get_by_test_id("vo-call-sent")).to_be_visible()
    hand.step(1)

    V = schema.volunteer
    with hand.store.read() as conn:
        account = conn.execute(select(V.c.account).where(V.c.id == first)).scalar_one()
    phone = sit_down(account, 400, 860).page
    phone.get_by_test_id("phone-volunteer").click()
    phone.get_by_test_id("call-yes").click()
    expect(phone.get_by_test_id("call-card")).to_have_attribute("data-answer", "yes")
    answered = desk.locator("[data-testid=vo-asked][data-answer=yes]")
    expect(answered).to_contain_text(first, timeout=30_000)

    phone.get_by_test_id("check-in").click()
    expect(phone.get_by_test_id("out-card")).to_be_visible()
    hand.step(200)  # three hours and the grace after them
    search = desk.locator("[data-testid=vo-claim][data-state=on_site]")
    expect(search).to_contain_text("寻找事项", timeout=30_000)
    phone.get_by_test_id("check-out").click()
    expect(phone.locator("[data-testid=claim-card][data-state=home]")).to_be_visible()
    home = desk.locator("[data-testid=vo-claim][data-state=home]")
    expect(home).to_contain_text("200", timeout=30_000)
    desk.get_by_test_id("vo-finish").click()
    desk.get_by_test_id("ask").locator("textarea").fill("沙袋到位")
    desk.get_by_test_id("ask-confirm").click()
    expect(desk.get_by_test_id("vo-work")).to_contain_text("已结束", timeout=30_000)
