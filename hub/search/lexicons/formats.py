"""The formats that are read, how each is recognised, and which files make one lexicon together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.search.lexicons import dictd, skos, tei, wordnets
from hub.search.lexicons.reading import About, LexiconError, Named, beginning, ours

FORMATS: Final = ("dictd", "tei", "omw", "wn-lmf", "skos")
_PAIRED: Final = ("dictd", "tei")  # one lexicon a file; of the others the files meet in their concepts
_TOGETHER: Final = {"omw": wordnets.read_tab, "wn-lmf": wordnets.read_lmf, "skos": skos.read}
# What operators are told is English, so it stands where no catalogue gathers it.
_ONE_NAME: Final = "a name where the files make one lexicon; these make {}"
_NAMELESS: Final = "a name for the thesaurus that these files make"
_SAME: Final = "another language than --from"


@dataclass(frozen=True, slots=True)
class Lexical:
    """Files that make one lexicon, not yet read: `rows` reads them, and fills `about` as it does."""

    name: str
    format: str
    files: tuple[Path, ...]
    rows: Callable[[], Iterator[Named]]
    about: About = field(default_factory=About)


def lexicals(
    files: Sequence[Path], form: str | None, pair: tuple[str | None, str | None], name: str | None
) -> list[Lexical]:
    """What the files are. Raises LexiconError or BadRequest, naming the file or the option, before anything is read."""
    found: dict[str, list[Path]] = {}
    for file in files:
        if not file.is_file():
            raise LexiconError(file, "", "a file")
        found.setdefault(form or _recognised(file), []).append(file)
    made = [one for kind, of_kind in found.items() for one in _of(kind, of_kind, pair)]
    if name is not None and len(made) != 1:
        raise BadRequest("--name", name, _ONE_NAME.format(len(made)))
    if name is None and any(one.format == "skos" and len(one.files) > 1 for one in made):
        raise BadRequest("--name", "nothing", _NAMELESS)
    return [replace(one, name=name) for one in made] if name else made


def _of(kind: str, files: list[Path], pair: tuple[str | None, str | None]) -> Iterator[Lexical]:
    if kind in _PAIRED:
        each = {dictd.base(file) if kind == "dictd" else file: file for file in files}
        yield from (_paired(kind, file, pair) for file in each.values())
        return
    about = About()
    rows = partial(_TOGETHER[kind], files, about)
    yield Lexical(_plain(files[0]) if len(files) == 1 else kind, kind, tuple(files), rows, about)


def _paired(kind: str, file: Path, pair: tuple[str | None, str | None]) -> Lexical:
    said = dictd.languages_of(file) or (None, None)
    tags = [asked or tag for asked, tag in zip(pair, said, strict=True)]
    codes = [ours(tag) if tag else None for tag in tags]
    for option, tag, code in zip(("--from", "--to"), tags, codes, strict=True):
        if code is None:
            raise BadRequest(option, f"{tag or 'nothing'} for {file.name}", ", ".join(LANGUAGES))
    if codes[0] == codes[1]:
        raise BadRequest("--to", tags[1], _SAME)
    about = About()
    rows = partial((dictd if kind == "dictd" else tei).read, [file], (codes[0], codes[1]), about)
    return Lexical(_plain(file), kind, (file,), rows, about)


def _plain(file: Path) -> str:
    """A file's name without what says how it is packed."""
    name = dictd.base(file).name
    for end in (".gz", ".zip", ".xml", ".tei", ".tab", ".rdf", ".ttl", ".nt", ".json", ".jsonld"):
        name = name.removesuffix(end)
    return name


def _recognised(file: Path) -> str:
    start = beginning(file)
    if wordnets.TAB_LINE.search(start):  # before dictd, since "lemma" could be one of its numbers
        return "omw"
    if start.startswith("00-database") or dictd.INDEX_LINE.match(start):
        return "dictd"
    if "<LexicalResource" in start:
        return "wn-lmf"
    if "<TEI" in start:
        return "tei"
    if skos.syntax(start):
        return "skos"
    raise LexiconError(file, "", f"one of {', '.join(FORMATS)}, recognised by its content or named by --format")
