"""The judged queries are whole: sizes, references, grades, labels, and text in the language that it claims."""

import csv
import json
import math
import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VOCABULARIES = HERE.parents[1] / "schema" / "vocabularies"
LANGUAGES = ("it", "sv", "de", "hu", "nl", "fr", "en")
NEEDS, RECORDS_A_LANGUAGE, WITHOUT_NEED, LANGUAGES_WITH_FULL_ANSWER = 40, 47, 50, 4
WORDS = {"summary": range(30, 61), "body": range(40, 81)}
MAX_TITLE = 100
KEYS = {"id", "language", "title", "summary", "body", "kind", "concepts", "example"}


@cache
def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))


@cache
def records() -> dict[str, dict[str, Any]]:
    lines = (HERE / "records.jsonl").read_text("utf-8").splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}


@cache
def notations() -> set[str]:
    texts = (file.read_text("utf-8") for file in VOCABULARIES.glob("*.ttl"))
    return {found for text in texts for found in re.findall(r'skos:notation "([^"]+)"', text)}


def trigrams(text: str) -> Counter[str]:
    words = " ".join(["", *re.findall(r"[^\W\d_]+", text.casefold()), ""])
    return Counter(words[n : n + 3] for n in range(len(words) - 2))


def whole(record: dict[str, Any]) -> str:
    return " ".join(record[field] for field in ("title", "summary", "body"))


@cache
def profiles() -> dict[str, dict[str, float]]:
    """Trigrams of all records of a language, as a vector of length 1."""
    texts = {tag: " ".join(whole(r) for r in records().values() if r["language"] == tag) for tag in LANGUAGES}
    counts = {tag: trigrams(text) for tag, text in texts.items()}
    lengths = {tag: math.hypot(*found.values()) for tag, found in counts.items()}
    return {tag: {gram: n / lengths[tag] for gram, n in found.items()} for tag, found in counts.items()}


def looks_like(text: str) -> str:
    """The language of the nearest profile by cosine; the text's own length is the same for all."""
    found = trigrams(text)
    return max(LANGUAGES, key=lambda tag: sum(n * profiles()[tag].get(gram, 0) for gram, n in found.items()))


def test_files_are_utf8_with_line_feeds() -> None:
    for file in chain(HERE.glob("*.tsv"), HERE.glob("*.jsonl")):
        raw = file.read_bytes()
        assert raw.decode("utf-8").endswith("\n") and b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf"), file


def test_sizes() -> None:
    assert [need["id"] for need in table("needs.tsv")] == [f"n{n:02}" for n in range(1, NEEDS + 1)]
    asked = Counter((query["need"], query["language"]) for query in table("queries.tsv"))
    assert asked == {(need["id"], tag): 1 for need in table("needs.tsv") for tag in LANGUAGES}
    assert Counter(record["language"] for record in records().values()) == dict.fromkeys(LANGUAGES, RECORDS_A_LANGUAGE)
    assert len((HERE / "records.jsonl").read_text("utf-8").splitlines()) == len(records()), "an id occurs twice"
    answering = {judgement["record"] for judgement in table("judgements.tsv")}
    assert len(records().keys() - answering) >= WITHOUT_NEED


def test_no_cell_is_empty_and_no_row_too_long() -> None:
    for name in ("needs.tsv", "queries.tsv", "judgements.tsv"):
        for row in table(name):
            assert None not in row and all(value and value == value.strip() for value in row.values()), (name, row)


def test_every_reference_resolves_and_every_pair_is_judged_once() -> None:
    pairs = [(row["need"], row["record"]) for row in table("judgements.tsv")]
    assert [pair for pair, times in Counter(pairs).items() if times > 1] == []
    assert {need for need, _ in pairs} == {need["id"] for need in table("needs.tsv")}
    assert {record for _, record in pairs} <= records().keys()
    assert {row["grade"] for row in table("judgements.tsv")} == {"1", "2", "3"}


def test_no_query_occurs_twice() -> None:
    texts = Counter((query["language"], query["text"].casefold()) for query in table("queries.tsv"))
    assert [text for text, times in texts.items() if times > 1] == []
    assert all(query["id"] == f"{query['need']}-{query['language']}" for query in table("queries.tsv"))


def test_each_need_has_full_answers_in_several_languages() -> None:
    full: dict[str, set[str]] = {need["id"]: set() for need in table("needs.tsv")}
    for row in table("judgements.tsv"):
        if row["grade"] == "3":
            full[row["need"]].add(records()[row["record"]]["language"])
    assert {need: tags for need, tags in full.items() if len(tags) < LANGUAGES_WITH_FULL_ANSWER} == {}


def test_records_are_labelled_examples_of_the_agreed_form() -> None:
    for record in records().values():
        assert record.keys() == KEYS and record["example"] is True and record["kind"] == "practice", record["id"]
        assert record["id"].startswith(f"{record['language']}-") and len(record["title"]) <= MAX_TITLE, record["id"]
        assert all(len(record[field].split()) in words for field, words in WORDS.items()), record["id"]
        assert record["concepts"] and set(record["concepts"]) <= notations(), record["id"]
    assert len({record["title"] for record in records().values()}) == len(records())


def test_records_and_queries_are_in_the_language_they_claim() -> None:
    assert [r["id"] for r in records().values() if looks_like(whole(r)) != r["language"]] == []
    for tag in LANGUAGES:
        asked = " ".join(query["text"] for query in table("queries.tsv") if query["language"] == tag)
        assert looks_like(asked) == tag
