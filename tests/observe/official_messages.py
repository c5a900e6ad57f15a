"""CAP messages of an authority, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from anlan import cap
from tests.cap.keys import NOW

SENDER = "met@pinghu.example"
COLOURS = {"蓝": "Minor", "黄": "Moderate", "橙": "Severe", "红": "Extreme"}


def message(
    identifier: str,
    *,
    kind: str = "Alert",
    event: str = "暴雨",
    colour: str = "橙",
    verb: str = "发布",
    sent: datetime = NOW,
    hours: float | None = 6,
    references: Sequence[tuple[str, datetime]] = (),
    status: str = "Actual",
    sender: str = SENDER,
    geocode: str = "330482000000",
) -> bytes:
    """One message as CAP XML."""
    info = cap.Info(
        language="zh-CN",
        categories=(cap.Category.MET,),
        event=event,
        urgency=cap.Urgency.UNKNOWN,
        severity=cap.Severity(COLOURS[colour]),
        certainty=cap.Certainty.UNKNOWN,
        event_codes=(("eventType", "11B03"),),
        expires=None if hours is None else sent + timedelta(hours=hours),
        sender_name="平湖市气象台",
        headline=f"平湖市气象台{verb}{event}{colour}色预警信号",
        description=f"预计未来3小时平湖市有{event}。",
        areas=(cap.Area("平湖市", geocodes=(("国家编码", geocode),)),),
    )
    return cap.write(
        cap.Alert(
            identifier=identifier,
            sender=sender,
            sent=sent,
            status=cap.Status(status),
            msg_type=cap.MsgType(kind),
            scope=cap.Scope.PUBLIC,
            references=tuple(cap.Reference(sender, name, at) for name, at in references),
            infos=(info,),
        )
    )
