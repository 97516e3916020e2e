"""The parts of a compound, by the words that a language is known to have and by how frequent they are.

A word is cut where the parts are words of the dictionary, each long or frequent enough to be no chance, and together
more frequent (geometric mean, so the mean of logarithms) than the word itself. A part may carry a linking letter, lack
its last one, or be a compound too. Articles, prefixes and endings are no parts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from hub.search.stopwords import STOPWORDS
from hub.search.words import COMPOUNDING, frequencies, lemmas, reversed_words

CACHED: Final = 5000  # words of each language with their parts: a query asks for each twice, at 20 µs
MAX_PARTS: Final = 4
LONGEST: Final = 40  # letters of a word that is looked at; longer ones are no words
# The frequency (900 + 100 log10 of its share of all words) that a part needs by its length, so that its letters stand
# there by no chance. A word of seven letters needs none: being in the dictionary is enough.
FLOORS: Final = {4: 330, 5: 280, 6: 250}
NAMED: Final = 300  # the frequency that makes a word a part though the dictionary lacks it
NAMED_LENGTH: Final = 6  # its letters
SHORTEST_OF_THREE: Final = 9  # letters of a word of three parts
SHORTEST: Final = 4  # letters of a part that is none of _SURE
UNKNOWN: Final = 200  # the frequency of a word of the dictionary that is in no list
# By how much the parts must be more frequent than the word. At -20 another 234 words of NTREX and FLORES are cut, many
# of them wrongly: frust+ration, kont+rast, cent+rum.
MARGIN: Final = 20

# What a part in front of another has more or less than the word: (ending there, ending of the word). Plurals and
# genitives, such as Sonnen- and Kinder-, are in the dictionary.
LINKS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "de": (("s", ""), ("", "e"), ("", "en")),
    "sv": (("s", ""), ("", "a"), ("o", "a"), ("u", "a"), ("e", "a")),
    "nl": (("s", ""), ("e", "en"), ("", "en")),
    "hu": (("", "a"), ("", "e")),
}

# Endings that make another word of one and that the stemmer leaves: napelemes, közösségi, szigetelés.
ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {"hu": ("es", "os", "as", "ös", "s", "i", "ú", "ű")}
SHORTEST_BASE: Final = 5  # letters of what such a word comes from

# Words that make compounds though they are short, or rare alone. Any other of two or three letters stands in longer
# words by chance, as "art" in Quartier.
_SURE: Final = {
    "de": """rad tor hof bau rat tür uhr gas bad bus see ton amt eis abo ort ost süd neu alt bio öko led rot not akt zug
    tal wut hut lob""",
    "sv": """el tak hus sol val tid råd rum arv lån lag sal bil båt tåg väg mål mat gas kök syd öst nät dag bad eko bio
    led lek fri kyl bok vin kor yta hav sjö rör del hög fjärr trä by""",
    "nl": """dak zon net bus zee gas hal bos dag les bad led eco bio lid pad oud wet vak bar tas fee zee rit bal""",
    "hu": """hő mű út ház tér víz hír kép nap kör ügy jog fal fém kő erő eső gáz jég bor köz sor dal báb rét idő lap cél
    díj áru eve dió tej tár táv kis fa bér kar""",
}

# Prefixes and endings of four letters and more that the dictionary has as words.
_AFFIXES: Final = {
    "de": """schaft heit keit lich isch haft voll ende enden iere tier miss nach über unter durch wieder gegen zwischen
    wider samt ober haupt schen weise""",
    "sv": """skap ning else full bort fram efter emot mellan igen genom över under inne åter ande ende sena ella erna
    ingen ister""",
    "nl": """heid schap lijk baar zaam loos onder voor door terug toen tegen achter tussen eren lijken kennen ring ding
    rijen""",
    "hu": """össze vissza talan telen képp féle beli ként kénti alatt fölött után előtt által között mellett
    ének""",
}

# Words whose parts say nothing of what they are: plastic is no art.
_OPAQUE: Final = {
    "de": """kunststoff hochzeit werkzeug fahrzeug flugzeug zeitung augenblick jahrhundert jahrzehnt vergangenheit
    gesellschaft wirtschaft mannschaft botschaft eigenschaft gewerkschaft wissenschaft landschaft bundesland""",
    "sv": "konstnär landskap budskap ordförande årtionde århundrade ögonblick",
    "nl": "kunststof gezelschap landschap ogenblik vliegtuig voertuig speelgoed",
    "hu": """napló testvér vásár iskola külföld belföld félelem kérelem értelem védelem figyelem türelem győzelem
    kegyelem szerelem jövedelem történelem küzdelem sérelem világos""",
}


@dataclass(frozen=True, slots=True)
class Part:
    """As it stands, without a linking letter; and its lemma."""

    form: str
    lemma: str


@dataclass(frozen=True, slots=True)
class _Found:
    part: Part
    frequency: int


class Splitter:
    """The parts of the case-folded words of one language."""

    def __init__(self, language: str) -> None:
        self._lemmas, self._frequencies = lemmas(language), frequencies(language)
        self._reversed = reversed_words(language)
        self._links = LINKS[language]
        self._sure = frozenset(_SURE[language].split())
        self._endings = ENDINGS.get(language, ())
        self._affixes = frozenset(_AFFIXES[language].split()) | STOPWORDS[language]
        self._opaque = frozenset(_OPAQUE[language].split())
        self.parts = lru_cache(CACHED)(self._parts)

    def _parts(self, word: str) -> tuple[Part, ...]:
        """All parts, those that are compounds before their own; none of a word that is no compound."""
        return tuple(dict.fromkeys(self._all(word))) if word.isalpha() else ()

    def _all(self, word: str) -> Iterator[Part]:
        for part in self._best(word) or self._base(word):
            yield part
            yield from self._all(part.form)

    def _base(self, word: str) -> tuple[Part, ...]:
        """What a derived word comes from."""
        if word in self._opaque:
            return ()
        bases = (word.removesuffix(ending) for ending in self._endings if word.endswith(ending))
        for base in bases:
            lemma = self._lemmas.get(base) or (base if self._is_named(base) else None)
            if lemma and len(base) >= SHORTEST_BASE:
                return (Part(base, lemma),)
        return ()

    def _best(self, word: str) -> tuple[Part, ...]:
        cut = self._cut(word, MAX_PARTS) if SHORTEST < len(word) <= LONGEST else ()
        if not cut:
            return ()
        lemma = self._lemmas.get(word, word)
        own = max(self._frequency(word), self._frequency(lemma))
        is_rarer = sum(found.frequency for found in cut) / len(cut) > own + MARGIN
        is_opaque = word in self._opaque or lemma in self._opaque
        return tuple(found.part for found in cut) if is_rarer and not is_opaque else ()

    def _cut(self, word: str, most: int) -> tuple[_Found, ...]:
        """Into two parts, the most frequent ones; where there are none into more."""
        ends = [len(word) - len(tail) for tail in self._reversed.prefixes(word[::-1]) if len(tail) < len(word) - 1]
        tails = [(end, tail) for end in ends if (tail := self._read(word[end:], word[end:]))]
        cuts: list[tuple[_Found, ...]] = [(head, tail) for end, tail in tails if (head := self._head(word[:end]))]
        if tails and not cuts and most > 2 and len(word) >= SHORTEST_OF_THREE:
            heads = ((end, head) for end in range(2, tails[0][0] - 1) if (head := self._head(word[:end])))
            cuts = [(head, *rest) for end, head in heads if (rest := self._cut(word[end:], most - 1))]
        return max(cuts, key=lambda cut: sum(found.frequency for found in cut) / len(cut), default=())

    def _head(self, text: str) -> _Found | None:
        if found := self._read(text, text):
            return found
        for there, ending in self._links:
            if text.endswith(there):
                stem = text.removesuffix(there)
                if found := self._read(text if ending else stem, stem + ending):
                    return found
        return None

    def _read(self, form: str, word: str) -> _Found | None:
        """A word as a part that stands there as `form`."""
        length = len(form)
        if length < SHORTEST and form not in self._sure:
            return None
        lemma = self._lemmas.get(word)
        if lemma is None:
            if length < NAMED_LENGTH or form != word or not self._is_named(word):
                return None
            lemma = word
        if form in self._affixes or word in self._affixes or lemma in self._affixes:
            return None
        frequency = self._frequency(word) or self._frequency(lemma) or UNKNOWN
        enough = frequency >= FLOORS.get(length, 0) or form in self._sure
        return _Found(Part(form, lemma), frequency) if enough else None

    def _is_named(self, word: str) -> bool:
        return self._frequency(word) >= NAMED

    def _frequency(self, word: str) -> int:
        found = self._frequencies.get(word)
        return int(found[0][0]) if found else 0


@cache
def splitter(language: str) -> Splitter | None:
    return Splitter(language) if language in COMPOUNDING else None
