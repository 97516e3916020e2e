"""Compounds are cut into their parts, inflected words meet, and words that only look alike do not.

`compounds.tsv` has a query's word, a text's word, the language, and whether the text has a compound of the word or an
inflection, or stays apart. It was written before the splitter was run on it; the splitter was mended by it since.
"""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.languages import LANGUAGES
from hub.search.analysis import analyzer
from hub.search.compounds import LONGEST, MAX_PARTS, splitter
from hub.search.words import COMPOUNDING

MEETING, APART = 0.95, 0.90  # of a language's pairs

with (Path(__file__).parent / "compounds.tsv").open(encoding="utf-8", newline="") as file:
    PAIRS = list(csv.DictReader(file, delimiter="\t"))


def wrong(language: str, kinds: tuple[str, ...]) -> tuple[list[str], int]:
    """The pairs that do not do as they should, and how many there are."""
    pairs = [pair for pair in PAIRS if pair["language"] == language and pair["kind"] in kinds]
    meet = {f"{p['query']}/{p['text']}": bool(asked(language, p["query"]) & terms(language, p["text"])) for p in pairs}
    return [pair for pair, met in meet.items() if met is ("apart" in kinds)], len(pairs)


def terms(language: str, word: str) -> set[str]:
    """What a text with the word can be found by."""
    return {term for alternatives in analyzer(language).terms(word) for term in alternatives}


def asked(language: str, word: str) -> set[str]:
    """What a query with the word looks for."""
    return {term for token in analyzer(language).tokens(word) for term in token.own}


@pytest.mark.parametrize("language", LANGUAGES)
def test_compounds_and_inflections_are_found(language: str) -> None:
    missed, pairs = wrong(language, ("compound", "inflection"))
    assert pairs >= 30 and len(missed) <= (1 - MEETING) * pairs, missed


@pytest.mark.parametrize("language", COMPOUNDING)
def test_there_are_thirty_compounds_among_them(language: str) -> None:
    missed, pairs = wrong(language, ("compound",))
    assert pairs >= 30 and len(missed) <= (1 - MEETING) * pairs, missed


@pytest.mark.parametrize("language", COMPOUNDING)
def test_letters_that_stand_in_a_word_by_chance_are_no_part(language: str) -> None:
    met, pairs = wrong(language, ("apart",))
    assert pairs >= 15 and len(met) <= (1 - APART) * pairs, met


def parts(language: str, word: str) -> list[str]:
    split = splitter(language)
    assert split
    return [part.form for part in split.parts(word)]


@pytest.mark.parametrize(
    "language, word, expected",
    [
        ("de", "grundwasserwärmepumpe", ["grundwasser", "grund", "wasser", "wärmepumpe", "wärme", "pumpe"]),
        ("de", "bühnenbeleuchtung", ["bühnen", "beleuchtung"]),
        ("de", "schulhaus", ["schul", "haus"]),
        ("de", "genossenschaftsmodell", ["genossenschaft", "modell"]),
        ("sv", "gatufest", ["gatu", "fest"]),
        ("sv", "medborgardialog", ["medborgar", "dialog"]),
        ("nl", "zonnedaken", ["zonne", "daken"]),
        ("hu", "tetőszigetelés", ["tető", "szigetelés", "szigetelé"]),
        ("hu", "kultúrközpont", ["kultúr", "központ"]),
    ],
)
def test_linking_letters_and_parts_of_parts(language: str, word: str, expected: list[str]) -> None:
    assert parts(language, word) == expected


@pytest.mark.parametrize(
    "language, word",
    [
        ("de", "gemeinschaft"),
        ("de", "freiheit"),
        ("de", "unterlagen"),
        ("de", "nachteil"),
        ("sv", "nyhet"),
        ("sv", "överdrag"),
        ("nl", "schoonheid"),
        ("nl", "onderdeel"),
        ("hu", "vállalatként"),
    ],
)
def test_prefixes_and_endings_are_no_parts(language: str, word: str) -> None:
    assert parts(language, word) == []


def test_a_compound_that_no_dictionary_has_is_inflected_as_its_last_part() -> None:
    one, other = (analyzer("sv").tokens(word)[0] for word in ("lastcykelpool", "lastcykelpoolerna"))
    assert one.forms[-1] == other.forms[-1]


@pytest.mark.parametrize("word", ["épületenergetikai", "napelemes"])
def test_a_derived_word_has_no_lemma_but_itself(word: str) -> None:
    _, stem, stem_of_lemma = analyzer("hu").tokens(word)[0].forms
    assert stem == stem_of_lemma


@pytest.mark.parametrize("query", ["tető", "szigetelés"])
def test_an_inflected_compound_that_no_dictionary_has_is_cut_by_its_stem(query: str) -> None:
    assert terms("hu", query) & terms("hu", "tetőszigetelésének")


@pytest.mark.parametrize("language", ["it", "fr", "en", "other"])
def test_other_languages_write_no_compounds_as_one_word(language: str) -> None:
    assert splitter(language) is None


SYLLABLES = st.lists(
    st.sampled_from(("dach", "haus", "sol", "tak", "dak", "zon", "ház", "tár", "s", "e", "n", "en", "ost", "art")),
    max_size=14,
)


@given(SYLLABLES.map("".join) | st.text(max_size=60), st.sampled_from(COMPOUNDING))
def test_parts_stand_in_the_word(word: str, language: str) -> None:
    split = splitter(language)
    assert split
    found = split.parts(word)
    assert all(part.form in word and part.form != word for part in found)
    assert len(word) <= LONGEST or not found
    assert len(found) <= 2 * MAX_PARTS**2
