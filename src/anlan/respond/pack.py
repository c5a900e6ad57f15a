"""The pack 场景包: a kind of case as a declarative file, ``packs/<kind>.toml`` of a city folder.

One engine carries every kind; what differs stands in the pack. Shape of the file (an unknown
key is a fault; `docs/packs.md` explains each with examples)::

    [pack]          kind (the file's name), title, title_en, about, about_en, priority 1-5,
                    opens = [roles that may open one by hand], within = true (only in their own
                    part of the city), side_states = ["returned", "blocked", "merged"]
    [owner]         roles (asked in order, the nearest to the place first), department
    [deadlines]     due_min, verify_min, hours = "always" | "working"
    [[pause]]       code, title, title_en, longest_min: a reason that stops the clock
    [escalation]    minutes, ladder = [roles]; left out: the plan's own ladder
    [evidence]      text = true, photos = 1: asked for before a case counts as done
    [verification]  by = ["supervisor", "reporter", "checker"], roles (of the checkers),
                    another_than = ["doer", "reporter"]
    [reporter]      rating = true, reopen_days = 7
    [duplicates]    within_m, within_min, alike (0-1): what is proposed for merging
    [[points]]      to = "reporter" | "doer" | "verifier", on, points, roles, at_least_rating
    [[task]]        title, instruction, ack_min, done_min, to = key of an account field, roles
    [[field]]       key, type, label, label_en, phase, required, … see `Field`
    [booking]       venue, starts, ends (keys of fields), slot_min, shelters, [[booking.venues]]
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Limits

FieldType = Literal[
    "text",
    "words",
    "integer",
    "number",
    "yes_no",
    "choice",
    "choices",
    "date",
    "moment",
    "photos",
    "phone",
    "account",
    "place",
    "shelter",
    "venue",
]
Phase = Literal["open", "done", "check"]
"""When a field is asked: in the report, with the work done, or in the check of it."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Minutes = Annotated[float, Limits(gt=0, le=525_600)]


class _Row(BaseModel):
    # strict: a number in quotes is a fault, not a number; lists of the file become tuples
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(_Row):
    """What the kind is called, how urgent it is, and who may open one by hand."""

    kind: Name
    title: Words
    title_en: Words
    about: str = ""
    about_en: str = ""
    source: str = ""
    priority: int = Limits(ge=1, le=5)
    opens: tuple[str, ...] = ()
    within: bool = False
    side_states: tuple[Literal["returned", "blocked", "merged"], ...] = (
        "returned",
        "blocked",
        "merged",
    )


class Owner(_Row):
    """Whose case it is: the first of ``roles`` that somebody holds nearest to the place.

    ``department`` narrows the roles that answer for one (crew, liaison).
    """

    roles: tuple[str, ...] = Limits(min_length=1)
    department: str = ""


class Deadlines(_Row):
    """Minutes from opening to done, and from done to checked.

    ``hours``: whether all minutes of the kind, its tasks' and ladder's too, are counted day and
    night or in the city's working hours alone (`anlan.respond.hours`).
    """

    due_min: Minutes
    verify_min: Minutes
    hours: Literal["always", "working"] = "always"


class Pause(_Row):
    """A listed reason for which a blocked case's clock stops, for ``longest_min`` at most."""

    code: Name
    title: Words
    title_en: Words
    longest_min: Minutes = 10_080


class Climb(_Row):
    """The kind's own ladder: ``minutes`` per rung, roles told in order."""

    minutes: Minutes
    ladder: tuple[str, ...] = Limits(min_length=1)


class Evidence(_Row):
    """What must have come with the work before the case counts as done."""

    text: bool = False
    photos: int = Limits(default=0, ge=0, le=10)


class Verification(_Row):
    """Who may check the work: supervisors, the reporter, or holders of ``roles`` (checkers).

    ``another_than``: relations that bar a person from checking this case.
    """

    by: tuple[Literal["supervisor", "reporter", "checker"], ...] = Limits(
        default=("supervisor", "reporter"), min_length=1
    )
    roles: tuple[str, ...] = ()
    another_than: tuple[Literal["doer", "reporter"], ...] = Limits(default=("doer",), min_length=1)


class Reporter(_Row):
    """The reporter's word at the end: a verdict with 1-5 stars, and days for reopening."""

    rating: bool = True
    reopen_days: float = Limits(default=7, ge=0, le=90)


class Duplicates(_Row):
    """How near in place (m), time (min) and words (0-1) two cases are proposed as one."""

    within_m: float = Limits(default=150, gt=0, le=5000)
    within_min: Minutes = 180
    alike: float = Limits(default=0.5, ge=0, le=1)


class Points(_Row):
    """Points for someone when a case of the kind is closed or rated; see `anlan.respond.points`.

    ``roles``: who may earn them; ``at_least_rating``: only with so many stars (``on`` rated).
    """

    to: Literal["reporter", "doer", "verifier"]
    on: Literal["closed", "rated"] = "closed"
    points: int = Limits(ge=1, le=100)
    roles: tuple[str, ...] = ()
    at_least_rating: int = Limits(default=0, ge=0, le=5)
    words: Words
    words_en: Words


class Work(_Row):
    """Work that a case starts with; minutes count from its opening.

    ``to``: key of an ``account`` field of the form whose account gets it; else ``roles``, else
    the owner's roles.
    """

    title: Words
    instruction: Annotated[str, StringConstraints(max_length=1000)]
    ack_min: Minutes
    done_min: Minutes
    to: str = ""
    roles: tuple[str, ...] = ()


class Choice(_Row):
    """One answer to choose."""

    value: Name
    label: Words
    label_en: Words


class Condition(_Row):
    """A field is asked only when the field ``key`` has one of the values ``is``."""

    key: Name
    values: tuple[str | bool | int, ...] = Limits(alias="is", min_length=1)


class Field(_Row):
    """One question of the form.

    Attributes:
        key, type, label, label_en: name in the data, kind of answer, words on the page.
        hint, hint_en: a short example or explanation.
        phase: "open" in the report, "done" with the work, "check" with the verification.
        personal: kept apart, masked, opened by purpose (text, words and phone).
        min, max: of a number; characters of a text; how many photos or choices.
        unit: behind a number, such as 人 or cm.
        each: key of a "choices" field of the form: one answer for every choice made there.
        must: the answer that the check needs before the case can be verified.
        when: asked only when another field has certain answers.
        roles: whose accounts an "account" field offers.
    """

    key: Name
    type: FieldType
    label: Words
    label_en: Words
    hint: str = ""
    hint_en: str = ""
    phase: Phase = "open"
    required: bool = False
    personal: bool = False
    min: float | None = None
    max: float | None = None
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    roles: tuple[str, ...] = ()
    each: str = ""
    must: bool | str | None = None
    when: Condition | None = None


class Venue(_Row):
    """A room that can be booked, beside the city's shelters."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    name: Words
    name_en: Words
    territory: str
    seats: int = Limits(ge=1)
    synthetic: bool = False


class Booking(_Row):
    """A kind that takes a room for a time: rows of slots that can be held only once.

    ``venue``, ``starts``, ``ends`` are keys of fields; hours are of the city's day.
    """

    venue: Name
    starts: Name
    ends: Name
    slot_min: Literal[15, 30, 60] = 30
    longest_h: float = Limits(default=12, gt=0, le=72)
    ahead_days: float = Limits(default=60, gt=0, le=366)
    shelters: bool = False
    venues: tuple[Venue, ...] = ()


class Pack(_Row):
    """One kind of case; see the module for the file's shape."""

    pack: Identity
    owner: Owner
    deadlines: Deadlines
    pause: tuple[Pause, ...] = ()
    escalation: Climb | None = None
    evidence: Evidence = Evidence()
    verification: Verification = Verification()
    reporter: Reporter = Reporter()
    duplicates: Duplicates | None = None
    points: tuple[Points, ...] = ()
    task: tuple[Work, ...] = ()
    field: tuple[Field, ...] = ()
    booking: Booking | None = None

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.pack.kind

    def asked(self, phase: Phase) -> tuple[Field, ...]:
        """The fields of a phase, in the order of the file."""
        return tuple(field for field in self.field if field.phase == phase)

    def pause_of(self, code: object) -> Pause | None:
        """The listed reason of this code, or None."""
        return next((pause for pause in self.pause if pause.code == code), None)
