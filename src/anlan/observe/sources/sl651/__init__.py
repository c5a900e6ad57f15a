"""SL 651-2014 水文监测数据通信规约: the telemetry protocol of China's rain and river stations.

From bytes to readings: `frames` finds frames in a stream, `packets` puts messages in several
packets together, `body` reads what a message says (identifiers in `elements`), `readings`
makes it readings of the city, `intake` stores them, `answers` confirms. `server` does it for
stations that call, as the city's ``sl651.toml`` (`manifest`) says; `decode` shows it for a file.
"""

from collections.abc import Collection

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.sl651.decode import decode, to_bytes
from anlan.observe.sources.sl651.manifest import FILE, Manifest, read_manifest
from anlan.observe.sources.sl651.server import Listener
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.store import Store

__all__ = ["SOURCE", "Listener", "Manifest", "decode", "to_bytes"]


class Sl651(Source[Manifest]):
    """Stations that call by SL 651-2014."""

    name, file, title = "sl651", FILE, "SL 651-2014 水文监测数据通信规约"

    def read(self, city: City, origin: Origin, table: Table) -> Manifest:
        """The stations and where the server listens."""
        return read_manifest(city, origin, table)

    def open(self, city: City, store: Store, clock: Clock, settings: Manifest) -> Feed | None:
        """The server; None where the file has no ``[server]``."""
        return Listener(city, store, clock, settings) if settings.server is not None else None

    def series(self, settings: Manifest) -> Collection[str]:
        """The series named under the stations."""
        return {
            name for terminal in settings.terminals.values() for name in terminal.series.values()
        }

    def probe(self, city: City, settings: Manifest) -> str:
        """Stations call; there is nobody to be reached."""
        if settings.server is None:
            return f"{len(settings.terminals)} stations; nothing listens: no [server]"
        where = f"{settings.server.host}:{settings.server.port}"
        return f"{len(settings.terminals)} stations may report to {where}"


SOURCE = Sl651()
