"""Makes the files that `hub.search.words` maps, once, from the data of simplemma and wordfreq.

`python -m hub.search.dictionaries` makes them; where nobody has, first use does.
"""

import fcntl
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from marisa_trie import BytesTrie, RecordTrie, Trie
from simplemma.strategies import DefaultDictionaryFactory
from wordfreq import get_frequency_list

from hub.languages import LANGUAGES
from hub.search.words import COMPOUNDING, COUNT, folder_name, made, places

# A word's frequency as wordfreq has it: hundredths on the Zipf scale, 900 + 100 log10 of its share of all words.
RAREST: Final = 200  # once in ten million words; there are 170,000 German words above
_PARTICIPLE = re.compile("(.*?)ge(.{2,}?)e?t")


def build() -> Path:
    """Makes the files unless they are there, and says where. A second process waits for the first."""
    if found := made():
        return found
    place = _writable()
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / folder_name()).is_dir():
            with TemporaryDirectory(dir=place) as new:
                for language in LANGUAGES:
                    _write(language, Path(new, "words"))
                Path(new, "words").rename(place / folder_name())
    return place / folder_name()


def _writable() -> Path:
    for place in places():
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            return place
    sys.exit(f"none of these folders can be written to: {', '.join(map(str, places()))}")


def _write(language: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    pairs = _lemmas(DefaultDictionaryFactory().get_dictionary(language), language)
    lemmas = BytesTrie((word, " ".join(found).encode()) for word, found in pairs.items())
    lemmas.save(str(folder / f"{language}.lemmas"))
    if language in COMPOUNDING:
        counts = _frequencies(language)
        frequencies = RecordTrie(COUNT, ((word, (count,)) for word, count in counts.items()))
        frequencies.save(str(folder / f"{language}.frequencies"))
        Trie(word[::-1] for word in {*pairs, *counts}).save(str(folder / f"{language}.reversed"))


def _lemmas(dictionary: Mapping[str, str], language: str) -> dict[str, list[str]]:
    """Word → lemmas, case-folded. Of German words that are written with and without a capital the noun is the first.

    Words with signs are left out: no token has them. In lemmas they are marks of the dictionary's (gemeente_raad). Of
    Strassen and Straßen the second comes first.
    """
    words = [word for word in dictionary if word.isalpha()]
    found: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: ((word == word.lower()) is (language == "de"), "ß" not in word)):
        lemma = "".join(filter(str.isalpha, dictionary[word].casefold())) or word.casefold()
        known = found.setdefault(word.casefold(), [lemma])
        if language == "de" and lemma not in known:
            known.append(lemma)
    return found | _participles(found) if language == "de" else found


def _participles(lemmas: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Participles that the dictionary has as adjectives only, with their verb: (wärme)gedämmt, dämmen."""
    found = {}
    for word, known in lemmas.items():
        if known == [word] and (match := _PARTICIPLE.fullmatch(word)):
            verb = f"{match[1]}{match[2]}en"
            if verb in lemmas.get(verb, ()):
                found[word] = [verb]
    return found


def _frequencies(language: str) -> dict[str, int]:
    """The frequent ones first, so that of two words that are folded alike the higher counts."""
    found: dict[str, int] = {}
    for rank, words in enumerate(get_frequency_list(language)):
        if (count := 900 - rank) < RAREST:
            break
        for word in words:
            if word.isalpha():
                found.setdefault(word.casefold(), count)
    return found


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
