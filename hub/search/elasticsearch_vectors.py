"""Sentence vectors in an index of Elasticsearch: a document for each of ours, with a vector for each of its languages.

Each is kept as it came, and indexed without its language's mean. The means are a document of the index; a language's
are taken anew, and its vectors indexed anew, when the number of its texts has doubled.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from elasticsearch.helpers import scan

from hub.errors import Refused
from hub.search.base import Made
from hub.search.elasticsearch_fields import SETTINGS, key_of
from hub.search.elasticsearch_generations import Generation
from hub.search.elasticsearch_words import Clause
from hub.search.expansion import TEXT_LANGUAGES
from hub.search.vectors import ENOUGH, SIZE, Kept, Means, Rows, model

FORMAT: Final = "1"  # raised with every change of this file that changes an index
MEANS: Final = "means"  # the document of the languages' means
PAGE: Final = 500  # documents that are indexed anew at once
DIGITS: Final = 6  # of a vector's numbers
NO_ROWS: Final[Kept] = np.empty((0, SIZE), np.int8)

# By its rounded numbers cosines differ by .004 from exact ones, .021 at most (of 329 records), so what is found is
# scored by the vectors themselves. A graph of these would want four times the memory.
GRAPH: Final = {"type": "int8_hnsw"}

COUNTED: Final[Clause] = {  # how many texts each language has, and of how many the means were taken
    "size": 0,
    "aggs": {
        "languages": {"terms": {"field": "language", "size": len(TEXT_LANGUAGES)}},
        "taken": {"max": {"field": "taken"}},
    },
}
# Columns alone are read: with the keys too, which are kept with the documents, 30,000 texts are searched in 86 ms in
# place of 21.
NAMES: Final[Clause] = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}
RAW: Final[Clause] = {**NAMES, "docvalue_fields": ["id", "raw_*"]}
MEANS_ALONE: Final[Clause] = {"query": {"ids": {"values": [key_of(MEANS)]}}, "_source": ["means"]}


def vector_field(language: str) -> str:
    return f"vector_{language}"


def raw_field(language: str) -> str:
    """The vector as it came, in bytes."""
    return f"raw_{language}"


def mappings() -> dict[str, Any]:
    """`_meta.digest` says what an index was made for."""
    near = {"type": "dense_vector", "dims": SIZE, "similarity": "dot_product", "index": True, "index_options": GRAPH}
    fields: dict[str, Any] = {"id": {"type": "keyword"}, "position": {"type": "long"}, "language": {"type": "keyword"}}
    fields |= {MEANS: {"type": "object", "enabled": False}, "taken": {"type": "long"}}
    fields |= {raw_field(language): {"type": "binary", "doc_values": True} for language in TEXT_LANGUAGES}
    fields |= {vector_field(language): near for language in TEXT_LANGUAGES}
    digest = hashlib.sha256(repr((model(), fields, SETTINGS, FORMAT)).encode()).hexdigest()
    # Columns already. What is put back of a refused page lacks them, but its records are put again one by one.
    unkept = {"excludes": [vector_field("*"), raw_field("*")]}
    return {"dynamic": "strict", "_meta": {"digest": digest}, "_source": unkept, "properties": fields}


def put(generation: Generation, documents: Mapping[str, Made | None], position: int) -> None:
    """Raises Refused, naming the document, for what is no vector."""
    means = means_of(_asked(generation, MEANS_ALONE))
    changes = {name: _indexed(name, made, means) if made else None for name, made in documents.items()}
    generation.commit(changes, position)
    counts = counts_of(_asked(generation, COUNTED))
    if grown := [language for language, count in counts.items() if count >= 2 * _taken(means, language)]:
        _centre(generation, means, grown, position)


def _asked(generation: Generation, body: Clause) -> Any:
    with generation.asked() as client:
        return client.search(index=generation.name, body=body)


def means_of(found: Mapping[str, Any]) -> Means:
    """Those of the document MEANS; those that come with the hub where it is not there yet."""
    told: dict[str, Any] = next((hit["_source"][MEANS] for hit in found["hits"]["hits"]), {})
    sums = {code: (int(count), np.frombuffer(b64decode(made), np.float32)) for code, (count, made) in told.items()}
    return Means(NO_ROWS, (), sums)


def counts_of(found: Mapping[str, Any]) -> dict[str, int]:
    return {row["key"]: int(row["doc_count"]) for row in found["aggregations"]["languages"]["buckets"]}


def raw_of(hit: Mapping[str, Any]) -> dict[str, Kept]:
    told = {language: hit["fields"].get(raw_field(language)) for language in TEXT_LANGUAGES}
    return {language: np.frombuffer(b64decode(made[0]), np.int8) for language, made in told.items() if made}


def listed(vector: Rows) -> list[float]:
    rounded: list[float] = np.round(vector.astype(np.float64), DIGITS).tolist()
    return rounded


def _taken(means: Means, language: str) -> int:
    return means.sums[language][0] - ENOUGH


def _indexed(name: str, made: Made, means: Means) -> bytes:
    if wrong := [code for code, row in made.items() if row.shape != (SIZE,) or code not in TEXT_LANGUAGES]:
        raise Refused(f"{name} has no vector of {SIZE} numbers in {wrong[0]}")
    told: dict[str, Any] = {"id": name, "language": list(made)}
    told |= {raw_field(language): b64encode(row.tobytes()).decode() for language, row in made.items()}
    centred = means.centred(np.stack(list(made.values())), list(made))
    told |= {vector_field(language): listed(row) for language, row in zip(made, centred, strict=True)}
    return json.dumps(told, ensure_ascii=False).encode()


def _centre(generation: Generation, means: Means, languages: Sequence[str], position: int) -> None:
    """Takes languages' means anew and indexes their documents by them; seen together.

    Where it fails half way, the next page does it again: the languages' counts are doubled still.
    """
    fresh = Means(NO_ROWS, ())
    for some in _with(generation, languages):
        rows = [(language, row) for made in some.values() for language, row in made.items()]
        fresh.add(np.stack([row for _, row in rows]), [language for language, _ in rows])
    sums = {**means.sums, **{language: fresh.sums[language] for language in languages}}
    taken = Means(NO_ROWS, (), sums)
    for some in _with(generation, languages):
        generation.write({name: _indexed(name, made, taken) for name, made in some.items()})
    generation.commit({MEANS: _told(taken)}, position)


def _with(generation: Generation, languages: Sequence[str]) -> Iterator[dict[str, dict[str, Kept]]]:
    """The documents with a text in one of the languages, in pages; what is written meanwhile is not among them."""
    body = {"query": {"terms": {"language": languages}}, **RAW}
    page: dict[str, dict[str, Kept]] = {}
    with generation.asked() as client:
        for hit in scan(client, query=body, index=generation.name, size=PAGE):
            page[hit["fields"]["id"][0]] = raw_of(hit)
            if len(page) == PAGE:
                yield page
                page = {}
    if page:
        yield page


def _told(means: Means) -> bytes:
    told = {language: (count, b64encode(total.tobytes()).decode()) for language, (count, total) in means.sums.items()}
    return json.dumps({MEANS: told, "taken": sum(count for count, _ in told.values())}).encode()


def sampled(counts: Iterable[str], size: int) -> list[Clause]:
    """Of each language some documents by chance, always the same while they are not written anew."""
    chance = {"seed": 7, "field": "_seq_no"}
    return [
        {
            "query": {"function_score": {"query": {"term": {"language": language}}, "random_score": chance}},
            "size": size,
            **NAMES,
            "docvalue_fields": [raw_field(language)],
        }
        for language in counts
    ]
