"""The table ``[sign_in]`` of ``city.toml``: the desk's address, and the city's single sign-on.

::

    [sign_in]
    address = "https://anlan.example.gov.cn"   # under which people open the desk

    [sign_in.sso]
    issuer = "https://sso.example.gov.cn"      # as its tokens name it
    client_id = "anlan"
    name = "政务统一登录"
    name_en = "City single sign-on"
    account_claim = "preferred_username"       # whose value is the account's id
    second_factor = ["mfa", "otp", "hwk"]      # values of `amr` that count as a second factor
    sign_out = true                            # signing out here signs out there too

The client's secret is in ANLAN_SSO_SECRET; without it the client is a public one (PKCE alone).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from anlan.city import City, load
from anlan.city.fault import Fault
from anlan.refusal import Refusal

FILE = "city.toml"
SECRET = "ANLAN_SSO_SECRET"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_safe(address: str) -> bool:
    """Whether an address may be asked: by TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if not is_safe(text):
        raise ValueError("is not an https:// address (http:// for this machine alone)")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("is not an address such as https://sso.example.gov.cn")
    return text.rstrip("/")


class Sso(BaseModel):
    """An OpenID Connect provider and how it knows this desk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    name: str = "单点登录"
    name_en: str = "Single sign-on"
    scopes: tuple[str, ...] = ("openid", "profile")
    account_claim: str = "preferred_username"
    second_factor: tuple[str, ...] = ("mfa", "otp", "hwk")
    sign_out: bool = True

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, text: str) -> str:
        _address(text)
        return text

    @field_validator("client_id", "account_claim")
    @classmethod
    def _said(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("is empty")
        return text

    @property
    def secret(self) -> str:
        """The client's secret; empty for a public client."""
        return os.environ.get(SECRET, "")


class SignIn(BaseModel):
    """How people come in, beside passwords and links."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = ""
    sso: Sso | None = None

    @field_validator("address")
    @classmethod
    def _own(cls, text: str) -> str:
        return _address(text) if text else ""


def read(city: City) -> SignIn:
    """The settings of a city; all defaults where it has none.

    Raises:
        Refusal: naming key, value and remedy.
    """
    try:
        return SignIn.model_validate(city.settings.get("sign_in", {}))
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(["sign_in", *(str(part) for part in first["loc"])])
        shown = str(first.get("input"))[:80]
        raise Refusal(
            f"{FILE}: {field} '{shown}': {first['msg']}; see docs/rights.md",
            field=field,
            value=shown,
            remedy="the keys of docs/rights.md",
        ) from problem


def address_of(city: City) -> str:
    """Under which address the desk is known, if the city says so; else empty."""
    table: Any = city.settings.get("sign_in")
    return str(table.get("address", "")) if isinstance(table, dict) else ""


def check(folder: Path) -> list[Fault]:
    """The faults of the table in a city folder."""
    try:
        read(load(folder))
    except Refusal as refusal:
        field = refusal.field or ""
        if not field.startswith("sign_in"):
            return []  # what else is wrong with the folder is named by its own check
        value, what = str(refusal.value or ""), refusal.message.partition(": ")[2]
        return [Fault(FILE, None, field, value, what, refusal.remedy or "")]
    return []
