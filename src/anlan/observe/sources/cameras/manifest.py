"""``cameras.toml`` of a city folder: which cameras are looked through, and what they see.

::

    [source]
    owner = "平湖市水利局"
    licence = "own network"
    quality = "automatic"
    cadence_minutes = 5
    time_out_s = 15

    [[camera]]
    id = "danghu-bridge"
    name = "当湖大桥"
    name_en = "Danghu bridge"
    url = "http://10.20.0.31/snapshot.jpg"   # or rtsp://10.20.0.31/stream1, where ffmpeg is there
    user = "viewer"                          # where the camera asks for them (Basic or Digest)
    password = "secret"
    lon = 121.02
    lat = 30.70
    keep_days = 7
    most = 5000                              # pictures kept at most

    [camera.staff]                           # a staff gauge in the picture
    series = "danghu-level.river_level"      # a level of the city that it gives
    corners = [[612, 60], [668, 62], [664, 640], [606, 638]]   # px: top left, top right,
                                             #   bottom right, bottom left of the staff
    top_m = 4.0                              # levels at the upper and lower corners
    bottom_m = 1.0
    datum = "1985"
    free = false                             # true: stands alone in the water, not at a wall
    reference = "cameras/danghu-dry.jpg"     # this camera's picture of the whole dry staff;
                                             #   without it the usual E marks are looked for
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from anlan.city import City
from anlan.observe.camera.frames import opened
from anlan.observe.camera.strip import Array, Staff, opencv, upright
from anlan.observe.fetching import Account
from anlan.observe.sources.official.manifest import every, identifier
from anlan.observe.sources.source import Origin
from anlan.observe.sources.table import Table
from anlan.refusal import Refusal

FILE = "cameras.toml"
TALLEST_M = 12.0
MOST_REFERENCE = 20_000_000


@dataclass(frozen=True)
class Gauge:
    """A staff gauge and the series that it gives."""

    staff: Staff
    series: str
    reference: Array | None


@dataclass(frozen=True)
class Camera:
    """One camera."""

    id: str
    name: str
    name_en: str
    url: str
    user: str
    password: str
    lon: float
    lat: float
    every: timedelta
    keep: timedelta
    most: int
    gauge: Gauge | None

    @property
    def account(self) -> Account | None:
        """What it is told when it asks who is there."""
        return Account(self.user, self.password) if self.user else None


@dataclass(frozen=True)
class Settings:
    """What ``cameras.toml`` says beside ``[source]``."""

    cameras: tuple[Camera, ...]
    time_out_s: float


def read_settings(city: City, origin: Origin, table: Table) -> Settings:
    """The settings. Raises `Refusal` naming key and remedy."""
    table.known("camera")
    cameras: dict[str, Camera] = {}
    for each in table.tables("camera"):
        camera = _camera(each, city, origin)
        if camera.id in cameras:
            raise each.wrong("id", camera.id, "stands twice", "an id of its own")
        cameras[camera.id] = camera
    return Settings(tuple(cameras.values()), origin.time_out_s)


def _camera(table: Table, city: City, origin: Origin) -> Camera:
    table.known(
        *("id", "name", "name_en", "url", "user", "password", "lon", "lat", "every_s"),
        *("keep_days", "most", "staff"),
    )
    url = table.text("url", "http://… or rtsp://…")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https", "rtsp") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or any(letter.isspace() for letter in url) or "@" in parts.netloc:
        # the address stays unsaid: it may hold a password
        raise table.wrong("url", None, "is not an address of http, https or rtsp", "user apart")
    root = city.territory.root
    return Camera(
        identifier(table),
        table.text("name", "where the camera looks"),
        table.text("name_en", "", ""),
        url,
        table.text("user", "", ""),
        table.text("password", "", ""),
        table.number("lon", root.lon),
        table.number("lat", root.lat),
        every(table, origin),
        timedelta(days=table.positive("keep_days", 7.0)),
        table.whole("most", "a number of pictures", 5000, 1, 1_000_000),
        _gauge(table.table("staff"), city) if "staff" in table else None,
    )


def _gauge(table: Table, city: City) -> Gauge:
    table.known("series", "corners", "top_m", "bottom_m", "datum", "free", "reference")
    series = table.text("series", "a series of the city")
    if city.station_of(series) is None or series.rpartition(".")[2] not in ("river_level", "tide"):
        raise table.wrong("series", series, "is not a level of the city", "x.river_level")
    corners = table.values.get("corners")
    points = _points(corners)
    if points is None:
        raise table.wrong("corners", corners, "is not four points", "[[x, y], …] from top left on")
    datum = table.one_of("datum", tuple(city.datums), city.datum)
    top, bottom = (city.level(table.number(key), datum) for key in ("top_m", "bottom_m"))
    if not 0.3 <= top - bottom <= TALLEST_M:
        raise table.wrong("top_m", top, "is not 0.3 to 12 m above bottom_m", "the staff's levels")
    try:
        opencv()
    except Refusal as refusal:
        raise table.wrong("series", None, "needs OpenCV", refusal.remedy or "") from refusal
    staff = Staff(points, top, bottom, table.flag("free", False))
    return Gauge(staff, series, _reference(table, city, staff))


def _points(value: object) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    found = []
    for point in value:
        if not isinstance(point, list) or len(point) != 2:
            return None
        if not all(isinstance(v, int | float) and 0 <= v < 20_000 for v in point):
            return None
        found.append((float(point[0]), float(point[1])))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = found
    upright_staff = ax < bx and dx < cx and ay < dy and by < cy
    return tuple(found) if upright_staff else None


def _reference(table: Table, city: City, staff: Staff) -> Array | None:
    name = table.text("reference", "", "")
    if not name:
        return None
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise table.wrong("reference", name, "leaves the city folder", "a picture of the folder")
    try:
        raw = (city.folder / name).read_bytes()
        return upright(opened(raw[:MOST_REFERENCE], name).picture, staff)
    except OSError as problem:
        words = f"cannot be read ({problem.strerror})"
        raise table.wrong("reference", name, words, "a picture of the city folder") from problem
    except Refusal as refusal:
        raise table.wrong("reference", name, "is no picture", "a JPEG or PNG") from refusal
