"""The HTTP application: every stage's routes mounted, the pages, the live stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anlan import __version__
from anlan.access import policy
from anlan.access.desk import Desk, gate, session_cookie
from anlan.assess import routes as assess_routes
from anlan.drill import Drill
from anlan.drill import routes as drill_routes
from anlan.forecast import routes as forecast_routes
from anlan.observe import routes as observe_routes
from anlan.observe.camera import routes as camera_routes
from anlan.observe.official import routes as official_routes
from anlan.observe.people import routes as people_routes
from anlan.observe.rainfield import routes as rain_routes
from anlan.observe.sta import routes as sta_routes
from anlan.respond import routes as respond_routes
from anlan.review import routes as review_routes
from anlan.service import (
    control,
    errors,
    live,
    log,
    metrics,
    people,
    picture,
    security,
    session,
    sign_in,
    street,
)
from anlan.service.body_limit import BodyLimit
from anlan.service.control import ReplayControl
from anlan.warn import routes as warn_routes

STAGES = (
    observe_routes,
    official_routes,
    camera_routes,
    people_routes,
    rain_routes,
    forecast_routes,
    assess_routes,
    warn_routes,
    respond_routes,
    review_routes,
    drill_routes,
)
OWN = (session, sign_in, security, people, picture, street, control, log, live)


class SecurityHeaders:
    """No framing, no sniffing, nothing loaded from anywhere but this desk."""

    HEADERS = (
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"SAMEORIGIN"),
        (b"referrer-policy", b"same-origin"),
        (
            b"content-security-policy",
            b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
            b"worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'self'",
        ),
    )

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every HTTP answer except the API's own documentation page."""
        # what is put there on the way is there on the way back
        scope.setdefault("state", {})
        if scope["type"] != "http" or scope["path"] == "/api/docs":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_with_session(scope, message["headers"]), *self.HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers)


Headers = Iterable[tuple[bytes, bytes]]


def _with_session(scope: Scope, headers: Headers) -> Headers:
    """The headers, with a cookie if the session's secret is new or taken back: never cached."""
    state = scope["state"]
    if "session" not in state:
        return headers
    cookie = session_cookie(Request(scope), state["session"])
    kept = [(name, value) for name, value in headers if name != b"cache-control"]
    return [*kept, (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]


def create_app(
    desk: Desk,
    web: Path | None,
    replay: ReplayControl | None = None,
    healthy: Callable[[], str | None] = lambda: None,
    drill: Drill | None = None,
) -> FastAPI:
    """The application for one desk.

    ``web`` is the folder of built pages (None: API only); ``replay`` the hand on a replay;
    ``healthy`` names what is wrong with the background work, if anything; ``drill`` is the one that
    this desk runs.
    """
    app = FastAPI(
        title="Anlan 安澜",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(gate)],
    )

    def clock_view() -> dict[str, object]:
        return {
            "now": desk.clock.now().isoformat(),
            "real": desk.clock.real,
            "replay": None if replay is None else replay.view(),
            "problem": healthy(),
        }

    app.state.desk = desk
    app.state.replay = replay
    app.state.drill = drill
    app.state.clock_view = clock_view
    errors.install(app)
    for module in (*STAGES, *OWN):
        # straight into the application: each router between would build all its routes once more
        app.include_router(module.router, prefix="/api/v1")
    app.include_router(sign_in.pages)
    app.include_router(session.pages)
    app.include_router(respond_routes.pages)
    app.include_router(warn_routes.feed)
    app.include_router(sta_routes.router)
    app.include_router(metrics.pages)

    @app.get("/api/docs", include_in_schema=False)
    def api_page() -> HTMLResponse:
        # the page's own files: a desk on an intranet reaches nothing else
        return get_swagger_ui_html(
            openapi_url="/api/openapi.json",
            title="Anlan API",
            swagger_js_url="/api-docs/swagger-ui-bundle.js",
            swagger_css_url="/api-docs/swagger-ui.css",
            swagger_favicon_url="/favicon.svg",
        )

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> PlainTextResponse:
        problem = healthy()
        return PlainTextResponse(problem or "ready", 503 if problem else 200)

    app.state.policy = policy.bind(app)
    if web is not None:
        app.mount("/", StaticFiles(directory=web, html=True), name="web")
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    return app
