"""Sources: one package for each way in which readings reach the city by themselves.

The hook, for built-in sources and for those of others: `Source`. What is installed: `installed`.
What a city's folder asks for: `feeds`.
"""

from anlan.observe.sources.registry import GROUP, Broken, check, installed
from anlan.observe.sources.running import Running, configured, feeds
from anlan.observe.sources.source import QUALITIES, Feed, Origin, Source, State
from anlan.observe.sources.table import Table

__all__ = [
    "GROUP",
    "QUALITIES",
    "Broken",
    "Feed",
    "Origin",
    "Running",
    "Source",
    "State",
    "Table",
    "check",
    "configured",
    "feeds",
    "installed",
]
