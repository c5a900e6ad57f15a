"""Weather to water: typhoon, rain, tide and surge, ensemble, runs and their skill.

`freeze` gathers what was known at an issue time into a `Bundle` whose hash names the run;
`compute` turns a bundle into a folder of `Products`, needing nothing else.
"""

# Running
from anlan.forecast.bundle import Bundle

# Checking a city folder
from anlan.forecast.check import check
from anlan.forecast.inputs import freeze

# Reading what a run left
from anlan.forecast.products import THRESHOLDS, Products, track_view
from anlan.forecast.run import Summary, compute, remove_stale_parts, summary_of
from anlan.forecast.settings import Settings, read_settings
from anlan.forecast.storm import STORM_AGE_HOURS

__all__ = [
    "STORM_AGE_HOURS",
    "THRESHOLDS",
    "Bundle",
    "Products",
    "Settings",
    "Summary",
    "check",
    "compute",
    "freeze",
    "read_settings",
    "remove_stale_parts",
    "summary_of",
    "track_view",
]
