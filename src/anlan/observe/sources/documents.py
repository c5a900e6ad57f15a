"""Documents from an address or a folder, each once: conditional requests, and files dropped in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from anlan.refusal import Refusal

MOST_FILES = 500
"""Files looked at in a folder, the newest first."""
REMEMBERED = 2000
"""Names remembered as taken, the newest last."""


@dataclass(frozen=True)
class Answer:
    """What an address gave. ``body`` is None when it has not changed since."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


class Fetch(Protocol):
    """The one way out: guarded against private addresses, bounded in size and time."""

    def __call__(self, url: str, *, etag: str = "", modified: str = "", most_bytes: int) -> Answer:
        """Raises `Refusal` naming address and reason."""


def changed(fetch: Fetch, url: str, memory: dict[str, Any], most_bytes: int) -> bytes | None:
    """The document at ``url`` if it changed since ``memory`` says, which is brought up to date."""
    answer = fetch(
        url,
        etag=str(memory.get("etag", "")),
        modified=str(memory.get("modified", "")),
        most_bytes=most_bytes,
    )
    if answer.body is None:
        return None
    memory["etag"], memory["modified"] = answer.etag[:300], answer.modified[:100]
    return answer.body


def dropped(
    folder: Path, memory: dict[str, Any], most_bytes: int, suffixes: tuple[str, ...]
) -> Iterator[tuple[str, bytes | Refusal]]:
    """(name, content) of each file of ``folder`` that is new or changed; oldest first.

    Files stay where they are. One that is still being written comes again once it has changed.
    One that cannot be read comes as the refusal that says why.

    Raises:
        Refusal: when there is no such folder.
    """
    for path, size in new_files(folder, memory, suffixes):
        yield path.name, _content(path, size, most_bytes)


def new_files(
    folder: Path, memory: dict[str, Any], suffixes: tuple[str, ...], settled_s: float = 0.0
) -> Iterator[tuple[Path, int]]:
    """(path, bytes) of each file of ``folder`` that is new or changed; oldest first.

    One that changed within the last ``settled_s`` waits for the next time: it may still be being
    written.

    Raises:
        Refusal: when there is no such folder.
    """
    latest = time.time_ns() - int(settled_s * 1e9)
    try:
        found = [
            (path.stat().st_mtime_ns, path.stat().st_size, path)
            for path in folder.iterdir()
            if path.suffix.lower() in suffixes and path.is_file() and not path.is_symlink()
        ]
    except OSError as problem:
        raise Refusal(
            f"folder {folder} cannot be read ({problem.strerror}); make it, or name another",
            field="folder",
            value=folder,
            remedy="a folder that this account may read",
        ) from problem
    seen: list[list[Any]] = memory.setdefault("files", [])
    known = {(each[0], each[1], each[2]) for each in seen}
    for stamp, size, path in sorted(found)[-MOST_FILES:]:
        if (path.name, stamp, size) in known or (settled_s and stamp > latest):
            continue
        seen.append([path.name, stamp, size])
        del seen[:-REMEMBERED]
        yield path, size


def _content(path: Path, size: int, most_bytes: int) -> bytes | Refusal:
    if size > most_bytes:
        return Refusal(
            f"file {path.name} has {size} bytes; at most {most_bytes} are read",
            field="file",
            value=path.name,
            remedy="a smaller file",
        )
    try:
        with path.open("rb") as file:
            return file.read(most_bytes)
    except OSError as problem:
        return Refusal(
            f"file {path.name} cannot be read ({problem.strerror})",
            field="file",
            value=path.name,
            remedy="a file that this account may read",
        )
