"""Element identifiers of SL 651-2014, table C.1: lead byte, ASCII name, what, unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    """One quantity that a station can report; ``unit`` as the standard names it."""

    lead: int
    name: str
    what: str
    unit: str = ""


def _numbered(lead: int, name: str, what: str, unit: str) -> list[Element]:
    return [Element(lead + i, f"{name}{i + 1}", f"{what} {i + 1}", unit) for i in range(8)]


_ALL = [
    Element(0x01, "AC", "cross-section area", "m2"),
    Element(0x02, "AI", "air temperature", "degC"),
    Element(0x03, "C", "water temperature", "degC"),
    Element(0x05, "DT", "duration of rain or pumping", "h"),
    Element(0x06, "ED", "evaporation of the day", "mm"),
    Element(0x07, "EJ", "evaporation since the day began", "mm"),
    Element(0x08, "FL", "air pressure", "hPa"),
    Element(0x09, "GH", "gate opening", "m"),
    Element(0x0A, "GN", "number of the gate or group"),
    Element(0x0B, "GS", "kind of outlet"),
    Element(0x0C, "GT", "gates open"),
    Element(0x0D, "GTP", "ground temperature", "degC"),
    Element(0x0E, "H", "depth to groundwater", "m"),
    Element(0x0F, "HW", "wave height", "m"),
    *(
        Element(0x10 + i, f"M{depth}", f"soil moisture at {depth} cm", "%")
        for i, depth in enumerate((10, 20, 30, 40, 50, 60, 80, 100))
    ),
    Element(0x18, "MST", "humidity", "%"),
    Element(0x19, "NS", "pumps running"),
    *(
        Element(0x1A + i, f"P{hours}", f"rain of {hours} h", "mm")
        for i, hours in enumerate((1, 2, 3, 6, 12))
    ),
    Element(0x1F, "PD", "rain of the day", "mm"),
    Element(0x20, "PJ", "rain since the day began", "mm"),
    *(
        Element(0x21 + i, f"PN{minutes:02d}", f"rain of {minutes} min", "mm")
        for i, minutes in enumerate((1, 5, 10, 30))
    ),
    Element(0x25, "PR", "storm rain", "mm"),
    Element(0x26, "PT", "rain counter", "mm"),
    Element(0x27, "Q", "discharge", "m3/s"),
    *_numbered(0x28, "Q", "discharge at intake or outlet", "m3/s"),
    Element(0x30, "QA", "total outflow", "m3/s"),
    Element(0x31, "QZ", "discharge of a gate or group", "m3/s"),
    Element(0x32, "SW", "sediment load", "1e4 t"),
    Element(0x33, "UC", "wind direction, 1 to 16 from north"),
    Element(0x34, "UE", "wind force"),
    Element(0x35, "US", "wind speed", "m/s"),
    Element(0x36, "VA", "mean speed of the cross-section", "m/s"),
    Element(0x37, "VJ", "speed of the water", "m/s"),
    Element(0x38, "VT", "supply voltage", "V"),
    Element(0x39, "Z", "river level or tide", "m"),
    Element(0x3A, "ZB", "level below the gate", "m"),
    Element(0x3B, "ZU", "level above the gate", "m"),
    *_numbered(0x3C, "Z", "level at intake or outlet", "m"),
    Element(0x44, "SQ", "sediment concentration", "kg/m3"),
    Element(0x45, "ZT", "state and alarms"),
    Element(0x46, "pH", "pH"),
    Element(0x47, "DO", "dissolved oxygen", "mg/L"),
    Element(0x48, "COND", "conductivity", "uS/cm"),
    Element(0x49, "TURB", "turbidity"),
    Element(0x4A, "CODMN", "permanganate index", "mg/L"),
    Element(0x4B, "REDOX", "redox potential", "mV"),
    *(
        Element(0x4C + i, name, what, "mg/L")
        for i, (name, what) in enumerate(
            (
                ("NH4N", "ammonia nitrogen"),
                ("TP", "total phosphorus"),
                ("TN", "total nitrogen"),
                ("TOC", "total organic carbon"),
                ("CU", "copper"),
                ("ZN", "zinc"),
                ("SE", "selenium"),
                ("AS", "arsenic"),
                ("THG", "mercury"),
                ("CD", "cadmium"),
                ("PB", "lead"),
                ("CHLA", "chlorophyll a"),
            )
        )
    ),
    *_numbered(0x58, "WP", "water pressure", "kPa"),
    *_numbered(0x60, "SYL", "water left on meter", "m3"),
    *_numbered(0x68, "SBL", "water per hour on meter", "m3/h"),
    *(
        Element(0x70 + i, f"VT{phase}", f"voltage of phase {phase}", "V")
        for i, phase in enumerate("ABC")
    ),
    *(
        Element(0x73 + i, f"VI{phase}", f"current of phase {phase}", "A")
        for i, phase in enumerate("ABC")
    ),
    Element(0xF4, "DRP", "rain of each 5 min of an hour", "mm"),
    *(
        Element(0xF4 + i, f"DRZ{i}", f"relative level {i} each 5 min of an hour", "m")
        for i in range(1, 9)
    ),
]
BY_LEAD = {element.lead: element for element in _ALL}
BY_NAME = {element.name.upper(): element for element in _ALL}
STEP, MANUAL, PICTURE, VELOCITIES, STATION, OBSERVED = 0x04, 0xF2, 0xF3, 0xFD, 0xF1, 0xF0
# ASCII names of the identifiers that are no elements
LEADS = {"TT": OBSERVED, "ST": STATION, "RGZS": MANUAL, "PIC": PICTURE, "DATA": VELOCITIES}

# table A.1
CLASSES = {
    "P": "rain",
    "H": "river",
    "K": "reservoir or lake",
    "Z": "gate",
    "D": "pumping station",
    "T": "tide",
    "M": "soil moisture",
    "G": "groundwater",
    "Q": "water quality",
    "I": "intake",
    "O": "outlet",
}
# table B.1
FUNCTIONS = {
    0x2F: "keep-alive",
    0x30: "test",
    0x31: "even intervals",
    0x32: "timed",
    0x33: "added",
    0x34: "hourly",
    0x35: "manual",
    0x36: "picture",
    0x37: "query of present values",
    0x38: "query of a period",
    0x39: "query of manual values",
    0x3A: "query of named elements",
    0x44: "query of pump motors",
    0x46: "query of state and alarms",
    0x4A: "set the clock",
    0x51: "query of the clock",
}
# table 58: words for each bit of the state and alarms that is set
ALARMS = {
    0: "mains off",
    1: "battery low",
    2: "level beyond its limit",
    3: "discharge beyond its limit",
    4: "water quality beyond its limit",
    5: "discharge meter faulty",
    6: "level gauge faulty",
    7: "door closed",
    8: "memory faulty",
    9: "IC card valid",
    10: "pump stopped",
    11: "remaining water beyond its limit",
}
