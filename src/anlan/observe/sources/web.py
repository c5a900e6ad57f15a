"""Polled addresses, by the guarded way out: only what changed (RFC 9110, section 13)."""

from __future__ import annotations

from anlan.city import City
from anlan.observe import fetching
from anlan.observe.sources.documents import Answer, Fetch

NOT_MODIFIED = 304


def fetcher(city: City, time_out_s: float) -> Fetch:
    """How polled sources of a city ask for a document."""
    rules = fetching.rules(city)

    def fetch(url: str, *, etag: str = "", modified: str = "", most_bytes: int) -> Answer:
        asked = {"If-None-Match": etag} if etag else {}
        if modified:
            asked["If-Modified-Since"] = modified
        got = fetching.get(url, rules, most_bytes=most_bytes, time_out_s=time_out_s, headers=asked)
        if got.status == NOT_MODIFIED:
            return Answer(None, etag, modified)
        return Answer(got.body, got.headers.get("etag", ""), got.headers.get("last-modified", ""))

    return fetch
