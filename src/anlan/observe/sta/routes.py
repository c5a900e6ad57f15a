"""HTTP for SensorThings 1.1 at ``/sta/v1.1``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from anlan.access.desk import Desk, desk, optional_caller
from anlan.access.repeats import once
from anlan.access.rights import Caller
from anlan.journal import Act
from anlan.observe.routes import admit
from anlan.observe.sta import batch, multipart
from anlan.observe.sta.answer import Answer, root_document
from anlan.observe.sta.bodies import MOST_BYTES, read_json
from anlan.observe.sta.model import OBSERVATIONS, bad
from anlan.observe.sta.path import read_path
from anlan.observe.sta.query import MOST_QUERY
from anlan.observe.sta.requests import StateChanged, may_read, read, write
from anlan.refusal import Refusal

router = APIRouter(include_in_schema=False)
ROOT = "/sta/v1.1"
STATUS = {"invalid": 400, "not_found": 404, "forbidden": 403, "conflict": 409, "too_many": 429}
EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def refused(refusal: Refusal) -> Answer:
    """A refusal in the shape of OData's errors (OData JSON 4.0, clause 19), with its remedy."""
    status = STATUS[refusal.kind]
    if refusal.field == "session":
        status = 401
    elif refusal.field == "option":
        status = 501
    elif refusal.field == "method":
        status = 405
    said = refusal.as_dict()
    error = {
        "code": str(status),
        "message": refusal.message,
        "target": refusal.field,
        "details": [{"code": refusal.kind, "message": said["remedy"], "target": said["value"]}],
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status == 405:
        headers["Allow"] = str(refusal.remedy)
    if refusal.again_s is not None:
        headers["Retry-After"] = str(refusal.again_s)
    return Answer(status, {"error": error}, headers)


@router.api_route(ROOT, methods=EVERY)
@router.api_route(ROOT + "/{path:path}", methods=EVERY)
async def sensorthings(request: Request, path: str = "") -> Response:
    """Everything below the root: the path decides (`read_path`)."""
    here = desk(request)
    root = str(request.base_url).rstrip("/") + ROOT
    try:
        body = await _body(request)
        answer = await run_in_threadpool(_answer, here, request, path, body, root)
    except Refusal as refusal:
        answer = refused(refusal)
    except StateChanged:
        answer = refused(Refusal("If-Match names another state; read it again", field="If-Match"))
        answer = Answer(412, answer.body)
    known = request.headers.get("if-none-match")
    if answer.status == 200 and known is not None and known == answer.headers.get("ETag"):
        return Response(status_code=304, headers=dict(answer.headers))
    return _response(answer)


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, headers)
    if answer.text:
        return Response(str(answer.body), answer.status, headers, "text/plain")
    if answer.body is None:
        return Response(None, answer.status, headers)
    text = json.dumps(answer.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode(), answer.status, headers, "application/json")


async def _body(request: Request) -> bytes:
    """The body, of which no more than `MOST_BYTES` is ever read."""
    if len(request.url.query) > 4 * MOST_QUERY:
        raise bad("query", None, f"send at most {MOST_QUERY} characters of query options")
    read_so_far = bytearray()
    async for piece in request.stream():
        read_so_far += piece
        if len(read_so_far) > MOST_BYTES:
            raise bad("body", None, f"send at most {MOST_BYTES} bytes")
    return bytes(read_so_far)


def _caller(request: Request) -> Caller:
    caller = optional_caller(request)
    if caller is None:
        raise Refusal(
            "not signed in; send Authorization: Bearer KEY (请提供密钥)",
            field="session",
            remedy="a Bearer key",
            kind="forbidden",
        )
    may_read(caller)
    return caller


def _answer(here: Desk, request: Request, path: str, body: bytes, root: str) -> Answer:
    caller = _caller(request)
    path = path.strip("/")
    method = "GET" if request.method == "HEAD" else request.method
    if method != "GET":
        admit(request, here, caller, len(body))
    if not path:
        _allowed(method, "GET", "HEAD")
        feeds = [each.feed for each in getattr(request.app.state, "sources", ())]
        brokers = [getattr(each, "sensorthings", "") for each in feeds]
        return Answer(200, root_document(root, here.exercise, [each for each in brokers if each]))
    if path == "$batch":
        _allowed(method, "POST")
        return _batch(here, caller, request.headers.get("content-type", ""), body, root)
    if path == "CreateObservations":
        _allowed(method, "POST")
        return _arrays(here, caller, body, root)
    resource = read_path(path)
    if resource.property or resource.ending:
        _allowed(method, "GET", "HEAD")
    elif resource.single:
        _allowed(method, "GET", "HEAD", "PATCH", "PUT", "DELETE")
    else:
        _allowed(method, "GET", "HEAD", "POST")
    if method == "GET":
        return read(here, caller, path, request.query_params.multi_items(), root)
    if "json-patch" in request.headers.get("content-type", ""):
        raise bad("Content-Type", None, "send application/json; JSON Patch is not taken")
    sent = None if method == "DELETE" else read_json(body)
    match = request.headers.get("if-match", "")
    key = request.headers.get("idempotency-key")

    if method == "POST" and key and resource.kind.name != OBSERVATIONS:
        kept = once(here, caller, f"POST {path} {key[:200]}", _made(here, caller, path, sent))
        return Answer(201, None, {"Location": root + kept["location"]})
    with here.act(caller) as act:
        done, refusal = write(act, here, caller, method, path, sent, match=match)
    if refusal is not None:
        raise refusal
    location = root + done.location
    if method in ("PATCH", "PUT"):
        # as it is now: phenomenonTime of an observation, for one, stays
        return read(here, caller, done.location.strip("/"), (), root)
    return Answer(done.status, None, {"Location": location} if method == "POST" else {})


def _made(here: Desk, caller: Caller, path: str, sent: Any) -> Callable[[Act], dict[str, Any]]:
    def make(act: Act) -> dict[str, Any]:
        done, _ = write(act, here, caller, "POST", path, sent)
        return {"location": done.location}

    return make


def _allowed(method: str, *methods: str) -> None:
    if method not in methods:
        names = ", ".join(methods)
        raise Refusal(
            f"{method} does not fit this address; use {names}",
            field="method",
            value=method,
            remedy=names,
        )


def _batch(here: Desk, caller: Caller, content_type: str, body: bytes, root: str) -> Answer:
    if multipart.is_multipart(content_type):
        requests = multipart.read_multipart(body, content_type)
        replies = batch.run(here, caller, requests, root, refused)
        kind = f"multipart/mixed; boundary={multipart.BOUNDARY}"
        return Answer(200, multipart.write_multipart(replies), {"Content-Type": kind})
    replies = batch.run(here, caller, batch.read_json_batch(read_json(body)), root, refused)
    shown = []
    for each in replies:
        one: dict[str, Any] = {"id": each.request.id, "status": each.answer.status}
        if "Location" in each.answer.headers and each.answer.status == 201:
            one["location"] = each.answer.headers["Location"]
        if each.answer.body is not None:
            one["body"] = each.answer.body
        shown.append(one)
    return Answer(200, {"responses": shown})


def _arrays(here: Desk, caller: Caller, body: bytes, root: str) -> Answer:
    outcomes = batch.create_from_arrays(here, caller, read_json(body))
    lines = [
        f"error: {each.refusal.message}"
        if each.refusal is not None
        else f"{root}/{OBSERVATIONS}('{each.id}')"
        for each in outcomes
    ]
    return Answer(201, lines)
