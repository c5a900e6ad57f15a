"""Several requests in one (OGC 18-088, clause 11), and observations as data arrays (clause 12).

Requests stand in order. Those of one atomicity group (a change set) happen all, or not at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, unquote

from anlan.access.desk import Desk
from anlan.access.rights import Caller
from anlan.observe.sta import bodies
from anlan.observe.sta.answer import Answer
from anlan.observe.sta.change import Changer
from anlan.observe.sta.kept import Register
from anlan.observe.sta.model import ID, bad
from anlan.observe.sta.requests import (
    METHODS,
    StateChanged,
    Written,
    read,
    set_aside,
    take_all,
    write,
)
from anlan.observe.sta.take import Outcome
from anlan.refusal import Refusal

MOST_REQUESTS = 200
MOST_ROWS = 20_000
SECONDS = 20.0  # for all questions of a batch
SEGMENT = re.compile(r"\$([\w.:,;-]{1,60})(/.*)?", re.DOTALL)
COMPONENTS = frozenset(
    {
        "phenomenonTime",
        "result",
        "resultTime",
        "resultQuality",
        "validTime",
        "parameters",
        "FeatureOfInterest/id",
        f"FeatureOfInterest/{ID}",
    }
)


@dataclass(frozen=True)
class Request:
    """One request of a batch.

    Attributes:
        id: by which its answer is known, and what it makes can be named as ``$id``.
        group: its atomicity group; empty if it stands alone.
    """

    id: str
    method: str
    url: str
    body: Any = None
    group: str = ""
    match: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer to one request of a batch."""

    request: Request
    answer: Answer
    links: Mapping[str, str] = field(default_factory=dict)


def read_json_batch(body: Any) -> list[Request]:
    """The requests of a JSON batch. Raises `Refusal` for a body of another shape."""
    rows = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad("requests", None, 'send {"requests": [{"id": …, "method": …, "url": …}]}')
    found = []
    for row in rows:
        texts = {n: row.get(n) for n in ("id", "method", "url", "atomicityGroup")}
        for name, text in texts.items():
            if not (isinstance(text, str) or (text is None and name == "atomicityGroup")):
                raise bad(f"requests/{name}", str(text)[:40], "give it as a text")
        headers = row.get("headers") if isinstance(row.get("headers"), dict) else {}
        match = next((str(v) for k, v in headers.items() if k.lower() == "if-match"), "")
        group = texts["atomicityGroup"] or ""
        found.append(
            Request(
                str(row["id"]), row["method"].upper(), row["url"], row.get("body"), group, match
            )
        )
    return found


def run(
    desk: Desk,
    caller: Caller,
    requests: Sequence[Request],
    root: str,
    refused: Callable[[Refusal], Answer],
) -> list[Reply]:
    """Carry out the requests of a batch in order; ``refused`` makes the answer of a refusal."""
    if len(requests) > MOST_REQUESTS:
        raise bad("requests", len(requests), f"send at most {MOST_REQUESTS} in one batch")
    if len({each.id for each in requests}) < len(requests):
        raise bad("requests/id", None, "give each request an id of its own")
    worker = _Worker(desk, caller, root, refused, time.monotonic() + SECONDS)
    replies: list[Reply] = []
    for group, part in groupby(requests, key=lambda each: each.group):
        members = list(part)
        if group:
            replies += worker.together(members)
        else:
            replies += [worker.alone(each) for each in members]
    return replies


class _Worker:
    def __init__(
        self,
        desk: Desk,
        caller: Caller,
        root: str,
        refused: Callable[[Refusal], Answer],
        end: float,
    ) -> None:
        self.desk = desk
        self.caller = caller
        self.root = root
        self.refused = refused
        self.end = end
        self.made: dict[str, str] = {}  # name -> address without root

    def alone(self, request: Request) -> Reply:
        if request.method == "GET":
            return Reply(request, self._tried(lambda: self._read(request)))
        return self.together([request])[0]

    def together(self, requests: Sequence[Request]) -> list[Reply]:
        """In one transaction: all, or none."""
        answers: list[Answer] = []
        before = dict(self.made)
        try:
            with self.desk.act(self.caller) as act:
                for request in requests:
                    if request.method not in METHODS:
                        raise bad("requests/method", request.method[:20], ", ".join(METHODS))
                    path, _ = self._address(request)
                    body = self._named(request.body, 0)
                    done, refusal = write(
                        act, self.desk, self.caller, request.method, path, body, match=request.match
                    )
                    if refusal is not None:
                        raise _Undone(refusal, request)
                    self._remember(request, done)
                    headers = {"Location": self.root + done.location}
                    answers.append(Answer(done.status, None, headers))
        except StateChanged:
            failed = Answer(412)
        except _Undone as undone:
            self._keep(undone)
            failed = self.refused(undone.refusal)
        except Refusal as refusal:
            failed = self.refused(refusal)
        else:
            return [Reply(r, a) for r, a in zip(requests, answers, strict=True)]
        self.made = before
        rest = self.refused(
            Refusal(
                "another request of this group failed, so nothing of the group was done",
                field="atomicityGroup",
                remedy="correct the other request",
                kind="conflict",
            )
        )
        broken = len(answers)
        return [Reply(r, failed if n == broken else rest) for n, r in enumerate(requests)]

    def _tried(self, do: Callable[[], Answer]) -> Answer:
        try:
            return do()
        except Refusal as refusal:
            return self.refused(refusal)

    def _read(self, request: Request) -> Answer:
        if time.monotonic() > self.end:
            raise bad("requests", request.id, "ask fewer or smaller questions in one batch")
        path, options = self._address(request)
        return read(self.desk, self.caller, path, options, self.root)

    def _keep(self, undone: _Undone) -> None:
        """What was refused lies in quarantine, though its group was undone."""
        with self.desk.act(self.caller) as act:
            set_aside(act, self.desk.city, undone.request.body, undone.refusal)

    def _address(self, request: Request) -> tuple[str, list[tuple[str, str]]]:
        url, _, options = request.url.partition("?")
        for prefix in (self.root, "/sta/v1.1"):
            url = url.removeprefix(prefix)
        path = unquote(url.lstrip("/"))
        match = SEGMENT.fullmatch(path)
        if match is not None and match[1] in self.made:
            path = self.made[match[1]] + (match[2] or "")
        try:
            return path, parse_qsl(options, keep_blank_values=True, max_num_fields=30)
        except ValueError as problem:
            raise bad("url", options[:60], "give at most 30 query options") from problem

    def _named(self, body: Any, depth: int) -> Any:
        """A body with ``{"@iot.id": "$name"}`` replaced by what was made under that name."""
        if isinstance(body, list):
            return [self._named(each, depth + 1) for each in body]
        if not isinstance(body, dict):
            return body
        found = {name: self._named(each, depth + 1) for name, each in body.items()}
        name = found.get(ID)
        if isinstance(name, str) and name[:1] == "$" and name[1:] in self.made:
            found[ID] = unquote(self.made[name[1:]].partition("('")[2].removesuffix("')"))
        return found

    def _remember(self, request: Request, done: Written) -> None:
        if done.status == 201:
            self.made[request.id] = unquote(done.location.lstrip("/"))


class _Undone(Exception):  # noqa: N818  undoes a transaction
    def __init__(self, refusal: Refusal, request: Request) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.request = request


def create_from_arrays(desk: Desk, caller: Caller, body: Any) -> list[Outcome]:
    """CreateObservations: data arrays of several Datastreams, each row for itself."""
    if not isinstance(body, list) or not all(isinstance(each, dict) for each in body):
        raise bad("body", None, "send a list of data arrays, each with Datastream and components")
    sent: list[tuple[Any, Mapping[str, str]]] = []
    for each in body:
        components, rows = each.get("components"), each.get("dataArray")
        if not isinstance(components, list) or not set(map(str, components)) <= COMPONENTS:
            raise bad("components", str(components)[:80], f"name some of {sorted(COMPONENTS)}")
        if not isinstance(rows, list) or not all(
            isinstance(row, list) and len(row) == len(components) for row in rows
        ):
            raise bad("dataArray", None, "send rows with one value for each component")
        if len(sent) + len(rows) > MOST_ROWS:
            raise bad("dataArray", None, f"send at most {MOST_ROWS} rows at once")
        datastream = bodies.link(each.get("Datastream"))
        if datastream is None:
            raise bad("Datastream", None, 'link to one: {"@iot.id": "…"}')
        for row in rows:
            values = dict(zip(map(str, components), row, strict=True))
            feature = values.pop("FeatureOfInterest/id", None)
            feature = values.pop(f"FeatureOfInterest/{ID}", feature)
            if feature is not None:
                values["FeatureOfInterest"] = {ID: feature}
            sent.append((values, {"Datastream": datastream}))
    with desk.act(caller) as act:
        return take_all(Changer(act, Register(act, desk.city), caller), sent)
