"""Warnings of the authorities, asked for at a cadence: Atom and RSS feeds, CAP files dropped in.

See `anlan.observe.sources.official.manifest` for ``official.toml``.
"""

from anlan.observe.sources.official.intake import Document, FeedJob, keep, read_document
from anlan.observe.sources.official.manifest import Feed, Settings
from anlan.observe.sources.official.source import SOURCE

__all__ = ["SOURCE", "Document", "Feed", "FeedJob", "Settings", "keep", "read_document"]
