"""What the cloud providers of short messages have in common: approved templates, signed calls,
receipts and answers that they push to the desk."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from anlan.refusal import Refusal
from anlan.warn.channels.book import PHONE, is_number
from anlan.warn.channels.channel import Line, Setup, side_by_side
from anlan.warn.channels.outlet import ActualMessage, Handed, Outcome
from anlan.warn.channels.post import Answer, Unanswered, Unsent, by_status
from anlan.warn.channels.templates import LONGEST, Template, Templates, reports

CALLS_AT_ONCE = 8


class CloudSms(Line):
    """Messages by template, each with its own variables; some calls at a time.

    A provider gives `ask` (one call), `said` (what its answer means), `heard` (one thing that it
    pushes), and the two sentences about pushes.
    """

    address = PHONE
    longest = LONGEST
    pushes = ""  # what it pushes, for a refusal
    thanks: Mapping[str, object]  # what it wants to hear then

    def __init__(self, setup: Setup[Any], templates: Templates) -> None:
        super().__init__(setup.common, setup.book, setup.clock)
        self.inbox, self._templates = setup.inbox, templates
        self.report_token = setup.secrets["report_token"]

    @abstractmethod
    def ask(
        self, message: ActualMessage, number: str, template: Template, variables: Mapping[str, str]
    ) -> Answer:
        """Hand one message over. Raises `Unsent` and `Unanswered`."""

    @abstractmethod
    def said(self, answer: Answer, address_key: str) -> Handed:
        """What the provider's answer means."""

    @abstractmethod
    def heard(self, each: Mapping[str, Any]) -> bool:
        """Keep one thing that the provider pushes; False for what its documents do not describe."""

    def let_out(self, messages: Sequence[tuple[ActualMessage, str]]) -> list[Handed]:
        """Some calls at a time."""
        return side_by_side(self._one, messages, CALLS_AT_ONCE)

    def _one(self, message: ActualMessage, number: str) -> Handed:
        if not is_number(number):
            return Handed(Outcome.REFUSED, reason="no telephone number")
        fitting = self._templates.fit(message.body)
        if fitting is None:
            return Handed(Outcome.REFUSED, reason="no approved template says this text")
        key = self.book.key(number)
        try:
            answer = self.ask(message, number, *fitting)
        except Unsent:
            return Handed(Outcome.DEFERRED, reason="no connection")
        except Unanswered:
            return Handed(Outcome.UNKNOWN, reason="no answer", address_key=key)
        return by_status(answer) or self.said(answer, key)

    def take_report(self, body: bytes) -> dict[str, object]:
        """Receipts and answers, as the provider pushes them."""
        try:
            found = reports(body)
        except (ValueError, RecursionError) as problem:
            raise self._no_report() from problem
        for each in found:
            if not self.heard(each):
                raise self._no_report()
        return dict(self.thanks)

    def _no_report(self) -> Refusal:
        return Refusal(
            f"channel '{self.common.name}': this is {self.pushes}",
            field="body",
            remedy="what the provider's documents describe, as JSON",
        )
