"""The machine that measures: what it is, how busy others keep it, how fast its memory is."""

from __future__ import annotations

import os
import platform
import re
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

BUSY = 0.05  # share of the processors in others' hands from which times are doubtful


def describe() -> str:
    """Cores, processor, memory and versions, without a name of the machine."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", told)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    wide = "AVX-512" if "avx512f" in told else "AVX2" if "avx2" in told else "no AVX2"
    return (
        f"{os.cpu_count()} cores, {model[1] if model else platform.machine()} ({wide}), "
        f"{memory:.0f} GB; {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {version('numpy')}, Numba {version('numba')}"
    )


@dataclass
class Watch:
    """How much of the processors others used while the block ran.

    Attributes:
        load: mean number of running processes over a minute, at the start.
        others: share of all processor time that was neither idle nor ours.
    """

    load: float = field(default_factory=lambda: os.getloadavg()[0])
    others: float = 0.0

    def __enter__(self) -> Watch:
        self._wall, self._ours, self._busy = time.perf_counter(), _own_seconds(), _busy_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        available = (time.perf_counter() - self._wall) * (os.cpu_count() or 1)
        theirs = (_busy_seconds() - self._busy) - (_own_seconds() - self._ours)
        self.others = max(theirs, 0.0) / available

    def note(self) -> str:
        """A sentence for the report."""
        busy = " BUSY: read these times as upper limits" if self.others > BUSY else ""
        return (
            f"load average {self.load:.1f} at the start; others used {100.0 * self.others:.0f} % "
            f"of the processors meanwhile.{busy}"
        )


def _busy_seconds() -> float:
    """Processor seconds since the start of the machine, with those a host withheld."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return _own_seconds()
    ticks = [int(word) for word in stat.read_text().split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return float(sum(ticks) - idle) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


@njit(fastmath=True, nogil=True)
def _triad(a: Any, b: Any, c: Any, repeats: int) -> None:
    for k in range(repeats):
        s = np.float32(0.5 + k)
        for i in range(a.shape[0]):
            a[i] = b[i] + s * c[i]


@cache
def triad(total_bytes: int, threads: int) -> float:
    """Bytes per second of a = b + s c over three arrays of ``total_bytes`` together.

    Counted as three words an element; the fetch of what is written comes on top unseen.
    """
    count = total_bytes // 12 // threads
    parts = [[np.full(count, 1.5, np.float32) for _ in range(3)] for _ in range(threads)]
    repeats = max(1, round(4e9 / total_bytes))
    best = np.inf
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(5):
            begin = time.perf_counter()
            list(pool.map(lambda part: _triad(part[0], part[1], part[2], repeats), parts))
            best = min(best, time.perf_counter() - begin)
    return 12.0 * count * threads * repeats / float(best)
