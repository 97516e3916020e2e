"""What one record tells, as two records are compared: identifiers, titles, places, time, organisations."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from hub.ledger import LedgerRecord
from hub.profile import Field, Profile
from hub.search.analysis import analyzer
from hub.search.base import OTHER
from hub.search.dates import seconds
from hub.search.documents import Reading, point
from hub.search.stopwords import STOPWORDS
from hub.search.vectors import MAX_TEXT

EDITION: Final = "1"  # raised with every change of what is read or how it is compared: all is found anew then
DAY: Final = 86_400
IDENTIFIERS: Final = ("identifier", "sameAs")  # keys of fields
ADDRESSES: Final = ("origin", "landingPage", "homepage", "registration")
ORGANISATIONS: Final = ("lead", "operator", "partner", "participation", "consortium", "publisher")
FEWEST: Final = 10  # characters of an identifier that names no scheme
_UUID = re.compile(r"(?:urn:uuid:)?\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)(10\.\d{4,}/.+)", re.IGNORECASE)
_PLACE_CODE = re.compile(r"/nuts/code/|geonames\.org/")
_NUMBER = re.compile(r"\d+|[ivx]{2,}")  # a year, an edition, a phase; of a folded word


@dataclass(frozen=True, slots=True)
class Telling:
    """One record. `titles` are the stems of the title's words by language, `words` all its words, folded.

    Places and organisations are folded names, each with the name as written. `teller` is the source, and the publisher
    that it names or "". `period` is in days since 1970. `language` is that of `text`, the title and summary that are
    turned into a vector.
    """

    kind: str
    teller: tuple[str, str]
    identifiers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    points: tuple[tuple[float, float], ...] = ()
    period: tuple[int, int] | None = None
    organisations: Mapping[str, str] = field(default_factory=dict)
    language: str = OTHER
    text: str = ""

    def is_told_with(self, other: "Telling") -> bool:
        """Whether one source tells both; a catalogue that lists what several publish is as many sources."""
        (source, publisher), (its_source, its_publisher) = self.teller, other.teller
        return source == its_source and (publisher == its_publisher or not (publisher and its_publisher))

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def read(text: str) -> Telling:
    """A telling from its JSON."""
    told: dict[str, Any] = json.loads(text)
    for name, value in told.items():
        if isinstance(value, list):
            told[name] = tuple(tuple(v) if isinstance(v, list) else v for v in value)
    titles = {tag: tuple(found) for tag, found in told["titles"].items()}
    return Telling(**{**told, "titles": titles})


def telling(record: LedgerRecord, profile: Profile) -> Telling:
    reading = Reading(record, profile)
    fields = {f.key: f for f in profile.fields(record.kind)}
    titles = {v.language or "": v.value for v in reading.role("title") if isinstance(v, Literal)}
    words = {word for title in titles.values() for word in surfaces(title)}
    publisher = min(_names(reading, fields, ("publisher",)), default="")
    language, text = _text(titles, reading)
    return Telling(
        kind=record.kind,
        teller=(record.source, publisher),
        identifiers=_all(identifier, _values(reading, fields, IDENTIFIERS)),
        addresses=_all(address, _values(reading, fields, ADDRESSES)),
        titles={tag: tuple(sorted(stems(title, tag))) for tag, title in titles.items()},
        words=tuple(sorted(words)),
        numbers=tuple(sorted(word for word in words if _NUMBER.fullmatch(word))),
        countries=_all(str, (v.value for v in reading.role("country"))),
        places=_names(reading, fields, ("place",)) | _codes(reading.nodes("place")),
        points=tuple(p for v in reading.role("point") if (p := point(v.value))),
        period=_period(reading),
        organisations=_names(reading, fields, ORGANISATIONS),
        language=language,
        text=text,
    )


def _values(reading: Reading, fields: Mapping[str, Field], keys: Iterable[str]) -> Iterator[str]:
    return (value.value for key in keys if key in fields for value in reading.values(fields[key]))


def _names(reading: Reading, fields: Mapping[str, Field], keys: Iterable[str]) -> dict[str, str]:
    """Names without case, accents and signs, each with a name as written; sorted, so that they can be compared."""
    found = {" ".join(surfaces(text)): text for text in sorted(_values(reading, fields, keys))}
    return {name: found[name] for name in sorted(found) if name}


def _codes(nodes: Iterable[str]) -> dict[str, str]:
    """Places that have a code everywhere the same."""
    return {iri: iri.rstrip("/").rpartition("/")[2] for iri in sorted(nodes) if _PLACE_CODE.search(iri)}


def _all(read_one: Any, texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({found for text in texts if (found := read_one(text))}))


def identifier(text: str) -> str:
    """An identifier as it is compared; "" where it could be anybody's: a plain number, a short or a plain word."""
    text = text.strip()
    if found := _UUID.fullmatch(text):
        return found[1].lower()
    if found := _DOI.fullmatch(text):
        return f"doi:{found[1].lower()}"
    if text.startswith(("http://", "https://")):
        return address(text)
    scheme, colon, rest = text.partition(":")
    if colon and scheme.isalpha() and rest:
        return f"{scheme.lower()}:{rest}"
    is_code = any(c.isalpha() for c in text) and any(c.isdigit() for c in text)
    return text if is_code and len(text) >= FEWEST else ""


def address(text: str) -> str:
    """An address as it is compared: without scheme, www., and a slash at its end; "" for no address of the web."""
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    at = f"{host}:{port}" if port not in (None, 80, 443) else host
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{at}{parts.path.rstrip('/')}{query}{fragment}"


def surfaces(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return [token.forms[0] for token in analyzer(OTHER).tokens(text)]


def stems(text: str, tag: str) -> set[str]:
    """The words of a text that say something, each as the stem of its lemma."""
    language = tag.partition("-")[0].lower()
    tokens = analyzer(language).tokens(text)
    return {t.forms[-1] for t in tokens if t.forms[0] not in STOPWORDS.get(language, ())}


def _text(titles: Mapping[str, str], reading: Reading) -> tuple[str, str]:
    """(language, title and summary) in English where a person wrote it so, else in the first language there is."""
    summaries = {v.language or "": v.value for v in reading.role("summary") if isinstance(v, Literal)}
    human = [tag for tag in titles if "-t-" not in tag]
    tag = next(iter(sorted(human or titles, key=lambda t: (not t.startswith("en"), t))), "")
    text = ". ".join(" ".join(part.split()) for part in (titles.get(tag, ""), summaries.get(tag, "")) if part)
    return tag.partition("-")[0] or OTHER, text[:MAX_TEXT]


def _period(reading: Reading) -> tuple[int, int] | None:
    """The first and the last day; of one date alone both ends, since a start does not say how long."""
    starts, ends = (list(_days(reading, role, last)) for role, last in (("start", False), ("end", True)))
    lasts = ends or list(_days(reading, "start", True))
    firsts = starts or list(_days(reading, "end", False))
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _days(reading: Reading, role: str, last: bool) -> Iterator[int]:
    for value in reading.role(role):
        if isinstance(value, NamedNode):
            continue
        try:
            yield seconds(value.value, last) // DAY
        except (ValueError, OverflowError):
            continue  # the validator tells the publisher
