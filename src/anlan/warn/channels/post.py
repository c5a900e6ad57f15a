"""One bounded HTTP call, which tells what was surely not sent from what may have been taken."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from anlan.observe.sources import Table
from anlan.refusal import Refusal
from anlan.warn.channels.channel import Common
from anlan.warn.channels.outlet import Handed, Outcome

MOST_BYTES = 1_000_000
NOT_NOW = (408, 425, 429, 503)  # the server says that it did not take it


class Unsent(Exception):  # noqa: N818  the other side is away, which is no malfunction of ours
    """No connection: nothing was sent."""


class Unanswered(Exception):  # noqa: N818  likewise
    """The request went out, or part of it, and no answer came."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object; None if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def call(
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    time_out_s: float,
    addresses: Sequence[str] = (),
) -> Answer:
    """POST ``body`` to ``url``, or GET it where there is none. Redirects are not followed.

    Args:
        time_out_s: for everything together.
        addresses: to connect to, where the host's own may not be trusted.

    Raises:
        Unsent: nothing was sent.
        Unanswered: it may have been taken.
    """
    deadline = time.monotonic() + time_out_s
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        line = _connect(list(addresses) or [host], port, deadline)
    except OSError as problem:
        raise Unsent(type(problem).__name__) from problem
    # a time-out of each read alone lets a server that drips hold on for ever
    handle = line.dup()
    cut = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [handle])
    cut.daemon = True
    cut.start()
    client = http.client.HTTPConnection(host, port)
    try:
        if secure:
            try:
                line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            except OSError as problem:
                raise Unsent(type(problem).__name__) from problem
        client.sock = line
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        given = {"User-Agent": "anlan", "Connection": "close", **headers}
        if "host" not in {name.lower() for name in given}:
            given["Host"] = parts.netloc
        try:
            client.request("GET" if body is None else "POST", target, body, given)
            answer = client.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            read = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered(type(problem).__name__) from problem
        return Answer(answer.status, named, read)
    finally:
        cut.cancel()
        client.close()
        line.close()
        handle.close()


def _connect(hosts: Sequence[str], port: int, deadline: float) -> socket.socket:
    problem = OSError("no address")
    for host in hosts:
        try:
            left = max(0.05, deadline - time.monotonic())
            return socket.create_connection((host, port), timeout=left)
        except OSError as error:
            problem = error
    raise problem


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def by_status(answer: Answer) -> Handed | None:
    """What a status alone says; None for 2xx, and for 4xx that a body may explain.

    A server's own error, and a gateway that lost its server, leave unknown what was taken.
    """
    if answer.status in NOT_NOW:
        return Handed(Outcome.DEFERRED, reason=f"HTTP {answer.status}")
    if answer.status >= 500:
        return Handed(Outcome.UNKNOWN, reason=f"HTTP {answer.status}")
    if 300 <= answer.status < 400:
        return Handed(Outcome.REFUSED, reason=f"HTTP {answer.status}")
    return None


def unclear(answer: Answer) -> Handed:
    """What an answer says whose body is not what the provider's documents promise."""
    outcome = Outcome.REFUSED if 400 <= answer.status < 500 else Outcome.UNKNOWN
    return Handed(outcome, reason=f"HTTP {answer.status}, not understood")


def read_url(table: Table, key: str, default: str | None = None) -> str:
    """A URL of a table: https, or http within this machine or a private network by address."""
    url = table.text(key, "https://host", default)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as problem:
        raise table.wrong(key, url, f"cannot be read ({problem})", "https://host") from problem
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.fragment:
        raise table.wrong(key, url, "is no plain URL", "https://host")
    if parts.scheme == "http" and not is_private(host):
        raise table.wrong(key, url, "leaves the line open", "https, or an address of your network")
    return url.rstrip("/")


def is_private(host: str) -> bool:
    """Whether a host is this machine, or an address within a network of one's own."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def unreachable(common: Common, url: str, problem: Exception | str) -> Refusal:
    """The refusal of a probe."""
    host = urlsplit(url).netloc
    words = problem if isinstance(problem, str) else f"does not answer ({problem})"
    return Refusal(
        f"channels.toml: {common.name}: {host} {words}; check url and network",
        field="url",
        value=host,
        remedy="a server that answers",
    )
