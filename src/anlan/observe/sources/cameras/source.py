"""The source of cameras."""

from __future__ import annotations

from collections.abc import Collection

from anlan.city import City
from anlan.clock import Clock
from anlan.observe.sources.cameras.job import CameraJob, grabber
from anlan.observe.sources.cameras.manifest import FILE, Settings, read_settings
from anlan.observe.sources.polling import Poller
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.store import Store

AT_ONCE = 4
"""Cameras asked at once: one that is away must not hold up the others."""


class CameraSource(Source[Settings]):
    """Snapshots at a cadence, with the level that a staff gauge in them shows."""

    name = "cameras"
    file = FILE
    title = "cameras: snapshots by HTTP or RTSP, and staff gauges read in them"

    def read(self, city: City, origin: Origin, table: Table) -> Settings:
        """The settings of ``cameras.toml``."""
        return read_settings(city, origin, table)

    def open(self, city: City, store: Store, clock: Clock, settings: Settings) -> Feed | None:
        """A poller of all cameras; None where none is named."""
        if not settings.cameras:
            return None
        grab = grabber(city, settings.time_out_s)
        jobs = [CameraJob(camera, city, store, clock, grab) for camera in settings.cameras]
        return Poller(self.name, store, clock, jobs, at_once=AT_ONCE)

    def series(self, settings: Settings) -> Collection[str]:
        """The levels that staff gauges give."""
        return [camera.gauge.series for camera in settings.cameras if camera.gauge is not None]

    def probe(self, city: City, settings: Settings) -> str:
        """Ask each camera once."""
        grab = grabber(city, settings.time_out_s)
        for camera in settings.cameras:
            grab(camera)
        return f"{len(settings.cameras)} cameras answer"


SOURCE = CameraSource()
