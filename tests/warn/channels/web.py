"""HTTP servers of the tests, with faults: slow, broken, gone after taking, wrong JSON."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SLOW_S = 0.6  # longer than the tests' channels wait


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Provider:
    """A server whose answers a test gives; ``faults`` happen to the next requests, in order.

    Faults: ``slow`` (answers too late), ``drop`` (takes it and hangs up), ``wrong`` (HTML instead
    of JSON), or a status.
    """

    answer: Callable[[Request], tuple[int, Any]]
    requests: list[Request] = field(default_factory=list)
    faults: list[str | int | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                named = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, parts.path, query, named, body)
                provider.requests.append(request)
                status, said = provider.answer(request)
                fault = provider.faults.pop(0) if provider.faults else None
                if fault == "drop":
                    self.close_connection = True
                    self.connection.close()
                    return
                if fault == "slow":
                    time.sleep(SLOW_S)
                octets = said if isinstance(said, bytes) else json.dumps(said).encode()
                if fault == "wrong":
                    octets = b"<html>sign in to the hotel</html>"
                if isinstance(fault, int):
                    status, octets = fault, b"{}"
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(octets)))
                    self.end_headers()
                    self.wfile.write(octets)
                except OSError:
                    return  # the client did not wait

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
