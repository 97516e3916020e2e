"""Small invented lexicons in each format, written as the real ones are."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hub.search.lexicon import Lexicon, keys
from hub.search.lexicons.formats import lexicals
from hub.search.lexicons.shelf import Listed, Shelf

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
INFO = """00-database-info
German-English test dictionary

Maintainer: nobody

Availability:

    Copyright (C) 2025 by nobody.
    Available under the terms of the GNU General Public License ver. 2.0
  and any later version.

Notes:

 * Database Status: small
"""
GERMAN = {
    "dach": """Dach /dax/ <neut, n, sg>
 [arch.] roof <n>, top (of a house)
      "unter Dach"  - under cover
 see: {Dächer}
""",
    "waermepumpe": "Wärmepumpe /ˈvɛʁməˌpʊmpə/ <fem>\nheat pump <n>\n   Synonym: {Pumpe}\n",
    "bank": "Bank /baŋk/ <fem>\n1. bank\n2. bench, pew\nzum Sitzen\n",
    "lakai": "Lakai /laˈkaɪ/\nlackey 2.\nin Livree\n 3.\nunterwürfig\n",
    "erneuerbare energie": "erneuerbare Energie\nrenewable energy\n",
    "daemmen": "dämmen /ˈdɛmən/ <v>\nto insulate\n",
    "laenge": "Länge //ˈlɛŋə// <n>\nlength\n1. Abmessung eines Dings\n",
    "sparen": "sparen <v>\n1. save 2.\n1. weniger verbrauchen\n 3.\n2. put by\n2. zurücklegen\n",
    "un": "un- /ʊn/\nin-, un-\n",
    "sprichwort": "Wer andern eine Grube gräbt\nhe who digs a pit for others often falls in\n",
}
TAB = {
    "eng": "# Test\teng\thttp://example.org/\tCC BY 4.0\n03226538-n\teng:lemma\troof\n03226538-n\teng:def\t0\ta\n",
    "fra": "# Essai\tfra\thttp://example.org/\tCeCILL-C\n03226538-n\tlemma\ttoit\n03226538-n\tlemma\ttoiture_plate\n",
    "jpn": "# Test\tjpn\thttp://example.org/\tfree\n03226538-n\tjpn:lemma\t屋根\n",
}
LMF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.0.dtd">
<LexicalResource xmlns:dc="http://purl.org/dc/elements/1.1/">
  <Lexicon id="x-{language}" label="{label}" language="{language}" license="CC BY-SA 4.0" version="1">
    <LexicalEntry id="w1"><Lemma writtenForm="{word}" partOfSpeech="n"/>
      <Sense id="s1" synset="{language}-1"/></LexicalEntry>
    <Synset id="{language}-1" ili="{ili}" partOfSpeech="n"/>
  </Lexicon>
</LexicalResource>
"""
TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="en">
  <teiHeader><fileDesc><titleStmt><title>Svenska-English</title></titleStmt>
    <publicationStmt><availability><p>CC BY-SA 3.0</p></availability></publicationStmt></fileDesc></teiHeader>
  <text><body>
    <entry><form><orth>tak</orth></form><sense>
      <cit type="trans"><quote>roof</quote></cit>
      <cit type="trans" xml:lang="deu"><quote>Dach</quote></cit>
      <cit type="example"><quote>taket läcker</quote></cit></sense></entry>
  </body></text>
</TEI>
"""
TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
<urn:t> a skos:ConceptScheme ; dct:title "Test thesaurus" ; dct:license <http://creativecommons.org/licenses/by/4.0/> .
<urn:t/1> a skos:Concept ; skos:inScheme <urn:t> ; skos:prefLabel "thermal insulation"@en , "isolamento termico"@it ;
    skos:altLabel "coibentazione"@it , "hőszigetelés"@hu-HU , "aislamiento"@es .
"""
RDF_XML = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="urn:c/1"><skos:prefLabel xml:lang="{language}">{label}</skos:prefLabel></skos:Concept>
</rdf:RDF>
"""


def number(value: int) -> str:
    digits = DIGITS[value % 64]
    return digits if value < 64 else number(value // 64) + digits


def dictd(folder: Path, name: str, entries: Mapping[str, str]) -> Path:
    """The index of a dictionary; its text lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    text, rows = b"", []
    for word, entry in {"00databaseinfo": INFO, **entries}.items():
        content = entry.encode()
        rows.append(f"{word}\t{number(len(text))}\t{number(len(content))}\n")
        text += content
    (folder / f"{name}.dict.dz").write_bytes(gzip.compress(text))
    index = folder / f"{name}.index"
    index.write_text("".join(sorted(rows)), "utf-8")
    return index


def simple(folder: Path, name: str, entries: Mapping[str, str]) -> Path:
    """A dictionary of words and their translations, divided by commas."""
    return dictd(folder, name, {word.casefold(): f"{word}\n{translations}\n" for word, translations in entries.items()})


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def tabs(folder: Path, *codes: str) -> list[Path]:
    return [written(folder, f"wn-data-{code}.tab", TAB[code]) for code in codes]


def put(data: Path, *files: Path, name: str | None = None) -> list[Listed]:
    with Shelf(data) as shelf:
        return [shelf.put(lexical) for lexical in lexicals(files, None, (None, None), name)]


def rows(files: Sequence[Path], form: str | None = None, **pair: str) -> Iterator[tuple[str | int, str, str]]:
    for lexical in lexicals(files, form, (pair.get("source"), pair.get("target")), None):
        yield from ((row.concept, row.language, row.text) for row in lexical.rows())


def of(lexicon: Lexicon, language: str, text: str) -> dict[str, tuple[str, ...]]:
    """What an entry is translated to."""
    return dict(lexicon.translations(language, keys(text, language)))
