"""Open Multilingual Wordnet: words of one synset in several languages.

Tab files have lines `synset TAB type TAB word`, after one `# name TAB language TAB address TAB licence`; WN-LMF is XML,
and its synsets of several languages meet in the interlingual index (`ili`).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from hub.search.lexicons.reading import About, LexiconError, Named, cleaned, elements, lines, ours

TAB_LINE: Final = re.compile(r"^[\w.:-]*\d{8}-[a-z]\t", re.MULTILINE)
_LMF: Final = ("LexicalEntry", "Synset")  # both at each reading, since what is not asked for is not freed
_NO_INDEX: Final = ("", "in")  # of a synset that has no row in the interlingual index, or is proposed for it


def read_tab(files: Sequence[Path], about: About) -> Iterator[Named]:
    for file in files:
        language: str | None = None
        for number, line in lines(file):
            if line.startswith("#"):
                language = _headed(line, about) or language
            elif line.strip():
                yield from _of_line(file, number, line, language)


def _headed(line: str, about: About) -> str | None:
    title, *rest = [cell.strip() for cell in line.lstrip("# ").split("\t")]
    if len(rest) != 3:
        return None
    about.add(title, rest[2])
    return rest[0]


def _of_line(file: Path, number: int, line: str, language: str | None) -> Iterator[Named]:
    cells = line.split("\t")
    if len(cells) < 3:
        raise LexiconError(file, f"line {number}", f"synset, type and word with tabs between, not {line[:60]!r}")
    tag, _, kind = cells[1].rpartition(":")
    if kind != "lemma":
        return  # definitions, examples
    if not (tag or language):
        raise LexiconError(file, f"line {number}", "a language: fra:lemma, or a first line with name, language, …")
    code = ours(tag or language or "")
    if code and (text := cleaned(cells[2], code)):
        yield Named(cells[0], code, text)


def read_lmf(files: Sequence[Path], about: About) -> Iterator[Named]:
    for file in files:
        index = _interlingual(file)
        told: set[str] | None = None
        for entry in elements(file, *_LMF):
            if entry.tag == "LexicalEntry":
                lexicon, told = entry.getparent(), told or set()
                if lexicon.get("id") not in told:
                    told.add(lexicon.get("id"))
                    about.add(lexicon.get("label", ""), lexicon.get("license", ""))
                yield from _of_entry(entry, ours(lexicon.get("language", "")), index)
        if told is None:
            raise LexiconError(file, "", "entries of WN-LMF (<LexicalEntry>)")


def _interlingual(file: Path) -> dict[str, str]:
    """Synset → its row in the interlingual index; they stand behind the entries, so the file is read twice."""
    synsets = (element for element in elements(file, *_LMF) if element.tag == "Synset")
    return {synset.get("id"): synset.get("ili") for synset in synsets if synset.get("ili", "") not in _NO_INDEX}


def _of_entry(entry: Any, language: str | None, index: dict[str, str]) -> Iterator[Named]:
    lemma = entry.find("Lemma")
    text = cleaned(lemma.get("writtenForm", ""), language) if language and lemma is not None else ""
    if language and text:
        for sense in entry.iterfind("Sense"):
            synset = sense.get("synset", "")
            yield Named(index.get(synset, synset), language, text)
