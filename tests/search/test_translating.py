"""Which words of a query a lexicon translates, and how a question carries it."""

from pathlib import Path

import pytest

from hub.search.expansion import Expansion, Phrase, Word
from hub.search.lexicon import Lexicon
from tests.search.examples import small_profile
from tests.search.lexicons import put, simple

WORDS = {
    "freedict-deu-eng": {
        "Dach": "roof",
        "Dämmung": "insulation",
        "erneuerbare Energie": "renewable energy",
        "Energie": "energy",
        "Haus der Kultur": "arts centre",
        "Kultur": "culture",
        "Tag": "day",
        "die": "the",
    },
    "freedict-deu-fra": {"Energie": "énergie", "Dach": "toit"},
    "freedict-swe-eng": {"tak": "roof", "dag": "day", "hus": "house"},
    "freedict-nld-eng": {"tak": "branch", "dak": "roof"},
}


@pytest.fixture(scope="module")
def expansion(tmp_path_factory: pytest.TempPathFactory) -> Expansion:
    folder = tmp_path_factory.mktemp("words")
    put(folder / "data", *(simple(folder, name, entries) for name, entries in WORDS.items()))
    return Expansion(small_profile(folder / "schema", ""), Lexicon(folder / "data"))


def translated(expansion: Expansion, text: str, language: str | None = None) -> dict[str, dict[str, set[str]]]:
    """Word of the query → language → translations as written; words without any are left out."""
    told: dict[str, dict[str, set[str]]] = {}
    for word in expansion.question(text, language).words:
        for phrase in word.translations:
            told.setdefault(word.text, {}).setdefault(phrase.language, set()).add(phrase.text)
    return told


def word(expansion: Expansion, text: str) -> Word:
    (found,) = expansion.question(text).words
    return found


def test_a_word_has_its_translations_in_every_language(expansion: Expansion) -> None:
    assert translated(expansion, "Dächer", "de") == {
        "Dächer": {"en": {"roof"}, "fr": {"toit"}, "sv": {"tak"}, "nl": {"dak"}}
    }


def test_translations_are_phrases_of_stems(expansion: Expansion) -> None:
    phrase = Phrase("en", ((0, "renew"), (1, "energi")), "renewable energy")
    for found in expansion.question("Erneuerbare Energien", "de").words:
        assert phrase in found.translations


def test_the_longest_entry_wins_where_it_has_a_translation(expansion: Expansion) -> None:
    """No single words of "renewable energy"; French, which has no such entry, has the single word."""
    found = translated(expansion, "erneuerbare Energie", "de")
    assert found["Energie"] == {"en": {"renewable energy"}, "fr": {"énergie"}}
    assert found["erneuerbare"] == {"en": {"renewable energy"}}


def test_stop_words_between_do_not_count(expansion: Expansion) -> None:
    found = translated(expansion, "ein Haus für die Kultur", "de")
    assert found == {"Haus": {"en": {"arts centre"}}, "Kultur": {"en": {"arts centre"}}}


def test_a_compound_that_no_dictionary_has_is_translated_by_its_parts(expansion: Expansion) -> None:
    found = translated(expansion, "Dachdämmungen", "de")["Dachdämmungen"]
    assert found["en"] == {"roof", "insulation"} and found["fr"] == {"toit"}


def test_stop_words_and_codes_are_not_translated(expansion: Expansion) -> None:
    assert translated(expansion, "die 12 kWh/m2 IT21", "de") == {}


def test_the_querys_language_is_the_one_that_most_words_are_of(expansion: Expansion) -> None:
    """tak is a roof in Swedish and a branch in Dutch; stop words tell too."""
    assert translated(expansion, "tak")["tak"]["en"] == {"roof", "branch"}
    assert translated(expansion, "tak", "nl")["tak"]["en"] == {"branch"}
    assert translated(expansion, "tak hus")["tak"]["en"] == {"roof"}
    assert translated(expansion, "een tak van het bedrijf")["tak"]["en"] == {"branch"}
    assert translated(expansion, "tak", "hu") == {}


def test_a_word_of_another_language_than_the_others_is_still_found(expansion: Expansion) -> None:
    assert translated(expansion, "Dach der Energie hus")["hus"]["en"] == {"house"}


def test_an_empty_query(expansion: Expansion) -> None:
    assert translated(expansion, "") == {} and translated(expansion, "?!", "it") == {}


def test_without_a_file_nothing_is_translated(tmp_path: Path) -> None:
    profile = small_profile(tmp_path / "schema", "")
    assert word(Expansion(profile, Lexicon(tmp_path)), "Dach") == word(Expansion(profile), "Dach")
    assert not (tmp_path / "lexicon.sqlite").exists()
