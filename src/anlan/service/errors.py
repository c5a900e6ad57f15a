"""Refusals as HTTP answers: 422, 404, 403, 409 with message, field, value and remedy."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from anlan.refusal import Refusal

STATUS = {"invalid": 422, "not_found": 404, "forbidden": 403, "conflict": 409}


def install(app: FastAPI) -> None:
    """Answer refusals and malformed requests in one shape."""

    @app.exception_handler(Refusal)
    def refused(request: Request, refusal: Refusal) -> JSONResponse:
        signed_out = refusal.kind == "forbidden" and refusal.field == "session"
        status = 401 if signed_out else STATUS[refusal.kind]
        return JSONResponse(refusal.as_dict(), status)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, problem: RequestValidationError) -> JSONResponse:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
        refusal = Refusal(
            f"{field}: {first['msg']}; see /api/docs for what this request takes",
            field=field,
            value=first.get("input"),
            remedy="see /api/docs",
        )
        return JSONResponse(refusal.as_dict(), 422)
