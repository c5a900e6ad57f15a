"""What hands a message over. Exercise traffic and real outlets are different types.

An `ExerciseMessage` fits an `ExerciseOutlet` only, an `ActualMessage` a `RealOutlet` only. The
type checker refuses anything else; `hand_over` refuses it again at run time, and so does every
real outlet by itself, before a byte leaves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, final

from anlan.refusal import Refusal
from anlan.warn.delivery import Found
from anlan.warn.message import EXERCISE_MARK, TEST_MARK


class Outcome(StrEnum):
    """What a hand-off came to.

    Taken; refused for good, so that the next channel is tried; not taken for now (the other side
    is away, or asks for patience), so that it waits; or nobody knows, and only then is it repeated.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Handed:
    """How one hand-off ended.

    Attributes:
        references: the other side's names of the message, by which its receipts come; one for
            each part of a long one.
        reason: a code or a few words of our own. Never an address or a text of the other side.
        address_key: keyed digest of the address, by which an answer finds the message.
    """

    outcome: Outcome
    references: tuple[str, ...] = ()
    reason: str = ""
    address_key: str = ""


@dataclass(frozen=True)
class _Message:
    """``key`` is the delivery's id, ``to`` the person's id; ``repeat`` counts marked repeats."""

    key: str
    alert: str
    version: int
    channel: str
    to: str
    body: str
    repeat: int


@dataclass(frozen=True)
class ExerciseMessage(_Message):
    """A message of an Exercise or Test alert; its body bears the mark."""

    def __post_init__(self) -> None:
        if not self.body.startswith((EXERCISE_MARK, TEST_MARK)):
            raise Refusal(
                f"the exercise text of delivery {self.key} lacks its mark; "
                f"begin it with {EXERCISE_MARK}",
                field="body",
                value=self.body[:20],
                remedy=EXERCISE_MARK,
            )


@dataclass(frozen=True)
class ActualMessage(_Message):
    """A message of an Actual alert."""


class _Outlet(ABC):
    """What both kinds share.

    Attributes:
        batch: how many messages one call may take; all of them are unknown if it is cut short.
        settle_s: how long a receipt may settle an unknown hand-off before it is repeated.
    """

    batch = 200
    settle_s = 0.0

    def room(self) -> int:
        """How many messages may be handed over now; 0 while the rate is used up."""
        return self.batch

    @abstractmethod
    def query(self, key: str) -> Found:
        """Whether the message with this key was accepted earlier."""


class ExerciseOutlet(_Outlet):
    """Takes exercise messages; reaches nobody but those who take part."""

    @abstractmethod
    def send(self, messages: Sequence[ExerciseMessage]) -> list[Handed]:
        """Hand over, in order; one outcome each. An exception means nothing is known."""


class RealOutlet(_Outlet):
    """Takes actual messages; people receive them."""

    @final
    def send(self, messages: Sequence[ActualMessage]) -> list[Handed]:
        """Hand over, in order; one outcome each. An exception means nothing is known.

        Raises:
            Refusal: when any message is not an `ActualMessage`; nothing is sent then.
        """
        if any(type(each) is not ActualMessage for each in messages):
            raise _misfit(self, len(messages))
        return self.transmit(messages)

    @abstractmethod
    def transmit(self, messages: Sequence[ActualMessage]) -> list[Handed]:
        """Let messages out; called by `send` alone."""


Outlet: TypeAlias = ExerciseOutlet | RealOutlet
AnyMessage: TypeAlias = ExerciseMessage | ActualMessage


def fits(outlet: Outlet | None, status: str) -> bool:
    """Whether an outlet may carry messages of this CAP status. The one rule, in the one place."""
    if status == "Actual":
        return isinstance(outlet, RealOutlet) and not isinstance(outlet, ExerciseOutlet)
    return isinstance(outlet, ExerciseOutlet) and not isinstance(outlet, RealOutlet)


def hand_over(outlet: Outlet, messages: Sequence[AnyMessage]) -> list[Handed]:
    """Send messages by an outlet of their own kind.

    Raises:
        Refusal: when any message is of the other kind; nothing is sent then.
    """
    exercise = [each for each in messages if isinstance(each, ExerciseMessage)]
    actual = [each for each in messages if isinstance(each, ActualMessage)]
    if isinstance(outlet, ExerciseOutlet) and not actual and fits(outlet, "Exercise"):
        return outlet.send(exercise)
    if isinstance(outlet, RealOutlet) and not exercise and fits(outlet, "Actual"):
        return outlet.send(actual)
    raise _misfit(outlet, len(messages))


def _misfit(outlet: object, count: int) -> Refusal:
    name = type(outlet).__name__
    return Refusal(
        f"{count} messages do not fit outlet {name}: exercise traffic goes to exercise outlets, "
        "actual traffic to real ones; configure an outlet of that kind",
        field="outlet",
        value=name,
        remedy="an outlet of the message's kind",
        kind="forbidden",
    )
