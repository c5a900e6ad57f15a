"""Batches that several senders post at the same time, kept in one transaction.

Each sender gets the verdict on its own batch, once all of it is on disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anlan.access.desk import Desk
from anlan.access.repeats import answer_of, keep_answer
from anlan.observe import actions
from anlan.observe.actions import Batch
from anlan.store import GroupCommit

MOST_TOGETHER = 20_000  # readings in one transaction, which others wait for


@dataclass(frozen=True)
class Posted:
    """A batch, with the name under which its answer is kept for a repeat, if it has any."""

    batch: Batch
    repeat: str | None = None


class Posting:
    """The door for posted batches of one desk. Safe to use from several threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._group = GroupCommit(self._commit, _size, MOST_TOGETHER)

    def take(self, posted: Posted) -> dict[str, Any]:
        """The verdict on a batch, as JSON for its sender; the first one for a repeat."""
        return self._group.do(posted)

    def _commit(self, given: Sequence[Posted]) -> list[dict[str, Any]]:
        desk = self._desk
        with desk.store.transaction() as tx:
            kept: dict[str, dict[str, Any]] = {}
            new: dict[int, Posted] = {}
            coming: set[str] = set()
            for number, each in enumerate(given):
                name = each.repeat
                if name is None:
                    new[number] = each
                elif name not in coming and name not in kept:
                    answer = answer_of(tx, name)
                    if answer is None:
                        coming.add(name)
                        new[number] = each
                    else:
                        kept[name] = answer
            done = actions.record_all(
                tx, desk.city, desk.clock.now(), [each.batch for each in new.values()]
            )
            answers = dict(zip(new, (each.as_dict() for each in done), strict=True))
            for number, each in new.items():
                if each.repeat is not None:
                    keep_answer(tx, each.repeat, answers[number])
                    kept[each.repeat] = answers[number]
        return [
            answers[number] if number in answers else kept[str(each.repeat)]
            for number, each in enumerate(given)
        ]


def _size(posted: Posted) -> int:
    return len(posted.batch.readings) + len(posted.batch.refused)
