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
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from hub.languages import FALLBACK
from hub.search.analysis import Token, analyzer, edition
from hub.search.steps import telling_surfaces
from hub.search.stopwords import STOPWORDS

FILE: Final = "lexicon.sqlite"
FORMAT: Final = 2  # raised with every change of the tables: lexicons are imported again
MAX_WORDS: Final = 4  # of an entry, stop words aside
MOST: Final = 5  # translations of a word into a language
PIVOTS: Final = 3  # English translations that lead on to a language which has no direct one
WEIGHED: Final = 12  # translations of which it is asked how common they are
MAPPED: Final = 1 << 30  # bytes of the file that are read where they lie; a word takes 1.0 ms so, 1.3 by copies
CACHED: Final = 20_000  # words of queries; about 2 kB each
LOOK: Final = 1.0  # seconds between two looks whether the file has changed

_DIRECT: Final = """
SELECT term.language, term.text, term.stem, term.entries, scored.score FROM (
    SELECT other.term, sum(1.0 / (3 + own.place + other.place)) AS score FROM (
        SELECT sense, min(key.place + member.place) AS place FROM key JOIN member USING (term)
        WHERE key.language = ? AND key.key = ? GROUP BY sense
    ) AS own JOIN member AS other USING (sense) GROUP BY other.term
) AS scored JOIN term ON term.id = scored.term WHERE term.language <> ?"""
log = logging.getLogger(__name__)
Translations = Mapping[str, tuple[str, ...]]  # language → words, the best first
Scored = dict[str, float]


class _Term(NamedTuple):
    """A word with its stem, and how many entries it stands in."""

    text: str
    stem: str
    entries: int


Terms = dict[_Term, float]


@lru_cache(CACHED)
def keys(text: str, language: str) -> tuple[str, ...]:
    """What an entry is found by: as it is written, without accents, by its stems; () for what is no entry."""
    words = analyzer(language).forms(text)
    telling = telling_surfaces([forms[0] for _, forms in words], language)
    return _keys([words[place] for place in telling], language)


def keys_of(text: str, tokens: Sequence[Token], language: str) -> tuple[str, ...]:
    """The keys of some tokens of a text."""
    return _keys([(text[token.start : token.end], token.forms) for token in tokens], language)


def _keys(words: Sequence[tuple[str, Sequence[str]]], language: str) -> tuple[str, ...]:
    if not 1 <= len(words) <= MAX_WORDS or not _is_translated([forms[0] for _, forms in words], language):
        return ()
    exact = " ".join(written for written, _ in words)
    ways = map(" ".join, zip(*(forms for _, forms in words), strict=True))
    return tuple(dict.fromkeys((normalize("NFC", exact).casefold(), *ways)))


def _is_translated(surfaces: Sequence[str], language: str) -> bool:
    """Whether words in a row can be an entry: stop words alone are none, nor is what has a code or a number."""
    has_digit = any(not surface.isalpha() and any(map(str.isdigit, surface)) for surface in surfaces)
    return not has_digit and not STOPWORDS[language].issuperset(surfaces)


class Lexicon:
    """The lexicons of a hub, for any number of threads. What another process imports or removes counts in a second."""

    def __init__(self, data: Path) -> None:
        self._file, self._lock = data / FILE, Lock()
        self._kept: sqlite3.Connection | None = None
        self._inode, self._version, self._usable, self._looked = 0, 0, False, -LOOK
        self._cached = lru_cache(CACHED)(self._translations)

    def is_there(self) -> bool:
        """Whether any was imported; to look a query up where there is none took a quarter of its analysis."""
        with self._lock:
            return self._now()

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
        found: dict[str, Terms] = {}
        for key in found_by:
            for target, scored in self._direct(language, key).items():
                found.setdefault(target, scored)
        best = {target: _best(scored) for target, scored in found.items()}
        if language != FALLBACK:
            for target, scored in self._onward(best.get(FALLBACK, {}), {language, *best}).items():
                best[target] = _best(scored)
        return {target: tuple(scored) for target, scored in best.items()}

    def _direct(self, language: str, key: str) -> dict[str, Terms]:
        """The nearer to the head of an entry, and in the more entries, the higher."""
        found: dict[str, Terms] = {}
        for target, text, stem, entries, score in self._rows(_DIRECT, (language, key, language)):
            found.setdefault(target, {})[_Term(text, stem, entries)] = score
        return found

    def _onward(self, english: Scored, there: set[str]) -> dict[str, Terms]:
        """By way of the best English translations, to languages that are not there yet."""
        found: dict[str, Terms] = {}
        for word in list(english)[:PIVOTS]:
            for target, scored in self._direct(FALLBACK, keys(word, FALLBACK)[0]).items():
                total = sum(scored.values())
                known = found.setdefault(target, {})
                for term, score in scored.items():
                    known[term] = known.get(term, 0.0) + english[word] * score / total
        return {target: scored for target, scored in found.items() if target not in there}

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
                self._kept.execute(f"PRAGMA mmap_size={MAPPED}")
        ((version,),) = self._rows("PRAGMA data_version", ()) or [(0,)]
        if version != self._version:
            self._version = version
            self._cached.cache_clear()
            self._usable = self._rows("PRAGMA user_version", ()) == [(FORMAT,)] and self._is_alike()
            if self._kept and not self._usable:
                log.warning("%s was made for another analysis and is not used; `hub lexicon list` mends it", self._file)

    def _is_alike(self) -> bool:
        return self._rows("SELECT edition FROM analysis", ()) == [(edition(),)]

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._kept:
            self._kept.close()
        self._kept, self._inode, self._version, self._usable = None, 0, 0, False


def _best(scored: Terms) -> Scored:
    """The MOST best, the best first: those that entries name often, and of house and houses one.

    A word that stands in many entries is a common one (ház), others beside it are rare (hajlék) or say more (our
    house).
    """
    together: dict[str, Terms] = {}
    for term in sorted(scored, key=lambda term: -scored[term])[:WEIGHED]:
        together.setdefault(term.stem, {})[term] = scored[term]
    weighed = {}
    for same in together.values():
        first = next(iter(same))
        common = log1p(sum(term.entries for term in same))
        weighed[first.text] = sum(same.values()) * common / len(first.text.split())
    return {text: weighed[text] for text in sorted(weighed, key=lambda text: -weighed[text])[:MOST]}
