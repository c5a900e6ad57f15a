"""What the centre answers (SL 651-2014, tables 17, 19, 21 and 23).

M1 wants no answer. In M2 each frame is confirmed by a frame down with its serial and the
centre's time; in M3 the message as a whole, once, or a packet that is missing is asked for
again (NAK with its number). A confirmation ends with EOT, which lets the station go, or ESC,
which keeps it on line; after a frame that ends with ETB, more frames follow, and it ends with
ACK (table 10). Nothing answers a keep-alive (6.6.4.2).
"""

from __future__ import annotations

from datetime import datetime

from anlan.observe.sources.sl651.frames import ACK, EOT, ESC, ETB, NAK, Frame, build


def confirm(frame: Frame, serial: int, now: datetime, stay_online: bool) -> bytes:
    """The confirmation of ``frame`` (of M3: the message put together). ``now``: station's zone."""
    end = ESC if stay_online else EOT
    if frame.end == ETB and frame.packet is None:
        end = ACK
    packet = None if frame.packet is None else (frame.packet[0], frame.packet[0])
    return _down(frame, serial, now, end, packet)


def ask_again(frame: Frame, number: int, serial: int, now: datetime) -> bytes:
    """Asks for packet ``number`` of the message that ``frame`` belongs to."""
    total = frame.packet[0] if frame.packet else number
    return _down(frame, serial, now, NAK, (total, number))


def _down(
    frame: Frame, serial: int, now: datetime, end: int, packet: tuple[int, int] | None
) -> bytes:
    opening = f"{serial:04X}{now:%y%m%d%H%M%S}"
    body = opening.encode() if frame.ascii else bytes.fromhex(opening)
    return build(
        Frame(
            "down",
            frame.centre,
            frame.station,
            frame.password,
            frame.function,
            body,
            end,
            packet,
            frame.ascii,
        )
    )
