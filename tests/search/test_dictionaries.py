"""The dictionaries are made once, whole or not at all, and are mapped."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from wordfreq import zipf_frequency

from hub.languages import LANGUAGES
from hub.search.words import COMPOUNDING, folder_name, frequencies, lemmas

BUILD = (sys.executable, "-m", "hub.search.dictionaries")
# A language with few words, so that it takes a second.
BUILD_ENGLISH = (
    sys.executable,
    "-c",
    "import sys; from pathlib import Path; from hub.search import dictionaries as d, words;"
    "d.LANGUAGES = ('en',); words.sys.prefix = sys.argv[1]; print(d.build())",
)


def environment(folder: Path) -> Mapping[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(folder)}


@pytest.mark.parametrize(
    "language, word, lemma",
    [
        ("it", "tetti", "tetto"),
        ("sv", "städer", "stad"),
        ("de", "dächer", "dach"),
        ("de", "strassen", "strasse"),
        ("hu", "házak", "ház"),
        ("nl", "daken", "dak"),
        ("fr", "travaux", "travail"),
        ("en", "children", "child"),
    ],
)
def test_words_have_lemmas(language: str, word: str, lemma: str) -> None:
    assert lemmas(language)[word] == lemma


def test_a_word_that_is_a_form_of_two_has_both_lemmas_the_noun_first() -> None:
    assert lemmas("de").every("dämmen") == ["damm", "dämmen"]
    assert lemmas("de").every("qqq") == [] and lemmas("de").get("qqq") is None
    assert lemmas("de").get("\x000000") is None
    with pytest.raises(KeyError):
        lemmas("de")["qqq"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_and_lemmas_are_folded_words(language: str) -> None:
    dictionary = lemmas(language)
    some = list(dictionary)[:20_000]
    assert len(dictionary) > 100_000
    assert all(word.isalpha() and word == word.casefold() for word in some)
    assert all(lemma.isalpha() and lemma == lemma.casefold() for word in some for lemma in dictionary.every(word))


@pytest.mark.parametrize("language, word", [("de", "haus"), ("sv", "tak"), ("nl", "zon"), ("hu", "ház")])
def test_frequencies_are_those_of_wordfreq(language: str, word: str) -> None:
    assert frequencies(language)[word] == [(round(100 * zipf_frequency(word, language)),)]


def test_the_files_are_mapped_and_not_read() -> None:
    for language in COMPOUNDING:
        assert lemmas(language).get("haus", "") is not None and frequencies(language) is not None
    mapped = Path("/proc/self/maps")
    if not mapped.exists():
        pytest.skip("only Linux tells what a process has mapped")
    assert all(f"{language}.lemmas" in mapped.read_text() for language in COMPOUNDING)


def test_what_is_there_is_not_made_again() -> None:
    lemmas("en")
    done = subprocess.run(BUILD, capture_output=True, text=True, check=True)
    folder = Path(done.stdout.strip())
    before = folder.stat().st_ino
    subprocess.run(BUILD, capture_output=True, check=True)
    assert folder.name == folder_name() and folder.stat().st_ino == before


def test_two_processes_make_them_once(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    started = [
        subprocess.Popen((*BUILD_ENGLISH, str(prefix)), stdout=subprocess.PIPE, text=True, env=environment(tmp_path))
        for _ in range(2)
    ]
    folders = {process.communicate()[0].strip() for process in started}
    assert folders == {str(prefix / "share" / "coped-hub" / folder_name())}
    place = Path(*folders).parent
    assert sorted(entry.name for entry in place.iterdir()) == sorted(["lock", folder_name()])
    assert [file.name for file in (place / folder_name()).iterdir()] == ["en.lemmas"]


def test_where_the_environment_cannot_be_written_to_the_cache_of_the_user_is_used(tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    prefix.write_text("a file, so that no folder can be made in it")
    command = (*BUILD_ENGLISH, str(prefix))
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(tmp_path / "cache"))
    assert Path(done.stdout.strip()).parent == tmp_path / "cache" / "coped-hub"


def test_where_nothing_can_be_written_the_folders_are_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    command = (*BUILD_ENGLISH, str(blocked))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(blocked))
    assert done.returncode == 1 and done.stderr == (
        f"none of these folders can be written to: {blocked}/share/coped-hub, {blocked}/coped-hub\n"
    )


def test_a_process_that_does_not_analyse_maps_nothing() -> None:
    code = "import hub.search.analysis, hub.search.detection; print(open('/proc/self/maps').read())"
    if not Path("/proc/self/maps").exists():
        pytest.skip("only Linux tells what a process has mapped")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "coped-hub/words" not in done.stdout and "wordfreq" not in done.stdout
