"""Water to consequences: hazard places, impact, and what a forecast run means for the city.

Deciding: `assess`. Recording: `actions.publish`. Setting it in print: `report.write`.
"""

from anlan.assess.assessment import Propose, assess
from anlan.assess.document import Assessment
from anlan.assess.hazard import Crossing, crossing, quantiles
from anlan.assess.place import Bucket, bucket, place_depth
from anlan.assess.places import PlaceWater, place_water
from anlan.assess.reads import Products

__all__ = [
    "Assessment",
    "Bucket",
    "Crossing",
    "PlaceWater",
    "Products",
    "Propose",
    "assess",
    "bucket",
    "crossing",
    "place_depth",
    "place_water",
    "quantiles",
]
