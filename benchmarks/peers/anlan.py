"""The rain hour in our own model: the option is the scheme, perhaps with "+green-ampt"."""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal

from anlan.hydraulics import run
from benchmarks import own
from benchmarks.peers.report import task

GAUGES = (slice(50, None, 100), slice(50, None, 100))  # a hundred of them


def main() -> None:
    """Run with infiltration, boundaries, budget and gauges on, and print the line."""
    asked = task()
    scheme = next(s for s in own.OPERATIONAL if asked.option.startswith(s))
    soil: Literal["constant", "green-ampt"] = (
        "green-ampt" if asked.option.endswith("green-ampt") else "constant"
    )
    own.rain_hour(asked.bed, scheme, asked.threads, soil).run(1.0)  # compiles or loads
    model = own.rain_hour(asked.bed, scheme, asked.threads, soil)
    gauges = []

    def until(stop: float) -> None:
        run(model, stop, lambda m: gauges.append(m.depth[GAUGES].copy()), every=60.0)

    asked.march(until, lambda: model.depth, lambda: model.budget.infiltration)
    asked.report(version("anlan"), model.steps, asked.bed.size)


if __name__ == "__main__":
    main()
