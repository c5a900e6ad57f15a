"""What hands a message over. Exercise traffic and real outlets are different types.

An `ExerciseMessage` fits an `ExerciseOutlet` only, an `ActualMessage` a `RealOutlet` only. The
type checker refuses anything else, and `hand_over` refuses it again at run time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from anlan.refusal import Refusal
from anlan.warn.delivery import Found
from anlan.warn.message import EXERCISE_MARK, TEST_MARK


class Outcome(StrEnum):
    """What a hand-off came to: taken, refused for good, or nobody knows."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


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


class ExerciseOutlet(ABC):
    """Takes exercise messages; reaches nobody but those who take part."""

    @abstractmethod
    def send(self, messages: Sequence[ExerciseMessage]) -> list[Outcome]:
        """Hand over, in order; one outcome each. An exception means nothing is known."""

    @abstractmethod
    def query(self, key: str) -> Found:
        """Whether the message with this key was accepted earlier."""


class RealOutlet(ABC):
    """Takes actual messages; people receive them."""

    @abstractmethod
    def send(self, messages: Sequence[ActualMessage]) -> list[Outcome]:
        """Hand over, in order; one outcome each. An exception means nothing is known."""

    @abstractmethod
    def query(self, key: str) -> Found:
        """Whether the message with this key was accepted earlier."""


Outlet: TypeAlias = ExerciseOutlet | RealOutlet
AnyMessage: TypeAlias = ExerciseMessage | ActualMessage


def fits(outlet: Outlet | None, status: str) -> bool:
    """Whether an outlet may carry messages of this CAP status. The one rule, in the one place."""
    if status == "Actual":
        return isinstance(outlet, RealOutlet) and not isinstance(outlet, ExerciseOutlet)
    return isinstance(outlet, ExerciseOutlet) and not isinstance(outlet, RealOutlet)


def hand_over(outlet: Outlet, messages: Sequence[AnyMessage]) -> list[Outcome]:
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
    raise Refusal(
        f"{len(messages)} messages do not fit outlet {type(outlet).__name__}: exercise traffic "
        "goes to exercise outlets, actual traffic to real ones; configure an outlet of that kind",
        field="outlet",
        value=type(outlet).__name__,
        remedy="an outlet of the message's kind",
        kind="forbidden",
    )
