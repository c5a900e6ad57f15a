"""The batch of the standard as it travels: multipart/mixed of HTTP messages (clause 11)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from itertools import groupby
from typing import Any

from anlan.observe.sta import bodies
from anlan.observe.sta.batch import Reply, Request
from anlan.observe.sta.model import bad

BOUNDARY = "anlan-batch"


def is_multipart(content_type: str) -> bool:
    """Whether a body is a multipart batch."""
    return content_type.strip().lower().startswith("multipart/mixed")


def read_multipart(body: bytes, content_type: str) -> list[Request]:
    """The requests of a multipart batch; those of a change set share a group.

    Raises `Refusal` for a part that is no HTTP request.
    """
    if len(body) > bodies.MOST_BYTES:
        raise bad("body", None, f"send at most {bodies.MOST_BYTES} bytes")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    try:
        whole = BytesParser().parsebytes(head + body)
    except RecursionError as problem:
        raise bad("body", None, "nest a change set in a batch, and nothing in it") from problem
    if not whole.is_multipart():
        raise bad("body", None, "send multipart/mixed with a boundary and application/http parts")
    requests: list[Request] = []
    for number, part in enumerate(whole.get_payload()):
        assert isinstance(part, Message)
        if part.is_multipart():
            for inner in part.get_payload():
                assert isinstance(inner, Message)
                requests.append(_request(inner, len(requests), f"changes-{number}"))
        else:
            requests.append(_request(part, len(requests), ""))
    return requests


def _request(part: Message, number: int, group: str) -> Request:
    raw = part.get_payload(decode=True)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    line, _, headers = head.partition("\n")
    words = line.split(" ")
    if len(words) < 2 or part.get_content_type() != "application/http":
        raise bad("body", line[:60], "send parts of application/http, as in GET Things HTTP/1.1")
    # an address may hold spaces that were not escaped
    url = " ".join(words[1:-1] if words[-1].startswith("HTTP/") else words[1:])
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (each.partition(":") for each in headers.split("\n"))
    }
    name = str(part.get("Content-ID") or fields.get("content-id") or f"part-{number}")
    content: Any = bodies.read_json(body.encode()) if body.strip() else None
    return Request(name, words[0].upper(), url, content, group, fields.get("if-match", ""))


def write_multipart(replies: Sequence[Reply]) -> bytes:
    """The answers, change sets within parts of their own."""
    parts: list[str] = []
    for number, (group, found) in enumerate(groupby(replies, key=lambda each: each.request.group)):
        inner = [_part(each) for each in found]
        if group:
            mark = f"{BOUNDARY}-{number}"
            joined = "".join(f"--{mark}\r\n{each}" for each in inner)
            parts.append(
                f"Content-Type: multipart/mixed; boundary={mark}\r\n\r\n{joined}--{mark}--\r\n"
            )
        else:
            parts += inner
    return ("".join(f"--{BOUNDARY}\r\n{each}" for each in parts) + f"--{BOUNDARY}--\r\n").encode()


def _part(reply: Reply) -> str:
    answer = reply.answer
    body = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False)
    lines = [
        "Content-Type: application/http",
        f"Content-ID: {_plain(reply.request.id)}",
        "",
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        *(f"{name}: {_plain(value)}" for name, value in answer.headers.items()),
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines)


def _plain(text: str) -> str:
    """A header's value on one line."""
    return " ".join(text.split())
