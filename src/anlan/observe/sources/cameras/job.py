"""One camera: a picture fetched, looked at, kept; its level into the archive."""

from __future__ import annotations

import base64
import logging
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions, fetching
from anlan.observe.camera import frames
from anlan.observe.camera.staff import StaffReading, read_staff
from anlan.observe.reading import Reading
from anlan.observe.sources.cameras.manifest import Camera
from anlan.observe.sources.polling import Gathered
from anlan.refusal import Refusal
from anlan.store import Store

MOST_PICTURE = 20_000_000
log = logging.getLogger(__name__)
Grab = Callable[[Camera], bytes]


def grabber(city: City, time_out_s: float) -> Grab:
    """How a camera of this city is asked for a picture."""
    rules = fetching.rules(city)

    def grab(camera: Camera) -> bytes:
        if urlsplit(camera.url).scheme == "rtsp":
            return by_ffmpeg(camera, rules, time_out_s)
        asked = {}
        if camera.user:
            pair = base64.b64encode(f"{camera.user}:{camera.password}".encode()).decode()
            asked["Authorization"] = f"Basic {pair}"
        got = fetching.get(
            camera.url, rules, most_bytes=MOST_PICTURE, time_out_s=time_out_s, headers=asked
        )
        return got.body

    return grab


def by_ffmpeg(camera: Camera, rules: fetching.Rules, time_out_s: float) -> bytes:
    """One picture of an RTSP stream.

    The address is judged like every other, and ffmpeg is given the address that was judged.

    Raises:
        Refusal: where ffmpeg is not installed, the address may not be asked, or nothing came.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise Refusal(
            f"camera {camera.id} streams by RTSP, which needs ffmpeg; install it, or name the "
            "address of a snapshot",
            field="url",
            value=camera.id,
            remedy="ffmpeg, or an http address",
        )
    parts = urlsplit(camera.url)
    port = parts.port or 554
    try:
        _, _, addresses = fetching.judge(f"http://{_host(parts.hostname or '')}:{port}/", rules)
    except OSError as problem:
        raise _nothing(camera, f"its name is not known ({problem})") from problem
    account = f"{camera.user}:{camera.password}@" if camera.user else ""
    place = f"{account}{_host(addresses[0])}:{port}"
    url = urlunsplit(("rtsp", place, parts.path, parts.query, ""))
    command = [program, "-nostdin", "-loglevel", "error", "-protocol_whitelist", "rtsp,rtp,tcp,udp"]
    command += ["-rtsp_transport", "tcp", "-i", url, "-frames:v", "1", "-f", "image2pipe"]
    command += ["-c:v", "mjpeg", "-q:v", "3", "-fs", str(MOST_PICTURE), "-"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=time_out_s, check=False)
    except subprocess.TimeoutExpired as problem:
        raise _nothing(camera, f"nothing came in {time_out_s:g} s") from problem
    if not done.stdout:
        words = done.stderr.decode("utf-8", "replace").replace(account or "\0", "")
        raise _nothing(camera, words.strip().rpartition("\n")[2][:120] or "nothing came")
    return done.stdout


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _nothing(camera: Camera, why: str) -> Refusal:
    return Refusal(f"camera {camera.id}: {why}", field="url", value=camera.id, remedy="try later")


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
