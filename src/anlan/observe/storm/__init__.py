"""Storm tracks: fixes and forecasts of every agency, as known at any past moment.

Reading files: `read_tracks`. Keeping and asking: `records.add`, `records.storms`.
"""

from anlan.observe.storm.fix import Fix, StormTrack
from anlan.observe.storm.reading import read_tracks
from anlan.observe.storm.records import Forecast, Storm, add, nearest, storms

__all__ = ["Fix", "Forecast", "Storm", "StormTrack", "add", "nearest", "read_tracks", "storms"]
