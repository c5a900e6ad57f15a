"""Group commit: who waits at the same time shares a transaction, and only good luck is shared."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from anlan.store import GroupCommit


class Slow:
    """A commit that waits until it is let go; remembers its groups."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.door = GroupCommit(self.commit, size=lambda item: 1 + item % 10, most=14)

    def commit(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        self.begun.release()
        self.go.acquire()
        if 13 in items:
            raise ValueError("13")
        if 666 in items:
            raise OSError("the disk is full")
        return [2 * item for item in items]

    def waiting(self, count: int) -> None:
        """Until so many wait behind the one that is committed."""
        pause = threading.Event()
        while len(self.door._waiting) < count:
            pause.wait(0.001)


def together(slow: Slow, first: int, *rest: int) -> list[Future[int]]:
    """The first is being committed while the rest come, one after the other."""
    pool = ThreadPoolExecutor(1 + len(rest))
    found = [pool.submit(slow.door.do, first)]
    slow.begun.acquire()
    for number, item in enumerate(rest, start=1):
        found.append(pool.submit(slow.door.do, item))
        slow.waiting(number)
    slow.go.release(100)
    pool.shutdown()
    return found


def test_what_waits_is_committed_together_and_each_gets_its_own_result() -> None:
    slow = Slow()
    found = together(slow, 1, 2, 3, 4)
    assert [each.result() for each in found] == [2, 4, 6, 8]
    assert slow.groups == [[1], [2, 3, 4]]


def test_a_group_is_bounded_and_the_oldest_come_first() -> None:
    slow = Slow()
    found = together(slow, 0, 9, 1, 1, 1, 9, 9)
    assert [each.result() for each in found] == [0, 18, 2, 2, 2, 18, 18]
    # sizes 10, 2, 2, 2, 10, 10 with room for 14
    assert slow.groups == [[0], [9, 1, 1], [1, 9], [9]]


def test_a_bad_item_fails_for_its_own_caller_alone() -> None:
    slow = Slow()
    found = together(slow, 1, 2, 13, 3)
    assert [found[n].result() for n in (0, 1, 3)] == [2, 4, 6]
    with pytest.raises(ValueError, match="13"):
        found[2].result()
    assert slow.groups == [[1], [2, 13, 3], [2], [13], [3]]


def test_while_the_store_is_away_nobody_waits_for_the_others_time_outs() -> None:
    slow = Slow()
    found = together(slow, 1, 2, 666, 3)
    for each in found[1:]:
        with pytest.raises(OSError, match="the disk is full"):
            each.result()
    assert slow.groups == [[1], [2, 666, 3]]


def test_a_commit_that_is_broken_off_leaves_nobody_waiting_and_the_next_goes_on() -> None:
    def broken(items: Sequence[int]) -> list[int]:
        raise KeyboardInterrupt

    door: GroupCommit[int, int] = GroupCommit(broken)
    with pytest.raises(KeyboardInterrupt):
        door.do(1)
    commit: Callable[[Sequence[int]], Sequence[int]] = list
    door._commit = commit
    assert door.do(2) == 2
