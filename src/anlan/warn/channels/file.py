"""Outlets that write each message as a JSON line, on disk before it counts as accepted.

``FileOutlet`` is for exercises: nobody but a reader of the file gets anything. ``RealFileOutlet``
is the spool of a real gateway beside this system, which picks the lines up.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from anlan.warn.channels.outlet import (
    ActualMessage,
    AnyMessage,
    ExerciseMessage,
    ExerciseOutlet,
    Handed,
    Outcome,
    RealOutlet,
)
from anlan.warn.delivery import Found


class _Lines:
    """An append-only file of JSON lines with the keys that it holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._keys = self._recover()

    def _recover(self) -> set[str]:
        """The keys on file. A last line torn by a crash was never accepted: it is cut off."""
        if not self.path.exists():
            return set()
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
                file.flush()
                os.fsync(file.fileno())
        return {json.loads(line)["key"] for line in whole.splitlines() if line.strip()}

    def append(self, messages: Sequence[AnyMessage]) -> list[Handed]:
        lines = [
            json.dumps(
                {
                    "key": each.key,
                    "alert": each.alert,
                    "version": each.version,
                    "channel": each.channel,
                    "to": each.to,
                    "body": each.body,
                    "repeat": each.repeat,
                },
                ensure_ascii=False,
            )
            for each in messages
        ]
        with self._lock:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
            self._keys.update(each.key for each in messages)
        return [Handed(Outcome.ACCEPTED)] * len(messages)

    def query(self, key: str) -> Found:
        return Found.SENT if key in self._keys else Found.ABSENT


class FileOutlet(ExerciseOutlet):
    """Exercise messages as lines of ``folder/exercise.jsonl``."""

    def __init__(self, folder: Path | str) -> None:
        self._lines = _Lines(Path(folder) / "exercise.jsonl")

    @property
    def path(self) -> Path:
        """The file that is written."""
        return self._lines.path

    def send(self, messages: Sequence[ExerciseMessage]) -> list[Handed]:
        """Append and flush to disk; accepted once there."""
        return self._lines.append(messages)

    def query(self, key: str) -> Found:
        """Whether the key is on file; a file always knows."""
        return self._lines.query(key)


class RealFileOutlet(RealOutlet):
    """Actual messages as lines of ``folder/actual.jsonl``, the spool of a gateway."""

    def __init__(self, folder: Path | str) -> None:
        self._lines = _Lines(Path(folder) / "actual.jsonl")

    @property
    def path(self) -> Path:
        """The file that is written."""
        return self._lines.path

    def transmit(self, messages: Sequence[ActualMessage]) -> list[Handed]:
        """Append and flush to disk; accepted once there."""
        return self._lines.append(messages)

    def query(self, key: str) -> Found:
        """Whether the key is on file; a file always knows."""
        return self._lines.query(key)
