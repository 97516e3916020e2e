"""Words and their lemmas, words and their frequencies: files that are mapped into memory, not read into it.

Keys are case-folded: looking up is done with folded words, and STRASSE is Straße. Processes share the pages that they
touch. `hub.search.dictionaries` makes the files.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from marisa_trie import BytesTrie, RecordTrie, Trie
from simplemma.strategies import DefaultStrategy, DictionaryFactory

from hub.errors import Unavailable

FORMAT: Final = "1"  # raised with every change of what the files hold
PACKAGES: Final = ("simplemma", "wordfreq", "marisa-trie")
COMPOUNDING: Final = ("de", "sv", "nl", "hu")  # languages that write compounds as one word
COUNT: Final = "<H"  # how a frequency is kept


def edition() -> str:
    """What the files depend on."""
    return ", ".join((FORMAT, *(f"{name} {version(name)}" for name in PACKAGES)))


class Mapped(Mapping[str, str]):
    """Word → lemma, both case-folded; a word that is a form of several words has a lemma of each."""

    def __init__(self, trie: BytesTrie) -> None:
        self._trie = trie

    def __getitem__(self, word: str) -> str:
        if (found := self.get(word)) is None:
            raise KeyError(word)
        return str(found)

    def get(self, word: str, default: Any = None) -> Any:
        return found.partition(" ")[0] if (found := self._value(word)) else default

    def every(self, word: str) -> list[str]:
        return self._value(word).split()

    def _value(self, word: str) -> str:
        """A NUL, which no word has, makes marisa-trie fail with a SystemError."""
        found = self._trie.get(word) if "\0" not in word else None
        return str(found[0], "utf-8") if found else ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._trie.iterkeys())

    def __len__(self) -> int:
        return len(self._trie)


class _Dictionaries(DictionaryFactory):
    """What simplemma asks for a language's dictionary."""

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        return lemmas(lang)


@cache
def lemmas(language: str) -> Mapped:
    return Mapped(BytesTrie().mmap(str(_folder() / f"{language}.lemmas")))


@cache
def lemmatizer() -> DefaultStrategy:
    """Of case-folded words; keeps nothing but the files."""
    return DefaultStrategy(dictionary_factory=_Dictionaries())


@cache
def frequencies(language: str) -> RecordTrie:
    """Case-folded word → [(frequency,)], of a language that writes compounds as one word."""
    return RecordTrie(COUNT).mmap(str(_folder() / f"{language}.frequencies"))


@cache
def reversed_words(language: str) -> Trie:
    """Case-folded words from their end to their beginning: one look-up tells all words that a word ends with."""
    return Trie().mmap(str(_folder() / f"{language}.reversed"))


def places() -> Iterator[Path]:
    """Where the files may lie: in the virtual environment, else with what the user's programs keep."""
    yield Path(sys.prefix) / "share" / "coped-hub"
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coped-hub"


def folder_name() -> str:
    return "words-" + edition().replace(", ", "_").replace(" ", "-")


def made() -> Path | None:
    return next((folder for place in places() if (folder := place / folder_name()).is_dir()), None)


@cache
def _folder() -> Path:
    """Made where there is none: by another process, since what reading the packages' data takes is never given back."""
    if (found := made()) is None:
        command = [sys.executable, "-m", "hub.search.dictionaries"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or (found := made()) is None:
            raise Unavailable(f"The dictionaries of the search cannot be made: {done.stderr.strip()[-500:]}")
    return found
