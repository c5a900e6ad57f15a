"""Claims: any sequence of them leaves no more places held than there are, and nobody twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.refusal import Refusal
from anlan.respond.volunteers.claiming import HOLDING, Board, claim, move_up, withdraw
from anlan.respond.volunteers.hours import IN, OUT, corrected, minutes_of
from anlan.respond.volunteers.times import free, windows

NAMES = "abcdefgh"
moves = st.lists(st.tuples(st.sampled_from(["claim", "withdraw"]), st.sampled_from(NAMES)))
NOON = datetime(2021, 7, 26, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")


@given(st.integers(1, 5), moves)
def test_never_more_places_than_there_are_and_nobody_waits_beside_a_free_one(
    places: int, given_moves: list[tuple[str, str]]
) -> None:
    board = Board(places, {})
    for command, name in given_moves:
        with suppress(Refusal):
            board = claim(board, name) if command == "claim" else withdraw(board, name)
        assert board.taken <= places
        waits = "waiting" in board.states.values()
        assert not (waits and board.taken < places)


@given(st.integers(1, 3), st.permutations(NAMES))
def test_the_waiting_list_moves_up_in_the_order_of_claiming(places: int, order: list[str]) -> None:
    board = Board(places, {})
    for name in order:
        board = claim(board, name)
    for gone, next_in in zip(order, order[places:], strict=False):
        assert board.states[next_in] == "waiting"
        board = withdraw(board, gone)
        assert board.states[next_in] == "claimed"


def test_a_second_claim_is_refused_and_changes_nothing() -> None:
    board = claim(Board(1, {}), "a")
    with pytest.raises(Refusal, match="nothing changes"):
        claim(board, "a")
    assert board.states == {"a": "claimed"}


def test_who_claims_again_after_withdrawing_goes_to_the_end() -> None:
    board = claim(claim(claim(Board(1, {}), "a"), "b"), "c")
    board = claim(withdraw(board, "a"), "a")
    assert board.states == {"b": "claimed", "c": "waiting", "a": "waiting"}


def test_who_is_out_can_not_withdraw() -> None:
    with pytest.raises(Refusal):
        withdraw(Board(1, {"a": "on_site"}), "a")


def test_more_places_let_the_first_who_wait_in() -> None:
    wide = move_up(Board(2, {"a": "claimed", "b": "waiting", "c": "waiting"}))
    assert wide.states == {"a": "claimed", "b": "claimed", "c": "waiting"}
    assert set(HOLDING) >= {"claimed", "on_site", "home"}


def test_hours_count_from_each_check_in_to_the_check_out_that_follows() -> None:
    def at(minutes: int) -> datetime:
        return NOON + timedelta(minutes=minutes)

    assert minutes_of([(IN, at(0)), (OUT, at(95))]) == 95
    assert minutes_of([(IN, at(0)), (OUT, at(30)), (IN, at(60)), (OUT, at(75))]) == 45
    assert minutes_of([(IN, at(0)), (IN, at(10)), (OUT, at(30)), (OUT, at(40))]) == 30
    assert minutes_of([(OUT, at(5)), (IN, at(10))]) == 0
    assert corrected(45, [-60]) == 0
    assert corrected(45, [15, -10]) == 50


def test_a_window_is_of_the_citys_own_weekday_and_may_pass_midnight() -> None:
    assert free([], None, NOON, SHANGHAI)
    assert free([(0, 480, 1080)], None, NOON, SHANGHAI)
    assert not free([(1, 480, 1080)], None, NOON, SHANGHAI)
    # Sunday 20:00 to Monday 13:00
    assert free([(6, 1200, 780)], None, NOON, SHANGHAI)
    assert not free([(6, 1200, 700)], None, NOON, SHANGHAI)
    assert not free([], NOON + timedelta(hours=1), NOON, SHANGHAI)


@pytest.mark.parametrize(
    "given_times", ["always", [[7, 0, 60]], [[0, 60, 60]], [[0, 0, 1.5]], [[0]]]
)
def test_what_is_no_window_is_refused_with_an_example(given_times: object) -> None:
    with pytest.raises(Refusal, match="weekday 0-6"):
        windows(given_times)
