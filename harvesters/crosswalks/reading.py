"""One value as RDF terms, by what the Profile says of its field; what no written rule reads is given back."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from harvesters.crosswalks.drafts import Said
from harvesters.crosswalks.licences import is_uncertain, licence
from harvesters.crosswalks.tongues import languages
from harvesters.crosswalks.values import currency, date_literal, decimal_text, number, wkt_point
from harvesters.crosswalks.words import clean, language_tag, plain
from hub.errors import Rejected
from hub.namespaces import COUNTRY, DCT, GEO, SCHEMA, XSD, iri
from hub.profile import Field, load

# What an address may begin with: "javascript:" and "data:" would run in the page that links to it.
_SCHEMES: Final = ("http:", "https:", "ftp:", "mailto:", "tel:", "urn:", "info:", "doi:", "ark:", "hdl:", "geo:")
_COUNTRIES: Final = str(COUNTRY).rstrip("/")
_EU_COUNTRY_CODES: Final = {"uk": "GB", "el": "GR"}  # the EU's own, besides ISO 3166
_NUTS: Final = re.compile(
    r"(?:https?://data\.europa\.eu/nuts/code/|https?://nuts\.geovocab\.org/id/)?([A-Z]{2}[0-9A-Z]{0,3})/?"
)
NUTS_CODES: Final = "http://data.europa.eu/nuts/code/"

_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}

Terms = list[NamedNode | Literal]
Read = tuple[Terms, list[str]]  # the terms, and the words that no rule reads
_Rule = Callable[[Any], Terms]


def shown(value: Any) -> str:
    """A value as a publisher will recognise it in a report."""
    return clean(str(value))[:300]


def is_address(text: str) -> bool:
    return text.startswith(("http://", "https://")) and not re.search(r"\s", text)


def split(text: str) -> list[str]:
    """The entries of a list written as one text."""
    return [part.strip() for part in re.split(r"[;\n|]", text) if part.strip()]


def country(text: str) -> str | None:
    """The IRI of the country that a code, an IRI or a name in any of our languages stands for."""
    word = text.strip().replace("https://publications.europa.eu/", "http://publications.europa.eu/")
    concept = load().concept(_COUNTRIES, _EU_COUNTRY_CODES.get(word.casefold(), word))
    return concept.iri if concept else None


def nuts_code(text: str) -> str | None:
    found = _NUTS.fullmatch(text.strip())
    return found[1] if found else None


class Reader:
    """Reads in one source's language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._by_path: Mapping[str, Callable[[Field, Any], Read]] = {
            DCT.license.value: self._licence,
            DCT.language.value: self._languages,
            DCT.isPartOf.value: self._nuts,
            SCHEMA.currency.value: self._currency,
        }
        self._by_datatype: Mapping[str, _Rule] = {
            XSD.decimal.value: self._decimal,
            XSD.integer.value: self._integer,
            XSD.boolean.value: lambda value: [Literal(_TRUTH[word])] if (word := str(value).lower()) in _TRUTH else [],
            XSD.string.value: lambda value: [Literal(clean(str(value)))],
        }

    def read(self, field: Field, value: Any) -> Read:
        """The terms for one value of any field but a text."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return [], []
        if rule := self._by_path.get(field.path):
            return rule(field, value)
        if field.scheme:
            return self._concepts(field, value)
        if field.datatype == GEO.wktLiteral.value:
            return _or_unread(partial(_shape, field), value)
        if plain_rule := self._by_datatype.get(field.datatype or ""):
            return _or_unread(plain_rule, value)
        return self._addresses(field, value) if field.node_kind else _or_unread(self._date, value)

    def _concepts(self, field: Field, value: Any) -> Read:
        """One concept, or several by semicolons; the whole text goes first, since labels may hold one."""
        scheme, found, unread = field.scheme or "", list[NamedNode | Literal](), list[str]()
        whole = _concept(scheme, str(value))
        for word in [str(value)] if whole else split(str(value)):
            term = _concept(scheme, word)
            (found.append(NamedNode(term)) if term else unread.append(shown(word)))
        return found, unread

    def _licence(self, field: Field, value: Any) -> Read:
        known = licence(str(value))
        if known:
            return [known], []
        return ([], [shown(value)]) if is_uncertain(str(value)) else self._addresses(field, value)

    def _languages(self, field: Field, value: Any) -> Read:
        read = languages(str(value))
        return [term for _, term in read if term], [shown(word) for word, term in read if not term]

    def _nuts(self, field: Field, value: Any) -> Read:
        codes = {word: nuts_code(word) for word in split(str(value))}
        return [NamedNode(NUTS_CODES + code) for code in codes.values() if code], [
            shown(w) for w, c in codes.items() if not c
        ]

    def _currency(self, field: Field, value: Any) -> Read:
        code = currency(str(value), self._language)
        return ([Literal(code)], []) if code else ([], [shown(value)])

    def _decimal(self, value: Any) -> Terms:
        read = number(value, self._language)
        return [] if read is None else [Literal(decimal_text(read), datatype=XSD.decimal)]

    def _integer(self, value: Any) -> Terms:
        read = number(value, self._language)
        return [] if read is None or read % 1 else [Literal(decimal_text(read), datatype=XSD.integer)]

    def _date(self, value: Any) -> Terms:
        literal = date_literal(str(value), self._language)
        return [literal] if literal else []

    def _addresses(self, field: Field, value: Any) -> Read:
        """One IRI, or several by blanks, each beginning with http; of ArcGIS's markup what a reader sees."""
        found, unread = list[NamedNode | Literal](), list[str]()
        said = plain(str(value)) if "<" in str(value) else str(value)
        for text in re.split(r"[;,]?\s+(?=https?://)", said.strip()):
            term = address(text)
            (found.append(term) if term else unread.append(shown(text)))
        return found, unread

    def texts(self, field: Field, values: Sequence[Said]) -> tuple[list[Literal], list[str]]:
        """All values of a text field, tagged; the untagged are in the source's own language (design §7).

        Where a field has one text a language, an untagged text steps back behind a tagged one.
        """
        is_unique = "uniqueLang" in field.limits
        tagged, untagged, unread = list[tuple[str, str]](), list[str](), list[str]()
        for said in values:
            tag = language_tag(said.language) if said.language else None
            unread += [shown(f"{said.value}@{said.language}")] if said.language and not tag else []
            whole = plain(str(said.value))
            for text in [whole] if is_unique else split(whole):
                (tagged.append((text, tag)) if tag else untagged.append(text))
        is_told = is_unique and any(tag == self._language for text, tag in tagged if text)
        told = {text for text, _ in tagged} if is_unique else set()
        rest = [text for text in untagged if text and text not in told]
        unread += [shown(text) for text in rest] if is_told else []
        tagged += [] if is_told else [(text, self._language) for text in rest]
        return [Literal(text, language=tag) for text, tag in dict.fromkeys(tagged) if text], unread


def _shape(field: Field, value: Any) -> Terms:
    """A point in any of its forms; a line or area where the field takes it, as WKT with longitude first."""
    text = wkt_point(value) or clean(str(value))
    return [Literal(text, datatype=GEO.wktLiteral)] if is_shape(field, text) else []


def is_shape(field: Field, value: Any) -> bool:
    """Whether a text is the WKT that the field takes."""
    return bool(re.search(field.limits.get("pattern", "^POINT"), clean(str(value))))


def _or_unread(rule: _Rule, value: Any) -> Read:
    terms = rule(value)
    return terms, [] if terms else [shown(value)]


def _concept(scheme: str, text: str) -> str | None:
    if scheme == _COUNTRIES:
        return country(text)
    concept = load().concept(scheme, text)
    return concept.iri if concept else None


def address(text: str) -> NamedNode | None:
    """An IRI that may be linked to; None where the text is none."""
    try:
        term = iri(text)
    except Rejected:
        return None
    return term if term.value.lower().startswith(_SCHEMES) else None
