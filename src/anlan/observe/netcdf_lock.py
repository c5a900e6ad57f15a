"""One lock for a library that may be entered by one thread at a time, whatever the file."""

from __future__ import annotations

import threading

NETCDF = threading.RLock()
