"""CAP's one form of time: ``YYYY-MM-DDThh:mm:ss±hh:mm``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def read_time(text: str) -> datetime:
    """The zone-aware time of CAP's text.

    Raises:
        ValueError: for ``Z``, fractions, naive times and dates that do not exist.
    """
    if not _FORM.fullmatch(text):
        raise ValueError(f"'{text[:40]}' is not a CAP time; write 2021-07-25T14:30:00+08:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a time: {error}") from None


def time_text(moment: datetime) -> str:
    """CAP's text of a time. UTC is written ``-00:00``, as the standard's text asks.

    Raises:
        ValueError: for a time without a zone, with a fraction of a second, or with an offset that
            is not whole minutes.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment} has no zone; give the time with its offset from UTC")
    if moment.microsecond or offset % timedelta(minutes=1):
        raise ValueError(f"{moment} is finer than CAP allows; round it to whole seconds")
    if not offset:
        return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + "-00:00"
    return moment.isoformat()
