"""No request holds more than a desk can read: bodies are counted as they come."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anlan.refusal import Refusal

#: Bytes of a body of words; pictures, films and readings have limits of their own.
MOST = 1_000_000
#: Paths whose handlers count for themselves, and types that carry files.
OWN = ("/api/v1/readings", "/sta/", "/api/v1/channels/")
FILES = (b"multipart/", b"image/", b"video/")


class BodyLimit:
    """Answers 413 to a body of words beyond `MOST` before anything of it is parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with its body counted."""
        if scope["type"] != "http" or not _counted(scope):
            await self.app(scope, receive, send)
            return
        pieces: list[Message] = []
        size = 0
        while True:
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST:
                await _too_large()(scope, receive, send)
                return
            pieces.append(message)
            if message["type"] != "http.request" or not message.get("more_body", False):
                break

        async def again() -> Message:
            return pieces.pop(0) if pieces else await receive()

        await self.app(scope, again, send)


def _counted(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"].startswith(OWN):
        return False
    kind = dict(scope["headers"]).get(b"content-type", b"").lower()
    return not kind.startswith(FILES)


def _too_large() -> JSONResponse:
    refusal = Refusal(
        f"the request holds more than {MOST} bytes; shorten its texts",
        field="body",
        remedy=f"{MOST} bytes at most",
        zh="提交的内容太长，请缩短后重试。",
    )
    return JSONResponse(refusal.as_dict(), 413)
