"""Common Alerting Protocol 1.2: read, check, write. Usable on its own.

Source: OASIS, Common Alerting Protocol Version 1.2, 1 July 2010
(http://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2-os.html).
"""

from anlan.cap.alert import (
    NAMESPACE,
    Alert,
    Area,
    CapError,
    Category,
    Certainty,
    Circle,
    Info,
    MsgType,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from anlan.cap.reading import read
from anlan.cap.rules import Finding, Verdict, check, validate
from anlan.cap.times import read_time, time_text
from anlan.cap.writing import write

__all__ = [
    "NAMESPACE",
    "Alert",
    "Area",
    "CapError",
    "Category",
    "Certainty",
    "Circle",
    "Finding",
    "Info",
    "MsgType",
    "Reference",
    "Resource",
    "ResponseType",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
    "Verdict",
    "check",
    "read",
    "read_time",
    "time_text",
    "validate",
    "write",
]
