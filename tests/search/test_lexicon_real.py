"""FreeDict as Debian's packages have it: what is read of it, its licences, and what common words lead to."""

from pathlib import Path

import pytest

from hub.search.lexicon import Lexicon
from hub.search.lexicons.shelf import Listed, Shelf
from tests.search.lexicons import of, put
from tests.servers import need

FOLDER = Path("/usr/share/dictd")
PAIRS = ("deu-ita", "eng-fra", "eng-hun", "eng-ita", "eng-nld", "eng-swe", "fra-eng", "ita-eng", "swe-nld")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = [FOLDER / f"freedict-{pair}.index" for pair in PAIRS]
    missing = " ".join(f"dict-{file.stem}" for file in files if not file.is_file())
    need(not missing, f"FreeDict is not installed: apt-get install {missing}")
    folder = tmp_path_factory.mktemp("lexicons")
    put(folder, *files)
    return folder


@pytest.fixture(scope="module")
def lexicon(data: Path) -> Lexicon:
    return Lexicon(data)


def listed(data: Path) -> dict[str, Listed]:
    with Shelf(data) as shelf:
        return {row.name.removeprefix("freedict-"): row for row in shelf.listed()}


def test_each_has_its_entries_and_its_licence(data: Path) -> None:
    rows = listed(data)
    assert rows.keys() == set(PAIRS)
    assert {row.name: row.licence for row in rows.values() if "GENERAL PUBLIC LICENSE" not in row.licence.upper()} == {
        "freedict-swe-nld": "Licensed under the Creative Commons Attribution-ShareAlike 3.0 Unported license"
    }
    assert rows["eng-hun"].entries > 80_000 and rows["swe-nld"].entries > 10_000
    assert min(row.entries for row in rows.values()) > 3000


@pytest.mark.parametrize(
    ("language", "text", "target", "translation"),
    [
        ("it", "tetto", "en", "roof"),
        ("it", "tetti", "en", "roof"),
        ("it", "case", "en", "house"),
        ("sv", "lagstiftningen", "nl", "wetgeving"),
        ("sv", "energi", "nl", "energie"),
        ("de", "Städte", "it", "città"),
        ("hu", "tetők", "en", "roof"),
        ("hu", "szigetelés", "en", "insulation"),
        ("hu", "közösség", "en", "community"),
        ("fr", "théâtres", "en", "theatre"),
        ("fr", "toits", "en", "roof"),
        ("en", "roofs", "fr", "toit"),
        ("en", "roofs", "it", "tetto"),
        ("en", "roofs", "sv", "tak"),
        ("en", "roofs", "nl", "dak"),
    ],
)
def test_an_inflected_word_leads_to_its_translation(
    lexicon: Lexicon, language: str, text: str, target: str, translation: str
) -> None:
    assert translation in of(lexicon, language, text)[target]


@pytest.mark.parametrize(
    ("language", "text", "target", "translation"),
    [("hu", "tető", "it", "tetto"), ("it", "tetto", "sv", "tak")],
)
def test_english_is_the_bridge_where_there_is_no_direct_dictionary(
    lexicon: Lexicon, language: str, text: str, target: str, translation: str
) -> None:
    assert translation in of(lexicon, language, text)[target]
