"""What every flow model offers, and a driver that steps any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable

from anlan.hydraulics.state import State


class Model(Protocol):
    """A flow model that someone else steps."""

    @property
    def state(self) -> State:
        """Water and clock now; good until the next step."""
        ...

    @property
    def time(self) -> float:
        """Where the model stands, s."""
        ...

    def suggested_step(self) -> float:
        """Longest step that ``advance`` accepts now, s."""
        ...

    def advance(self, dt: float) -> None:
        """Take one step of ``dt`` seconds."""
        ...


@runtime_checkable
class _Runs(Protocol):
    """A model that takes many steps on its own faster than one by one."""

    def run_until(
        self, time: float, on_progress: Callable[[float], bool | None] | None = None
    ) -> None: ...


M = TypeVar("M", bound=Model)


def run(
    model: M,
    until: float,
    on_output: Callable[[M], None] | None = None,
    every: float | None = None,
    on_progress: Callable[[float], bool | None] | None = None,
) -> None:
    """Step ``model`` to a time, showing it on the way.

    Args:
        model: stands at or before ``until``.
        until: time of the model to reach, s.
        on_output: called with the model at each output time and at ``until``, not at the start.
        every: interval of the outputs, s; none means at ``until`` only.
        on_progress: called now and then with the time reached; False ends the run there.

    Raises:
        ValueError: ``until`` lies behind the model, or ``every`` is not positive.
    """
    start = model.time
    if until < start:
        raise ValueError(f"cannot run to {until} s: the model already stands at {start} s")
    if every is not None and not every > 0.0:
        raise ValueError(f"every is {every} s; give a positive interval or leave it out")
    count = 0
    while model.time < until:
        count += 1
        stop = until if every is None else min(start + count * every, until)
        if not _reach(model, stop, on_progress):
            return
        if on_output is not None:
            on_output(model)


def _reach(model: Model, stop: float, on_progress: Callable[[float], bool | None] | None) -> bool:
    """Step to a time; returns whether the model got there."""
    if isinstance(model, _Runs):
        model.run_until(stop, on_progress)
        return model.time >= stop
    while (left := stop - model.time) > 0.0:
        longest = model.suggested_step()
        model.advance(min(left, longest))
        if left <= longest:  # adding the last step to the clock may round to just before stop
            break
        if on_progress is not None and on_progress(model.time) is False:
            return False
    return True
