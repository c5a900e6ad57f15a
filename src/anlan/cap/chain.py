"""Whether a message cites the earlier ones that it must, and none that it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from anlan.cap.alert import Alert, MsgType

_FOLLOWS = (MsgType.UPDATE, MsgType.CANCEL, MsgType.ACK, MsgType.ERROR)

Row: TypeAlias = tuple[Literal["error", "warning"], str, str]


def chain_findings(alert: Alert, others: Sequence[Alert]) -> Iterator[Row]:
    """(severity, path, sentence) for each fault of ``alert``'s references.

    Without ``others`` only the message itself is looked at; with them every reference must be
    found among them, from the same sender, and the chain must not bite its tail.
    """
    at = "references"
    if alert.msg_type in _FOLLOWS and not alert.references:
        yield "error", at, f"msgType {alert.msg_type} must cite the message it follows"
    if alert.msg_type is MsgType.ALERT and alert.references:
        yield "warning", at, "a new Alert cites earlier messages; an Update is meant, perhaps"
    for reference in alert.references:
        if reference.identifier == alert.identifier and reference.sender == alert.sender:
            yield "error", at, f"the message cites itself ({reference.identifier})"
        elif reference.sent > alert.sent:
            yield "error", at, f"'{reference.identifier}' was sent after this message"
    if not others:
        return
    known = {(other.sender, other.identifier): other for other in others}
    twin = known.get((alert.sender, alert.identifier))
    if twin is not None and twin != alert:
        yield "error", "identifier", f"'{alert.identifier}' already names another message"
    for reference in alert.references:
        cited = known.get((reference.sender, reference.identifier))
        if cited is None:
            yield "error", at, f"'{reference.identifier}' is not among the earlier messages"
        elif cited.sent != reference.sent:
            yield "error", at, f"'{reference.identifier}' was sent {cited.sent}, not as cited"
        if reference.sender != alert.sender and alert.msg_type in (MsgType.UPDATE, MsgType.CANCEL):
            yield (
                "error",
                "sender",
                f"'{alert.sender}' cannot {alert.msg_type} a message of '{reference.sender}'",
            )
    if _bites_its_tail(alert, known):
        yield "error", at, "the references lead back to this message"
    if alert.msg_type in (MsgType.UPDATE, MsgType.CANCEL):
        yield from _left_out(alert, known)


def _bites_its_tail(alert: Alert, known: dict[tuple[str, str], Alert]) -> bool:
    start = (alert.sender, alert.identifier)
    waiting = [(each.sender, each.identifier) for each in alert.references]
    seen: set[tuple[str, str]] = set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        if key in known and key != start:
            cites = [(each.sender, each.identifier) for each in known[key].references]
            if start in cites:
                return True
            waiting += cites
    return False


def _left_out(alert: Alert, known: dict[tuple[str, str], Alert]) -> Iterator[Row]:
    """Earlier messages of the same chain that still hold and are not cited."""
    cited = {(each.sender, each.identifier) for each in alert.references}
    chain = set(cited)
    for key in sorted(cited):
        if key in known:
            chain |= {(each.sender, each.identifier) for each in known[key].references}
    for key, other in sorted(known.items()):
        linked = key in chain or any((r.sender, r.identifier) in chain for r in other.references)
        if key == (alert.sender, alert.identifier) or key in cited or not linked:
            continue
        ends = [info.expires for info in other.infos if info.expires is not None]
        if other.sent <= alert.sent and ends and max(ends) > alert.sent:
            yield "warning", "references", f"'{other.identifier}' has not expired; cite it too"
