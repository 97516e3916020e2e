"""A CKAN package (https://docs.ckan.org/en/2.11/api/), as fluent, ckanext-dcat, DKAN and OGD Austria extend it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyoxigraph import NamedNode

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.flat import is_known, mapped, read_object, unfolded
from harvesters.crosswalks.licences import is_stated, is_uncertain, licence
from harvesters.crosswalks.reading import is_address
from hub.model import Mapped, RawRecord, Source
from hub.profile import load

# Flat key -> the package's or its extras' keys; the first that says anything is taken.
_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "issued": ("issued", "metadata_created"),
    "modified": ("modified", "metadata_modified"),
    "language": ("language", "schema_language", "metadata-language"),
    "theme": ("theme", "themes"),
    "place": ("spatial_coverage", "spatial"),
    "place.name": ("spatial_text",),
    "place.centroid": ("spatial_centroid",),
    "period": ("temporal_coverage",),
    "period.start": ("temporal_start", "begin_datetime"),
    "period.end": ("temporal_end", "end_datetime"),
    "partner": ("contributor",),
    "sameAs": ("uri",),
}
_ALL: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "title_translated"),
    "summary": ("notes", "notes_translated"),
    "keyword": ("tags_translated",),
    "identifier": ("identifier", "alternate_identifier", "metadata_identifier"),
}
_LICENCE: Final = ("license_url", "license_id", "license_title", "license")
# "creator_name" in dcatapit's lists is the creator's name.
_PREFIXED: Final = re.compile(r"^(?:creator|publisher|contributor)_(?=name$|identifier$|uri$|url$)")
_API: Final = re.compile(r"(?:/api(?:/\d)?(?:/action)?)?/*$")


class CkanCrosswalk:
    """`[options.fields]` gives a portal's own keys, of the package or its extras, their flat keys."""

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        package = _Package(read_object(raw), source.options.get("fields", {}))
        pairs = [(key, value) for key, value in package.standard(raw.kind) if is_known(raw.kind, key)]
        builder = GraphBuilder(raw, source, record, base)
        return mapped(builder, [*pairs, *package.own()], package.page(source.url))


class _Package:
    def __init__(self, package: Mapping[str, Any], fields: Mapping[str, str]) -> None:
        self._package, self._fields = package, fields
        self._extras = _extras(package.get("extras"))

    def page(self, url: str) -> str | None:
        """The address at which CKAN shows the package to people."""
        name = self._package.get("name") or self._package.get("id")
        return f"{_API.sub('', url)}/dataset/{name}" if isinstance(name, str) else None

    def own(self) -> Iterator[tuple[str, Any]]:
        """What the source file maps."""
        for name, key in self._fields.items():
            yield key, self._extras.get(name, self._package.get(name))

    def standard(self, kind: str) -> Iterator[tuple[str, Any]]:
        """What CKAN and its well-known extensions write, but for keys that the source file maps otherwise."""
        for key, names in _ALL.items():
            yield from ((key, self._get(name)) for name in names)
        for key, names in _FIRST.items():
            yield key, next((value for name in names if (value := self._get(name))), None)
        yield "summary@en", self._get("en_title_and_desc")  # OGD Austria's one field for all that is in English
        yield "keyword", self._tags()
        yield "licence", self._licence()
        landing, lead = load().role(kind, "landing"), load().role(kind, "lead")
        if landing:
            yield landing.key, self._get("url")
        if lead:
            yield lead.key, _agents(self._get("creator"))
        yield "publisher", self._publisher()

    def _get(self, name: str) -> Any:
        if name in self._fields:
            return None
        value = self._package.get(name)
        return self._extras.get(name) if value in (None, "", [], {}) else value

    def _tags(self) -> list[Any]:
        tags = self._get("tags")
        names = [tag.get("name") if isinstance(tag, dict) else tag for tag in tags] if isinstance(tags, list) else []
        return [name for name in names if isinstance(name, str)]

    def _licence(self) -> str | None:
        """The one of the four fields that names a licence for certain, else the first that says anything.

        Where none does, the one that each of the resources states: ckanext-dcat's schemas have it there.
        """
        values = [value for name in _LICENCE if isinstance(value := self._get(name), str) and is_stated(value)]
        resources = self._get("resources")
        each = [one.get("license") for one in resources if isinstance(one, dict)] if isinstance(resources, list) else []
        if not values and each and isinstance(each[0], str) and is_stated(each[0]) and each.count(each[0]) == len(each):
            values = [each[0]]
        known = (value for value in values if licence(value))
        linked = (value for value in values if is_address(value) and not is_uncertain(value))
        return next(known, None) or next(linked, None) or next(iter(values), None)

    def _publisher(self) -> Any:
        """ckanext-dcat's publisher, else its flat form in extras, else CKAN's organisation."""
        if stated := _agents(self._get("publisher")):
            return stated[:1] if isinstance(stated, list) else stated
        if name := self._get("publisher_name"):
            identifier = self._get("publisher_uri") or self._get("publisher_identifier")
            return {"name": name, "identifier": identifier, "url": self._get("publisher_url")}
        organization = self._get("organization")
        if not isinstance(organization, dict):
            return None
        name = organization.get("title_translated") or organization.get("title") or organization.get("name")
        return {"title": name, "identifier": organization.get("id") or organization.get("name")}


def _extras(extras: Any) -> dict[str, Any]:
    """CKAN's list of key and value, or the plain object of older portals."""
    if isinstance(extras, dict):
        return extras
    listed = [entry for entry in extras if isinstance(entry, dict)] if isinstance(extras, list) else []
    return {str(entry["key"]): entry.get("value") for entry in listed if "key" in entry}


def _agents(value: Any) -> Any:
    """Organisations as ckanext-dcat's and dcatapit's lists have them, their fields without prefix."""
    read = unfolded(value)
    if isinstance(read, list):
        return [_agents(entry) for entry in read]
    if not isinstance(read, dict):
        return read
    return {_PREFIXED.sub("", str(name)): inner for name, inner in read.items()}
