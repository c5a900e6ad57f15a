"""What may come along with a command: one table of keys, their types and ranges.

A history is never erased, so nothing enters it that is not on this table: words go to
erasable notes (`records.set_apart`), all else is an id, a digest or a number in its range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from anlan.refusal import Refusal
from anlan.respond.form import plain

VERDICTS = ("solved", "partly", "unsolved")
"""What a reporter may say of the outcome; unsolved brings the case back."""
MOST_ANSWERS = 100
LONGEST_TEXT = 2000
LONGEST_ID = 80
LONGEST_NAME = 80
MOST_PHOTOS = 10


def _words(longest: int) -> Callable[[object], bool]:
    return lambda value: plain(value, longest)


def _number(low: float, high: float) -> Callable[[object], bool]:
    # NaN and the infinities fail the comparison
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


def _stars(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5


def _photos(value: object) -> bool:
    known = _words(LONGEST_ID)
    return isinstance(value, list | tuple) and len(value) <= MOST_PHOTOS and all(map(known, value))


def require_words(field: str, value: str, longest: int, *, required: bool = False) -> None:
    """Raise `Refusal` unless ``value`` is a text that a store takes, of ``longest`` at most."""
    empty = not value.strip()
    if (required and empty) or not plain(value, longest):
        raise Refusal(
            f"{field} is {'empty' if empty else 'too long or holds NUL'}; "
            f"write 1 to {longest} characters",
            field=field,
            value=value[:40],
            remedy=f"a text of 1 to {longest} characters",
        )


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it must be, the same in words, and the commands that take it (all if none)."""

    fits: Callable[[object], bool]
    words: str
    commands: frozenset[str] = frozenset()


_TEXT = Key(_words(LONGEST_TEXT), f"a text of at most {LONGEST_TEXT} characters, without NUL")
_ACCOUNT = Key(_words(LONGEST_ID), "the id of an account", frozenset({"assign"}))

KEYS: Mapping[str, Key] = {
    "reason": _TEXT,
    "text": _TEXT,
    "photos": Key(_photos, f"a list of at most {MOST_PHOTOS} digests of uploaded photos"),
    "owner": _ACCOUNT,
    "assignee": _ACCOUNT,
    "cause": Key(_words(LONGEST_ID), "a reason that the pack lists", frozenset({"block"})),
    "verdict": Key(
        lambda value: value in VERDICTS, f"one of {', '.join(VERDICTS)}", frozenset({"rate"})
    ),
    "rating": Key(_stars, "a whole number, 1 to 5", frozenset({"rate"})),
    "form": Key(
        lambda value: isinstance(value, dict) and len(value) <= MOST_ANSWERS,
        "an object of the form's keys and answers",
        frozenset({"complete", "claim_done", "verify"}),
    ),
    "into": Key(_words(LONGEST_ID), "the id of a case", frozenset({"merge"})),
    "ack_min": Key(_number(1, 1440), "a number of minutes, 1 to 1440", frozenset({"assign"})),
    "lon": Key(_number(-180, 180), "degrees east, -180 to 180"),
    "lat": Key(_number(-90, 90), "degrees north, -90 to 90"),
    "depth_m": Key(_number(0, 30), "metres of water, 0 to 30"),
    "age_s": Key(_number(0, 1e7), "seconds since it was done, 0 to 1e7"),
}


def checked(
    given: Mapping[str, object], command: str | None = None, keys: Mapping[str, Key] = KEYS
) -> dict[str, object]:
    """``given`` once every key and value is allowed; a key whose value is None is left out.

    ``command`` narrows the keys to those that it takes. Raises `Refusal` (invalid) naming
    the key and what would do.
    """
    able = {
        name: key
        for name, key in keys.items()
        if command is None or not key.commands or command in key.commands
    }
    kept = {}
    for name, value in given.items():
        if name not in able:
            raise Refusal(
                f"'{name[:40]}' does not go with {command or 'this'}; give only {', '.join(able)}",
                field=name[:40],
                value=str(value)[:40],
                remedy=f"leave it out, or use one of {', '.join(able)}",
            )
        if value is None:
            continue
        if not able[name].fits(value):
            raise Refusal(
                f"{name} {str(value)[:40]!r} is not {able[name].words}",
                field=name,
                value=str(value)[:40],
                remedy=able[name].words,
            )
        kept[name] = value
    return kept
