"""What a set of official messages says does not depend on the order in which they came."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.cap import read_received
from anlan.city import City
from anlan.observe.official import Notice, Sender, Standing, notice_of, standings
from tests.cap.keys import NOW
from tests.observe.official_messages import SENDER, message

MET = Sender(SENDER, "平湖市气象台")
HOUR = timedelta(hours=1)
LATER = NOW + 3 * HOUR


def noticed(city: City, document: bytes, *, verified: bool = True, at: datetime = NOW) -> Notice:
    return notice_of(
        read_received(document, city.zone),
        city,
        feed="met",
        received_at=at,
        sender=MET if verified else None,
        verified=verified,
        why="",
    )


def states(found: list[Standing]) -> dict[str, str]:
    return {each.notice.identifier: each.state for each in found}


def chain(city: City) -> list[Notice]:
    """A warning raised, lowered and lifted."""
    first = message("A")
    raised = message("B", kind="Update", colour="红", sent=NOW + HOUR, references=[("A", NOW)])
    lifted = message(
        "C",
        kind="Cancel",
        colour="红",
        verb="解除",
        sent=NOW + 2 * HOUR,
        references=[("A", NOW), ("B", NOW + HOUR)],
    )
    return [noticed(city, each) for each in (first, raised, lifted)]


def test_any_order_of_arrival_and_any_repeat_say_the_same(pinghu: City) -> None:
    notices = chain(pinghu)
    for order in itertools.permutations([*notices, notices[1]]):
        assert states(standings(order, LATER)) == {"A": "ended", "B": "ended", "C": "all_clear"}
    assert states(standings(notices[:2], LATER)) == {"A": "replaced", "B": "in_force"}


def test_an_update_whose_forerunner_never_came_stands_for_itself(pinghu: City) -> None:
    _, raised, _ = chain(pinghu)
    (found,) = standings([raised], LATER)
    assert found.acts
    assert "1 of the messages it cites are not here" in found.remarks


def test_a_lifting_that_cites_nothing_ends_the_one_warning_that_fits(pinghu: City) -> None:
    first = noticed(pinghu, message("A"))
    wind = noticed(pinghu, message("W", event="大风"))
    lifted = noticed(pinghu, message("L", kind="Update", verb="解除", sent=NOW + HOUR))
    assert states(standings([first, wind, lifted], LATER)) == {
        "A": "ended", "W": "in_force", "L": "all_clear",
    }  # fmt: skip


def test_where_two_warnings_fit_a_lifting_that_cites_nothing_ends_neither(pinghu: City) -> None:
    both = [noticed(pinghu, message(name)) for name in ("A", "B")]
    lifted = noticed(pinghu, message("L", kind="Update", verb="解除", sent=NOW + HOUR))
    found = standings([*both, lifted], LATER)
    assert states(found) == {"A": "in_force", "B": "in_force", "L": "all_clear"}
    assert "cites nothing, and 2 warnings fit: it ends none by itself" in found[0].remarks


def test_nobody_unverified_acts_or_ends_what_is_verified(pinghu: City) -> None:
    first = noticed(pinghu, message("A"))
    forged = message("F", kind="Cancel", verb="解除", sent=NOW + HOUR, references=[("A", NOW)])
    same_name = message("A", colour="蓝", sent=NOW + HOUR)
    found = standings(
        [first, *(noticed(pinghu, each, verified=False) for each in (forged, same_name))], LATER
    )
    assert states(found) == {"A": "in_force", "F": "all_clear"}
    assert [each.notice.colour for each in found if each.acts] == ["orange"]


def test_another_sender_cannot_end_a_warning(pinghu: City) -> None:
    first = noticed(pinghu, message("A"))
    document = message("X", kind="Cancel", sender="sea@x.example", sent=NOW + HOUR, references=[])
    cited = document.replace(
        b"<info>",
        b"<references>met@pinghu.example,A,2021-07-25T08:00:00-00:00</references><info>",
        1,
    )
    other = noticed(pinghu, cited)
    assert states(standings([first, other], LATER))["A"] == "in_force"


@pytest.mark.parametrize(
    ("document", "acts"),
    [
        (message("A"), True),
        (message("A", status="Exercise"), False),
        (message("A", status="Test"), False),
        (message("A", geocode="330100000000"), False),  # Hangzhou
        (message("A", geocode="330000000000"), True),  # the whole province
        (message("A", geocode="330482101000"), True),  # one town
        (message("A", hours=1), False),  # over by now
        (message("A", sent=NOW + 9 * HOUR), False),  # a clock that runs ahead
        (message("A", hours=None), True),  # names no end: 24 h
    ],
)
def test_only_what_is_real_here_and_now_acts(pinghu: City, document: bytes, acts: bool) -> None:
    (found,) = standings([noticed(pinghu, document)], LATER)
    assert found.acts is acts


def test_a_warning_that_names_an_end_years_ahead_is_cut(pinghu: City) -> None:
    notice = noticed(pinghu, message("A", hours=24 * 365 * 30))
    assert notice.expires_at == NOW + timedelta(days=15)


def test_where_headline_and_severity_differ_the_graver_counts_and_it_is_said(pinghu: City) -> None:
    document = message("A").replace("橙色预警".encode(), "红色预警".encode())
    notice = noticed(pinghu, document)
    assert notice.colour == "red"
    assert any("differ" in each for each in notice.remarks)


def test_marks_that_turn_a_text_around_are_taken_out(pinghu: City) -> None:
    document = message("A").replace("平湖市气象台发布".encode(), "平湖\u202e市气象台发布".encode())
    assert "\u202e" not in noticed(pinghu, document).headline


@given(st.permutations(range(5)), st.lists(st.booleans(), min_size=5, max_size=5))
def test_what_holds_is_the_same_for_every_order(
    pinghu: City, order: list[int], who: list[bool]
) -> None:
    documents = [
        message("A"),
        message("B", kind="Update", colour="红", sent=NOW + HOUR, references=[("A", NOW)]),
        message("B", kind="Update", colour="黄", sent=NOW + HOUR, references=[("A", NOW)]),
        message("L", kind="Update", verb="解除", sent=NOW + 2 * HOUR),
        message("A", colour="蓝"),
    ]
    notices = [
        noticed(pinghu, each, verified=one) for each, one in zip(documents, who, strict=True)
    ]
    shuffled = [notices[number] for number in order]
    assert standings(shuffled, LATER) == standings(notices, LATER)
