"""The fields of a tantivy index, and a `Document` as one of tantivy's."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import chain
from typing import Final

import tantivy

from hub.languages import LANGUAGES
from hub.profile import Profile
from hub.search.base import WEIGHTS, Document
from hub.search.cells import FIRST, LAST, cells
from hub.search.dates import seconds
from hub.search.documents import Declared
from hub.search.expansion import TEXT_LANGUAGES
from hub.search.fields import (
    LONGEST_KEYWORD,
    SORTED_CHARACTERS,
    concepts_field,
    date_field,
    keyword_field,
    number_field,
    sort_field,
    sort_title,
    text_field,
)
from hub.search.labels import Labels, Said
from hub.search.names import MOST_WORDS
from hub.search.tantivy_facets import FACETS, Lines
from hub.search.tantivy_names import LONGEST, beginnings

POSITION: Final = "position"  # the value of `meta` in the one document that is no record
# A box must hold one point's latitude and longitude, not those of two points, and tantivy does not keep the values of
# two fields together; so each point has fields of its own. What lies beyond the last shares that one.
POINTS: Final = 8
CONCEPTS: Final = "concepts"  # that a document is tagged with, or that its texts name: one field to be found by
KEYS: Final = 100_000  # that are kept, some 200 bytes each; a query by meaning asks for 1,000, at 4 µs each
GAP: Final = 8  # positions between two texts of a field, so that no phrase spans them


def build_schema(declared: Declared) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("meta", tokenizer_name="raw", index_option="basic")
    # Two, since tantivy looks for a set of values in a fast field by reading all of it: 1,000 of 100,000 documents take
    # 15 ms so, and 2 ms by the index.
    builder.add_unsigned_field("key", indexed=True)
    builder.add_unsigned_field("fast_key", fast=True)
    builder.add_unsigned_field("seq", stored=True, fast=True)
    for name in ("id", "item", "names"):
        builder.add_bytes_field(name, stored=True)
    for name in ("begun", "surface"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("cell", indexed=True)
    for weight in WEIGHTS:
        for language in TEXT_LANGUAGES:
            # Never used for what we index, which comes as tokens; it has to be one that is always there.
            builder.add_text_field(text_field(weight, language), tokenizer_name="raw", index_option="position")
    for key in declared.keywords:
        builder.add_text_field(keyword_field(key), fast=True, tokenizer_name="raw", index_option="basic")
    for name in (CONCEPTS, *map(concepts_field, WEIGHTS)):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(FACETS, fast=True, tokenizer_name="raw", index_option="basic")
    for language in LANGUAGES:
        builder.add_text_field(sort_field(language), fast=True, tokenizer_name="raw", index_option="basic")
    for key in declared.dates:
        builder.add_integer_field(date_field(key), indexed=True, fast=True)
    for key in declared.numbers:
        builder.add_float_field(number_field(key), indexed=True, fast=True)
    for n in range(POINTS):
        builder.add_float_field(f"lat_{n}", fast=True)
        builder.add_float_field(f"lon_{n}", fast=True)
    return builder.build()


def digest(declared: Declared) -> str:
    """Changes with anything that an index holds: fields, terms, the file format."""
    made = (TEXT_LANGUAGES, POINTS, GAP, SORTED_CHARACTERS, LONGEST, MOST_WORDS, FIRST, LAST)
    ours = (declared, *made, version("tantivy"), "6")
    return hashlib.sha256(repr(ours).encode()).hexdigest()


def position_document(position: int) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("meta", POSITION)
    made.add_unsigned("seq", position)
    return made


@lru_cache(KEYS)
def key_of(name: str) -> int:
    """Of a document, by its id; that two of a million have the same is as likely as 1 to 10^8."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def indexed(document: Document, declared: Declared, labels: Labels, lines: Lines, profile: Profile) -> tantivy.Document:
    """Raises ValueError or TypeError where a value does not fit its field."""
    made = tantivy.Document()
    for field in ("key", "fast_key"):
        made.add_unsigned(field, key_of(document.id))
    made.add_unsigned("seq", document.seq)
    made.add_bytes("id", document.id.encode())
    made.add_bytes("item", json.dumps(document.item, ensure_ascii=False).encode())
    said = labels.said(document)
    _add_words(made, said)
    _add_concepts(made, document, said, profile)
    _add_names(made, document)
    _add_values(made, document, declared, lines)
    _add_points(made, document)
    for language in LANGUAGES:
        made.add_text(sort_field(language), sort_title(document, language))
    return made


def _add_words(made: tantivy.Document, said: Said) -> None:
    for field, passages in said.words.items():
        made.add_pre_tokenized_text(field, _tokens(passages))
    for surface in {terms[0] for passages in said.words.values() for passage in passages for terms in passage}:
        made.add_text("surface", surface)


def _add_concepts(made: tantivy.Document, document: Document, said: Said, profile: Profile) -> None:
    for part, named in said.concepts.items():
        for concept in named:
            made.add_text(concepts_field(part), concept)
    tags = {value for values in document.keywords.values() for value in values} & profile.concepts.keys()
    for concept in tags.union(*said.concepts.values()):
        made.add_text(CONCEPTS, concept)


def _tokens(passages: Iterable[Sequence[Sequence[str]]]) -> tantivy.PreTokenizedString:
    tokens: list[tantivy.Token] = []
    start = 0
    for words in passages:
        # Where in the text they stand is not kept by an index.
        tokens += [tantivy.Token(term, place, 0, 0) for place, terms in enumerate(words, start) for term in terms]
        start += len(words) + GAP
    return tantivy.PreTokenizedString("", tokens)


def _add_names(made: tantivy.Document, document: Document) -> None:
    made.add_bytes("names", json.dumps(document.names, ensure_ascii=False).encode())
    for part, texts in document.names.items():
        for text in chain.from_iterable(texts.values()):
            for term in beginnings(part, text):
                made.add_text("begun", term)


def _add_points(made: tantivy.Document, document: Document) -> None:
    for n, (latitude, longitude) in enumerate(document.points):
        slot = min(n, POINTS - 1)
        made.add_float(f"lat_{slot}", latitude)
        made.add_float(f"lon_{slot}", longitude)
        for cell in cells(latitude, longitude):
            made.add_unsigned("cell", cell)


def _add_values(made: tantivy.Document, document: Document, declared: Declared, lines: Lines) -> None:
    for key in declared.keywords:
        values = [value[:LONGEST_KEYWORD] for value in dict.fromkeys(document.keywords.get(key, ()))]
        for value in values:
            made.add_text(keyword_field(key), value)
        for line in lines.of(key, values) if key in declared.facets else ():
            made.add_text(FACETS, line)
    for key in declared.dates:
        for text in document.dates.get(key, ()):
            made.add_integer(date_field(key), seconds(text))
    for key in declared.numbers:
        for number in document.numbers.get(key, ()):
            made.add_float(number_field(key), number)
