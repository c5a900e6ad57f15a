"""What other engines print for the same set-ups.

Measured once by this project in November 2026 on two cores, with the versions named and their own
defaults; a report does not run them again. ``make bench`` does, for those that install from PyPI.
"""

from __future__ import annotations

MEASURED = "measured by this project, November 2026"

# relative L1 of depth in %: Stoker 150 s, Ritter 120 s, bowl at T/2, bowl at T; none: it stopped
FRICTIONLESS: dict[str, tuple[float | None, float | None, float | None, float | None]] = {
    "ANUGA 4.1.0 DE1": (0.27, 0.29, 0.24, 0.43),
    "ANUGA 4.1.0 DE0": (0.50, 0.63, 0.41, 0.78),
    "GeoClaw 5.14.0 order 2": (0.62, 0.74, 0.37, 0.51),
    "GeoClaw 5.14.0 order 1": (1.17, 1.36, 0.56, 0.94),
    "LISFLOOD-FP 8.1 FV1": (1.35, 1.38, 1.45, 3.89),
    "SFINCS 2.4.0, advection on": (2.42, 3.22, 1.13, 1.94),
    "SFINCS 2.4.0, advection off": (15.4, 15.6, 3.7, 6.8),
    "LISFLOOD-FP 8.1 ACC": (15.2, 15.1, 3.8, 7.8),
    "Landlab 2.11 OverlandFlow": (15.4, 15.2, 6.5, 18.4),
    "itzi-core 0.8.0": (14.9, None, None, None),
}
