"""Where everything is kept: one data folder, one database, every commit durable.

Opening: `Store`. Tables: `schema`. Names: `ids`. Deadlines: `timers`.
"""

from anlan.store import ids, schema, timers
from anlan.store.database import Store, get_meta, set_meta

__all__ = ["Store", "get_meta", "ids", "schema", "set_meta", "timers"]
