"""The language and the country of a source that says neither: guesses."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from babel.core import get_global

from harvesters.crosswalks.words import language_tag, primary
from hub.languages import FALLBACK, LANGUAGES
from hub.namespaces import COUNTRY
from hub.profile import load

FEWEST: Final = 5  # words of a language in a text before it counts as one in it
_LETTERS: Final = 200_000  # of a text that are looked at
# Small words that only this one of the seven has, or has far more often than the others.
_SMALL_WORDS: Final[Mapping[str, str]] = {
    "it": "di che della per con il gli una sono nel delle dei alla degli dal anche questo",
    "sv": "och att är som för på med av den till ett inte har från vid kan eller hos",
    "de": "der die und das den von mit für ist des im ein eine zur zum nicht auf dem durch",
    "hu": "és az egy hogy nem is meg volt vagy ezt ami által illetve valamint szerint között",
    "nl": "het een van voor met op zijn dat aan wordt bij ook naar niet deze worden door",
    "fr": "le les des du et une dans pour qui sur par est aux avec ce cette sont au",
    "en": "the of and to for with is that by from this are which as at its have been",
}
_OF_LANGUAGES: Final = {"it": "ITA", "sv": "SWE", "de": "AUT", "hu": "HUN", "nl": "NLD", "fr": "FRA"}  # the partners'


def language_of(tags: Mapping[str, int], text: str) -> str | None:
    """The language that a source's untagged text is in: by the marks of the others, else by its small words."""
    counted: Counter[str] = Counter()
    for tag, count in tags.items():
        if known := language_tag(tag):
            counted[primary(known)] += count
    if counted:
        # English is often beside one's own
        return max(sorted(counted), key=lambda tag: (counted[tag], tag != FALLBACK))
    words = Counter(re.findall(r"[^\W\d_]+", text[:_LETTERS].lower()))
    hits = {code: sum(words[word] for word in small.split()) for code, small in _SMALL_WORDS.items()}
    second, first = sorted(LANGUAGES, key=lambda code: hits[code])[-2:]
    several = sum(bool(words[word]) for word in _SMALL_WORDS[first].split()) > 1
    is_clear = several and hits[first] >= max(FEWEST, 1.3 * hits[second])
    return first if is_clear else None


def country_of(url: str, language: str) -> str | None:
    """By the host's ending, else the partner that speaks the language."""
    try:
        ending = (urlsplit(url).hostname or "").rpartition(".")[2].upper()
    except ValueError:
        ending = ""
    aliases = get_global("territory_aliases")
    for iri in load().schemes[str(COUNTRY).rstrip("/")].concepts:
        code = iri.removeprefix(str(COUNTRY))
        if ending and ending.replace("UK", "GB") in aliases.get(code, ()):
            return code
    return _OF_LANGUAGES.get(primary(language))
