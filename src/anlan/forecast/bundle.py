"""A run's frozen inputs: plain numbers in a folder, named by their digest."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.store import ids


@dataclass(frozen=True)
class Bundle:
    """All that a computation reads. Needs neither database nor city folder.

    Attributes:
        meta: JSON: city, issue time, settings, names, harmonics, error table…
        arrays: terrain, readings, outlook track; what each is stands in `inputs`.
        workers: members computed at once; changes no result and is not in the hash.
        grounds: ids of what was read, for the journal.
    """

    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    workers: int = 2
    grounds: tuple[str, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 over ``meta`` and every array with its name, type and shape: the run's name."""
        parts = {
            name: hashlib.sha256(
                f"{a.dtype.str}{a.shape}".encode() + np.ascontiguousarray(a).tobytes()
            ).hexdigest()
            for name, a in self.arrays.items()
        }
        return ids.digest({"meta": self.meta, "arrays": parts})[:32]

    @property
    def issued(self) -> datetime:
        """Issue time, UTC."""
        return datetime.fromisoformat(self.meta["issued"])

    def save(self, folder: Path) -> None:
        """Write to ``folder``, whole or not at all; an existing folder is left as it is."""
        if folder.exists():
            return
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        text = {"meta": self.meta, "workers": self.workers, "grounds": list(self.grounds)}
        (part / "meta.json").write_text(json.dumps(text, ensure_ascii=False), "utf-8")
        stored: dict[str, Any] = dict(self.arrays)
        np.savez_compressed(part / "arrays.npz", **stored)
        part.replace(folder)

    @staticmethod
    def load(folder: Path) -> Bundle:
        """Read what `save` wrote.

        Raises:
            Refusal: when the folder holds no bundle.
        """
        try:
            text = json.loads((folder / "meta.json").read_text("utf-8"))
            with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except FileNotFoundError as missing:
            raise Refusal(
                f"{folder} holds no forecast inputs: {missing.filename} is missing",
                field="bundle",
                value=folder,
                remedy="freeze the run again",
                kind="not_found",
            ) from missing
        return Bundle(text["meta"], arrays, int(text["workers"]), tuple(text["grounds"]))
