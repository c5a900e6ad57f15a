"""Group commit: what several threads hand in at the same time becomes durable in one transaction.

Nobody waits for others to come: whoever finds nobody committing commits all that is waiting, and
those who come meanwhile are the next group. A commit to disk costs as much for one as for many.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

#: What the store raises when it is away, locked or full, and not for what is stored.
AWAY = (OperationalError, InterfaceError, InternalError, sqlite3.OperationalError, OSError)
T = TypeVar("T")
R = TypeVar("R")
log = logging.getLogger(__name__)


@dataclass
class _Ticket(Generic[T, R]):
    """One caller's item, and what became of it."""

    item: T
    size: int
    done: bool = False
    result: R | None = None
    problem: BaseException | None = None


class GroupCommit(Generic[T, R]):
    """Commits items of several threads together.

    What waits is bounded by the threads: each has one item and goes on only when it is durable.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[T]], Sequence[R]],
        size: Callable[[T], int] = lambda _: 1,
        most: int = 20_000,
    ) -> None:
        """Use ``commit``, which carries out items in their order and returns the results of all.

        It raises, with nothing carried out, when it cannot; then each item is tried alone, so that
        a bad one fails for its own caller only. ``most`` bounds the sizes in one transaction.
        """
        self._commit, self._size, self._most = commit, size, most
        self._waiting: deque[_Ticket[T, R]] = deque()
        self._turn = threading.Condition()
        self._committing = False

    def do(self, item: T) -> R:
        """The result for ``item``, durable when this returns; or what its commit raised."""
        ticket: _Ticket[T, R] = _Ticket(item, self._size(item))
        with self._turn:
            self._waiting.append(ticket)
        while not ticket.done:
            with self._turn:
                while self._committing and not ticket.done:
                    self._turn.wait()
                if ticket.done:
                    break
                self._committing = True
                group = self._take()
            try:
                self._carry_out(group)
            finally:
                with self._turn:
                    self._committing = False
                    self._turn.notify_all()
        if ticket.problem is not None:
            raise ticket.problem
        return cast("R", ticket.result)

    def _take(self) -> list[_Ticket[T, R]]:
        """The oldest that wait, one at least."""
        group = [self._waiting.popleft()]
        room = self._most - group[0].size
        while self._waiting and self._waiting[0].size <= room:
            group.append(self._waiting.popleft())
            room -= group[-1].size
        return group

    def _carry_out(self, group: Sequence[_Ticket[T, R]]) -> None:
        """Commit a group; every one of it is done afterwards, well or ill."""
        try:
            results = self._commit([each.item for each in group])
        except BaseException as problem:
            # while the store is away none would fare better alone, and each would wait as long
            alone = len(group) > 1 and isinstance(problem, Exception)
            if alone and not isinstance(problem, AWAY):
                log.exception("%d batches cannot be kept together; one by one", len(group))
                for each in group:
                    self._carry_out([each])
                return
            for each in group:
                each.problem, each.done = problem, True
            if not isinstance(problem, Exception):
                raise
            return
        for each, result in zip(group, results, strict=True):
            each.result, each.done = result, True
