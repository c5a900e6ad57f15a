"""How officers, crews, residents and the network behave who are moved, not played by hand.

They are the people of a replayed world and, with a city's own figures, of a drill. They tell
nothing of the world's rain and water, which are in `parameters`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class Table(BaseModel):
    """A table of the file: no unknown keys, never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answering(Table):
    """How a role answers a message: share that ever reads, answers, and after how long."""

    read_share: Share
    answer_share: Share
    read_min: Positive
    answer_min: Positive


class Telecom(Table):
    """What the replayed network does with a message."""

    failed_share: Share
    delivered_min: Positive
    longest_min: Positive


class Crews(Table):
    """How the people with tasks behave. Minutes are medians."""

    silent_share: Share
    late_share: Share
    acknowledge_min: Positive
    travel_min: Positive
    work_min: Positive
    late_factor: Positive
    step_in_min: Positive
    verify_min: Positive


class People(Table):
    """Officers, crews, residents and the network."""

    approve_min: Positive
    second_approve_min: Positive
    level_min: Positive
    telecom: Telecom
    answering: dict[str, Answering]
    crews: Crews
    report_depth_m: Positive
    report_share: Share
    report_min: Positive
