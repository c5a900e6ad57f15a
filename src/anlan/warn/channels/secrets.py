"""Secrets of channels: from the environment, never from the city folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from anlan.refusal import Refusal


def secret_name(channel: str, secret: str) -> str:
    """The environment variable that holds a secret of a channel."""
    return f"ANLAN_CHANNEL_{channel}_{secret}".upper()


def secrets_of(channel: str, names: Sequence[str], spare: Sequence[str] = ()) -> Mapping[str, str]:
    """The secrets of a channel, from the environment; a spare one that is not set is empty.

    Raises:
        Refusal: naming the variable that is not set.
    """
    found = {name: os.environ.get(secret_name(channel, name), "") for name in spare}
    for name in names:
        variable = secret_name(channel, name)
        value = os.environ.get(variable, "")
        if not value:
            raise Refusal(
                f"channels.toml: channel '{channel}' needs {variable}, which is not set; "
                "set it in the environment of the desk",
                field=variable,
                remedy=f"{variable} in the environment",
            )
        found[name] = value
    return found
