"""A user name and password, given as the other side asks: Basic (RFC 7617), Digest (RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

_SCHEME = re.compile(r"\s*(Basic|Digest)\b\s*(.*)", re.IGNORECASE | re.DOTALL)
_PAIR = re.compile(r'([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))')
_HASHES = {"": "md5", "MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True)
class Account:
    """Who asks. The password is never shown."""

    user: str
    password: str = field(repr=False)

    def answer(
        self, challenges: Sequence[str], method: str, target: str, nonce: str = ""
    ) -> str | None:
        """What to write under ``Authorization``; None where no challenge is one that we know.

        Args:
            challenges: the values of ``WWW-Authenticate``, one header each.
            target: as it stands in the request line.
            nonce: of ours; a random one by default.
        """
        digests, basic = [], False
        for challenge in challenges:
            found = _SCHEME.match(challenge)
            if found is None:
                continue
            if found[1].lower() == "basic":
                basic = True
                continue
            said = {
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
                # the first of each: another scheme may follow in the same header
                for name, quoted, bare in reversed(_PAIR.findall(found[2]))
            }
            kind = said.get("algorithm", "").upper().removesuffix("-SESS")
            ways = [each.strip().lower() for each in said.get("qop", "auth").split(",")]
            if kind in _HASHES and "auth" in ways and said.get("nonce"):
                digests.append(said)
        if digests:
            strongest = max(digests, key=lambda said: "SHA" in said.get("algorithm", "").upper())
            return self._digest(strongest, method, target, nonce or secrets.token_hex(8))
        if basic:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return f"Basic {pair}"
        return None

    def _digest(self, said: dict[str, str], method: str, target: str, own: str) -> str:
        algorithm = said.get("algorithm", "").upper()
        name = _HASHES[algorithm.removesuffix("-SESS")]

        def hashed(*parts: str) -> str:
            text = ":".join(parts).encode()
            return hashlib.new(name, text, usedforsecurity=False).hexdigest()

        realm, server = said.get("realm", ""), said["nonce"]
        secret = hashed(self.user, realm, self.password)
        if algorithm.endswith("-SESS"):
            secret = hashed(secret, server, own)
        asked = hashed(method, target)
        fields = {"username": self.user, "realm": realm, "nonce": server, "uri": target}
        bare = {}
        if "qop" in said:
            bare = {"qop": "auth", "nc": "00000001"}
            fields["cnonce"] = own
            fields["response"] = hashed(secret, server, bare["nc"], own, "auth", asked)
        else:  # RFC 2069, as RTSP servers still ask
            fields["response"] = hashed(secret, server, asked)
        if "opaque" in said:
            fields["opaque"] = said["opaque"]
        if "algorithm" in said:
            bare["algorithm"] = said["algorithm"]
        quoted = [f'{key}="{_escaped(value)}"' for key, value in fields.items()]
        return "Digest " + ", ".join([*quoted, *(f"{key}={value}" for key, value in bare.items())])


def _escaped(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
