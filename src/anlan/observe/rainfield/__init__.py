"""Gridded rain: radar and forecast fields, brought onto one grid over the city and kept.

Reading files: `open_field`. Onto the city's grid and into the store: `keep.take_file`. Asking:
`frames.window` and `frames.newest_forecast`, both as known at a moment.
"""

from anlan.observe.rainfield.field import Field, Frame, How
from anlan.observe.rainfield.frames import Kept, forecast_hours, newest_forecast, window
from anlan.observe.rainfield.grid import Grid, grid_of
from anlan.observe.rainfield.keep import Taken, prune, take_file
from anlan.observe.rainfield.opening import open_field

__all__ = [
    "Field",
    "Frame",
    "Grid",
    "How",
    "Kept",
    "Taken",
    "forecast_hours",
    "grid_of",
    "newest_forecast",
    "open_field",
    "prune",
    "take_file",
    "window",
]
