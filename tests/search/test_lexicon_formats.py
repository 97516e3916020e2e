"""Each format of lexicons, as it is read; and what cannot be read is said with its place."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from hub.errors import BadRequest
from hub.search.lexicons import reading
from hub.search.lexicons.formats import lexicals
from hub.search.lexicons.reading import LexiconError, cleaned, ours
from tests.search.lexicons import GERMAN, LMF, RDF_XML, TEI, TURTLE, dictd, rows, tabs, written


def texts(found: object) -> dict[str, list[str]]:
    """The words by language."""
    told: dict[str, list[str]] = {}
    for _, language, text in found:  # type: ignore[attr-defined]
        told.setdefault(language, []).append(text)
    return told


def test_a_dictionary_of_dictd(tmp_path: Path) -> None:
    """Without grammar, examples, synonyms, explanations (numbered or not), prefixes, and "to" before a verb."""
    found: dict[object, list[str]] = {}
    for concept, language, text in rows([dictd(tmp_path, "freedict-deu-eng", GERMAN)]):
        found.setdefault(concept, []).append(f"{language} {text}")
    assert sorted(found.values()) == sorted(
        [
            ["de Dach", "en roof", "en top"],
            ["de Wärmepumpe", "en heat pump"],
            ["de Bank", "en bank", "en bench", "en pew"],
            ["de Lakai", "en lackey"],
            ["de erneuerbare Energie", "en renewable energy"],
            ["de dämmen", "en insulate"],
            ["de Länge", "en length"],
            ["de sparen", "en save", "en put by"],
            ["de Wer andern eine Grube gräbt", "en he who digs a pit for others often falls in"],
        ]
    )


def test_a_dictionary_tells_its_title_and_licence(tmp_path: Path) -> None:
    (lexical,) = lexicals([dictd(tmp_path, "freedict-deu-eng", GERMAN)], None, (None, None), None)
    assert len(list(lexical.rows())) == 22
    assert (lexical.name, lexical.about.title) == ("freedict-deu-eng", "German-English test dictionary")
    licence = "Available under the terms of the GNU General Public License ver. 2.0 and any later version."
    assert lexical.about.licence == licence


def test_all_files_of_a_dictionary_are_one(tmp_path: Path) -> None:
    index = dictd(tmp_path, "freedict-deu-eng", GERMAN)
    other = dictd(tmp_path, "freedict-ita-eng", {"tetto": "tetto\nroof\n"})
    files = [index, index.with_name("freedict-deu-eng.dict.dz"), other]
    assert [one.name for one in lexicals(files, None, (None, None), None)] == ["freedict-deu-eng", "freedict-ita-eng"]


def test_a_dictionary_whose_name_says_no_languages(tmp_path: Path) -> None:
    index = dictd(tmp_path, "mine", {"tetto": "tetto\nDach\n"})
    assert texts(rows([index], source="ita", target="de")) == {"it": ["tetto"], "de": ["Dach"]}
    with pytest.raises(BadRequest, match=r"--from: 'nothing for mine.index' is not valid; allowed: it, sv, de"):
        list(rows([index]))
    with pytest.raises(BadRequest, match=r"--to: 'fin for mine.index' is not valid"):
        list(rows([index], source="it", target="fin"))
    with pytest.raises(BadRequest, match="another language than --from"):
        list(rows([index], source="it", target="ita"))


def test_a_dictionary_in_tei(tmp_path: Path) -> None:
    file = written(tmp_path, "swe-eng.tei", TEI)
    (lexical,) = lexicals([file], None, (None, None), None)
    assert [(row.language, row.text) for row in lexical.rows()] == [("sv", "tak"), ("en", "roof")]
    assert (lexical.name, lexical.about.title, lexical.about.licence) == ("swe-eng", "Svenska-English", "CC BY-SA 3.0")


def test_wordnets_in_tab_files(tmp_path: Path) -> None:
    (lexical,) = lexicals(tabs(tmp_path, "eng", "fra", "jpn"), None, (None, None), None)
    words = [(row.concept, row.language, row.text) for row in lexical.rows()]
    synset = "03226538-n"
    assert words == [(synset, "en", "roof"), (synset, "fr", "toit"), (synset, "fr", "toiture plate")]
    assert (lexical.name, lexical.about.licence) == ("omw", "CC BY 4.0; CeCILL-C; free")


def test_wordnets_in_lmf_meet_in_the_interlingual_index(tmp_path: Path) -> None:
    made = [("it", "tetto", "i51"), ("de", "Dach", "i51"), ("sv", "tak", "")]
    files = [
        written(tmp_path, f"{code}.xml", LMF.format(language=code, word=word, ili=ili, label=f"Net {code}"))
        for code, word, ili in made
    ]
    (lexical,) = lexicals(files, None, (None, None), None)
    words = [(row.concept, row.language, row.text) for row in lexical.rows()]
    assert words == [("i51", "it", "tetto"), ("i51", "de", "Dach"), ("sv-1", "sv", "tak")]
    assert (lexical.about.title, lexical.about.licence) == ("Net it; Net de; Net sv", "CC BY-SA 4.0")


def test_a_thesaurus_in_turtle(tmp_path: Path) -> None:
    (lexical,) = lexicals([written(tmp_path, "t.ttl", TURTLE)], None, (None, None), None)
    labels = {(row.language, row.text) for row in lexical.rows()}
    assert labels == {
        ("en", "thermal insulation"),
        ("it", "isolamento termico"),
        ("it", "coibentazione"),
        ("hu", "hőszigetelés"),
    }
    assert lexical.about.title == "Test thesaurus"
    assert lexical.about.licence == "http://creativecommons.org/licenses/by/4.0/"


def test_a_thesaurus_in_a_file_for_each_language(tmp_path: Path) -> None:
    """As GEMET has it: RDF/XML."""
    german = written(tmp_path, "de.rdf", RDF_XML.format(language="de", label="Dämmung"))
    french = written(tmp_path, "fr.rdf", RDF_XML.format(language="fr", label="isolation (thermique)"))
    with pytest.raises(BadRequest, match="--name: 'nothing' is not valid; allowed: a name for the thesaurus"):
        list(rows([german, french]))
    (lexical,) = lexicals([german, french], None, (None, None), "gemet")
    assert {(row.language, row.text) for row in lexical.rows()} == {("de", "Dämmung"), ("fr", "isolation")}
    assert {row.concept for row in lexical.rows()} == {"<urn:c/1>"} and lexical.name == "gemet"


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_packed_files_are_read(tmp_path: Path, packed: str) -> None:
    plain, file = written(tmp_path, "t.ttl", TURTLE), tmp_path / f"t.ttl.{packed}"
    if packed == "gz":
        file.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.write(plain, "t.ttl")
    assert len(list(rows([file]))) == 4
    assert lexicals([file], None, (None, None), None)[0].name == "t"


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit of 1 GB lowered to 10 MB, so that the test is short; the file has 50."""
    monkeypatch.setattr(reading, "MAX_BYTES", 10 << 20)
    bomb = tmp_path / "wn.tab.gz"
    with gzip.open(bomb, "wb") as out:
        out.write(b"00001740-a\tita:lemma\tx\n")
        for _ in range(50):
            out.write(b"# " + b"a" * (1 << 20) + b"\n")
    with pytest.raises(LexiconError, match=r"wn.tab.gz: expected at most 10 MB when unpacked"):
        list(rows([bomb]))


NESTED = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + RDF_XML.partition("?>")[2]
BAD = [
    ("x.txt", "hello", None, "x.txt: expected one of dictd, tei, omw, wn-lmf, skos, recognised by its content"),
    ("empty.ttl", "", None, "expected one of dictd"),
    (
        "wn-data-ita.tab",
        "00001740-a\tita:lemma\tx\n00001740-a ita:lemma y\n",
        None,
        "line 2: expected synset, type and",
    ),
    ("wn-data-ita.tab", "00001740-a\tlemma\tx\n", None, "line 1: expected a language: fra:lemma, or"),
    ("wn.xml", LMF.partition("<Synset")[0], None, "line 7: expected well-formed XML, not: "),
    ("wn.xml", "<LexicalResource/>", None, "expected entries of WN-LMF"),
    ("ita-eng.tei", "<TEI/>", None, "expected entries of TEI P5"),
    ("t.ttl", TURTLE + "<urn:t/2> a skos:Concept", None, "line 6: expected RDF, not: "),
    ("t.rdf", NESTED, None, "without entities made of entities"),
    ("t.rdf", f"<!DOCTYPE r [<!-- {'-' * 5000} -->]>", "skos", "without entities made of entities"),
    ("ita-eng.index", "tetto\tA\tB\n", None, "expected both ita-eng.index and ita-eng.dict.dz in one folder"),
]


@pytest.mark.parametrize(("name", "text", "form", "words"), BAD)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, text: str, form: str | None, words: str) -> None:
    with pytest.raises(LexiconError) as caught:
        list(rows([written(tmp_path, name, text)], form))
    assert str(tmp_path / name) in str(caught.value) and words in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tetto\tA\n", r"line 13: expected a word, an offset and a length in dictd's 64 digits"),
        ("tetto\tA\t*\n", r"line 13: expected a word, an offset and a length"),
        ("tetto\tA\t//////\n", r"line 13: expected an entry of at most 1,048,576 bytes"),
        ("tetto\tzzzz\tB\n", r"byte \d+: expected the 1 bytes of an entry that freedict-deu-eng.index names"),
    ],
)
def test_a_broken_index_is_said(tmp_path: Path, line: str, words: str) -> None:
    index = dictd(tmp_path, "freedict-deu-eng", {**GERMAN, "aal": "Aal\neel\n"})
    with index.open("a", encoding="utf-8") as out:
        out.write(line)
    with pytest.raises(LexiconError, match=words):
        list(rows([index]))


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    file = tmp_path / "wn-data-ita.tab"
    file.write_bytes(b"00001740-a\tita:lemma\tx\n00001740-a\tita:lemma\t\xe8\n")
    with pytest.raises(LexiconError, match="line 2: expected UTF-8, not: "):
        list(rows([file]))
    index = dictd(tmp_path, "freedict-deu-eng", GERMAN)
    text = tmp_path / "freedict-deu-eng.dict.dz"
    text.write_bytes(gzip.compress(gzip.decompress(text.read_bytes()).replace("ä".encode(), b"\xe4\xe4")))
    with pytest.raises(LexiconError, match=r"freedict-deu-eng.dict.dz, byte \d+: expected UTF-8"):
        list(rows([index]))


def test_a_cut_archive_is_said(tmp_path: Path) -> None:
    index = dictd(tmp_path, "freedict-deu-eng", {str(n): f"Wort{n}\n{os.urandom(20).hex()}\n" for n in range(500)})
    text = tmp_path / "freedict-deu-eng.dict.dz"
    text.write_bytes(text.read_bytes()[:-2000])
    with pytest.raises(LexiconError, match="expected a whole archive"):
        list(rows([index]))
    broken = tmp_path / "t.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(LexiconError, match="expected a whole archive"):
        list(rows([broken]))
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a", "")
        archive.writestr("b", "")
    with pytest.raises(LexiconError, match="a zip archive of one file without a password, not of 2"):
        list(rows([two]))


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="expected a file"):
        list(rows([tmp_path]))


def test_a_name_is_for_one_lexicon(tmp_path: Path) -> None:
    files = [dictd(tmp_path, name, {"tetto": "tetto\nroof\n"}) for name in ("ita-eng", "ita-deu")]
    with pytest.raises(BadRequest, match="these make 2"):
        lexicals(files, None, (None, None), "mine")
    assert lexicals(files[:1], None, (None, None), "mine")[0].name == "mine"


@pytest.mark.parametrize(
    ("text", "language", "clean"),
    [
        ("roof <n> [arch.] (of (a) house)", "en", "roof"),
        ("hôszigetelés", "hu", "hőszigetelés"),
        ("rôle", "fr", "rôle"),
        ("Haus…", "de", ""),
        ("-artig", "de", ""),
        ("(sich)", "de", ""),
        ("toiture_plate.", "fr", "toiture plate"),
        ("x" * 101, "en", ""),
    ],
)
def test_words_are_cleaned(text: str, language: str, clean: str) -> None:
    assert cleaned(text, language) == clean


@pytest.mark.parametrize(
    ("tag", "code"),
    [("deu", "de"), ("de_AT", "de"), ("hu-HU", "hu"), ("FRA", "fr"), ("fin", None), ("", None), ("?", None)],
)
def test_languages_by_any_tag(tag: str, code: str | None) -> None:
    assert ours(tag) == code
