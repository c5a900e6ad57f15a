"""Common Alerting Protocol 1.2: read, check, verify, write. Usable on its own.

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
from anlan.cap.feed import Entry, read_feed
from anlan.cap.reading import read
from anlan.cap.repair import Received, read_received
from anlan.cap.rules import Finding, Verdict, check, validate
from anlan.cap.signature import SignatureFault, is_signed, load_certificates, verified
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
    "Entry",
    "Finding",
    "Info",
    "MsgType",
    "Received",
    "Reference",
    "Resource",
    "ResponseType",
    "Scope",
    "Severity",
    "SignatureFault",
    "Status",
    "Urgency",
    "Verdict",
    "check",
    "is_signed",
    "load_certificates",
    "read",
    "read_feed",
    "read_received",
    "read_time",
    "time_text",
    "validate",
    "verified",
    "write",
]
