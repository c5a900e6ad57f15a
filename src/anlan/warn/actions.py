"""What others call to make warnings happen; each loads, decides by the pure core, and records."""

from anlan.warn.approval import Approval, approve, cancel, reject
from anlan.warn.drafting import evaluate, look
from anlan.warn.following import acknowledge, fire_timers, receipt
from anlan.warn.handwritten import write
from anlan.warn.narrowing import narrow
from anlan.warn.preview import Preview, preview
from anlan.warn.relaying import end_relay, relay
from anlan.warn.sending import counts, deliver

__all__ = [
    "Approval",
    "Preview",
    "acknowledge",
    "approve",
    "cancel",
    "counts",
    "deliver",
    "end_relay",
    "evaluate",
    "fire_timers",
    "look",
    "narrow",
    "preview",
    "receipt",
    "reject",
    "relay",
    "write",
]
