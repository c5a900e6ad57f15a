"""The risk base 灾害风险时空数据 of one city, read from a folder of CSV, TOML and GeoTIFF files.

Nothing of a city is code. ``load`` gives a ``City``; ``check`` names every fault of a folder.
"""

# Reading and checking
from anlan.city.checks import check
from anlan.city.city import City
from anlan.city.event import Event, Fix, OfficialWarning
from anlan.city.fault import Fault
from anlan.city.firms import Firm
from anlan.city.folder import load

# What a city consists of
from anlan.city.people import ROLES, TIERS, Account, Person
from anlan.city.place import PLACE_KINDS, HazardPlace
from anlan.city.roads import Road
from anlan.city.station import Station
from anlan.city.stores import Depot, Equipment, Stores, Supply
from anlan.city.terrain import StructureCells, Terrain
from anlan.city.territory import Territory, Unit
from anlan.city.works import Line, Polder, Shelter, Structure, Team

__all__ = [
    "PLACE_KINDS",
    "ROLES",
    "TIERS",
    "Account",
    "City",
    "Depot",
    "Equipment",
    "Event",
    "Fault",
    "Firm",
    "Fix",
    "HazardPlace",
    "Line",
    "OfficialWarning",
    "Person",
    "Polder",
    "Road",
    "Shelter",
    "Station",
    "Stores",
    "Structure",
    "StructureCells",
    "Supply",
    "Team",
    "Terrain",
    "Territory",
    "Unit",
    "check",
    "load",
]
