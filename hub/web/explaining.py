"""Why a record was found: as the API tells it, and as a person reads it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.profile import Profile
from hub.search.analysis import analyzer
from hub.search.base import Hit, Match

SHOWN: Final = 3  # translations and concepts under a hit


def matched(hit: Hit, profile: Profile, language: str, full: bool) -> dict[str, Any]:
    """As the API tells it; where it is not `full`, of a word that is found the same way in several parts only one."""
    words: dict[tuple[str, ...], dict[str, Any]] = {}
    for match in hit.matched.words:
        told = {"word": match.word, "part": match.part, "language": match.language, "by": match.by, "text": match.text}
        key = (match.word, match.language, match.by, *((match.part, match.text) if full else ()))
        words.setdefault(key, {**told, "machine": is_machine(hit.item, match)})
    return {
        "words": list(words.values()),
        "concepts": [{"iri": iri, "label": profile.label(iri, language)} for iri in hit.matched.concepts],
        "meaning": None if hit.matched.meaning is None else round(hit.matched.meaning, 4),
    }


def is_machine(item: Mapping[str, Any], match: Match) -> bool:
    """Whether the text is a machine's translation; of a body that is judged by what its item shows."""
    parts = (match.part,) if match.part in item else ("title", "summary")
    tags = [tag for part in parts for tag in item[part] if tag.partition("-")[0].lower() == match.language]
    return bool(tags) and all("-t-" in tag.lower() for tag in tags)


@dataclass(frozen=True, slots=True)
class Why:
    """What a person reads under a hit. `translated`: (word, translation); `concepts` by label; `by_meaning` where there
    is nothing else.
    """

    words: tuple[str, ...]
    translated: tuple[tuple[str, str], ...]
    concepts: tuple[str, ...]
    by_meaning: bool
    by_machine: bool

    def __bool__(self) -> bool:
        return bool(self.words or self.translated or self.concepts or self.by_meaning)


def why(hit: Hit, label: Callable[[str], str]) -> Why:
    """Two concepts of one label (a theme and a form of cooperation) are one reason to a reader."""
    found = hit.matched.words
    plain = dict.fromkeys(match.word for match in found if match.by != "lexicon")
    others = [match for match in found if match.by == "lexicon" and match.word not in plain]
    translated = tuple(dict.fromkeys((match.word, match.text) for match in others))[:SHOWN]
    told = [match for match in found if match.by != "lexicon" or match.word not in plain]
    concepts = tuple(dict.fromkeys(map(label, hit.matched.concepts)))[:SHOWN]
    by_machine = bool(told) and all(is_machine(hit.item, match) for match in told)
    by_meaning = hit.matched.meaning is not None and not found and not concepts
    return Why(tuple(plain), translated, concepts, by_meaning, by_machine)


def standing_in(hits: Sequence[Hit]) -> set[tuple[str, str]]:
    """(language, words) that were found in place of the query's own."""
    return {(m.language, m.text) for hit in hits for m in hit.matched.words if m.text}


def respelt(hits: Sequence[Hit]) -> dict[str, str]:
    """Words of the query that no hit has as they are written → the one that most have; "" where that is not known."""
    ways: dict[str, set[str]] = {}
    there: dict[str, Counter[str]] = {}
    for hit in hits:
        for match in hit.matched.words:
            ways.setdefault(match.word, set()).add(match.by)
            there.setdefault(match.word, Counter()).update([match.text] if match.by == "spelling" else [])
    wrong = [word for word, by in ways.items() if by == {"spelling"}]
    return {word: _with_accents(there[word].most_common(1)[0][0], hits) for word in wrong}


def _with_accents(surface: str, hits: Iterable[Hit]) -> str:
    """A word as a shown text writes it, where one has it."""
    for hit in hits:
        for tag, text in (pair for part in ("title", "summary") for pair in hit.item[part].items()):
            for token in analyzer(tag.partition("-")[0].lower()).tokens(text) if surface else ():
                if token.forms[0] == surface:
                    return str(text[token.start : token.end]).casefold()
    return surface
