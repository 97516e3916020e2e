"""From text to terms: one chain for all engines.

Unicode words → case folded → stem of the language (Snowball) → accents folded. A token keeps all its forms as
alternatives at one position, so that a query in any of them finds it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Final

import snowballstemmer

from hub.languages import LANGUAGES
from hub.search.base import OTHER

CHAIN: Final = "1"  # raised with every change of this file that changes terms: indexes are then made anew
MAX_WORD = 100  # characters of a word that count; more is no word of a language
MAX_PARTS = 4  # of a word with hyphens that is also indexed whole
CACHED_WORDS = 50_000

# Dutch has two: the newer one misses zonnepaneel/zonnepanelen and dak/daken, the older one huis/huizen and
# les/lessen. Of 32 pairs of singular and plural or verb and noun each joins 24 and 22, both together 30.
STEMMERS: Final = {
    "it": ("italian",),
    "sv": ("swedish",),
    "de": ("german",),
    "hu": ("hungarian",),
    "nl": ("dutch", "dutch_porter"),
    "fr": ("french",),
    "en": ("english",),
}

_APOSTROPHES = "'’ʼ‘"
# Articles and pronouns that lean on the next word: l'energia, dell'arte, d'énergie, qu'elle.
_ELIDED = frozenset(
    ("l", "d", "un", "dell", "all", "nell", "sull", "dall", "coll", "quell", "bell", "sant", "gl", "v")
).union(("c", "j", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quelqu"))
_LEANING = frozenset(("s", "t", "d", "ll", "re", "ve", "m"))  # what English leaves behind: venue's, don't

_LETTERS = "[^\\W_](?:[^\\W_]|[\u0300-\u036f\u00ad\u200c])*"
_RUN = re.compile(rf"{_LETTERS}(?:(?:[-‐‑/&]|(?<=\d)[.,](?=\d)){_LETTERS})*")
_PART = re.compile(_LETTERS)
_INVISIBLE = re.compile("[\u00ad\u200c]")
_OTHER_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `start` and `end` are character offsets in the text.

    `forms` has one entry for each step of the chain: the surface, then each stem; steps of two tokens can be compared.
    `alternatives` are all its terms without repetition, the surface first; a part of a hyphenated word has the whole.
    """

    position: int
    start: int
    end: int
    alternatives: tuple[str, ...]
    forms: tuple[str, ...]


def folded(text: str) -> str:
    """Without accents: é → e, ő → o, œ → oe. Of case-folded text."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.translate(_OTHER_LETTERS)


def _cased(text: str) -> str:
    """Composed and without case, as Snowball expects it; m² → m2, soft hyphens gone."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())


def _whole(run: str) -> str:
    """A run of parts as one word: co-housing → cohousing, kWh/m² → kwh/m2, 3,5 → 3.5."""
    return re.sub(r"[-‐‑]", "", _cased(run)).replace(",", ".")


def _leans(text: str, run: re.Match[str]) -> bool:
    """Whether a run is an elided article before an apostrophe, or an ending behind one."""
    word, start, end = run[0].casefold(), run.start(), run.end()
    if word in _ELIDED and text[end : end + 1] in tuple(_APOSTROPHES) and text[end + 1 : end + 2].isalnum():
        return True
    return word in _LEANING and start > 1 and text[start - 1] in _APOSTROPHES and text[start - 2].isalnum()


class Analyzer:
    """The chain of one language; any other code than the seven has no stemmer."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._stemmers = [snowballstemmer.stemmer(name) for name in STEMMERS.get(language, ())]
        self._lock = Lock()  # a stemmer works in a buffer of its own, so one thread at a time
        self._forms = lru_cache(CACHED_WORDS)(self._forms_of)

    def _forms_of(self, word: str) -> tuple[str, ...]:
        cased = _cased(word)[:MAX_WORD]
        surface = folded(cased)
        if any(c.isdigit() for c in cased):  # codes and quantities: ITH5, kWh/m², 2025
            return (surface, *(surface for _ in self._stemmers))
        with self._lock:
            stems = [stemmer.stemWord(cased) for stemmer in self._stemmers]
        return (surface, *(folded(stem) for stem in stems))

    def tokens(self, text: str) -> list[Token]:
        return list(self._tokens(text))

    def _tokens(self, text: str) -> Iterator[Token]:
        position = 0
        for run in _RUN.finditer(text):
            if _leans(text, run):
                continue
            parts = list(_PART.finditer(text, run.start(), run.end()))
            whole = self._forms(_whole(run[0])) if 1 < len(parts) <= MAX_PARTS else ()
            for part in parts:
                forms = self._forms(part[0])
                yield Token(position, part.start(), part.end(), tuple(dict.fromkeys((*forms, *whole))), forms)
                position += 1


@cache
def analyzer(language: str) -> Analyzer:
    """The one analyzer of a language; "other" for any that the hub does not speak."""
    return Analyzer(language if language in LANGUAGES else OTHER)


@cache
def edition() -> str:
    """What terms depend on besides the text; an index with another edition in it must be made anew."""
    found = [CHAIN]
    for package in ("snowballstemmer", "PyStemmer"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
