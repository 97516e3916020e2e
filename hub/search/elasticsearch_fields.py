"""The fields of an Elasticsearch index, and a `Document` as the JSON that is put into it."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hub.languages import LANGUAGES
from hub.search.analysis import Terms
from hub.search.base import WEIGHTS, Document
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
from hub.search.labels import Labels
from hub.search.names import endings, plain

FORMAT: Final = "2"  # raised with every change of this file that changes an index
BEGUN_CHARACTERS: Final = 60  # of a name, that it is looked up by
# No term is so: they are letters and digits. In a phrase that is looked for it stands for any word. And every field of
# texts begins with it, so that shares and average lengths are those of all documents, as in the embedded engine: those
# of the documents that have the field, which Elasticsearch takes, differ with how many write in a language.
HOLE: Final = "_"
_BREAKS: Final = re.compile(r"[\s|]")  # few letters have such among what they stand for: ﷺ

# BM25 with k1 1.2 and b 0.75, but for the HOLE: a word's score is the embedded engine's (1.604 against 1.602 for the
# same word of a title), and takes no longer than with Elasticsearch's own. A keyword is worth its rarity alone. Words
# that stand apart by one or two count as often as they do so, not by the half or third that Lucene makes of it.
_WEIGHT: Final = "query.boost * 2.2 * Math.log(1 + (field.docCount - term.docFreq + 0.5) / (term.docFreq + 0.5))"
_SCORE: Final = """
double average = field.sumTotalTermFreq / (double) field.docCount - 1;
double times = Math.ceil(doc.freq);
return weight * times / (times + 0.3 + 0.9 * (doc.length - 1) / average);
"""

# An index takes its terms as we made them: alternatives with | between, positions with a blank between. All
# alternatives count for a field's length (`discount_overlaps`), as in the embedded engine.
SETTINGS: Final[Mapping[str, Any]] = {
    "number_of_shards": 1,  # a commit is seen as a whole, and documents are counted, in one shard only
    "auto_expand_replicas": "0-1",
    "refresh_interval": -1,  # what is written is seen when its position is there
    "similarity": {
        "words": {
            "type": "scripted",
            "weight_script": {"source": f"return {_WEIGHT};"},
            "script": {"source": _SCORE},
            "discount_overlaps": False,
        }
    },
    "analysis": {
        "tokenizer": {"positions": {"type": "whitespace", "max_token_length": 1_000_000}},
        "filter": {
            "alternatives": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
            "holes": {"type": "stop", "stopwords": [HOLE]},
        },
        "analyzer": {
            "indexed": {"type": "custom", "tokenizer": "positions", "filter": ["alternatives"]},
            "asked": {"type": "custom", "tokenizer": "positions", "filter": ["holes"]},
        },
    },
}
_TEXT: Final = {"type": "text", "analyzer": "indexed", "search_analyzer": "asked", "similarity": "words"}
_KEPT: Final = {"type": "keyword", "index": False, "doc_values": False}


def mappings(declared: Declared) -> dict[str, Any]:
    """`_meta.digest` says what an index was made for."""
    fields: dict[str, Any] = {"id": {"type": "keyword"}, "position": {"type": "long"}, "seq": {"type": "long"}}
    fields |= {"surface": {**_TEXT, "index_options": "docs", "norms": False}}
    fields |= {"item": _KEPT, "names": _KEPT, "begun": {"type": "keyword"}, "points": {"type": "geo_point"}}
    fields |= {text_field(weight, language): _TEXT for weight in WEIGHTS for language in TEXT_LANGUAGES}
    fields |= {concepts_field(part): {"type": "keyword", "doc_values": False} for part in WEIGHTS}
    fields |= {keyword_field(key): {"type": "keyword"} for key in declared.keywords}
    fields |= {date_field(key): {"type": "long"} for key in declared.dates}
    fields |= {number_field(key): {"type": "double"} for key in declared.numbers}
    fields |= {sort_field(language): {"type": "keyword", "index": False} for language in LANGUAGES}
    return {"dynamic": "strict", "_meta": {"digest": digest(declared)}, "properties": fields}


def digest(declared: Declared) -> str:
    """Changes with anything that an index holds."""
    ours = (declared, TEXT_LANGUAGES, SORTED_CHARACTERS, BEGUN_CHARACTERS, LONGEST_KEYWORD, SETTINGS, FORMAT)
    return hashlib.sha256(repr(ours).encode()).hexdigest()


def key_of(name: str) -> str:
    """What a document is kept under: an IRI may be longer than the 512 bytes that Elasticsearch allows."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def safe(term: str) -> str:
    return _BREAKS.sub(HOLE * 2, term)


def indexed(document: Document, declared: Declared, labels: Labels) -> bytes:
    """A line of JSON. Raises ValueError, TypeError or OverflowError where a value does not fit its field."""
    made: dict[str, Any] = {
        "id": document.id,
        "seq": document.seq,
        "item": json.dumps(document.item, ensure_ascii=False),
        "names": json.dumps(document.names, ensure_ascii=False),
        "begun": list(dict.fromkeys(term for term, _, _ in begun(document.names))),
        "points": [{"lat": float(latitude), "lon": float(longitude)} for latitude, longitude in document.points],
    }
    made |= _texts(document, labels) | _values(document, declared)
    made |= {sort_field(language): sort_title(document, language) for language in LANGUAGES}
    return json.dumps(made, ensure_ascii=False, allow_nan=False).encode()


def _texts(document: Document, labels: Labels) -> dict[str, Any]:
    found: dict[str, Any] = {text_field(weight, language): HOLE for weight in WEIGHTS for language in TEXT_LANGUAGES}
    surfaces: dict[str, None] = {}
    said = labels.said(document)
    for field, passages in said.words.items():
        surfaces |= dict.fromkeys(safe(terms[0]) for passage in passages for terms in passage)
        found[field] = [HOLE, *map(_positions, passages)]
    found |= {concepts_field(part): sorted(named) for part, named in said.concepts.items()}
    return found | {"surface": " ".join(surfaces)}


def _values(document: Document, declared: Declared) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in declared.keywords:
        values = dict.fromkeys(value[:LONGEST_KEYWORD] for value in document.keywords.get(key, ()))
        found[keyword_field(key)] = list(values)
    for key in declared.dates:
        found[date_field(key)] = [seconds(text) for text in document.dates.get(key, ())]
    for key in declared.numbers:
        found[number_field(key)] = [float(number) for number in document.numbers.get(key, ())]
    return {field: values for field, values in found.items() if values}


def _positions(passage: Iterable[Terms]) -> str:
    return " ".join("|".join(map(safe, terms)) for terms in passage)


def begun(names: Mapping[str, Mapping[str, Iterable[str]]]) -> Iterator[tuple[str, str, str]]:
    """(term, language, text) for each way to begin a name: 0 and the whole, 1 and what follows one of its words.

    A term ends with what tells names apart: the same words of the same part are one name, in whatever language.
    """
    for part, texts in names.items():
        for language, passages in texts.items():
            for text in passages:
                name = plain(text)
                tag = f"\x1f{part}\x1f{hashlib.sha256(name.encode()).hexdigest()[:16]}"
                if name:
                    yield f"0{name[:BEGUN_CHARACTERS]}{tag}", language, text
                for ending in endings(name):
                    yield f"1{ending[:BEGUN_CHARACTERS]}{tag}", language, text
