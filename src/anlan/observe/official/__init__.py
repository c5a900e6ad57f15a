"""Warnings of the authorities: kept as they came, who really sent them, and which of them hold.

A `Notice` is one message; `standings` says of a set of them what holds at a moment; `records`
keeps them. A notice acts (is relayed, counts for the response level) only when its signature was
verified by a key pinned for its sender.
"""

from anlan.observe.official.notice import Notice, Sender, notice_of
from anlan.observe.official.records import acting, add, ended, known, warning
from anlan.observe.official.standing import Standing, standings

__all__ = [
    "Notice",
    "Sender",
    "Standing",
    "acting",
    "add",
    "ended",
    "known",
    "notice_of",
    "standings",
    "warning",
]
