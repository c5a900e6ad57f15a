"""Files of a city read once and again only when they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from anlan.city import City

T = TypeVar("T")


class Kept(Generic[T]):
    """What ``read`` makes of ``city.folder / file``, kept until the file's size or time changes."""

    def __init__(self, file: str, read: Callable[[City], T]) -> None:
        self._file = file
        self._read = read
        self._known: WeakKeyDictionary[City, tuple[object, T]] = WeakKeyDictionary()

    def of(self, city: City) -> T:
        """The value for ``city``; raises whatever ``read`` raises."""
        try:
            stat = (Path(city.folder) / self._file).stat()
            stamp: object = (stat.st_mtime_ns, stat.st_size)
        except FileNotFoundError:
            stamp = None
        known = self._known.get(city)
        if known is None or known[0] != stamp:
            known = (stamp, self._read(city))
            self._known[city] = known
        return known[1]
