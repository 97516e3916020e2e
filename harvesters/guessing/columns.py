"""Which of our fields a table's columns may be meant for: suggestions by their headings, for a person to look at."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from harvesters.crosswalks.flat import is_known
from harvesters.tables import Row
from harvesters.workbooks import Fault
from hub.languages import LANGUAGES
from hub.profile import Field, folded, load
from hub.profile.spreadsheet_columns import IDENTIFIER, Column, by_heading, columns, normal

KIND: Final = "practice"
_LOOKED_AT: Final = 200  # rows
_LONG: Final = 40  # letters from which on a text is more than a name
_LONGEST_TITLE: Final = 150
_ALIKE: Final = 0.86
# What funders and programmes call these in the seven languages; all else is compared with the Profile's own names.
_ALSO: Final[Mapping[str, str]] = {
    "title": "title name bezeichnung naam nome nom namn megnevezés denominazione intitulé projektname titre",
    "summary": "description summary beschreibung zusammenfassung descrizione omschrijving samenvatting beskrivning "
    "sammanfattning leírás résumé abstract sintesi notes összefoglaló",
    "lead.title": "beneficiary begünstigten beneficiario bénéficiaire kedvezményezett pályázó "
    "stödmottagare begunstigde aanvrager organisation organization "
    "organizzazione organisatie szervezet applicant operatore opérateur",
    "place.name": "location locatie lokalität ort plaats luogo lieu hely plats place municipality comune gemeinde "
    "gemeente commune település helység kommun city town città stad ville város regionalcode geocoverage",
    "period.start": "start startdatum beginn début inizio kezdés begin kezdete startdatumet",
    "period.end": "end ende einddatum enddatum fin fine slut befejezés einde slutdatum vége",
    "country": "country land paese pays ország",
    "landingPage": "url website link webseite homepage sito site weboldal webbplats lien",
    "keyword": "keyword keywords tag tags stichwort trefwoord mot-clé parola kulcsszó nyckelord sector category",
    "licence": "licence license lizenz licenza licentie licenc licens",
}
_IDENTIFYING: Final = (
    "id identifier identifiant identificativo azonosító kennung code codice kód nummer number numero numéro nr key uid "
    "uuid reference cup"
)


def suggested(rows: Sequence[Row], language: str) -> dict[str, str]:
    """Headings and the flat keys that they may be meant for; of two for one key the likelier.

    A title and a summary are looked for in the cells where no heading speaks of them. A column of identifiers is one
    only where no two rows share a value.
    """
    every = _columns(rows)
    table = {name: cells for name, cells in every.items() if cells}
    ranked = sorted(((_likely(name, language), name) for name in table), key=lambda pair: -pair[0][0])
    found: dict[str, str] = {}
    for (score, key), name in ranked:
        if score and key not in found.values():
            found[name] = key
    _fill_texts(found, table, language)
    if identifying := next((name for name in table if _identifies(name, table[name], len(rows))), None):
        found[identifying] = IDENTIFIER
    found |= {name: "place.point" for name in every if _is_point(next(iter(rows)).cells.get(name))}
    order = list(every)
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[0])))


def _columns(rows: Sequence[Row]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for row in islice(rows, _LOOKED_AT):
        for name, cell in row.cells.items():
            is_value = cell is not None and not isinstance(cell, Fault | dict | list)
            table.setdefault(name, []).extend([str(cell)] if is_value else [])
    return table


def _likely(name: str, language: str) -> tuple[float, str]:
    """The key whose names cover most of a heading's letters, and how many."""
    for code in (language, *LANGUAGES):
        if code in LANGUAGES and (column := by_heading(load(), KIND, code).get(normal(name))):
            return 1000.0, _in_language(column, language)
    words = _words(name)
    scores = {key: _covered(words, phrases) for key, phrases in _phrases().items()}
    best = max(scores, key=lambda key: scores[key])
    return scores[best], _with_language(best, language)


def _in_language(column: Column, language: str) -> str:
    """Without a number: a heading that names one field is not about the second of several."""
    key = column.key.partition("@")[0]
    return _with_language(key, column.language if "(" in column.heading(language) else language)


def _with_language(key: str, language: str | None) -> str:
    tagged = f"{key}@{language}"
    return tagged if language and _takes_language(key) and is_known(KIND, tagged) else key


def _takes_language(key: str) -> bool:
    return any(column.language for column in _plain_columns().get(key, ()))


@lru_cache(1)
def _plain_columns() -> Mapping[str, Sequence[Column]]:
    found: dict[str, list[Column]] = {}
    for column in columns(load(), KIND, LANGUAGES[0]):
        if column.number in (None, 1):
            found.setdefault(re.sub(r"-1(?=\.)", "", column.key.partition("@")[0]), []).append(column)
    return found


@lru_cache(1)
def _phrases() -> Mapping[str, Sequence[Sequence[str]]]:
    """What each key is called: the Profile's names, of what records embed only where one field says it all."""
    phrases: dict[str, list[Sequence[str]]] = {}
    for key, found in _plain_columns().items():
        if "." not in key and key != IDENTIFIER:
            phrases[key] = [_words(name) for name in _names(found[0].field)]
    for key, words in _ALSO.items():
        outer = _plain_columns()[key][0].parents
        phrases.setdefault(key, []).extend(_words(name) for field in outer for name in _names(field))
        phrases[key] += [[folded(word)] for word in words.split()]
    return phrases


def _names(field: Field) -> Iterable[str]:
    return (field.key, *field.name.values())


def _words(text: str) -> list[str]:
    """The words of a heading, of `camelCase` and `snake_case` too."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text)
    return [folded(word) for word in re.findall(r"[^\W_]+", parted)]


def _covered(words: Sequence[str], phrases: Iterable[Sequence[str]]) -> float:
    """How many letters of the words a key's phrases say; a phrase says something only as a whole."""
    hits: set[int] = set()
    for phrase in phrases:
        at = [next((n for n, word in enumerate(words) if _is_like(word, wanted)), None) for wanted in phrase]
        if phrase and None not in at:
            hits.update(n for n in at if n is not None)
            hits.update(n for n, word in enumerate(words) if any(_is_like(word, wanted) for wanted in phrase))
    return float(sum(len(words[n]) for n in hits))


@lru_cache(65536)
def _is_like(word: str, wanted: str) -> bool:
    if word == wanted:
        return True
    if min(len(word), len(wanted)) < 4:
        return False
    return word.startswith(wanted) or SequenceMatcher(None, word, wanted).ratio() >= _ALIKE


def _fill_texts(found: dict[str, str], table: Mapping[str, Sequence[str]], language: str) -> None:
    """No record is complete without title and summary: where no heading speaks of one, a column of texts is taken."""
    title, summary = (_with_language(key, language) for key in ("title", "summary"))
    described = next((name for name, key in found.items() if key == summary), None)
    if described and title not in found.values() and _letters(table[described]) < _LONG:
        found[described] = title  # so short a description is a name
    texts = {name: _letters(cells) for name, cells in table.items() if name not in found and _is_text(cells)}
    if summary not in found.values() and texts and max(texts.values()) >= _LONG:
        longest = max(texts, key=lambda name: texts[name])
        found[longest] = summary
        texts.pop(longest)
    short = [n for n, letters in texts.items() if letters < _LONGEST_TITLE and len(set(table[n])) * 2 > len(table[n])]
    if title not in found.values() and short:
        found[max(short, key=lambda name: texts[name])] = title


def _is_point(cell: Any) -> bool:
    """A point of GeoJSON (RFC 7946)."""
    return isinstance(cell, dict) and cell.get("type") == "Point"


def _letters(cells: Sequence[str]) -> float:
    return sum(map(len, cells)) / max(1, len(cells))


def _is_text(cells: Sequence[str]) -> bool:
    """Whether most cells are more than a code or a single word."""
    worded = sum(len(re.findall(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])", cell)) > 1 for cell in cells)
    return worded * 2 > len(cells)


def _identifies(name: str, cells: Sequence[Any], rows: int) -> bool:
    named = any(word in _IDENTIFYING.split() for word in _words(name))
    return named and len(set(cells)) == len(cells) == min(rows, _LOOKED_AT)
