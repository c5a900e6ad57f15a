"""SL 651-2014 水文监测数据通信规约: the telemetry protocol of China's rain and river stations.

From bytes to readings: `frames` finds frames in a stream, `packets` puts messages in several
packets together, `body` reads what a message says (identifiers in `elements`). `decode` shows
it all for one file.
"""

from anlan.observe.sources.sl651.decode import decode, to_bytes

__all__ = ["decode", "to_bytes"]
