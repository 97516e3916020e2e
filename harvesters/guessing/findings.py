"""What an unknown address seems to be, told in sentences that the catalogues of `locales/` have in seven languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.fetch import address
from hub.languages import N_

_UNREAD: Final = N_("a document that cannot be read: {reason}")
_MEND: Final = N_("Mend it, or tell who publishes it.")
_OTHER_KIND: Final = N_("a document of a kind that the hub does not read: {name}")
_ASK: Final = N_(
    "Ask for a catalogue (RDF, CKAN, OAI-PMH, SPARQL), a table (CSV or XLSX), or web pages with structured data."
)
_NO_RECORDS: Final = N_("It holds no records. Give the address of the records that it is made for.")
_SCHEMA: Final = N_("a schema for {name}: it says how documents are built")
_PART: Final = N_("This is only a part; a harvest asks {value} for all records.")
_ALL_TAKEN: Final = N_(
    "Every record would count as a good practice. Where only some are, [select] or [options] has to choose them."
)
_CLASSES: Final = N_("It has records of the class {name} ({number}).")
_NAME_CLASSES: Final = N_(
    "If one of its classes is a good practice, a venue, an organisation or an event, name it in [select]."
)
_ALONE: Final = N_("Give the address itself, without a question behind it: {value}")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in English, as the catalogues know it, and what fills its places."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guess:
    """What is behind an address, and why that is thought.

    `protocol` and `format` are the rows of HARVESTERS and CROSSWALKS that would read it, even where the hub has none
    such yet; both are empty where it is no catalogue, and `advice` then says what would be needed. `url`, `select` and
    `options` are what a source file would say. `part` is an answer of the protocol's own listing, made of the one
    document at hand: it alone can be looked at. `sample` is some of its text, whose language can be guessed.
    """

    what: Said
    reasons: tuple[Said, ...] = ()
    advice: tuple[Said, ...] = ()
    protocol: str = ""
    format: str = ""
    url: str = ""
    title: str = ""
    select: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)  # how often a language tag stands in the document
    sample: str = ""
    part: bytes | None = None
    is_listing: bool = True  # the document lists records; else it only tells of the catalogue
    is_suggested: bool = False  # `options` were thought up, and a person has to look at them


def unread(error: Exception, url: str) -> Guess:
    """What cannot be read, and why; the address, with which failures begin, is known."""
    reason = str(error).removeprefix(f"{address(url)}: ")
    return Guess(Said(_UNREAD, {"reason": reason}), advice=(Said(_MEND),))


def of_another_kind(name: str) -> Guess:
    return Guess(Said(_OTHER_KIND, {"name": name}), advice=(Said(_ASK),))


def schema(name: str) -> Guess:
    return without_records(Said(_SCHEMA, {"name": name}))


def without_records(what: Said) -> Guess:
    """What speaks about records and holds none."""
    return Guess(what, advice=(Said(_NO_RECORDS),))


def part_of(address: str) -> Said:
    return Said(_PART, {"value": address})


def all_taken() -> Said:
    return Said(_ALL_TAKEN)


def of_class(name: str, number: object) -> Said:
    return Said(_CLASSES, {"name": name, "number": number})


def name_classes() -> Said:
    return Said(_NAME_CLASSES)


def alone(address: str) -> Said:
    return Said(_ALONE, {"value": address})
