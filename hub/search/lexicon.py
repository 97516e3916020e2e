"""Translations of words, as the imported lexicons have them; kept in one SQLite file, never in memory.

A sense joins words of several languages: the entry of a dictionary, a synset, a concept. A word is found by its forms
of the analysis, so that an inflected one leads to its entry. `hub.search.lexicons.shelf` writes the file.
"""

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log1p
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Final
from unicodedata import normalize

from hub.languages import FALLBACK
from hub.search.analysis import Token, analyzer, edition
from hub.search.steps import steps, telling
from hub.search.stopwords import STOPWORDS

FILE: Final = "lexicon.sqlite"
MAX_WORDS: Final = 4  # of an entry, stop words aside
MOST: Final = 5  # translations of a word into a language
PIVOTS: Final = 3  # English translations that lead on to a language which has no direct one
WEIGHED: Final = 12  # translations of which it is asked how common they are; analysing one takes 0.05 ms
CACHED: Final = 20_000  # words of queries; about 2 kB each
LOOK: Final = 1.0  # seconds between two looks whether the file has changed

_DIRECT: Final = """
SELECT m.language, m.text, sum(1.0 / (3 + k.place + m.place)) FROM key k JOIN member m ON m.sense = k.sense
WHERE k.language = ? AND k.key = ? AND m.language <> k.language GROUP BY m.language, m.text"""
log = logging.getLogger(__name__)
Translations = Mapping[str, tuple[str, ...]]  # language → words, the best first
Scored = dict[str, float]


@lru_cache(CACHED)
def keys(text: str, language: str) -> tuple[str, ...]:
    """What an entry is found by: as it is written, without accents, by its stems; () for what is no entry."""
    return keys_of(text, analyzer(language).tokens(text), language)


def keys_of(text: str, tokens: Sequence[Token], language: str) -> tuple[str, ...]:
    """The keys of some tokens of a text."""
    words = [tokens[place] for place in telling(tokens, language)]
    if not 1 <= len(words) <= MAX_WORDS or not is_translated(words, language):
        return ()
    exact = " ".join(text[word.start : word.end] for word in words)
    found = [normalize("NFC", exact).casefold(), *(" ".join(forms) for forms in steps(words))]
    return tuple(dict.fromkeys(found))


def is_translated(words: Sequence[Token], language: str) -> bool:
    """Whether words in a row can be an entry: stop words alone are none, nor is what has a code or a number."""
    surfaces = [word.forms[0] for word in words]
    return not any(c.isdigit() for surface in surfaces for c in surface) and not STOPWORDS[language].issuperset(
        surfaces
    )


class Lexicon:
    """The lexicons of a hub, for any number of threads. What another process imports or removes counts in a second."""

    def __init__(self, data: Path) -> None:
        self._file, self._lock = data / FILE, Lock()
        self._kept: sqlite3.Connection | None = None
        self._inode, self._version, self._usable, self._looked = 0, 0, False, -LOOK
        self._cached = lru_cache(CACHED)(self._translations)

    def known(self, language: str, wanted: Iterable[str]) -> set[str]:
        """Those of the keys that have an entry in a language."""
        asked = [(key,) for key in dict.fromkeys(wanted)]
        with self._lock:
            if not self._now():
                return set()
            there = "SELECT 1 FROM key WHERE language = ? AND key = ? LIMIT 1"
            return {key for (key,) in asked if self._rows(there, (language, key))}

    def translations(self, language: str, found_by: tuple[str, ...]) -> Translations:
        """At most MOST words of each other language for the entry with these keys.

        For each language by the first of the keys that leads there, since what has only the stem may be another word;
        by way of English where there is no direct translation.
        """
        with self._lock:
            return self._cached(language, found_by) if self._now() else {}

    def _translations(self, language: str, found_by: tuple[str, ...]) -> Translations:
        found: dict[str, Scored] = {}
        for key in found_by:
            for target, scored in self._direct(language, key).items():
                found.setdefault(target, scored)
        best = {target: self._best(scored, target) for target, scored in found.items()}
        if language != FALLBACK:
            for target, scored in self._onward(best.get(FALLBACK, {}), {language, *best}).items():
                best[target] = self._best(scored, target)
        return {target: tuple(scored) for target, scored in best.items()}

    def _direct(self, language: str, key: str) -> dict[str, Scored]:
        """The nearer to the head of an entry, and in the more entries, the higher."""
        found: dict[str, Scored] = {}
        for target, text, score in self._rows(_DIRECT, (language, key)):
            found.setdefault(target, {})[text] = score
        return found

    def _onward(self, english: Scored, there: set[str]) -> dict[str, Scored]:
        """By way of the best English translations, to languages that are not there yet."""
        found: dict[str, Scored] = {}
        for word in list(english)[:PIVOTS]:
            for target, scored in self._direct(FALLBACK, keys(word, FALLBACK)[0]).items():
                total = sum(scored.values())
                known = found.setdefault(target, {})
                for text, score in scored.items():
                    known[text] = known.get(text, 0.0) + english[word] * score / total
        return {target: scored for target, scored in found.items() if target not in there}

    def _best(self, scored: Scored, language: str) -> Scored:
        """The MOST best, the best first: those that entries name often, and of house and houses one.

        A word that stands in many entries is a common one (ház), others beside it are rare (hajlék) or say more (our
        house).
        """
        together: dict[str, Scored] = {}
        for text in sorted(scored, key=lambda text: -scored[text])[:WEIGHED]:
            together.setdefault(keys(text, language)[-1], {})[text] = scored[text]
        forms = {next(iter(same)): sum(same.values()) for same in together.values()}
        weighed = {
            text: score * log1p(self._entries(text, language)) / len(text.split()) for text, score in forms.items()
        }
        return {text: weighed[text] for text in sorted(weighed, key=lambda text: -weighed[text])[:MOST]}

    def _entries(self, text: str, language: str) -> int:
        count = "SELECT count(*) FROM key WHERE language = ? AND key = ?"
        ((number,),) = self._rows(count, (language, keys(text, language)[0]))
        return int(number)

    def _rows(self, query: str, values: tuple[str, ...]) -> list[Any]:
        return self._kept.execute(query, values).fetchall() if self._kept else []

    def _now(self) -> bool:
        """Whether there is a file that can be used, as it is now."""
        if monotonic() - self._looked >= LOOK:
            self._looked = monotonic()
            try:
                self._look()
            except sqlite3.Error as error:
                log.warning("%s cannot be read, so no lexicon is used: %s", self._file, error)
                self._close()
        return self._usable

    def _look(self) -> None:
        inode = self._file.stat().st_ino if self._file.is_file() else 0
        if inode != self._inode:
            self._close()
            self._inode = inode
            if inode:
                place = f"{self._file.absolute().as_uri()}?mode=rw"
                self._kept = sqlite3.connect(place, uri=True, timeout=60, check_same_thread=False)
        ((version,),) = self._rows("PRAGMA data_version", ()) or [(0,)]
        if version != self._version:
            self._version = version
            self._cached.cache_clear()
            self._usable = self._rows("SELECT edition FROM analysis", ()) == [(edition(),)]
            if self._kept and not self._usable:
                log.warning("%s was made for another analysis and is not used; `hub lexicon list` mends it", self._file)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._kept:
            self._kept.close()
        self._kept, self._inode, self._version, self._usable = None, 0, 0, False
