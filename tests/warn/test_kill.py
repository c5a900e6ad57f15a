"""The post room is killed while it hands over: a real process, a real message centre."""

from __future__ import annotations

from benchmarks.warn import killed


def test_kill_9_of_the_sender_loses_nothing_and_doubles_nothing_unmarked() -> None:
    """`make bench-warn` does the same with 10,000 messages."""
    part = killed(120, 1)
    assert [promise.text for promise in part.promises if not promise.kept] == []
    counted = {row["what"]: row["n"] for row in part.rows}
    assert counted["deliveries planned"] == counted["people whose message the carrier took"] == 120
