"""Live video: the desk introduces the firm's phone and the inspector's page to each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.access import Caller
from anlan.access.desk import Desk
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.firms.live import LONGEST_DESCRIPTION, MOST_CALLS, WAITS, Calls
from anlan.service.live import entries_after
from anlan.store import schema
from tests.respond.firms.conftest import DUTY, FIRM, ITS_ACCOUNT, OTHER_TOWN, TOWN, Help

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OFFER, ANSWER = "v=0\r\no=phone", "v=0\r\no=desk"


def check_of(help_: Help) -> str:
    body = {"kind": "remote_check", "form": {"shots": ["gate"]}}
    return str(help_.post(TOWN, f"/firms/{FIRM}/cases", body)["id"])


def test_an_offer_reaches_the_inspector_and_the_answer_the_phone(help_: Help) -> None:
    check = check_of(help_)
    assert help_.get(TOWN, f"/checks/{check}/live")["offer"] == ""
    help_.post(ITS_ACCOUNT, "/me/firm/live", {"case": check, "description": OFFER})
    assert help_.get(ITS_ACCOUNT, f"/me/firm/live?case={check}")["answer"] == ""
    assert help_.get(TOWN, f"/checks/{check}/live")["offer"] == OFFER
    help_.post(TOWN, f"/checks/{check}/live", {"description": ANSWER})
    assert help_.get(ITS_ACCOUNT, f"/me/firm/live?case={check}")["answer"] == ANSWER
    # taken up once: a second inspector finds nothing to take
    assert help_.get(DUTY, f"/checks/{check}/live")["offer"] == ""
    help_.post(DUTY, f"/checks/{check}/live", {"description": ANSWER}, status=409)
    help_.post(ITS_ACCOUNT, "/me/firm/live", {"case": check, "description": ""})
    assert help_.get(ITS_ACCOUNT, f"/me/firm/live?case={check}")["answer"] == ""


def test_nobody_else_sees_or_takes_a_live_video(help_: Help) -> None:
    check = check_of(help_)
    body = {"case": check, "description": OFFER}
    help_.post("firm-002", "/me/firm/live", body, status=404)
    help_.post(ITS_ACCOUNT, "/me/firm/live", body)
    help_.get(OTHER_TOWN, f"/checks/{check}/live", status=404)
    help_.post(OTHER_TOWN, f"/checks/{check}/live", {"description": ANSWER}, status=404)
    help_.get("firm-002", f"/me/firm/live?case={check}", status=404)


@pytest.mark.parametrize("text", ["hello", "v=0\x00", "v=0" + "a" * LONGEST_DESCRIPTION])
def test_what_is_no_session_description_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="session description"):
        Calls().offer("C1", text, NOW)


def test_an_offer_that_nobody_took_up_is_forgotten() -> None:
    calls = Calls()
    calls.offer("C1", OFFER, NOW)
    assert calls.of("C1", NOW + WAITS) is not None
    assert calls.of("C1", NOW + WAITS + timedelta(seconds=1)) is None


def test_there_is_an_end_to_the_calls_that_wait() -> None:
    calls = Calls()
    for number in range(MOST_CALLS):
        calls.offer(f"C{number}", OFFER, NOW)
    with pytest.raises(Refusal, match="recorded"):
        calls.offer("one more", OFFER, NOW)
    calls.offer("C1", OFFER, NOW)


def test_a_firm_hears_at_once_that_a_shot_was_refused_and_others_do_not(help_: Help) -> None:
    desk = Desk(help_.hand.city, help_.hand.store, help_.hand.clock)
    check = check_of(help_)
    with help_.hand.store.transaction() as tx:
        act = Act(tx, help_.hand.clock.now(), TOWN)
        act.record("check.shot_refused", check)
    heard = {}
    for account in (ITS_ACCOUNT, "firm-002"):
        with help_.hand.store.read() as conn:
            row = conn.execute(schema.account.select().where(schema.account.c.id == account)).one()
        caller = Caller(row.id, row.name, row.name_en, row.role, row.territory, None, True)
        heard[account] = [entry["kind"] for entry in entries_after(desk, caller, 0)[1]]
    assert "check.shot_refused" in heard[ITS_ACCOUNT]
    assert heard["firm-002"] == []
