"""Single sign-on by OpenID Connect Core 1.0: code flow with PKCE (RFC 7636), state and nonce."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt

from anlan.access.settings import Sso, is_safe
from anlan.refusal import Refusal

# asymmetric signatures alone: with HS256 a public key would be taken for a shared secret
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
MOST_BYTES = 1_000_000
TIME_OUT_S = 10.0
LEEWAY_S = 60
ATTEMPT = timedelta(minutes=10)
# keys are asked for again when a token names one that is not known, but not for every such token
KEYS_AGAIN = timedelta(seconds=30)


def _refused(what: str, value: object = None) -> Refusal:
    return Refusal(
        f"single sign-on did not work: {what} (单点登录未成功)",
        field="sso",
        value=value,
        remedy="trying again, or a sign-in link",
        kind="forbidden",
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _json(url: str, form: Mapping[str, str] | None = None, basic: str = "") -> dict[str, Any]:
    """The JSON object that the provider answers: bounded, without redirects, TLS checked."""
    body = None if form is None else urlencode(form).encode()
    headers = {"Accept": "application/json"}
    if basic:
        headers["Authorization"] = f"Basic {basic}"
    request = urllib.request.Request(url, body, headers)
    try:
        with _OPENER.open(request, timeout=TIME_OUT_S) as answer:
            raw = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as problem:
        raise _refused(f"{urlsplit(url).netloc} answered {problem.code}") from problem
    except (OSError, ValueError) as problem:
        raise _refused(f"{urlsplit(url).netloc} cannot be reached") from problem
    try:
        found = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _refused(f"{urlsplit(url).netloc} answered no JSON object")
    return found


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way; its browser keeps it, sealed, until it comes back."""

    state: str
    nonce: str
    verifier: str
    begun: datetime
    back_to: str

    def as_json(self) -> str:
        """As text, to be sealed."""
        return json.dumps({**self.__dict__, "begun": self.begun.isoformat()})

    @classmethod
    def of_json(cls, text: str) -> Attempt:
        """From the text that `as_json` gave."""
        kept = json.loads(text)
        return cls(**{**kept, "begun": datetime.fromisoformat(kept["begun"])})


@dataclass(frozen=True)
class Person:
    """Whom the provider names: ``subject`` for ever, ``account`` as its claim says now."""

    subject: str
    account: str
    second_factor: bool


@dataclass
class Provider:
    """One provider; what it publishes about itself is kept, its keys until they rotate."""

    settings: Sso
    _document: dict[str, Any] | None = None
    _keys: dict[str, Any] = field(default_factory=dict)
    _keys_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def document(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, 4).

        Raises:
            Refusal: when it cannot be reached or names another issuer.
        """
        if self._document is None:
            issuer = self.settings.issuer
            found = _json(issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise _refused(f"the provider calls itself {str(found.get('issuer'))[:80]}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_safe(str(found.get(name, ""))):
                    raise _refused(f"the provider names no https address as its {name}")
            self._document = found
        return self._document

    def begin(self, redirect: str, now: datetime, back_to: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what it has to bring back."""
        attempt = Attempt(
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(48),
            now,
            back_to,
        )
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self.settings.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = self.document()["authorization_endpoint"]
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}{urlencode(asked)}", attempt

    def sign_out(self, back_to: str) -> str | None:
        """Where to send a browser so that its session at the provider ends too; None: nowhere.

        OpenID Connect RP-Initiated Logout 1.0, 2; ``back_to``: where it comes back to, which must
        be registered at the provider. Identity tokens are not kept, so ``client_id`` says who asks
        and the provider may ask the person to confirm.

        Raises:
            Refusal: when the provider cannot be reached.
        """
        address = str(self.document().get("end_session_endpoint") or "")
        if not is_safe(address):
            return None
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def finish(
        self, attempt: Attempt, answer: Mapping[str, str], redirect: str, now: datetime
    ) -> Person:
        """Who came back with ``answer``, the query that the provider sent the browser with.

        Raises:
            Refusal: for another state, an error of the provider, a token that is not for us, not
                for this attempt, not signed by the provider, or too old.
        """
        if not secrets.compare_digest(answer.get("state", ""), attempt.state):
            raise _refused("the answer belongs to another attempt")
        if now - attempt.begun > ATTEMPT:
            raise _refused("it took longer than ten minutes")
        # RFC 9207: an answer of another provider must not be taken for this one's
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise _refused("the answer comes from another provider")
        if "error" in answer or "code" not in answer:
            raise _refused(f"the provider said {answer.get('error', 'nothing')[:60]}")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect,
            "client_id": self.settings.client_id,
            "code_verifier": attempt.verifier,
        }
        basic = ""
        if self.settings.secret:
            pair = f"{quote_plus(self.settings.client_id)}:{quote_plus(self.settings.secret)}"
            basic = base64.b64encode(pair.encode()).decode()
        tokens = _json(self.document()["token_endpoint"], form, basic)
        claims = self._claims(str(tokens.get("id_token", "")), now)
        if not secrets.compare_digest(str(claims.get("nonce", "")), attempt.nonce):
            raise _refused("the token belongs to another attempt")
        shown = claims.get("amr")
        methods = shown if isinstance(shown, list) else []
        return Person(
            str(claims["sub"]),
            str(claims.get(self.settings.account_claim, "")),
            any(each in self.settings.second_factor for each in methods),
        )

    def _claims(self, token: str, now: datetime) -> dict[str, Any]:
        """The claims of an ID token, checked as OpenID Connect Core 1.0, 3.1.3.7 asks."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._key(str(header.get("kid", "")), now)
            # times by the desk's own clock, below
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as problem:
            raise _refused(f"its token is not good ({problem})") from problem
        several = not isinstance(claims["aud"], str) and len(claims["aud"]) > 1
        if several and claims.get("azp") != self.settings.client_id:
            raise _refused("its token is for another client")
        seconds = now.timestamp()
        for name in ("exp", "iat"):
            if not isinstance(claims[name], int | float):
                raise _refused(f"its token's {name} is no time")
        if claims["exp"] <= seconds - LEEWAY_S:
            raise _refused("its token has expired")
        if claims["iat"] > seconds + LEEWAY_S:
            raise _refused("its token is from the future; set the clocks")
        return claims

    def _key(self, name: str, now: datetime) -> Any:
        """The provider's key of that name; unknown names let its keys be read again."""
        with self._lock:
            stale = self._keys_at is None or now - self._keys_at >= KEYS_AGAIN
            if name not in self._keys and stale:
                found = jwt.PyJWKSet.from_dict(_json(self.document()["jwks_uri"]))
                self._keys = {each.key_id or "": each for each in found.keys}
                self._keys_at = now
            if name not in self._keys:
                raise _refused("its token is signed with an unknown key")
            return self._keys[name]
