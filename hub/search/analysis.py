"""From text to terms: one chain for all engines.

Unicode words → case folded → lemma (simplemma) → stem (Snowball) → the parts of a compound → accents folded. A token
keeps its surface, the stems of it and of its lemma, and those of its parts, as alternatives at one position, so that a
query in any of them finds it. The lemma itself is left out: words of one lemma have one stem of it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import chain
from threading import Lock
from typing import Final, NamedTuple

from Stemmer import Stemmer

from hub.languages import LANGUAGES
from hub.search import words
from hub.search.base import OTHER
from hub.search.compounds import LONGEST, Part, splitter
from hub.search.equivalents import EQUIVALENTS

CHAIN: Final = "2"  # raised with every change of terms here, in compounds or in equivalents: indexes are made anew
MAX_WORD = 100  # characters of a word that count; more is no word of a language
MAX_PARTS = 4  # of a word with hyphens that is also indexed whole
CACHED_RUNS = 30_000  # of each language; about 700 bytes each
CACHED_STEMS = 100  # of each language: the steps of one word ask for the same stems, two to four times
CACHED_WRITTEN = 1000  # runs as they are before any language is thought of: those of some queries
LONGEST_CACHED = 100  # characters; what has no blank for so long is no word

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

# Articles and pronouns that lean on the next word: l'energia, dell'arte, d'énergie, qu'elle; and what English leaves
# behind one: venue's, don't.
_ELIDED = "l d un dell all nell sull dall coll quell bell sant gl v c j m n s t qu jusqu lorsqu puisqu quelqu"
_LEANING = "s t d ll re ve m"

_LETTER = r"[^\W_ʼ]"  # Unicode has that apostrophe among its letters
_MARK = "[\u0300-\u036f\u00ad\u200c]"
_APOSTROPHE = "['’ʼ‘]"
_JOINT = r"(?:[-‐‑/&]|(?<=\d)[.,](?=\d))"
_WORD = rf"{_LETTER}+(?:{_MARK}+{_LETTER}*)*"
_PART = re.compile(_WORD)
# A run is a word, or several joined by hyphens and the like; what leans on a word matches as no run. The first look
# ahead, for an apostrophe soon, changes nothing but the time, which is halved.
_RUN = re.compile(
    rf"(?={_LETTER}{{1,6}}{_APOSTROPHE})(?i:{_ELIDED.replace(' ', '|')})(?={_APOSTROPHE}{_LETTER})"
    rf"|(?<={_LETTER}{_APOSTROPHE})(?i:{_LEANING.replace(' ', '|')})(?!{_LETTER}|{_MARK}|{_JOINT}{_LETTER})"
    rf"|(?P<run>{_WORD}(?:{_JOINT}{_WORD})*)"
)
_INVISIBLE = re.compile("[\u00ad\u200c]")
_OTHER_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

Terms = tuple[str, ...]


class Token(NamedTuple):
    """One word. `start` and `end` are character offsets in the text.

    `forms` has one entry for each step of the chain: the surface, then each stem of it, then each stem of its lemma;
    steps of two tokens can be compared. `own` are all terms without repetition that mean the whole word, the forms
    first: what a query asks for. `alternatives` have those of a compound's parts too; a part of a hyphenated word has
    the whole.
    """

    position: int
    start: int
    end: int
    alternatives: Terms
    forms: Terms
    own: Terms


def folded(text: str) -> str:
    """Without accents: é → e, ő → o, œ → oe. Of case-folded text."""
    if text.isascii():
        return text
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.translate(_OTHER_LETTERS)


def _cased(text: str) -> str:
    """Composed and without case, as Snowball expects it; m² → m2, soft hyphens gone."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())


def _is_code(cased: str) -> bool:
    """Codes and quantities: ITH5, kWh/m², 2025."""
    return not cased.isalpha() and any(map(str.isdigit, cased))


def _whole(run: str) -> str:
    """A run of parts as one word: co-housing → cohousing, kWh/m² → kwh/m2, 3,5 → 3.5."""
    return re.sub(r"[-‐‑]", "", _cased(run)).replace(",", ".")


class _Written(NamedTuple):
    """A word at its place in a run, before any language is thought of."""

    start: int
    end: int
    cased: str
    surface: str
    is_code: bool


def _written(text: str, start: int, end: int) -> _Written:
    cased = text[:MAX_WORD]
    return _Written(start, end, cased, folded(cased), _is_code(cased))


@lru_cache(CACHED_WRITTEN)
def _read(run: str) -> tuple[tuple[_Written, ...], _Written | None]:
    """The words of a run, and the whole of it where there are some; the eight analyzers of a query ask for the same."""
    found = [_written(_cased(part[0]), *part.span()) for part in _PART.finditer(run)]
    return tuple(found), _written(_whole(run), 0, len(run)) if 1 < len(found) <= MAX_PARTS else None


Runs = Sequence[tuple[int, str]]  # of words that are written together, each with its offset in the text


def runs(text: str) -> Runs:
    return [(found.start(), found["run"]) for found in _RUN.finditer(text) if found["run"]]


class _Part(NamedTuple):
    """A word at its place in a run, with what its `Token` has."""

    start: int
    end: int
    alternatives: Terms
    forms: Terms
    own: Terms


class Analyzer:
    """The chain of one language; any other code than the seven has only surfaces."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._stemmers = [Stemmer(name, 0) for name in STEMMERS.get(language, ())]  # 0: without a cache of its own
        self._lock = Lock()  # a stemmer works in a buffer of its own, so one thread at a time
        self._unfolded_stems = lru_cache(CACHED_STEMS)(self._unfolded_stems_of)
        self._equivalents = EQUIVALENTS.get(language, {})
        self._parts = lru_cache(CACHED_RUNS)(self._parts_of)
        self._terms = lru_cache(CACHED_RUNS)(self._terms_of)
        self._forms = lru_cache(CACHED_RUNS)(self._forms_of)

    def tokens(self, text: str) -> list[Token]:
        return self.read(runs(text))

    def read(self, found: Runs, foreign: Set[str] = frozenset()) -> list[Token]:
        """`foreign`: runs that another language is known to have; here they are neither cut nor is their lemma guessed,
        which is three tenths of the time of a query in eight languages."""
        parts = ((start, part) for start, run in found for part in self._parts(run, run in foreign))
        return [
            Token(position, start + part.start, start + part.end, part.alternatives, part.forms, part.own)
            for position, (start, part) in enumerate(parts)
        ]

    def knows(self, run: str) -> bool:
        """Whether the language's dictionary has each of its words."""
        known = words.lemmas(self.language)
        return all(known.get(written.cased) for written in _read(run)[0])

    def terms(self, text: str) -> list[Terms]:
        """The alternatives of the tokens alone: what indexing needs.

        They are looked up by what stands between blanks, which no run spans: of 520 words in 0.15 ms; to find the runs
        takes 0.4 ms.
        """
        pieces = (self._terms(p) if len(p) <= LONGEST_CACHED else self._terms_of(p) for p in text.split())
        return list(chain.from_iterable(pieces))

    def _terms_of(self, text: str) -> tuple[Terms, ...]:
        return tuple(part.alternatives for run in _RUN.findall(text) if run for part in self._parts(run, False))

    def forms(self, text: str) -> list[tuple[str, Terms]]:
        """The words with the forms of each, but for what it has as a compound; in a fifth of the time of tokens."""
        return [(word, self._forms(word)) for run in _RUN.findall(text) if run for word in _PART.findall(run)]

    def _forms_of(self, word: str) -> Terms:
        cased = _cased(word)[:MAX_WORD]
        if _is_code(cased) or not self._stemmers:
            return (folded(cased),) * (1 + 2 * len(self._stemmers))
        known = words.lemmas(self.language).get(cased) if len(cased) <= LONGEST else cased
        lemma = known or words.lemmatizer().get_lemma(cased, self.language) or cased
        stems = self._stems(cased)
        return (folded(cased), *stems, *(stems if lemma == cased else self._stems(lemma)))

    def _parts_of(self, run: str, is_foreign: bool) -> tuple[_Part, ...]:
        found, whole = _read(run)
        together = self._word(whole, is_foreign)[0] if whole else ()
        return tuple([self._part(part, together, is_foreign) for part in found])

    def _part(self, found: _Written, whole: Terms, is_foreign: bool) -> _Part:
        forms, own, parts = self._word(found, is_foreign)
        own = tuple(dict.fromkeys((*own, *whole))) if whole else own
        alternatives = tuple(dict.fromkeys((*own, *parts))) if parts else own
        return _Part(found.start, found.end, alternatives, forms, own)

    def _word(self, written: _Written, is_foreign: bool) -> tuple[Terms, Terms, Terms]:
        """The forms of a word, all terms of the whole of it, and those of its parts."""
        cased, surface = written.cased, written.surface
        if written.is_code or not self._stemmers:
            return (surface,) * (1 + 2 * len(self._stemmers)), (surface,), ()
        lemmas, parts = self._known(cased) if is_foreign else self._lemmas_and_parts(cased)
        forms = (surface, *self._stems(cased), *self._stems(lemmas[0]))
        further = (stem for lemma in lemmas[1:] for stem in self._stems(lemma))
        own = tuple(dict.fromkeys((*forms, *further, *self._meaning(cased, *lemmas))))
        return forms, own, tuple(self._of_parts(parts))

    def _known(self, cased: str) -> tuple[Sequence[str], Sequence[Part]]:
        return words.lemmas(self.language).every(cased) or [cased], ()

    def _lemmas_and_parts(self, cased: str) -> tuple[Sequence[str], Sequence[Part]]:
        """The lemmas of a word, and its parts. A compound that no dictionary has is inflected as its last part."""
        if len(cased) > LONGEST:
            return [cased], ()
        if known := words.lemmas(self.language).every(cased):
            return known, self._split(known[0])
        parts = self._split(cased)
        if last := next((part for part in parts if cased.endswith(part.form)), None):
            return [cased.removesuffix(last.form) + last.lemma], parts
        lemma = words.lemmatizer().get_lemma(cased, self.language) or cased
        others = (word for word in dict.fromkeys((lemma, *self._unfolded_stems(cased))) if word != cased)
        return [lemma], parts or next((found for word in others if (found := self._split(word))), ())

    def _split(self, word: str) -> Sequence[Part]:
        split = splitter(self.language)
        return split.parts(word) if split else ()

    def _stems(self, word: str) -> list[str]:
        return [folded(stem) for stem in self._unfolded_stems(word)]

    def _unfolded_stems_of(self, word: str) -> tuple[str, ...]:
        with self._lock:
            return tuple([stemmer.stemWord(word) for stemmer in self._stemmers])

    def _of_parts(self, parts: Sequence[Part]) -> Iterator[str]:
        for part in parts:
            yield from self._stems(part.form)
            yield from self._stems(part.lemma)
            yield from self._meaning(part.lemma)

    def _meaning(self, *lemmas: str) -> Iterator[str]:
        """The terms of what means the same."""
        for other in (other for lemma in lemmas for other in self._equivalents.get(lemma, ())):
            yield from (folded(other), *self._stems(other))


@cache
def analyzer(language: str) -> Analyzer:
    """The one analyzer of a language; "other" for any that the hub does not speak."""
    return Analyzer(language if language in LANGUAGES else OTHER)


@cache
def edition() -> str:
    """What terms depend on besides the text; an index with another edition in it must be made anew."""
    return f"{CHAIN}, PyStemmer {version('PyStemmer')}, words {words.edition()}"
