"""Territory: a tree by code, and the village that a point belongs to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from anlan.city import City, Territory, Unit
from anlan.refusal import Refusal


def unit(code: str, level: str, parent: str, lon: float = 121.0, lat: float = 30.7) -> Unit:
    return Unit(code, code, "", level, parent, lon, lat, 100, 1, None, True, True, "")


def tree(sizes: list[int]) -> Territory:
    """A city with ``len(sizes)`` towns, the k-th with ``sizes[k]`` villages."""
    units = [unit("0", "city", "")]
    for town, size in enumerate(sizes):
        units.append(unit(f"T{town}", "town", "0"))
        units += [
            unit(f"T{town}V{k}", "village", f"T{town}", 121 + 0.01 * k, 30.7 + 0.1 * town)
            for k in range(size)
        ]
    return Territory(units)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_every_village_lies_within_its_town_and_the_city_and_no_other_town(
    sizes: list[int],
) -> None:
    territory = tree(sizes)

    for village in territory.villages():
        assert [above.level for above in territory.ancestors(village.code)] == ["town", "city"]
        within = [t.code for t in territory.towns() if territory.is_within(village.code, t.code)]
        assert within == [village.parent]
        assert territory.is_within(village.code, territory.root.code)
        assert not territory.is_within(territory.root.code, village.code)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_children_and_parents_agree_and_count_up_to_everything(sizes: list[int]) -> None:
    territory = tree(sizes)

    below = [child for each in territory.units() for child in territory.children(each.code)]

    assert len(below) == len(territory.units()) - 1
    assert all(child in territory.children(child.parent) for child in below)
    assert len(territory.villages()) == sum(sizes)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_a_unit_is_within_itself_and_within_what_its_ancestors_are_within(
    sizes: list[int], data: st.DataObject
) -> None:
    territory = tree(sizes)
    code = data.draw(st.sampled_from([each.code for each in territory.units()]))

    assert territory.is_within(code, code)
    for above in territory.ancestors(code):
        assert territory.is_within(code, above.code)


def test_an_unknown_code_is_refused_as_not_found() -> None:
    with pytest.raises(Refusal, match="territory code '999999999999' is not in") as refusal:
        tree([2]).unit("999999999999")

    assert refusal.value.kind == "not_found"


def test_two_cities_in_one_territory_are_refused() -> None:
    with pytest.raises(Refusal, match="2 units without a parent"):
        Territory([unit("a", "city", ""), unit("b", "city", "")])


def test_a_point_belongs_to_the_nearest_village() -> None:
    territory = tree([3])

    assert territory.locate(121.011, 30.7).code == "T0V1"


def test_a_town_area_outranks_a_nearer_village_of_the_neighbour() -> None:
    left = replace(unit("L", "town", "0"), polygon=shapely.box(120.0, 30.0, 121.0, 31.0))
    territory = Territory(
        [
            unit("0", "city", ""),
            left,
            unit("R", "town", "0"),
            unit("L1", "village", "L", 120.1, 30.5),
            unit("R1", "village", "R", 121.01, 30.5),
        ]
    )

    assert territory.locate(120.99, 30.5).code == "L1"
    assert territory.locate(121.001, 30.5).code == "R1"


def test_every_village_of_pinghu_is_found_at_its_own_point(pinghu: City) -> None:
    villages = pinghu.territory.villages()

    index = pinghu.territory.village_index(
        np.array([village.lon for village in villages]),
        np.array([village.lat for village in villages]),
    )

    assert index.tolist() == list(range(len(villages)))
