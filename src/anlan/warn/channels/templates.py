"""Approved SMS templates: which one says exactly a text, and with which variables.

Cloud providers send nothing but templates that they have approved. A person has approved the
whole text. So a text goes out only by a template that makes the same text of it; where none
does, the message goes to the next channel. Variables stand as the provider writes them:
``${place}`` (Aliyun) or ``{1}`` (Tencent).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anlan.observe.sources import Table
from anlan.refusal import Refusal

LONGEST = 500  # characters of a message with its signature
NAMED, NUMBERED = re.compile(r"\$\{(\w+)\}"), re.compile(r"\{(\d+)\}")
MOST_VARIABLES = 20


@dataclass(frozen=True)
class Template:
    """A template as approved: ``names`` of its variables, and the ``literals`` around them."""

    code: str
    text: str
    names: tuple[str, ...]
    literals: tuple[str, ...]

    def variables(self, text: str) -> Mapping[str, str] | None:
        """What each variable must be for the template to say ``text``; None if it cannot.

        No variable is empty: providers refuse that. Each ends where the next words first come,
        so the time is that of reading the text once, whatever the text.
        """
        first, last = self.literals[0], self.literals[-1]
        if not self.names:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(last):
            return None
        at, end = len(first), len(text) - len(last)
        found: dict[str, str] = {}
        for place, (name, literal) in enumerate(
            zip(self.names, self.literals[1:], strict=True), start=1
        ):
            is_last = place == len(self.names)
            stop = end if is_last else text.find(literal, at + 1, end)
            if stop <= at or found.setdefault(name, text[at:stop]) != text[at:stop]:
                return None
            at = stop + len(literal)
        return found


@dataclass(frozen=True)
class Templates:
    """All templates of a channel; the first that fits is taken."""

    each: tuple[Template, ...]

    def fit(self, text: str) -> tuple[Template, Mapping[str, str]] | None:
        """The template that says ``text``, and its variables by name."""
        for template in self.each:
            found = template.variables(text)
            if found is not None:
                return template, found
        return None


def read_templates(table: Table, mark: re.Pattern[str]) -> Templates:
    """``[[<channel>.template]]`` with ``code`` and ``text``.

    Raises:
        Refusal: for a missing key, and for two variables with nothing between them, which no
            text tells apart.
    """
    found = []
    for own in table.tables("template", []):
        own.known("code", "text")
        code, text = own.text("code", "the provider's code"), own.text("text", "as approved")
        found.append(Template(code, text, *_taken_apart(own, text, mark)))
    if not found:
        raise table.wrong("template", None, "is missing", f"[[{table.where}template]]")
    return Templates(tuple(found))


def _taken_apart(
    table: Table, text: str, mark: re.Pattern[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pieces = mark.split(text)
    literals, names = tuple(pieces[::2]), tuple(pieces[1::2])
    if len(names) > MOST_VARIABLES:
        raise table.wrong("text", None, "has too many variables", f"{MOST_VARIABLES} at most")
    if not all(literals[1:-1]):
        raise table.wrong("text", text, "has variables side by side", "words between them")
    return names, literals


def unlike(channel: str, template: Template, problem: str) -> Refusal:
    """The refusal of a probe: the provider knows the template otherwise."""
    return Refusal(
        f"channels.toml: {channel}: template {template.code} {problem}",
        field="template",
        value=template.code,
        remedy="the template as the provider approved it",
    )


def same(text: object, template: Template) -> bool:
    """Whether the provider's text is ours."""
    return isinstance(text, str) and text.strip() == template.text.strip()


def rows(body: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; of one object, that one."""
    found = body if isinstance(body, list) else [body]
    return [each for each in found if isinstance(each, dict)]


def reports(body: bytes) -> list[Mapping[str, Any]]:
    """The objects that a provider pushes: one, or a list of them.

    Raises:
        ValueError, RecursionError: for anything else.
    """
    found = json.loads(body)
    each = found if isinstance(found, list) else [found]
    if not each or not all(isinstance(one, dict) for one in each):
        raise ValueError("no objects")
    return each
