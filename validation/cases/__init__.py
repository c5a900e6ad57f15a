"""The cases by name, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from validation.cases import (
    agreement,
    bump,
    channels,
    drainage,
    ea1,
    ea2,
    ea4,
    everything,
    frictionless,
    monai,
    planar,
    rain_hour,
    rest,
    runup,
    slopes,
)
from validation.record import Section

CASES: dict[str, Callable[[Path, bool], Section]] = {
    "rest": rest.run,
    "everything": everything.run,
    "frictionless": frictionless.run,
    "planar": planar.run,
    "channels": channels.run,
    "bump": bump.run,
    "runup": runup.run,
    "slopes": slopes.run,
    "ea1": ea1.run,
    "ea2": ea2.run,
    "ea4": ea4.run,
    "monai": monai.run,
    "rain_hour": rain_hour.run,
    "agreement": agreement.run,
    "drainage": drainage.run,
}
