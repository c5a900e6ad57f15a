"""Where everything is kept: one data folder, one database, every commit durable.

Opening: `Store`, on SQLite or PostgreSQL. Tables: `schema`. Inserting what may be there already:
`insert`. Names: `ids`. Deadlines: `timers`. A part of a transaction that may fail alone:
`savepoint`. What several threads hand in at the same time: `GroupCommit`.
"""

from anlan.store import ids, schema, timers
from anlan.store.database import Store, get_meta, get_metas, set_meta, set_metas
from anlan.store.group import AWAY, GroupCommit
from anlan.store.inserting import insert, insert_many
from anlan.store.savepoint import savepoint

__all__ = [
    "AWAY",
    "GroupCommit",
    "Store",
    "get_meta",
    "get_metas",
    "ids",
    "insert",
    "insert_many",
    "savepoint",
    "schema",
    "set_meta",
    "set_metas",
    "timers",
]
