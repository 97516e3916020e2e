"""Written rules that need more than one value: what is said of a place, a period or a sum without naming the field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from harvesters.crosswalks.drafts import ATTRIBUTION, GRANT, INDICATOR, LOCATION, PERIOD, SHARED, Draft, Said
from harvesters.crosswalks.reading import country, is_address, is_shape, nuts_code, shown, split
from harvesters.crosswalks.values import currency, number, period, quantity, wkt_point
from harvesters.crosswalks.words import primary
from hub.languages import FALLBACK
from hub.model import Note
from hub.profile import load

_GEOMETRY: Final = re.compile(
    r"[\d\s.,;()-]+|\{.*|(?:<\S*>\s*|SRID=\d+;\s*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION|ENVELOPE|BOX)"
    r"\b.*",
    re.IGNORECASE | re.DOTALL,
)
_SQUARE_METRES: Final = frozenset(("m²", "m2", "qm", "mq", "nm", "kvm", "sqm"))
_NUTS_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}  # NUTS differs from ISO 3166 in two


@dataclass(slots=True)
class Settling:
    """Settles the drafts of one record; `notes` are what no rule could place."""

    language: str
    country: str  # the source's, as its alpha-3 code
    notes: list[Note] = field(default_factory=list)

    def settle(self, record: Draft) -> None:
        self._classify(record)
        self._walk(record)
        countries = [iri for said in record.said.get("country", []) if (iri := country(str(said.value)))]
        for draft in _all(record):
            if draft.node_class == LOCATION and "name" not in draft.said:
                self._name_place(draft, countries[0] if countries else country(self.country) or "")

    def _walk(self, draft: Draft) -> None:
        for key, parts in draft.parts.items():
            for name, part in list(parts.items()):
                bare, part.bare = part.bare, []
                self.notes += [Note(key, shown(said.value)) for said in bare if not self._place_bare(draft, part, said)]
                self._walk(part)
                if part.node_class == LOCATION:
                    self._sort_shapes(part)
                if part.node_class == LOCATION and _is_country(draft, part):
                    del parts[name]
                elif part.node_class == ATTRIBUTION and not part.parts.get("organisation"):
                    self.notes += [Note(key, shown(said.value)) for said in part.said.get("role", [])]
                    del parts[name]  # the agent was a person, or nobody
                elif part.is_empty:
                    self.notes += [Note(key, shown(part.iri))] if part.iri and not country(part.iri) else []
                    del parts[name]
        self._split_sums(draft)

    def _sort_shapes(self, part: Draft) -> None:
        """A line or an area is no centroid; of the several forms in which portals write it, one is kept or told."""
        said = [*part.said.pop("centroid", []), *part.said.pop("geometry", [])]
        points = [one for one in said if wkt_point(one.value)]
        shapes = [one for one in said if is_shape(part.fields["geometry"], one.value)]
        if points:
            part.said["centroid"] = points
        if shapes:
            part.said["geometry"] = shapes[:1]
        if said and not points and not shapes:
            self.notes.append(Note("geometry", shown(said[0].value)))

    def _place_bare(self, draft: Draft, part: Draft, said: Said) -> bool:
        if part.node_class == LOCATION:
            return _as_place(draft, part, said)
        if part.node_class == PERIOD:
            return self._as_period(part, said)
        if part.node_class in SHARED and is_address(str(said.value).strip()):
            part.iri = part.iri or str(said.value).strip()
            return True
        name = part.name_field()
        part.say(name.key if name else "", said)
        return True

    def _as_period(self, part: Draft, said: Said) -> bool:
        ends = period(str(said.value), self.language)
        for key, literal in zip(("start", "end"), ends or (), strict=False):
            if literal is not None:
                part.say(key, Said(literal.value))
        return ends is not None

    def _classify(self, record: Draft) -> None:
        """Keywords that are words of our vocabularies are concepts as well; one that is an IRI is nothing else."""
        kept = []
        for said in record.said.pop("keyword", []):
            for word in split(str(said.value)):
                found = [key for key in ("theme", "measure") if _is_concept(record, key, word)]
                for key in found:
                    record.say(key, Said(word))
                if not is_address(word):
                    kept.append(Said(word, said.language))
                elif not found:
                    self.notes.append(Note("keyword", shown(word)))
        if kept:
            record.said["keyword"] = kept

    def _name_place(self, place: Draft, country_iri: str) -> None:
        """A place must have a name: without one it is called after its country, with its NUTS code behind."""
        codes = [code for said in place.said.get("nuts", []) if (code := nuts_code(str(said.value)))]
        if codes:
            prefix = codes[0][:2]
            country_iri = country(_NUTS_COUNTRIES.get(prefix, prefix)) or country_iri
        concept = load().concepts.get(country_iri)
        language = primary(self.language)
        if concept:
            tag = language if language in concept.labels else FALLBACK
            place.say("name", Said(" ".join([concept.labels[tag], *(f"({code})" for code in codes[:1])]), tag))

    def _split_sums(self, draft: Draft) -> None:
        """ "149 736 100 .- HUF" as amount and currency, "41 000 kWh" as value and unit, "1450 m²" as square metres."""
        if draft.node_class == GRANT:
            self._split(draft, "amount", "currency")
        elif draft.node_class == INDICATOR:
            self._split(draft, "value", "unit")
            self._split(draft, "baseline", "unit")
        self._split(draft, "floorArea", "")

    def _split(self, draft: Draft, key: str, unit_key: str) -> None:
        for at, said in enumerate(draft.said.get(key, [])):
            if not isinstance(said.value, str) or number(said.value, self.language) is not None:
                continue
            read = quantity(said.value, self.language)
            if read and read[1] and self._take_unit(draft, unit_key, read[1]):
                draft.said[key][at] = Said(read[0])

    def _take_unit(self, draft: Draft, key: str, unit: str) -> bool:
        """Whether the unit is one that the field may have, and agrees with what is said already."""
        if not key:
            return unit.lower() in _SQUARE_METRES
        code = currency(unit, self.language) if key == "currency" else unit
        told = {str(said.value).strip() for said in draft.said.get(key, [])}
        if not code or not told <= {code, unit}:
            return False
        draft.said[key] = [Said(code)]
        return True


def _as_place(draft: Draft, part: Draft, said: Said) -> bool:
    """A point, a line or an area, a NUTS region, a country, or the name of a place."""
    text = str(said.value).strip()
    if wkt_point(said.value):
        part.say("centroid", said)
    elif is_shape(part.fields["geometry"], text):
        part.say("geometry", said)
    elif text.startswith("http") and nuts_code(text):
        part.say("nuts", said)
    elif country(text) and "country" in draft.fields:
        draft.say("country", said)
    elif is_address(text):
        return "name" in part.said  # beside a name, an IRI such as GeoNames' adds nothing that we keep
    elif _GEOMETRY.fullmatch(text):
        return False
    else:
        part.say("name", said)
    return True


def _is_country(draft: Draft, part: Draft) -> bool:
    """Whether all that is said of a place is that it is a country; the record is told so instead."""
    names = part.said.get("name", [])
    if "country" not in draft.fields or set(part.said) != {"name"} or not all(country(str(s.value)) for s in names):
        return False
    for said in names:
        draft.say("country", Said(said.value))
    return True


def _is_concept(record: Draft, key: str, word: str) -> bool:
    scheme = record.fields[key].scheme if key in record.fields else None
    return bool(scheme and load().concept(scheme, word))


def _all(draft: Draft) -> Iterator[Draft]:
    for parts in draft.parts.values():
        for part in parts.values():
            yield part
            yield from _all(part)
