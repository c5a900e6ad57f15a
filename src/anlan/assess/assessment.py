"""Water to consequences: one run of the forecast, read as what it means for the city. Pure."""

from __future__ import annotations

from collections.abc import Callable

from anlan.assess.areas import city_part, department_parts, rain_part, town_parts, village_parts
from anlan.assess.document import Assessment
from anlan.assess.moments import iso
from anlan.assess.places import place_parts, place_water
from anlan.assess.reads import Products
from anlan.assess.water import station_parts, tide_part
from anlan.city import City

#: Gives the response level ("IV".."I", or "" for none) and the reason, from all else.
Propose = Callable[[Assessment], tuple[str, str]]


def assess(
    city: City, products: Products, run_id: str, propose: Propose | None = None
) -> Assessment:
    """Assess one run.

    Args:
        city: the risk base.
        products: the run's products.
        run_id: name of the run.
        propose: gives response level and reason from the finished assessment; without it both
            stay empty.

    Raises:
        Refusal: if run and city do not fit each other.
    """
    water = place_water(city, products)
    result = Assessment(
        run=run_id,
        issued=iso(products.issued),
        horizon_h=round(float(water.hours[-1]), 2),
        members=products.members,
        synthetic=list(city.synthetic),
        city=city_part(city, products, water),
        tide=tide_part(city, products),
        stations=station_parts(city, products),
        towns=town_parts(city, products, water),
        villages=village_parts(city, products, water),
        places=place_parts(city, products, water),
        departments=department_parts(city, products, water),
        rain=rain_part(products),
        level="",
        reason="",
    )
    if propose is not None:
        result["level"], result["reason"] = propose(result)
    return result
