"""Append-only, hash-chained record of decisions. Writing: `Act.record`. Checking: `verify`.

What a chain alone cannot show (its end cut off, the database exchanged): `anlan.journal.anchor`.
"""

from anlan.journal.entry import Act, Verdict, keep_note, last_seq, verify
from anlan.journal.trace import trace

__all__ = ["Act", "Verdict", "keep_note", "last_seq", "trace", "verify"]
