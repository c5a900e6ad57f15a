"""What the system says when it will not do something: the thing, the value, the remedy."""

from __future__ import annotations

from typing import Literal

from anlan.refusal_words import in_chinese

RefusalKind = Literal["invalid", "not_found", "forbidden", "conflict", "too_many"]


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a malfunction
    """A request that is turned down with a sentence its sender can act on.

    Args:
        message: one sentence naming the field, the value and what to do.
        field: name of the offending field, column, key or option.
        value: what was given.
        remedy: what would be accepted.
        kind: decides the HTTP status (422, 404, 403, 409, 429) and the exit code.
        again_s: after how many seconds the same may be asked again; None: never.
        zh: the same sentence in Chinese. Without it, the Chinese words in brackets at the end of
            ``message``; without these, one made of kind, field and value.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        remedy: str | None = None,
        kind: RefusalKind = "invalid",
        again_s: int | None = None,
        zh: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.value = value
        self.remedy = remedy
        self.kind: RefusalKind = kind
        self.again_s = again_s
        self._zh = zh

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self._zh or in_chinese(self.message, self.kind, self.field, self.value, self.again_s)

    def as_dict(self) -> dict[str, object]:
        """As JSON: ``message``, ``message_zh``, ``field``, ``value``, ``remedy``, ``kind``."""
        return {
            "message": _printable(self.message),
            "message_zh": _printable(self.zh),
            "field": None if self.field is None else _printable(self.field),
            "value": None if self.value is None else _printable(str(self.value)[:200]),
            "remedy": None if self.remedy is None else _printable(self.remedy),
            "kind": self.kind,
        }


def _printable(text: str) -> str:
    """``text`` as an answer can carry it: half of a character, which JSON may name, is marked."""
    return text.encode("utf-8", "replace").decode()
