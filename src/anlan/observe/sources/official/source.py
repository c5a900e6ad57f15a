"""The source of official warnings."""

from __future__ import annotations

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.official.intake import MOST_FEED, FeedJob, verify_again
from anlan.observe.sources.official.manifest import FILE, Settings, read_settings
from anlan.observe.sources.polling import Poller
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.observe.sources.web import fetcher
from anlan.store import Store


class OfficialSource(Source[Settings]):
    """Official warnings by CAP feeds and dropped files."""

    name = "official"
    file = FILE
    title = "official warnings: CAP 1.2 by Atom or RSS feed, or dropped files"

    def read(self, city: City, origin: Origin, table: Table) -> Settings:
        """The settings of ``official.toml``."""
        return read_settings(city, origin, table)

    def open(self, city: City, store: Store, clock: Clock, settings: Settings) -> Feed | None:
        """A poller of all feeds; None where none is named."""
        if not settings.feeds:
            return None
        verify_again(store, city, settings, clock.now())
        fetch = fetcher(city, settings.time_out_s)
        jobs = [FeedJob(feed, settings, city, store, clock, fetch) for feed in settings.feeds]
        return Poller(self.name, store, clock, jobs)

    def probe(self, city: City, settings: Settings) -> str:
        """Ask each address once."""
        asked = [feed for feed in settings.feeds if feed.url]
        for feed in asked:
            fetcher(city, settings.time_out_s)(feed.url, most_bytes=MOST_FEED)
        return f"{len(asked)} addresses answer"


SOURCE = OfficialSource()
