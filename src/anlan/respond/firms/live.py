"""Live video of a remote check: the desk only introduces phone and inspector to each other.

The phone offers, the inspector's page answers (WebRTC session descriptions, RFC 9429); picture
and sound then go between the two browsers and are kept nowhere. What is worth keeping is taken
as a shot of the list. Introductions live in memory: after a restart the firm offers again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from anlan.refusal import Refusal

#: An offer that nobody took up in this time is over: whoever made it has put the phone away.
WAITS = timedelta(minutes=3)
LONGEST_DESCRIPTION = 30_000
MOST_CALLS = 200


@dataclass(frozen=True)
class Call:
    """One introduction. ``at``: when it was offered, real time; empty texts are not there yet."""

    case: str
    offer: str
    at: datetime
    answer: str = ""


def description(text: str) -> str:
    """``text`` if it can be a session description (RFC 8866: it begins with its version)."""
    if not text.startswith("v=0") or len(text) > LONGEST_DESCRIPTION or "\x00" in text:
        raise Refusal(
            "this is not a session description of a browser",
            field="description",
            value=text[:20],
            remedy=f"SDP beginning with v=0, at most {LONGEST_DESCRIPTION} characters",
        )
    return text


class Calls:
    """The introductions under way, the newest of each check; safe between threads."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._lock = Lock()

    def offer(self, case: str, offer: str, now: datetime) -> None:
        """Put an offer of a check, in place of an earlier one; an empty one ends the call."""
        with self._lock:
            self._forget(now)
            self._calls.pop(case, None)
            if not offer:
                return
            if len(self._calls) >= MOST_CALLS:
                raise Refusal(
                    f"{MOST_CALLS} live checks wait already; send recorded pictures",
                    field="case",
                    value=case,
                    remedy="try again later",
                    kind="too_many",
                )
            self._calls[case] = Call(case, description(offer), now)

    def answer(self, case: str, answer: str, now: datetime) -> None:
        """Answer the offer of a check; raises `Refusal` when it is gone or answered already."""
        with self._lock:
            self._forget(now)
            call = self._calls.get(case)
            if call is None or call.answer:
                raise Refusal(
                    f"check {case} has no live video waiting for an answer",
                    field="case",
                    value=case,
                    remedy="wait until the firm offers it again",
                    kind="conflict",
                )
            self._calls[case] = replace(call, answer=description(answer))

    def of(self, case: str, now: datetime) -> Call | None:
        """The introduction of a check, if one is under way."""
        with self._lock:
            self._forget(now)
            return self._calls.get(case)

    def _forget(self, now: datetime) -> None:
        old = [case for case, call in self._calls.items() if now - call.at > WAITS]
        for case in old:
            del self._calls[case]
