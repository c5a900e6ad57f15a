"""One bounded GET: to the addresses that were judged, within a time and a size."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from anlan.observe.fetching.account import Account
from anlan.observe.fetching.rules import Rules, judge, refused
from anlan.refusal import Refusal

MOST_REDIRECTS = 5
MOST_ADDRESSES = 4  # of one host that are tried
PIECE = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# a resolver may hang for longer than a request may take, and cannot be interrupted
_RESOLVERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


class Unreached(Refusal):
    """The other side is away, too slow, sends too much, or answers with an error.

    Worth another try later; any other `Refusal` of `get` is not.

    Attributes:
        status: of its answer, if it gave one.
        challenges: by which it asks who is there (``WWW-Authenticate``).
    """

    challenges: tuple[str, ...] = ()

    def __init__(self, url: str, what: str, remedy: str, status: int | None = None) -> None:
        shown = url.partition("?")[0][:200]
        super().__init__(f"url {shown} {what}; {remedy}", field="url", value=shown, remedy=remedy)
        self.status = status


@dataclass(frozen=True)
class Fetched:
    """An answer.

    Attributes:
        status: 200 to 299, or 304 where the headers of the request asked for it.
        headers: names in lower case.
        body: as sent, uncompressed.
        url: whence it came at last.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def get(
    url: str,
    rules: Rules,
    *,
    most_bytes: int = 5_000_000,
    time_out_s: float = 20.0,
    headers: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> Fetched:
    """The answer to a GET of ``url``; follows redirects, each judged as the first URL was.

    Args:
        most_bytes: of the body; also after unpacking.
        time_out_s: for everything together: names, connections, redirects, body.
        headers: sent to the host of ``url`` alone, never on to another.
        account: given to that host alone too, and only when it asks (Basic or Digest).

    Raises:
        Refusal: (forbidden) for a URL, or a redirect, that may not be asked.
        Unreached: when no good answer came.
    """
    deadline = time.monotonic() + time_out_s
    here, first = url, ""
    for _ in range(MOST_REDIRECTS + 1):
        try:
            parts = urlsplit(here)
        except ValueError as problem:
            raise refused(here, f"cannot be read ({problem})", "https://host/path") from problem
        origin = f"{parts.scheme}://{parts.netloc}"
        first = first or origin
        own = headers if origin == first else None
        try:
            answer, location = _ask(here, rules, most_bytes, deadline, own)
        except Unreached as problem:
            who = account if origin == first else None
            said = who and who.answer(problem.challenges, "GET", _target(here))
            if not said:
                raise
            own = {**(own or {}), "Authorization": said}
            answer, location = _ask(here, rules, most_bytes, deadline, own)
        if location is None:
            return answer
        if parts.scheme == "https" and location.lower().startswith("http:"):
            raise refused(here, "redirects from https to an open line", "another URL")
        try:
            here = urljoin(here, location)
        except ValueError as problem:
            raise Unreached(url, "redirects to what is no URL", "ask its owner") from problem
    raise Unreached(url, f"redirects more than {MOST_REDIRECTS} times", "give the last URL")


def _ask(
    url: str, rules: Rules, most_bytes: int, deadline: float, headers: Mapping[str, str] | None
) -> tuple[Fetched, str | None]:
    """One answer, and where it redirects to, if it does."""
    try:
        host, port, addresses = _RESOLVERS.submit(judge, url, rules).result(_left(deadline))
        with _connection(url, host, port, addresses, deadline) as line:
            line.request(
                "GET",
                _target(url),
                headers={
                    "User-Agent": "anlan",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    **(headers or {}),
                },
            )
            answer = line.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            if answer.status in REDIRECTS and "location" in named:
                return Fetched(answer.status, named, b"", url), named["location"]
            if answer.status != 304 and not 200 <= answer.status < 300:
                away = Unreached(
                    url, f"answers {answer.status}", "ask its owner, or try later", answer.status
                )
                away.challenges = tuple(answer.headers.get_all("www-authenticate", ()))
                raise away
            body = _body(url, answer, named, most_bytes, deadline)
            return Fetched(answer.status, named, body, url), None
    except (Late, TimeoutError) as problem:
        raise Unreached(url, "took too long", "try later") from problem
    except (OSError, http.client.HTTPException, ValueError) as problem:
        if time.monotonic() >= deadline:
            raise Unreached(url, "took too long", "try later") from problem
        words = str(problem)[:200] or type(problem).__name__
        raise Unreached(url, f"cannot be reached ({words})", "try later") from problem


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextmanager
def _connection(
    url: str, host: str, port: int, addresses: list[str], deadline: float
) -> Iterator[http.client.HTTPConnection]:
    """A line to one of ``addresses``, cut at the deadline whatever it is doing."""
    problem: OSError = OSError("no address")
    for address in addresses[:MOST_ADDRESSES]:
        try:
            plain = socket.create_connection((address, port), timeout=_left(deadline))
        except TimeoutError:
            raise
        except OSError as error:
            problem = error
            continue
        break
    else:
        raise problem
    # a time-out of each read alone lets a server that drips hold on for ever; a second handle,
    # since TLS takes the first one over
    handle = plain.dup()
    cut = threading.Timer(_left(deadline), _cut, [handle])
    cut.daemon = True
    cut.start()
    line = http.client.HTTPConnection(host, port)
    try:
        line.sock = plain
        if urlsplit(url).scheme == "https":
            line.default_port = 443
            line.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        yield line
    finally:
        cut.cancel()
        line.close()
        plain.close()
        handle.close()


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _body(
    url: str,
    answer: http.client.HTTPResponse,
    named: Mapping[str, str],
    most_bytes: int,
    deadline: float,
) -> bytes:
    """The body, of which no more than ``most_bytes`` is ever held."""
    too_long = Unreached(url, f"sends more than {most_bytes} bytes", "name a smaller document")
    said = named.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > most_bytes:
        raise too_long
    packed = named.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip", "deflate", ""):
        raise Unreached(url, f"is packed as {packed[:20]}", "ask its owner for plain or gzip")
    unpack = zlib.decompressobj(32 + zlib.MAX_WBITS) if packed in ("gzip", "deflate") else None
    body = bytearray()
    while piece := answer.read1(PIECE):
        try:
            body += piece if unpack is None else unpack.decompress(piece, most_bytes + 1)
        except zlib.error as problem:
            raise Unreached(url, f"is not {packed} ({problem})", "ask its owner") from problem
        if len(body) > most_bytes or (unpack is not None and unpack.unconsumed_tail):
            raise too_long
    _left(deadline)  # a line that was cut looks like the end of a body without length
    if said.isdecimal() and unpack is None and len(body) < int(said[:20]) and answer.status != 304:
        raise Unreached(url, "ended before its body did", "try later")
    return bytes(body)
