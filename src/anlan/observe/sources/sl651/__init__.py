"""SL 651-2014 水文监测数据通信规约: the telemetry protocol of China's rain and river stations.

From bytes to readings: `frames` finds frames in a stream, `packets` puts messages in several
packets together, `body` reads what a message says (identifiers in `elements`), `readings`
makes it readings of the city, `intake` stores them, `answers` confirms. `server` does it for
stations that call, as the city's ``sl651.toml`` (`manifest`) says; `decode` shows it for a file.
"""

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.sl651.decode import decode, to_bytes
from anlan.observe.sources.sl651.manifest import check, read_manifest
from anlan.observe.sources.sl651.server import Listener
from anlan.store import Store

__all__ = ["Listener", "check", "decode", "listener", "read_manifest", "to_bytes"]


def listener(city: City, store: Store, clock: Clock) -> Listener | None:
    """The server of a city, not yet started; None where ``sl651.toml`` asks for none."""
    manifest = read_manifest(city)
    if manifest is None or manifest.server is None:
        return None
    return Listener(city, store, clock, manifest)
