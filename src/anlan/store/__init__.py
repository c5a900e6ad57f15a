"""Where everything is kept: one data folder, one database, every commit durable.

Opening: `Store`, on SQLite or PostgreSQL. Tables: `schema`. Inserting what may be there already:
`insert`. Names: `ids`. Deadlines: `timers`. A part of a transaction that may fail alone:
`savepoint`.
"""

from anlan.store import ids, schema, timers
from anlan.store.database import Store, get_meta, set_meta
from anlan.store.inserting import insert, insert_many
from anlan.store.savepoint import savepoint

__all__ = [
    "Store",
    "get_meta",
    "ids",
    "insert",
    "insert_many",
    "savepoint",
    "schema",
    "set_meta",
    "timers",
]
