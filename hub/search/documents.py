"""Records as documents to be searched, by the fields of the Profile; no property is named here."""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Protocol

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.profile import Field, Profile
from hub.search import labels
from hub.search.analysis import edition
from hub.search.base import CHANGED, OTHER, PLAIN_KEYWORDS, WEIGHTS, Document, Query
from hub.search.dates import completed, seconds
from hub.search.detection import detect

MAX_SUMMARY: Final = 300  # characters of a summary that a result shows
_POINT = re.compile(
    r"\s*(?:<(?P<system>[^>]*)>)?\s*POINT\s*Z?\s*\(\s*(?P<x>[-+.\deE]+)\s+(?P<y>[-+.\deE]+)(?:\s+[-+.\deE]+)?\s*\)\s*",
    re.IGNORECASE,
)
_EPSG_4326 = re.compile(r"/EPSG/[\d.]+/4326$|epsg:4326$", re.IGNORECASE)
_TRANSLATED = re.compile(r"-t(-|$)", re.IGNORECASE)  # BCP 47 extension T: "en-t-da-t0-mtec", a machine's words

Term = NamedNode | Literal
Statements = Mapping[str, Mapping[str, Sequence[Term]]]  # subject → predicate → objects


class Member(Protocol):
    """What is read of a ledger's record. `graph` is N-Triples without blank nodes."""

    @property
    def iri(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def graph(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def changed(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """The keys that documents made with a profile can have; `digest` changes when they must be made anew.

    `facets` are those keywords that are counted together on every page.
    """

    keywords: tuple[str, ...]
    facets: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    digest: str

    def check(self, query: Query) -> None:
        """Raises BadRequest for a key that no document can have, and for a value that is no text."""
        for what, keys, allowed in (
            ("filters", query.filters, self.keywords),
            ("facets", query.facets, self.keywords),
            ("dates", query.dates, self.dates),
            ("numbers", query.numbers, self.numbers),
        ):
            for key in keys:
                if key not in allowed:
                    raise BadRequest(what, key, ", ".join(allowed))
        for key, values in query.filters.items():
            for value in values:
                if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                    raise BadRequest(key, ascii(value), "text without lone surrogates")


def declared(profile: Profile) -> Declared:
    fields = [field for kind in profile.kinds for field in profile.fields(kind)]

    def keys(index_as: str) -> list[str]:
        return sorted({field.key for field in fields if field.index_as == index_as})

    told = [(f.kind, f.key, f.index_path, f.index_as, f.weight, f.role, f.facet) for f in fields]
    broader = sorted((iri, profile.ancestors(iri)) for iri in profile.concepts)
    digest = hashlib.sha256(repr((told, broader, labels.digest(profile), edition())).encode()).hexdigest()
    keywords = tuple(dict.fromkeys((*PLAIN_KEYWORDS, *keys("keyword"))))
    facets = tuple(dict.fromkeys((*PLAIN_KEYWORDS, *(field.key for field in profile.facets))))
    return Declared(keywords, facets, tuple(dict.fromkeys((CHANGED, *keys("date")))), tuple(keys("number")), digest)


def document(records: Sequence[Member], profile: Profile) -> Document:
    """The document of a cluster; the first record is its representative."""
    members = [Reading(record, profile) for record in records]
    first = members[0]
    return Document(
        id=first.record.iri,
        seq=max(record.seq for record in records),
        kind=first.record.kind,
        texts={weight: _texts(members, weight) for weight in WEIGHTS},
        keywords=_keywords(members, profile),
        dates={**_values(members, "date", _dates), CHANGED: (_changed(members),)},
        numbers=_values(members, "number", _numbers),
        points=_points(members),
        item=_item(members),
        names=_names(members),
    )


class Reading:
    """One record with its statements at hand, asked by the fields of the Profile."""

    def __init__(self, record: Member, profile: Profile) -> None:
        self.record = record
        self.fields = profile.fields(record.kind)
        self._profile = profile

    @cached_property
    def _statements(self) -> Statements:
        found: dict[str, dict[str, list[Term]]] = {}
        for statement in parse(self.record.graph, format=RdfFormat.N_TRIPLES):
            subject, value = statement.subject, statement.object
            if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
                found.setdefault(subject.value, {}).setdefault(statement.predicate.value, []).append(value)
        return found

    def _follow(self, node: str, path: Sequence[str]) -> Sequence[Term]:
        values = self._statements.get(node, {}).get(path[0], ())
        if len(path) == 1:
            return values
        nodes = [value.value for value in values if isinstance(value, NamedNode)]
        return [value for node in nodes for value in self._follow(node, path[1:])]

    def values(self, field: Field) -> Sequence[Term]:
        return self._follow(self.record.iri, field.index_path)

    def role(self, role: str) -> list[Term]:
        """The values that play a part; none where the kind has no such field."""
        field = self._profile.role(self.record.kind, role)
        return list(self.values(field)) if field else []

    def nodes(self, role: str) -> list[str]:
        """The embedded things that hold a part's values, by IRI; none where the record holds the values itself."""
        field = self._profile.role(self.record.kind, role)
        if field is None or len(field.index_path) == 1:
            return []
        return [n.value for n in self._follow(self.record.iri, field.index_path[:-1]) if isinstance(n, NamedNode)]

    def groups(self, role: str) -> list[list[Literal]]:
        """The texts of a part, those of one embedded thing together."""
        field = self._profile.role(self.record.kind, role)
        if field is None:
            return []
        starts, path = self.nodes(role) or [self.record.iri], field.index_path[-1:]
        return [[v for v in self._follow(node, path) if isinstance(v, Literal)] for node in starts]


def _language(text: Literal) -> str:
    """As its tag says; without one as its words do, where they are sure enough."""
    if not text.language:
        return (detect(text.value) or (OTHER,))[0]
    primary = text.language.partition("-")[0].lower()
    return primary if primary in LANGUAGES else OTHER


def _texts(members: Iterable[Reading], weight: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for member in members:
        for field in member.fields:
            if field.index_as == "text" and (field.weight or "body") == weight:
                for value in member.values(field):
                    if isinstance(value, Literal):
                        found.setdefault(_language(value), {})[value.value] = None
    return {language: tuple(texts) for language, texts in found.items()}


def _keywords(members: Sequence[Reading], profile: Profile) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {
        "kind": {members[0].record.kind: None},
        "source": {member.record.source: None for member in members},
        "language": dict.fromkeys(_languages(members)),
    }
    for member in members:
        for field in member.fields:
            if field.index_as == "keyword" and field.key not in PLAIN_KEYWORDS:
                for value in member.values(field):
                    keys = (value.value, *profile.ancestors(value.value))
                    found.setdefault(field.key, {}).update(dict.fromkeys(keys))
    return {key: tuple(values) for key, values in found.items()}


def _values(members: Iterable[Reading], index_as: str, read: Any) -> dict[str, tuple[Any, ...]]:
    """Key → what `read` makes of the values of each field that is indexed so."""
    found: dict[str, dict[Any, None]] = {}
    for member in members:
        for field in member.fields:
            if field.index_as == index_as:
                found.setdefault(field.key, {}).update(dict.fromkeys(read(field, member.values(field))))
    return {key: tuple(values) for key, values in found.items() if values}


def _dates(field: Field, values: Iterable[Term]) -> Iterator[str]:
    """The dates in full; a year in which something ended means its last day."""
    for value in values:
        try:
            yield completed(value.value, last=field.role == "end")
        except ValueError:
            continue  # the validator tells the publisher


def _numbers(_field: Field, values: Iterable[Term]) -> Iterator[float]:
    for value in values:
        try:
            number = float(value.value)
        except ValueError:
            continue
        if math.isfinite(number):
            yield number


def _points(members: Iterable[Reading]) -> tuple[tuple[float, float], ...]:
    found = (point(v.value) for m in members for f in m.fields if f.index_as == "geo" for v in m.values(f))
    return tuple(dict.fromkeys(p for p in found if p))


def point(text: str) -> tuple[float, float] | None:
    """(latitude, longitude) of a `geo:wktLiteral` point; None for any other geometry or place off the globe.

    GeoSPARQL: longitude first (CRS84) unless the literal names EPSG:4326.
    """
    match = _POINT.fullmatch(text)
    if match is None:
        return None
    try:
        x, y = float(match["x"]), float(match["y"])
    except ValueError:
        return None
    latitude, longitude = (x, y) if _EPSG_4326.search(match["system"] or "") else (y, x)
    return (latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 else None


def _changed(members: Sequence[Reading]) -> str:
    """When the cluster last changed, a moment in UTC: as the records say, but never after the hub took them up."""
    newest = 0
    for member in members:
        taken = _moment(member.record.changed)
        stated = [second for v in member.role("modified") if (second := _seconds(v.value)) is not None]
        newest = max(newest, min(max(stated, default=taken), taken))
    return datetime.fromtimestamp(newest, UTC).isoformat()


def _moment(time: datetime | None) -> int:
    """Seconds since 1970; a time without a zone is in UTC."""
    if time is None:
        return 0
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _seconds(text: str) -> int | None:
    try:
        return seconds(text)
    except (ValueError, OverflowError):
        return None


def _languages(members: Sequence[Reading]) -> list[str]:
    """The languages that the records' own titles are in; a machine's translation is none of them."""
    tags = [v.language or "" for m in members for v in m.role("title") if isinstance(v, Literal)]
    return sorted({tag.partition("-")[0].lower() for tag in tags if tag and not _TRANSLATED.search(tag)})


def _by_tag(members: Sequence[Reading], role: str) -> dict[str, str]:
    """The texts of a part by language tag; what the representative lacks, the next member says."""
    found: dict[str, str] = {}
    for member in members:
        for value in sorted(member.role(role), key=lambda term: term.value):
            if isinstance(value, Literal):
                found.setdefault(value.language or "", value.value)
    return dict(sorted(found.items()))


def shortened(text: str, length: int = MAX_SUMMARY) -> str:
    """The text on one line, cut behind a word, with an ellipsis where something was cut."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head, blank, _ = line[:length].rpartition(" ")
    return (head if blank else line[: length - 1]).rstrip(",;:.–- ") + "…"


def _names(members: Sequence[Reading]) -> dict[str, dict[str, tuple[str, ...]]]:
    """What a person can begin to type, by the part that it plays: an organisation's own title is its name."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for member in members:
        title = "organisation" if member.record.kind == "organisation" else "title"
        for role, part in (
            ("title", title),
            ("place", "place"),
            ("lead", "organisation"),
            ("publisher", "organisation"),
        ):
            for value in member.role(role):
                if isinstance(value, Literal) and value.value.strip():
                    language = (value.language or "").partition("-")[0].lower()
                    found.setdefault(part, {}).setdefault(language, {})[value.value] = None
    return {part: {code: tuple(texts) for code, texts in names.items()} for part, names in found.items()}


def _iris(members: Sequence[Reading], role: str) -> list[str]:
    return list(dict.fromkeys(v.value for m in members for v in m.role(role) if isinstance(v, NamedNode)))


def _item(members: Sequence[Reading]) -> dict[str, Any]:
    """The complete result item: a page of results reads nothing else."""
    first = members[0].record
    starts, ends = (sorted(_stated(members, role), key=lambda d: _seconds(d) or 0) for role in ("start", "end"))
    at = next(iter(_points(members)), None)
    names = [{v.language or "": v.value for v in group} for m in members for group in m.groups("place")]
    return {
        "id": first.iri,
        "kind": first.kind,
        "title": _by_tag(members, "title"),
        "summary": {tag: shortened(text) for tag, text in _by_tag(members, "summary").items()},
        "languages": _languages(members),
        "country": _iris(members, "country"),
        "sources": list(dict.fromkeys(member.record.source for member in members)),
        "themes": _iris(members, "theme"),
        "status": next(iter(_iris(members, "status")), None),
        "places": [name for n, name in enumerate(names) if name and name not in names[:n]],
        "point": {"lat": at[0], "lon": at[1]} if at else None,
        "start": starts[0] if starts else None,
        "end": ends[-1] if ends else None,
        "changed": _changed(members),
        "members": [member.record.iri for member in members],
    }


def _stated(members: Sequence[Reading], role: str) -> list[str]:
    """The dates of a part as the records state them; what is no date is left out."""
    return [v.value for m in members for v in m.role(role) if _seconds(v.value) is not None]
