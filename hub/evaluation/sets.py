"""Sets of documents and queries with judgements, read from folders.

FLORES-200 (`*.devtest`, lines that say the same in each language): a query is the four longest words of a sentence, and
the answers are that sentence in all languages. NTREX-128 (`DOCUMENT_IDS.tsv`): a query is a news article's headline
(without straight quotes, which would demand that words stand so), and the answers are the article without it in all
languages. Judged queries (`needs.tsv`): see the README beside them.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.profile import Profile
from hub.search.base import Document

FLORES: Final = dict(zip(LANGUAGES, ("ita", "swe", "deu", "hun", "nld", "fra", "eng"), strict=True))
LONGEST: Final = 4  # words of a sentence that make a query
SUMMARY: Final = 3  # sentences of an article
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query; `need` is what all queries that ask for the same have in common."""

    text: str
    language: str
    need: str


@dataclass(frozen=True, slots=True)
class Task:
    """`grades`: need → document → grade."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Asked, ...]
    grades: Mapping[str, Mapping[str, int]]


def tasks(folder: Path, profile: Profile, every: int = 1) -> Iterator[Task]:
    """The sets in a folder and those below it; of the parallel texts only every so many are asked for."""
    for inner in sorted({folder, *(path for path in folder.iterdir() if path.is_dir())}):
        if any(inner.glob("*.devtest")):
            yield _flores(inner, every)
        elif (inner / "DOCUMENT_IDS.tsv").is_file():
            yield _ntrex(inner, every)
        elif (inner / "needs.tsv").is_file():
            yield from _judged(inner, profile)


def _read(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest("FOLDER", file, f"a readable text in UTF-8 ({error})") from error


def _document(name: str, language: str, title: str, summary: str, body: str, concepts: Mapping[str, Any]) -> Document:
    texts = {"title": title, "summary": summary, "body": body}
    return Document(
        id=name,
        seq=1,
        kind="practice",
        texts={weight: {language: (text,)} for weight, text in texts.items() if text},
        keywords={"kind": ("practice",), "language": (language,), **concepts},
        dates={"changed": ("2025-01-01",)},
        numbers={},
        points=(),
        item={"id": name, "title": {language: title or summary}},
    )


def _parallel(name: str, parts: Mapping[str, list[tuple[str, str, str, str]]], every: int) -> Task:
    """Of (query, title, summary, body) of each language; those at one place say the same."""
    documents, queries, grades = list[Document](), list[Asked](), dict[str, dict[str, int]]()
    for language, told in parts.items():
        for place, (query, title, summary, body) in enumerate(told):
            documents.append(_document(f"{place}-{language}", language, title, summary, body, {}))
            grades.setdefault(str(place), {})[f"{place}-{language}"] = 1
            if place % every == 0:
                queries.append(Asked(query, language, str(place)))
    return Task(name, tuple(documents), tuple(queries), grades)


def _flores(folder: Path, every: int) -> Task:
    lines = {language: _read(next(folder.glob(f"{code}_*.devtest"))) for language, code in FLORES.items()}
    told = {
        language: [(_longest(line), "", line.strip(), "") for line in found if line.strip()]
        for language, found in lines.items()
    }
    return _parallel("keywords", told, every)


def _longest(sentence: str) -> str:
    words = list(dict.fromkeys(_WORD.findall(sentence)))
    kept = sorted(words, key=len, reverse=True)[:LONGEST]
    return " ".join(word for word in words if word in kept)


def _ntrex(folder: Path, every: int) -> Task:
    articles = [line.strip() for line in _read(folder / "DOCUMENT_IDS.tsv") if line.strip()]
    told = {language: _articles(articles, _read(folder / f"{code}.txt")) for language, code in FLORES.items()}
    return _parallel("headlines", told, every)


def _articles(articles: list[str], lines: list[str]) -> list[tuple[str, str, str, str]]:
    found: dict[str, list[str]] = {}
    for article, line in zip(articles, lines, strict=False):
        found.setdefault(article, []).append(line.strip())
    return [
        (headline.replace('"', ""), "", " ".join(rest[:SUMMARY]), " ".join(rest[SUMMARY:]))
        for headline, *rest in found.values()
    ]


def _judged(folder: Path, profile: Profile) -> Iterator[Task]:
    """The needs with odd numbers tune, those with even numbers hold."""
    records = [json.loads(line) for line in _read(folder / "records.jsonl") if line]
    documents = tuple(_practice(record, profile) for record in records)
    queries, grades = _table(folder / "queries.tsv"), dict[str, dict[str, int]]()
    there = {document.id for document in documents}
    for row in _table(folder / "judgements.tsv"):
        if row["record"] in there:
            grades.setdefault(row["need"], {})[row["record"]] = int(row["grade"])
    for name, remainder in (("judged, tuned", 1), ("judged, held", 0)):
        ours = [q for q in queries if int(q["need"][1:]) % 2 == remainder and q["need"] in grades]
        asked = [Asked(q["text"], q["language"], q["need"]) for q in ours]
        yield Task(name, documents, tuple(asked), grades)


def _table(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_read(file), delimiter="\t", quoting=csv.QUOTE_NONE))


def _practice(record: Mapping[str, Any], profile: Profile) -> Document:
    """An example practice, tagged as a harvested one would be."""
    tags: dict[str, tuple[str, ...]] = {}
    for field in profile.facets:
        found = [profile.concept(field.scheme or "", notation) for notation in record["concepts"]]
        iris = [iri for concept in found if concept for iri in (concept.iri, *profile.ancestors(concept.iri))]
        tags[field.key] = tuple(dict.fromkeys(iris))
    return _document(record["id"], record["language"], record["title"], record["summary"], record["body"], tags)
