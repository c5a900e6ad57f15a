"""One camera: a picture fetched, looked at, kept; its level into the archive."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions, fetching
from anlan.observe.camera import frames
from anlan.observe.camera.staff import StaffReading, read_staff
from anlan.observe.reading import Reading
from anlan.observe.sources.cameras import rtsp
from anlan.observe.sources.cameras.manifest import Camera
from anlan.observe.sources.polling import Gathered
from anlan.store import Store

log = logging.getLogger(__name__)
Grab = Callable[[Camera], bytes]


def grabber(city: City, time_out_s: float) -> Grab:
    """How a camera of this city is asked for a picture."""
    rules = fetching.rules(city)

    def grab(camera: Camera) -> bytes:
        if urlsplit(camera.url).scheme == "rtsp":
            return rtsp.picture(camera, rules, time_out_s)
        got = fetching.get(
            camera.url,
            rules,
            most_bytes=rtsp.MOST_PICTURE,
            time_out_s=time_out_s,
            account=camera.account,
        )
        return got.body

    return grab


class CameraJob:
    """Asks one camera for a picture."""

    def __init__(self, camera: Camera, city: City, store: Store, clock: Clock, grab: Grab) -> None:
        self.camera = camera
        self._city, self._store, self._clock, self._grab = city, store, clock, grab

    @property
    def id(self) -> str:
        """Of the camera."""
        return self.camera.id

    @property
    def every(self) -> timedelta:
        """How often it is asked."""
        return self.camera.every

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """A picture, and what its staff says. Raises `Refusal` when there is none.

        A picture that is the same to the last bit as the one before is no new one: the camera
        stands still, and says nothing about the level now.
        """
        snapshot = frames.opened(self._grab(self.camera), self.camera.id)
        if memory.get("digest") == snapshot.digest:
            return Gathered([], memory, (f"camera {self.id} gives the same picture again",))
        memory["digest"] = snapshot.digest
        frames.prune(
            self._store,
            self.id,
            self._clock.now() - self.camera.keep,
            max(0, self.camera.most - 1),
        )
        gauge = self.camera.gauge
        read = None
        if gauge is not None:
            try:
                read = read_staff(snapshot.picture, gauge.staff, gauge.reference)
            except Exception:  # the picture is worth keeping whatever its gauge does
                log.exception("camera %s", self.id)
                read = StaffReading(None, 0.0, "the water line is not clear")
        # the pixels have been looked at: they need not wait for the transaction
        return Gathered([(replace(snapshot, picture=snapshot.picture[:0]), read)], memory)

    def take(self, act: Act, items: Sequence[Any]) -> tuple[int, int]:
        """Keep the picture, and its level as a reading of its series."""
        for snapshot, read in items:
            frames.keep(act, self._store.data_dir, self.id, snapshot, read)
            self._record(act, read)
        return len(items), 0

    def _record(self, act: Act, read: StaffReading | None) -> None:
        gauge = self.camera.gauge
        if gauge is None or read is None or read.level_m is None:
            return
        reading = Reading(
            gauge.series, act.now, read.level_m, flag=read.flag, source=f"camera:{self.id}"
        )
        actions.record(act, self._city, [reading])
