"""What is kept of lexicons, and how a word finds its translations there."""

import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.errors import BadRequest, Unavailable
from hub.search import lexicon as module
from hub.search.analysis import analyzer
from hub.search.lexicon import FILE, MOST, Lexicon, keys, keys_of
from hub.search.lexicons.reading import LexiconError
from hub.search.lexicons.shelf import Shelf
from hub.search.steps import telling
from tests.search.lexicons import GERMAN, TURTLE, dictd, of, put, simple, tabs, written

TABLES = ("term", "member", "key")


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the file has changed is asked at every look-up, not once a second, so that no test waits."""
    monkeypatch.setattr(module, "LOOK", 0.0)


@pytest.fixture
def german(tmp_path: Path) -> Lexicon:
    put(tmp_path / "data", dictd(tmp_path, "freedict-deu-eng", GERMAN))
    return Lexicon(tmp_path / "data")


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("de", "Dach", {"en": ("roof", "top")}),
        ("de", "Dächer", {"en": ("roof", "top")}),
        ("de", "DACHES", {"en": ("roof", "top")}),
        ("de", "dachern", {"en": ("roof", "top")}),
        ("en", "roofs", {"de": ("Dach",)}),
        ("de", "Wärmepumpen", {"en": ("heat pump",)}),
        ("en", "heat pumps", {"de": ("Wärmepumpe",)}),
        ("en", "heat", {}),
        ("de", "erneuerbaren Energien", {"en": ("renewable energy",)}),
        ("de", "Banken", {"en": ("bank", "bench", "pew")}),
        ("fr", "Dach", {}),
        ("de", "Wer andern eine Grube gräbt", {"en": ()}),
    ],
)
def test_a_word_is_found_however_inflected_and_both_ways(
    german: Lexicon, language: str, text: str, found: dict[str, tuple[str, ...]]
) -> None:
    assert of(german, language, text) == {target: words for target, words in found.items() if words}


@pytest.mark.parametrize("text", ["", "the", "of the", "A1", "kWh/m2", "2025", "one two three four five"])
def test_what_is_no_entry(text: str) -> None:
    """Stop words alone, codes, and what is longer than four words."""
    assert keys(text, "en") == ()


def test_stop_words_do_not_count_in_an_entry() -> None:
    assert keys("communauté d'énergie", "fr") == keys("communauté énergie", "fr")


def test_the_best_translations_come_first(tmp_path: Path) -> None:
    """What two dictionaries say, both ways, before what one says, however it sorts them; and at most MOST."""
    put(
        tmp_path,
        simple(tmp_path, "freedict-hun-eng", {"tető": "body, cap, crown, roof, top", "sapka": "cap"}),
        simple(tmp_path, "freedict-eng-hun", {"roof": "tető", "cap": "sapka"}),
    )
    lexicon = Lexicon(tmp_path)
    found = of(lexicon, "hu", "tető")["en"]
    assert found[0] == "roof" or found[:2] == ("body", "roof")
    assert len(found) == MOST
    assert of(lexicon, "en", "cap")["hu"][0] == "sapka"


def test_forms_of_one_word_are_one_translation(tmp_path: Path) -> None:
    put(tmp_path, simple(tmp_path, "ita-eng", {"casa": "houses, house, home"}))
    assert of(Lexicon(tmp_path), "it", "casa") == {"en": ("houses", "home")}


def test_the_word_itself_goes_before_others_of_its_stem(tmp_path: Path) -> None:
    put(tmp_path, simple(tmp_path, "ita-eng", {"casa": "house", "caso": "chance"}))
    lexicon = Lexicon(tmp_path)
    assert of(lexicon, "it", "casa") == {"en": ("house",)}
    assert of(lexicon, "it", "caso") == {"en": ("chance",)}
    assert set(of(lexicon, "it", "casi")["en"]) >= {"chance"}


def test_english_leads_on_where_there_is_no_direct_translation(tmp_path: Path) -> None:
    put(
        tmp_path,
        simple(tmp_path, "hun-eng", {"tető": "roof, top"}),
        simple(tmp_path, "eng-swe", {"roof": "tak", "top": "topp"}),
        simple(tmp_path, "eng-deu", {"roof": "Dach"}),
        simple(tmp_path, "hun-deu", {"tető": "Bedachung"}),
    )
    found = of(Lexicon(tmp_path), "hu", "tető")
    assert found == {"en": ("roof", "top"), "sv": ("tak", "topp"), "de": ("Bedachung",)}


def test_an_import_of_the_same_name_replaces(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, simple(tmp_path, "ita-eng", {"tetto": "roof", "casa": "house"}))
    put(data, simple(tmp_path, "ita-deu", {"tetto": "Dach"}))
    put(data, simple(tmp_path, "ita-eng", {"tetto": "rooftop"}))
    lexicon = Lexicon(data)
    assert of(lexicon, "it", "tetto") == {"en": ("rooftop",), "de": ("Dach",)}
    assert of(lexicon, "it", "casa") == {}
    with Shelf(data) as shelf:
        assert [(row.name, row.languages, row.entries) for row in shelf.listed()] == [
            ("ita-deu", ("de", "it"), 1),
            ("ita-eng", ("en", "it"), 1),
        ]


def test_what_is_listed(tmp_path: Path) -> None:
    (row,) = put(tmp_path, dictd(tmp_path, "freedict-deu-eng", GERMAN))
    assert (row.title, row.licence[:38]) == ("German-English test dictionary", "Available under the terms of the GNU G")
    assert (row.format, row.origin, row.entries) == ("dictd", "freedict-deu-eng.index", 8)
    with Shelf(tmp_path) as shelf:
        assert shelf.listed() == [row]


def test_an_import_that_fails_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, simple(tmp_path, "ita-eng", {"tetto": "roof"}))
    broken = written(tmp_path, "wn-data-ita.tab", "00001740-a\tita:lemma\tx\n00001740-a\teng:lemma\ty\nz\n")
    with pytest.raises(LexiconError, match="line 3"):
        put(data, broken, name="ita-eng")
    alone = tabs(tmp_path, "fra")
    with pytest.raises(LexiconError, match="two or more of it sv de hu nl fr en; where each language has a file"):
        put(data, *alone, name="ita-eng")
    assert of(Lexicon(data), "it", "tetto") == {"en": ("roof",)}
    put(data, *tabs(tmp_path, "fra", "eng"))
    assert of(Lexicon(data), "fr", "toit") == {"en": ("roof",), "it": ("tetto",)}


def test_a_removed_lexicon_is_gone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, simple(tmp_path, "ita-eng", {"tetto": "roof"}), simple(tmp_path, "ita-deu", {"tetto": "Dach"}))
    with Shelf(data) as shelf:
        shelf.remove("ita-eng")
        with pytest.raises(BadRequest, match="NAME: 'ita-eng' is not valid; allowed: ita-deu"):
            shelf.remove("ita-eng")
    assert of(Lexicon(data), "it", "tetto") == {"de": ("Dach",)}
    with Shelf(data) as shelf:
        shelf.remove("ita-deu")
        with pytest.raises(BadRequest, match="no lexicon is imported"):
            shelf.remove("ita-deu")
    kept = sqlite3.connect(data / FILE)
    assert [kept.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES] == [(0,)] * len(TABLES)
    kept.close()


def test_a_word_of_several_lexicons_stays_while_one_of_them_has_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    english = simple(tmp_path, "ita-eng", {"tetto": "roof", "casa": "house"})
    put(data, english, simple(tmp_path, "deu-eng", {"Dach": "roof", "Haus": "house"}))
    with Shelf(data) as shelf:
        shelf.remove("ita-eng")
    lexicon = Lexicon(data)
    assert of(lexicon, "en", "roof") == {"de": ("Dach",)} and lexicon.known("it", ["tetto"]) == set()
    put(data, english)
    assert of(lexicon, "en", "roof") == {"de": ("Dach",), "it": ("tetto",)}


def test_an_entry_is_found_by_the_forms_that_a_query_has() -> None:
    """Though a query's words are analysed in another way, with what they have as compounds."""
    for language, text in (
        ("de", "Häuser"),
        ("hu", "tetők"),
        ("fr", "les théâtres"),
        ("sv", "co-housing"),
        ("en", "to"),
    ):
        tokens = analyzer(language).tokens(text)
        said = [tokens[place] for place in telling(tokens, language)]
        assert keys(text, language) == keys_of(text, said, language), text


def test_a_file_of_another_format_is_not_misread_and_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = simple(tmp_path, "ita-eng", {"tetto": "roof"})
    put(tmp_path / "data", words)
    kept = sqlite3.connect(tmp_path / "data" / FILE)
    kept.executescript("PRAGMA user_version = 1; DROP TABLE term; ALTER TABLE key RENAME COLUMN term TO sense;")
    kept.close()
    lexicon = Lexicon(tmp_path / "data")
    assert of(lexicon, "it", "tetto") == {} and lexicon.known("it", ["tetto"]) == set()
    with Shelf(tmp_path / "data") as shelf:
        assert shelf.listed() == []
    assert "import its lexicons again" in caplog.text
    put(tmp_path / "data", words)
    assert of(lexicon, "it", "tetto") == {"en": ("roof",)}


def test_a_lexicon_imported_meanwhile_is_used(tmp_path: Path) -> None:
    """There is no file at first; then one, then another lexicon in it, then another file, then none."""
    data = tmp_path / "data"
    lexicon = Lexicon(data)
    assert of(lexicon, "it", "tetto") == {} and lexicon.known("it", ["tetto"]) == set()
    put(data, simple(tmp_path, "ita-eng", {"tetto": "roof"}))
    assert of(lexicon, "it", "tetto") == {"en": ("roof",)} and lexicon.known("it", ["tetto", "x"]) == {"tetto"}
    put(data, simple(tmp_path, "ita-deu", {"tetto": "Dach"}))
    assert of(lexicon, "it", "tetto") == {"en": ("roof",), "de": ("Dach",)}
    put(tmp_path / "other", simple(tmp_path, "ita-fra", {"tetto": "toit"}))
    (tmp_path / "other" / FILE).replace(data / FILE)
    assert of(lexicon, "it", "tetto") == {"fr": ("toit",)}
    (data / FILE).unlink()
    assert of(lexicon, "it", "tetto") == {}
    lexicon.close()


def test_what_another_analysis_made_is_not_used_until_it_is_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, simple(tmp_path, "ita-eng", {"tetto": "roof"}))
    kept = sqlite3.connect(tmp_path / FILE)
    with kept:
        kept.execute("UPDATE analysis SET edition = 'of old'")
        kept.execute("DELETE FROM key WHERE key = 'tetto'")
    kept.close()
    lexicon = Lexicon(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert of(lexicon, "it", "tetto") == {}
    assert "`hub lexicon list` mends it" in caplog.text
    with Shelf(tmp_path) as shelf:
        assert len(shelf.listed()) == 1
    assert of(lexicon, "it", "tetto") == {"en": ("roof",)}


def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_text("no database " * 1000, "utf-8")
    with caplog.at_level(logging.WARNING):
        assert of(Lexicon(tmp_path), "it", "tetto") == {}
    assert "no lexicon is used" in caplog.text
    with pytest.raises(Unavailable, match=r"lexicon.sqlite cannot be changed: file is not a database"):
        Shelf(tmp_path)


def test_many_threads_ask_while_another_imports(tmp_path: Path) -> None:
    data = tmp_path / "data"
    put(data, simple(tmp_path, "ita-eng", {"tetto": "roof", **{f"parola{'a' * n}": "word" for n in range(50)}}))
    lexicon = Lexicon(data)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(of, lexicon, "it", word) for word in ["tetto", "parola"] * 200]
        for n in range(5):
            put(data, simple(tmp_path, f"ita-{('deu', 'fra', 'swe', 'nld', 'hun')[n]}", {"finestra": "x"}))
        assert {tuple(answer.result()["en"]) for answer in asked} == {("roof",), ("word",)}


def test_a_thesaurus_gives_its_other_labels_too(tmp_path: Path) -> None:
    put(tmp_path / "data", written(tmp_path, "t.ttl", TURTLE))
    lexicon = Lexicon(tmp_path / "data")
    assert of(lexicon, "hu", "hőszigetelések") == {
        "en": ("thermal insulation",),
        "it": ("coibentazione", "isolamento termico"),
    }
