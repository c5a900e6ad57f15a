"""What a pack says that cannot be meant: each rule is a small function, all are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from anlan.city import ROLES
from anlan.respond.pack import Field, Pack, Phase

Wrong = tuple[str, str, str, str]
"""Key in the file, value, what is wrong, what would be right."""

PHASES: tuple[Phase, ...] = ("open", "done", "check")
_SIZED = frozenset({"text", "words", "integer", "number", "photos", "choices"})
_PERSONAL = frozenset({"text", "words", "phone"})
_CHOICE = frozenset({"choice", "choices"})


def senseless(pack: Pack) -> list[Wrong]:
    """Everything in a well-formed pack that contradicts itself or names what is not there."""
    return [wrong for rule in RULES for wrong in rule(pack)]


def _roles(pack: Pack) -> Iterator[Wrong]:
    named = {
        "pack.opens": pack.pack.opens,
        "owner.roles": pack.owner.roles,
        "verification.roles": pack.verification.roles,
        "escalation.ladder": pack.escalation.ladder if pack.escalation else (),
        **{f"points.{n}.roles": each.roles for n, each in enumerate(pack.points)},
        **{f"task.{n}.roles": each.roles for n, each in enumerate(pack.task)},
        **{f"field.{each.key}.roles": each.roles for each in pack.field},
    }
    for key, roles in named.items():
        for role in roles:
            if role not in ROLES:
                yield key, role, "is not a role", f"one of {', '.join(ROLES)}"


def _verification(pack: Pack) -> Iterator[Wrong]:
    check = pack.verification
    if "checker" in check.by and not check.roles:
        yield "verification.roles", "", "is empty, so there is no checker", "name the roles"
    if check.roles and "checker" not in check.by:
        yield "verification.by", "", "leaves out the checkers", 'add "checker", or drop the roles'
    if "doer" not in check.another_than:
        yield (
            "verification.another_than",
            ", ".join(check.another_than),
            "lets people check their own work",
            'add "doer"',
        )
    if "reporter" in check.another_than and set(check.by) == {"reporter"}:
        yield "verification.by", "reporter", "is barred by another_than", "name who else may check"


def _pauses(pack: Pack) -> Iterator[Wrong]:
    if pack.pause and "blocked" not in pack.pack.side_states:
        yield "pause", "", "needs the state 'blocked'", 'add "blocked" to pack.side_states'
    yield from _twice("pause", [pause.code for pause in pack.pause])


def _twice(key: str, names: list[str]) -> Iterator[Wrong]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield key, name, "stands twice", "give each its own name"


def _fields(pack: Pack) -> Iterator[Wrong]:
    yield from _twice("field.key", [field.key for field in pack.field])
    for field in pack.field:
        where = f"field.{field.key}"
        yield from _shape(where, field)
        yield from _links(where, field, pack)


def _shape(where: str, field: Field) -> Iterator[Wrong]:
    if (field.type in _CHOICE) != bool(field.choices):
        yield (
            f"{where}.choices",
            "",
            f"does not go with type '{field.type}'",
            "choices belong to type choice or choices, and these need some",
        )
    yield from _twice(f"{where}.choices", [choice.value for choice in field.choices])
    if (field.min is not None or field.max is not None) and field.type not in _SIZED:
        yield where, field.type, "has no size to limit", "leave out min and max"
    if field.min is not None and field.max is not None and field.min > field.max:
        yield f"{where}.min", f"{field.min:g}", "is over max", f"at most {field.max:g}"
    if field.personal and field.type not in _PERSONAL:
        yield f"{where}.personal", field.type, "cannot be masked", "text, words or phone"
    if field.type == "phone" and not field.personal:
        yield f"{where}.personal", "false", "is left out for a telephone number", "personal = true"
    if field.roles and field.type != "account":
        yield f"{where}.roles", "", f"does not go with type '{field.type}'", "type account, or none"


def _links(where: str, field: Field, pack: Pack) -> Iterator[Wrong]:
    earlier = _before(pack, field)
    if field.each:
        over = earlier.get(field.each)
        if over is None or over.type != "choices" or over.phase != "open":
            yield (
                f"{where}.each",
                field.each,
                "is not a 'choices' field of phase open that stands before",
                "the key of such a field",
            )
    if field.must is not None:
        if field.phase == "open":
            yield f"{where}.must", str(field.must), "stands in phase open", "phase done or check"
        able = {choice.value for choice in field.choices}
        fits = isinstance(field.must, bool) if field.type == "yes_no" else field.must in able
        if not fits:
            yield (
                f"{where}.must",
                str(field.must),
                "is no answer of the field",
                "one of its answers",
            )
    if field.when is None:
        return
    on = earlier.get(field.when.key)
    if on is None or on.each:
        yield f"{where}.when.key", field.when.key, "is not a field that stands before", "move it up"
        return
    able_values: set[object] = {choice.value for choice in on.choices}
    if on.type == "yes_no":
        able_values = {True, False}
    for value in field.when.values:
        if able_values and value not in able_values:
            yield (
                f"{where}.when.is",
                str(value),
                f"is no answer of '{on.key}'",
                "one of its answers",
            )


def _before(pack: Pack, field: Field) -> dict[str, Field]:
    """Fields asked in an earlier phase, or earlier in the same."""
    own = PHASES.index(field.phase)
    place = pack.field.index(field)
    return {
        other.key: other
        for n, other in enumerate(pack.field)
        if PHASES.index(other.phase) < own or (other.phase == field.phase and n < place)
    }


def _tasks(pack: Pack) -> Iterator[Wrong]:
    known = {field.key: field for field in pack.asked("open")}
    for n, work in enumerate(pack.task):
        if work.to and (work.to not in known or known[work.to].type != "account"):
            yield (
                f"task.{n}.to",
                work.to,
                "is no account field of phase open",
                "key of such a field",
            )


def _points(pack: Pack) -> Iterator[Wrong]:
    for n, rule in enumerate(pack.points):
        if rule.on == "rated" and not pack.reporter.rating:
            yield f"points.{n}.on", "rated", "never happens here", "reporter.rating = true"
        if rule.at_least_rating and rule.on != "rated":
            yield f"points.{n}.at_least_rating", "", "needs a rating", 'on = "rated"'


def _booking(pack: Pack) -> Iterator[Wrong]:
    booking = pack.booking
    known = {field.key: field for field in pack.asked("open")}
    if booking is None:
        for field in pack.field:
            if field.type == "venue":
                yield f"field.{field.key}.type", "venue", "needs a booking", "add [booking]"
        return
    wanted = {"venue": "venue", "starts": "moment", "ends": "moment"}
    for name, kind in wanted.items():
        key = getattr(booking, name)
        if key not in known or known[key].type != kind or not known[key].required:
            yield (
                f"booking.{name}",
                key,
                f"is no required '{kind}' field of phase open",
                "key of such a field",
            )
    if not booking.shelters and not booking.venues:
        yield "booking.venues", "", "leaves nothing to book", "add venues, or shelters = true"
    yield from _twice("booking.venues.id", [venue.id for venue in booking.venues])


RULES: tuple[Callable[[Pack], Iterator[Wrong]], ...] = (
    _roles,
    _verification,
    _pauses,
    _fields,
    _tasks,
    _points,
    _booking,
)
