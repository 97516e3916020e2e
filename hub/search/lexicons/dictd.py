"""FreeDict as Debian's packages have it: dictd's index, and a text packed by dictzip (RFC 2229, dictfmt).

An entry is a line with the word, how it is spoken and its grammar, then the translations, divided by commas; where
they have several senses a numbered line each. Other lines are examples, synonyms and explanations.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.search.lexicons.reading import About, LexiconError, Named, cleaned, lines, opened

_DIGITS: Final = {c: n for n, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_INDEX: Final = "a word, an offset and a length in dictd's 64 digits, with tabs between"
INDEX_LINE: Final = re.compile(r"[^\t\n]*\t[A-Za-z0-9+/]+\t[A-Za-z0-9+/]+(?:\t[^\n]*)?\n")
_ABOUT: Final = ("00databaseinfo", "00-database-info")
_NAMES: Final = re.compile(r"(?<![a-z])([a-z]{2,3})-([a-z]{2,3})(?![a-z])")
_NUMBERED: Final = re.compile(r" ?(\d{1,3})\.(?: |$)")
_NEXT_SENSE: Final = re.compile(r" \d+\.$")  # the number of a sense that has an explanation and no translation
_HEAD: Final = re.compile(r"\s+[/<\[].*$")
_ASIDE: Final = re.compile(r"[^[\s]| \[")  # how a line of translations begins; examples and remarks are indented
_BETWEEN: Final = re.compile(r"[,;](?![^(\[<{]*[)\]>}])")
_REMARK: Final = re.compile(r" (?:see|Note|Synonyms?|Antonyms?):")
_LICENCE: Final = re.compile("licen[sc]e", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"\n {4}(?=\S)")
MAX_ENTRY: Final = 1 << 20  # bytes


def base(file: Path) -> Path:
    """The path that a lexicon's two files have in common."""
    return file.with_name(re.sub(r"\.(?:index|dict(?:\.dz)?)$", "", file.name))


def languages_of(file: Path) -> tuple[str, str] | None:
    """As a name such as freedict-deu-eng says them."""
    found = _NAMES.search(base(file).name)
    return (found[1], found[2]) if found else None


def read(files: Sequence[Path], pair: tuple[str, str], about: About) -> Iterator[Named]:
    """The entries of one dictionary in the order of its text; `pair` are two of the seven languages."""
    index, text = _both(files[0])
    places, info = _places(index)
    end = 0
    with opened(text) as content:
        for number, (offset, size) in enumerate(places):
            if offset < end:
                continue  # several words lead to one entry
            content.read(offset - end)
            entry = content.read(size)
            end = offset + size
            if len(entry) < size:
                raise LexiconError(text, f"byte {offset}", f"the {size} bytes of an entry that {index.name} names")
            if offset == info:
                _tell(entry.decode("utf-8", "replace"), about)
            yield from _named(number, _decoded(entry, text, offset), pair)


def _both(file: Path) -> tuple[Path, Path]:
    start = base(file)
    index = start.with_name(f"{start.name}.index")
    texts = [start.with_name(start.name + end) for end in (".dict.dz", ".dict")]
    text = next((text for text in texts if text.is_file()), None)
    if text is None or not index.is_file():
        raise LexiconError(file, "", f"both {index.name} and {texts[0].name} in one folder")
    return index, text


def _places(index: Path) -> tuple[NDArray[np.int64], int]:
    """Offset and length of all entries, by offset; and the offset of the one about the dictionary."""
    found, info = [], -1
    for number, line in lines(index):
        cells = line.split("\t", 3)[:3]
        word, numbers = cells[0], [_number(digits) for digits in cells[1:]]
        offset, size = numbers if len(numbers) == 2 else (-1, -1)
        if offset < 0 or size < 0:
            raise LexiconError(index, f"line {number}", f"{_INDEX}, not {line[:60]!r}")
        if size > MAX_ENTRY or offset >= 1 << 62:
            raise LexiconError(index, f"line {number}", f"an entry of at most {MAX_ENTRY:,} bytes")
        found.append((offset, size))
        info = offset if word in _ABOUT else info
    return np.unique(np.array(found, np.int64).reshape(-1, 2), axis=0), info


def _number(digits: str) -> int:
    """-1 of what is none."""
    value = 0 if digits else -1
    for digit in digits:
        if (one := _DIGITS.get(digit)) is None:
            return -1
        value = value * 64 + one
    return value


def _decoded(entry: bytes, file: Path, offset: int) -> str:
    try:
        return entry.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LexiconError(file, f"byte {offset + error.start}", f"UTF-8, not: {error.reason}") from error


def _tell(entry: str, about: About) -> None:
    """The title is the line behind the entry's name; the licence the paragraph that says the word."""
    told = [line for line in entry.splitlines() if line.strip()]
    _, _, behind = entry.partition("Availability:")
    stanza = re.split(r"\n(?=\S)", behind, maxsplit=1)[0]
    paragraphs = _PARAGRAPH.split(stanza)
    licence = next((paragraph for paragraph in paragraphs if _LICENCE.search(paragraph)), stanza)
    about.add(told[1] if len(told) > 1 else "", " ".join(licence.split())[:300])


def _named(number: int, entry: str, pair: tuple[str, str]) -> Iterator[Named]:
    head, *rest = entry.split("\n")
    word = cleaned(_HEAD.sub("", head), pair[0])
    translations = [text for line in _lines_with_translations(rest) for text in _texts(line, pair[1])]
    if word and translations and not head.startswith("00"):
        yield Named(number, pair[0], word)
        yield from (Named(number, pair[1], text) for text in dict.fromkeys(translations))


def _lines_with_translations(rest: Sequence[str]) -> Iterator[str]:
    """The first line that is no remark; where that is numbered, also those with the next numbers.

    What follows each of them is an explanation, which may be numbered too.
    """
    wanted = 1
    for line in rest:
        numbered = _NUMBERED.match(line)
        if numbered and int(numbered[1]) == wanted:
            yield line[numbered.end() :]
            wanted += 1
        elif wanted == 1 and _ASIDE.match(line):
            yield line
            return


def _texts(line: str, language: str) -> Iterator[str]:
    for part in _BETWEEN.split(_REMARK.split(_NEXT_SENSE.sub("", line))[0]):
        text = cleaned(part, language)
        if text:
            yield text.removeprefix("to ") if language == "en" else text
