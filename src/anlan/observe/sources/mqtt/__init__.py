"""MQTT: readings by way of a broker, as JSON and as OGC SensorThings.

What the city's ``mqtt.toml`` says: `settings`. From messages to readings: `topics`. Into the
archive: `keeping`. The queue on disk: `shelf`. The line to the broker: `link`. All of it at work:
`feed`. Nothing is acknowledged to the broker before it is on disk, in the archive or in the queue.
"""

from collections.abc import Collection

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.mqtt.feed import MqttFeed
from anlan.observe.sources.mqtt.probe import probe
from anlan.observe.sources.mqtt.settings import FILE, Settings, read_settings
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.store import Store

__all__ = ["SOURCE", "MqttFeed", "Settings"]


class Mqtt(Source[Settings]):
    """Stations, and hubs of others, that publish to a broker."""

    name, file, title = "mqtt", FILE, "MQTT 5 and 3.1.1: JSON and OGC SensorThings"

    def read(self, city: City, origin: Origin, table: Table) -> Settings:
        """The broker, the queue and the topics."""
        return read_settings(city, origin, table)

    def open(self, city: City, store: Store, clock: Clock, settings: Settings) -> Feed:
        """The feed; it runs whether the broker is there or not."""
        return MqttFeed(city, store, clock, settings)

    def series(self, settings: Settings) -> Collection[str]:
        """The series that topics are tied to; what ``{station}`` brings is not known before."""
        found = {topic.only for topic in settings.topics} - {""}
        return found.union(*(topic.series.values() for topic in settings.topics))

    def probe(self, city: City, settings: Settings) -> str:
        """Connect to the broker, under another name than the desk's."""
        return probe(settings)


SOURCE = Mqtt()
