"""Frames of SL 651-2014 for the tests: published ones, and a hand to make others.

The published ones stand, with what they mean, in an article on the protocol
(https://toymoban.com/news/detail-686475.html) and in the documents of two public servers
(yu-xiaoyao/sl651-2014-server and 64673a/SL651-2014). All are of stations of nobody.
"""

from __future__ import annotations

from anlan.observe.sources.sl651.frames import ETX, Frame, build

KEEP_ALIVE = "7E7E01001234567812342F0008020003591011155111036BCA"
TEST = (
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
    "20190000052619000005392300000127381211150320FA"
)
TEST_CONFIRMED = "7E7E00123456780112343080080200035910111549471B75D4"
TIMED = (
    "7E7E05001122334403E832002B020034170718110016F1F1001122334448F0F01707181100"
    "201900004026190000403923000104903812109903A421"
)
TIMED_CONFIRMED = "7E7E00112233440503E83280080200341707181100161BE5D4"
ADDED = (
    "7E7E05001122334403E833002B020026170718102202F1F1001122334448F0F01707181022"
    "201900004026190000403923000104903812110203F511"
)
HOURLY = (
    "7E7E05001122334403E8340068020033170718110014F1F1001122334448F0F01707181005"
    "F4600500000014FFFFFFFFFF0000F0F017071811002619000040F0F01707181005"
    "F5C0000C000C001C00310031FFFFFFFFFFFFFFFFFFFF00310031F0F01707181100"
    "39230001049020190000403812109903F502"
)
PERIOD = (
    "7E7E05001122334403E838002A020035170718110128F1F1001122334448F0F01707181005"
    "0418000005F4600500000014FFFFFFFFFF000003E8AB"
)
MANUAL = "7E7E0100123456781234390011020014170718100630F2F25120312E3233340346AA"
STATE = "7E7E0500112233441234460015020023170718102008F1F100112233444520000004000315C1"
# published, but its CRC does not hold
SPOILT = "7E7E0100123456781234350011020004591011155145F2F251312E32333420034602"
ALL = (KEEP_ALIVE, TEST, TIMED, ADDED, HOURLY, PERIOD, MANUAL, STATE)


def report(
    elements: str,
    *,
    function: int = 0x32,
    serial: int = 1,
    sent: str = "210725080003",
    observed: str = "2107250800",
    station: str = "0012345678",
    own: str | None = None,
    password: str = "1234",
    kind: str = "48",
    end: int = ETX,
    packet: tuple[int, int] | None = None,
) -> bytes:
    """A report in bytes: ``elements`` as hexadecimal text after the time of observation."""
    body = f"{serial:04X}{sent}F1F1{own or station}{kind}F0F0{observed}{elements}"
    return build(
        Frame("up", 1, station, password, function, bytes.fromhex(body), end, packet=packet)
    )


def characters(text: str, *, function: int = 0x32, password: str = "1234") -> bytes:
    """A report in characters."""
    return build(Frame("up", 1, "0012345678", password, function, text.encode(), ascii=True))


def level(metres: float) -> str:
    """The group of a river level, in millimetres, as hexadecimal text."""
    digits = f"{abs(round(metres * 1000)):08d}"
    return f"392B FF{digits}" if metres < 0 else f"3923 {digits}"


def counter(millimetres: float) -> str:
    """The group of a rain counter with six digits, in tenths, as hexadecimal text."""
    return f"2619 {round(millimetres * 10) % 1_000_000:06d}"


MANIFEST = """
[source]
owner = "平湖市水利局"
licence = "own network"
quality = "automatic"
cadence_minutes = 5
time_out_s = 600

[server]
host = "127.0.0.1"
port = 0
most_connections = 3

[[station]]
address = "0012345678"
password = "1234"
confirm = true
stay_online = false
datum = "Wusong"
base_m = 0.0

[station.series]
Z = "danghu-level.river_level"
PT = "rain-danghu.rain"

[[station]]
address = "0011223344"
password = "03E8"

[station.series]
Z = "xindai-level.river_level"
"""
