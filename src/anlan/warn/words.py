"""What one person is sent: the tier's text with their own territory, place, time and depth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from anlan.city import City
from anlan.warn.audience import Someone, unit_code
from anlan.warn.document import text_kind, text_values
from anlan.warn.message import LANGUAGES, Messages, marked, render, spoken
from anlan.warn.records import AlertRow, local

AT_PLACES = "at_places"
"""The fact that holds, as JSON, place -> [depth in m, onset in ISO 8601 or "", is dangerous]."""


def place_facts(facts: Mapping[str, str]) -> dict[str, tuple[str, str, bool]]:
    """place -> (depth, onset, whether it reaches its danger threshold), as the evidence had it."""
    kept = json.loads(facts.get(AT_PLACES) or "{}")
    return {
        name: (str(depth), str(onset), bool(danger))
        for name, (depth, onset, danger) in kept.items()
    }


class Words:
    """The texts of one alert, each rendered once for those who get the same."""

    def __init__(
        self, city: City, messages: Messages, row: AlertRow, facts: Mapping[str, str]
    ) -> None:
        self._city, self._messages, self._row, self._facts = city, messages, row, facts
        self._values = {
            language: text_values(city, messages, row, facts, language) for language in LANGUAGES
        }
        self._kinds = {
            language: text_kind(row.msg_type, row.event, facts, language) for language in LANGUAGES
        }
        self._places = place_facts(facts)
        self._made: dict[tuple[str, str, str, str, str], str] = {}

    def body(self, person: Someone, channel: str) -> str:
        """Exactly what the person will be sent by the channel, marked; a reply link, where the
        channel carries one, comes behind it."""
        code = unit_code(self._city.territory, person.territory)
        aloud = channel if channel in self._messages.spoken else ""
        key = (person.tier, person.language, code, person.place or "", aloud)
        if key not in self._made:
            text = self._text(person, code)
            self._made[key] = spoken(text, person.language) if aloud else text
        return self._made[key]

    def _text(self, person: Someone, code: str) -> str:
        territory = self._city.territory
        place = self._city.places.get(person.place or "")
        unit = territory.unit(code) if code in territory else territory.root
        english = person.language == "en"
        here = unit if place is None else place
        own = {
            **self._values[person.language],
            "territory": (unit.name_en or unit.name) if english else unit.name,
            "place": (here.name_en or here.name) if english else here.name,
            "own": self._own(person),
        }
        template = self._messages.template(
            self._kinds[person.language], person.tier, person.language
        )
        return marked(render(template, own), self._row.status)

    def _own(self, person: Someone) -> str:
        """The water at the person's own place, where the evidence says something of it."""
        template = self._messages.own.get(person.language)
        found = self._places.get(person.place or "")
        if found is None or not template or self._row.msg_type == "Cancel":
            return ""
        depth, onset, _ = found
        values = self._values[person.language]
        when = datetime.fromisoformat(onset) if onset else None
        return render(
            template,
            {
                "own_depth": depth,
                "own_onset": local(self._city, when, person.language) or values["onset"],
            },
        )
