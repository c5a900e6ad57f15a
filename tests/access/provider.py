"""A small OpenID provider for tests: discovery, code flow with PKCE, signed tokens, key rotation.

It does what OpenID Connect Core 1.0 and RFC 7636 ask of a provider, on a port of this machine. The
person at its sign-in page is `Provider.person`; `Provider.fault` makes it misbehave on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "anlan", "s3cret with spaces & signs"
Claims = dict[str, Any]
# making one takes longer than everything else here
_KEYS = cycle(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider:
    """The provider; ``now`` gives its clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.person: Claims = {"sub": "u-1", "preferred_username": "analyst-1"}
        self.fault: Callable[[Claims], Claims | str] = lambda claims: claims
        self.codes: dict[str, dict[str, str]] = {}
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.asked_for_keys = 0
        self.answers_iss: str | None = None
        self.signs_out = True
        self.signed_out: list[dict[str, str]] = []
        self.rotate()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.post(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def rotate(self) -> None:
        """Sign with a new key from now on; publish the new one alone."""
        self.kid = secrets.token_hex(4)
        self.keys = {self.kid: next(_KEYS)}

    def _answer(self, to: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
        raw = json.dumps(body).encode()
        to.send_response(status)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", str(len(raw)))
        to.end_headers()
        to.wfile.write(raw)

    def get(self, to: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(to.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            known = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            if self.signs_out:
                known["end_session_endpoint"] = f"{self.issuer}/logout"
            self._answer(to, known)
        elif parts.path == "/logout":
            assert asked["client_id"] == CLIENT
            self.signed_out.append(asked)
            to.send_response(302)
            to.send_header("Location", asked["post_logout_redirect_uri"])
            to.end_headers()
        elif parts.path == "/keys":
            self.asked_for_keys += 1
            public = [
                json.loads(RSAAlgorithm.to_jwk(key.public_key()))
                | {"kid": kid, "use": "sig", "alg": "RS256"}
                for kid, key in self.keys.items()
            ]
            self._answer(to, {"keys": public})
        elif parts.path == "/authorize":
            assert asked["response_type"] == "code"
            assert "openid" in asked["scope"].split()
            assert asked["code_challenge_method"] == "S256"
            assert asked["client_id"] == CLIENT
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
            if self.answers_iss is not None:
                back["iss"] = self.answers_iss
            to.send_response(302)
            to.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
            to.end_headers()
        else:
            self._answer(to, {}, 404)

    def post(self, to: BaseHTTPRequestHandler) -> None:
        raw = to.rfile.read(int(to.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(raw).items()}
        scheme, _, given = to.headers.get("Authorization", "").partition(" ")
        name, _, secret = base64.b64decode(given).decode().partition(":")
        known = scheme == "Basic" and (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not known:
            self._answer(to, {"error": "invalid_client"}, 401)
        elif (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
            or form["grant_type"] != "authorization_code"
        ):
            self._answer(to, {"error": "invalid_grant"}, 400)
        else:
            tokens = {"access_token": "x", "token_type": "Bearer", "id_token": self.token(asked)}
            self._answer(to, tokens)

    def token(self, asked: dict[str, str]) -> str:
        """The ID token for an authorization that was asked for."""
        now = self.now()
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "nonce": asked["nonce"],
            **self.person,
        }
        made = self.fault(claims)
        if isinstance(made, str):
            return made
        return self.sign(made)

    def sign(self, claims: Claims, kid: str | None = None) -> str:
        return jwt.encode(claims, self.keys[self.kid], "RS256", {"kid": kid or self.kid})
