"""Whether the broker is there and lets the desk in: for ``anlan doctor``."""

from __future__ import annotations

import time
from dataclasses import replace

from anlan.observe.sources.mqtt.link import Link
from anlan.observe.sources.mqtt.settings import Settings
from anlan.refusal import Refusal

PROBE_S = 6.0


def probe(settings: Settings) -> str:
    """What the broker answers, in a sentence. Raises `Refusal` when it does not."""
    own = replace(settings.broker, client=f"{settings.broker.client}-doctor")
    link = Link(own, settings.filters, lambda _: None, lambda: False, lambda: None, session_s=0)
    link.start()
    until = time.monotonic() + PROBE_S
    while not link.standing.up and not link.standing.problem and time.monotonic() < until:
        time.sleep(0.05)
    standing = link.standing
    link.stop()
    if not standing.up or standing.problem:
        raise Refusal(
            f"mqtt.toml: {standing.problem or f'broker {own.words} does not answer'}",
            field="broker.url",
            value=own.words,
            remedy="a broker that is there and lets the desk in",
        )
    return f"broker {own.words} answers, {len(settings.filters)} topics"
