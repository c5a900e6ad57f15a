"""Which observations are meant, the orders that the archive's key serves, and pages of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from anlan.observe.sta.catalogue import Stream
from anlan.observe.sta.expression import Node, Path
from anlan.observe.sta.holding import O
from anlan.observe.sta.model import bad
from anlan.observe.sta.seen import Seen, key_of
from anlan.observe.sta.sql_values import stamp

TIME = Path(("phenomenonTime",))
ID = (Path(("id",)), Path(("@iot.id",)))


@dataclass(frozen=True)
class Page:
    """Observations, where the next page begins (None: there is none), and how many in all."""

    rows: Sequence[Seen]
    token: str | None = None
    more: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Scope:
    """Which observations are meant: those of streams, and of a FeatureOfInterest if given."""

    streams: Sequence[Stream]
    feature: str | None = None


def way(order: Sequence[tuple[Node, bool]]) -> str | None:
    """How the archive's key serves an order: by stream, earlier or later first; None: not."""
    keys = [(node, down) for node, down in order]
    if not keys or (keys[0][0] in ID and not keys[0][1]):
        return "stream"
    if keys[0][0] == TIME and all(node in ID and not down for node, down in keys[1:]):
        return "later" if keys[0][1] else "earlier"
    return None


def beyond(moment: datetime, later: bool, same_too: bool) -> ColumnElement[bool]:
    if later:
        return O.c.valid_at <= moment if same_too else O.c.valid_at < moment
    return O.c.valid_at >= moment if same_too else O.c.valid_at > moment


def read_token(text: str) -> tuple[datetime, str] | None:
    """Where the page before ended."""
    if not text:
        return None
    number, _, series = text.partition("~")
    key = key_of(f"{series}@{number}")
    if key is None or not series:
        raise bad("$skiptoken", text[:40], "follow @iot.nextLink as it is")
    return key[1], series


def token(last: Seen) -> str:
    """Where the page that ends with ``last`` ends."""
    return f"{stamp(last.valid_at)}~{last.stream.series}"
