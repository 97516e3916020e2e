"""How other catalogues search, for comparison: words as they are, English stemming, an analyzer for each language."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import tantivy
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from hub.evaluation.measures import DEPTH
from hub.evaluation.sets import Asked, Task
from hub.languages import LANGUAGES
from hub.search.base import WEIGHTS, Document

BOOSTS: Final = {"title": 3.0, "summary": 1.5, "body": 1.0}
ANALYZERS: Final = dict(
    zip(LANGUAGES, ("italian", "swedish", "german", "hungarian", "dutch", "french", "english"), strict=True)
)
INDEX: Final = "hub-eval-peer"

Rank = Callable[[Asked, str | None], Sequence[str]]


def _texts(document: Document) -> dict[str, str]:
    return {
        weight: " ".join(t for texts in document.texts.get(weight, {}).values() for t in texts) for weight in WEIGHTS
    }


def plain(task: Task) -> Rank:
    """BM25 over words without case: a catalogue on SQLite, or on Solr as it comes."""
    return _tantivy(task, "default")


def english(task: Task) -> Rank:
    """BM25 with English stemming for all: CKAN's Solr schema."""
    return _tantivy(task, "en_stem")


def _tantivy(task: Task, tokenizer: str) -> Rank:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw")
    for weight in WEIGHTS:
        builder.add_text_field(weight, tokenizer_name=tokenizer)
    index = tantivy.Index(builder.build())
    writer = index.writer(64_000_000, 1)
    for document in task.documents:
        writer.add_document(
            tantivy.Document(id=document.id, language=document.keywords["language"][0], **_texts(document))
        )
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def rank(asked: Asked, language: str | None) -> list[str]:
        query, _ = index.parse_query_lenient(asked.text, list(WEIGHTS), BOOSTS)
        if language:
            within = tantivy.Query.term_query(index.schema, "language", language)
            both = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(within, 0.0))]
            query = tantivy.Query.boolean_query(both)
        return [str(searcher.doc(address)["id"][0]) for _, address in searcher.search(query, DEPTH).hits]

    return rank


@contextmanager
def analyzers(task: Task, url: str) -> Iterator[Rank]:
    """Elasticsearch's own analyzer of each language, and one query over all of their fields."""
    with Elasticsearch(url) as client:
        try:
            yield _analyzers(task, client)
        finally:
            client.options(ignore_status=404).indices.delete(index=INDEX)


def _analyzers(task: Task, client: Elasticsearch) -> Rank:
    fields: dict[str, Any] = {"language": {"type": "keyword"}}
    for code, name in ANALYZERS.items():
        fields |= {f"{weight}_{code}": {"type": "text", "analyzer": name} for weight in WEIGHTS}
    client.indices.create(index=INDEX, mappings={"properties": fields}, settings={"number_of_replicas": 0})
    bulk(client, ({"_index": INDEX, "_id": d.id, **_spoken(d)} for d in task.documents), refresh=True)
    wanted = [f"{weight}_{code}^{boost}" for code in LANGUAGES for weight, boost in BOOSTS.items()]

    def rank(asked: Asked, language: str | None) -> list[str]:
        within = [{"term": {"language": language}}] if language else []
        words = {"multi_match": {"query": asked.text, "fields": wanted, "type": "most_fields"}}
        found = client.search(index=INDEX, query={"bool": {"must": words, "filter": within}}, size=DEPTH, source=False)
        return [hit["_id"] for hit in found["hits"]["hits"]]

    return rank


def _spoken(document: Document) -> Mapping[str, Any]:
    told = {
        f"{weight}_{code}": list(texts) for weight in WEIGHTS for code, texts in document.texts.get(weight, {}).items()
    }
    return {"language": document.keywords["language"][0], **told}
