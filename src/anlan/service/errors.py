"""Refusals as HTTP answers: 422, 404, 403, 409, 429, 503 with message, field, value and remedy."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError

from anlan.refusal import Refusal

STATUS = {"invalid": 422, "not_found": 404, "forbidden": 403, "conflict": 409, "too_many": 429}

# how soon to ask again while the database is away
AGAIN_S = 5
log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer refusals and malformed requests in one shape."""

    @app.exception_handler(Refusal)
    def refused(request: Request, refusal: Refusal) -> JSONResponse:
        signed_out = refusal.kind == "forbidden" and refusal.field == "session"
        status = 401 if signed_out else STATUS[refusal.kind]
        headers = {} if refusal.again_s is None else {"Retry-After": str(refusal.again_s)}
        return JSONResponse(refusal.as_dict(), status, headers)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, problem: RequestValidationError) -> JSONResponse:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
        refusal = Refusal(
            f"{field}: {first['msg']}; see /api/docs for what this request takes",
            field=field,
            value=first.get("input"),
            remedy="see /api/docs",
            zh=f"提交的内容有一项不符合要求（{field}），请检查后重试。",
        )
        return JSONResponse(refusal.as_dict(), 422)

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    def away(request: Request, problem: OperationalError | InterfaceError) -> JSONResponse:
        log.error("the database did not answer: %s", problem.orig)
        refusal = Refusal(
            "the database does not answer; nothing that is not confirmed was kept, "
            f"send it again in {AGAIN_S} s (数据库暂不可用，请稍后重发)",
            remedy=f"the same request after {AGAIN_S} s",
        )
        return JSONResponse(
            {**refusal.as_dict(), "kind": "unavailable"}, 503, {"Retry-After": str(AGAIN_S)}
        )
