"""Requests that change something must come from this desk's own pages.

A page of another site can make a browser send the cookie. It cannot set a header of its own, and
the browser says where it comes from (Fetch Metadata, W3C; Origin, RFC 6454).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from anlan.refusal import Refusal

SAFE = ("GET", "HEAD", "OPTIONS")
MARK = "x-anlan"


def check_origin(request: Request, own: str = "") -> None:
    """Raise `Refusal` (forbidden) for a change that a foreign page may have sent.

    ``own`` is the address under which the desk is known, where a proxy in front changes Host.
    """
    if request.method in SAFE:
        return
    if MARK not in request.headers:
        raise Refusal(
            "header X-Anlan is missing; requests that change something must carry 'X-Anlan: 1'",
            field="X-Anlan",
            remedy="X-Anlan: 1",
            kind="forbidden",
        )
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    hosts = {request.headers.get("host", ""), urlsplit(own).netloc}
    foreign = origin is not None and urlsplit(origin).netloc not in hosts - {""}
    if foreign or site not in ("same-origin", "none"):
        raise Refusal(
            f"this request comes from {origin or 'another site'}, not from this desk's pages; "
            "open the desk itself (请求来自其他网站，已拒绝)",
            field="Origin",
            value=origin,
            remedy="the desk's own pages",
            kind="forbidden",
        )
