"""A small matter, its verdict and its points; and rooms that cannot be booked twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from anlan import journal
from anlan.store import schema
from tests.respond.stories.desk import Town

GOOD = {"verdict": "solved", "rating": 5}


def settled(town: Town, resident: str, text: str = "井盖松动") -> tuple[str, str]:
    """A grid matter of the resident's village, done, verified and closed; and who did it."""
    home = town.hand.city.accounts[resident].territory
    case = town.report(resident, "grid_matter", territory=home, text=text, form={"what": "manhole"})
    doer = town.work(case, text="已更换井盖", form={"result": "on_the_spot"})
    town.do(case, "verify", resident)
    town.do(case, "close", town.near("town_officer", home))
    return case, doer


def points(town: Town, account: str) -> int:
    return int(town.get(account, "/points")["balance"])


def test_a_small_matter_earns_points_which_the_journal_alone_gives_again(town: Town) -> None:
    resident = town.hand.account("resident")
    before = points(town, resident)
    case, doer = settled(town, resident)
    earlier = points(town, doer)
    town.do(case, "rate", resident, **GOOD)
    assert points(town, resident) == before + 2
    assert town.hand.city.accounts[doer].role == "grid_worker"
    assert points(town, doer) == earlier + 2
    ledger = town.get(doer, "/points")
    assert sum(line["points"] for line in ledger["lines"]) == ledger["balance"]
    assert {line["case"] for line in ledger["lines"][:2]} == {case}
    assert ledger["lines"][0]["words"] == "报告人评价四星及以上"
    # counted again by hand from the journal, whose chain holds
    with town.hand.store.read() as conn:
        J = schema.journal
        rows = conn.execute(select(J).where(J.c.subject == doer, J.c.kind.like("points.%")))
        signs = {"points.earned": 1, "points.returned": -1}
        told = [
            signs[row.kind] * int(ground.removeprefix("points:"))
            for row in rows
            for ground in row.grounds
            if ground.startswith("points:")
        ]
        assert sum(told) == ledger["balance"]
        assert journal.verify(conn).verified


def test_what_was_not_solved_comes_back_and_gives_its_points_back(town: Town) -> None:
    resident = town.hand.account("resident", 1)
    before = points(town, resident)
    case, doer = settled(town, resident, "路灯不亮")
    assert points(town, resident) == before + 2
    bad = {"verdict": "unsolved", "rating": 1, "text": "晚上又不亮了"}
    assert town.do(case, "rate", resident, **bad) == "assigned"
    assert points(town, resident) == before
    shown = town.case(resident, case)
    assert shown["closed_at"] is None
    assert [task["assignee"] for task in shown["tasks"]] == [doer, doer]
    # and is paid once, however often it is closed
    town.work(case, text="已换灯", form={"result": "on_the_spot"})
    town.do(case, "verify", resident)
    town.do(case, "close", town.duty)
    town.do(case, "rate", resident, **GOOD)
    assert points(town, resident) == before + 2
    assert "already" in town.refused(resident, f"/cases/{case}/rate", GOOD)["message"]


def test_only_the_reporter_judges_and_only_within_seven_days(town: Town) -> None:
    resident = town.hand.account("resident", 2)
    case, doer = settled(town, resident, "垃圾乱堆")
    assert town.refused(doer, f"/cases/{case}/rate", GOOD)["kind"] == "forbidden"
    assert {"rate", "reopen"} <= set(town.case(resident, case)["allowed"])
    town.hand.step(60 * 24 * 7 - 60)
    assert "reopen" in town.case(resident, case)["allowed"]
    town.hand.step(120)
    assert town.case(resident, case)["allowed"] == []
    told = town.refused(resident, f"/cases/{case}/reopen", {"reason": "又堆了"})
    assert "closed over 7 days ago" in told["message"]


def test_the_board_of_points_is_for_those_who_answer_for_the_place(town: Town) -> None:
    resident = town.hand.account("resident")
    settled(town, resident)
    home = town.hand.city.accounts[resident].territory
    board = town.get(town.near("town_officer", home), "/points/board")
    assert resident in {row["account"] for row in board}
    elsewhere = town.near("village_officer", "330482108200")
    assert resident not in {row["account"] for row in town.get(elsewhere, "/points/board")}
    answer = town.client.get("/api/v1/points/board", headers=town.hand.key(resident))
    assert answer.status_code == 403


def booking(start: datetime, hours: float, room: str = "TR01") -> dict[str, object]:
    ends = start + timedelta(hours=hours)
    form = {
        "room": room,
        "starts": start.isoformat(),
        "ends": ends.isoformat(),
        "purpose": "training",
        "people": 30,
    }
    return {"kind": "venue_booking", "form": form}


def tomorrow(town: Town, hour: int) -> datetime:
    day = town.hand.clock.now().astimezone(UTC) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_a_room_is_booked_used_and_given_back_and_nobody_else_gets_it_meanwhile(
    town: Town,
) -> None:
    volunteer = town.hand.account("volunteer")
    start = tomorrow(town, 1)
    case = town.post(volunteer, "/cases", booking(start, 2))["id"]
    resident = town.hand.account("resident")
    late = booking(start + timedelta(minutes=90), 1)
    told = town.refused(resident, "/cases", late)
    assert (told["kind"], told["field"]) == ("conflict", "form.starts")
    day = start.astimezone(town.hand.city.zone).date().isoformat()
    seen = town.get(resident, "/bookings", day=day, venue="TR01")
    assert [(span["case"], span["starts"]) for span in seen["taken"]] == [(None, start.isoformat())]
    # side by side is no clash, nor is another room
    town.post(resident, "/cases", booking(start + timedelta(hours=2), 1))
    town.post(resident, "/cases", booking(start, 1, "SH01"))
    town.work(case, text="培训结束", form={"clean": True})
    town.do(case, "verify", volunteer)
    assert town.do(case, "close", town.duty) == "closed"


def test_a_cancelled_booking_frees_its_room(town: Town) -> None:
    resident = town.hand.account("resident")
    body = booking(tomorrow(town, 5), 1)
    case = town.post(resident, "/cases", body)["id"]
    assert town.refused(resident, "/cases", body)["kind"] == "conflict"
    town.do(case, "cancel", town.duty, reason="避灾启用")
    town.post(resident, "/cases", body)


def test_an_opened_shelter_takes_the_place_of_bookings_a_day_ahead_of_each(town: Town) -> None:
    resident = town.hand.account("resident")
    now = town.hand.clock.now()
    soon = town.post(resident, "/cases", booking(now + timedelta(hours=20), 1, "SH02"))["id"]
    later = town.post(resident, "/cases", booking(now + timedelta(hours=60), 1, "SH02"))["id"]
    elsewhere = town.post(resident, "/cases", booking(now + timedelta(hours=20), 1, "SH03"))["id"]
    told = town.post(town.duty, "/resources/shelters/SH02/open", {"open": True})
    assert told["bookings_cancelled"] == [soon]
    history = town.case(resident, soon)["history"]
    last = next(each for each in history if each["type"] == "case.cancelled")
    assert last["actor"] == "system"
    assert "启用避灾" in last["payload"]["reason"]
    refused = town.refused(resident, "/cases", booking(now + timedelta(hours=22), 1, "SH02"))
    assert refused["field"] == "form.room"
    assert "换场地" in refused["message_zh"]
    assert [town.case(resident, one)["state"] for one in (later, elsewhere)] == ["assigned"] * 2
    # a day before the later one begins people still live there
    town.hand.step(37 * 60)
    assert town.case(resident, later)["state"] == "cancelled"
    assert town.case(resident, elsewhere)["state"] != "cancelled"


def test_of_many_who_book_one_hour_at_once_one_gets_it(town: Town) -> None:
    body = booking(tomorrow(town, 8), 1)
    resident = town.hand.account("resident")
    headers = town.hand.key(resident)

    def ask(_number: int) -> int:
        return int(town.client.post("/api/v1/cases", headers=headers, json=body).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(ask, range(8)))
    assert answers == [200] + [409] * 7


def test_times_that_cannot_be_meant_are_refused_with_what_would_do(town: Town) -> None:
    resident = town.hand.account("resident")
    start = tomorrow(town, 3)
    wrong = [
        (booking(start - timedelta(days=3), 1), "form.starts", "in the past"),
        (booking(start, -1), "form.ends", "not after the start"),
        (booking(start, 20), "form.ends", "too long"),
        (booking(start + timedelta(days=90), 1), "form.ends", "too far ahead"),
        (booking(start, 1, "TR99"), "form.room", "room that can be booked"),
    ]
    for body, field, says in wrong:
        told = town.refused(resident, "/cases", body)
        assert told["field"] == field
        assert says in told["message"]
