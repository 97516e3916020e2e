"""Source files: those that come with the hub load; each mistake is told by file, key, value and what is allowed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvesters import CROSSWALKS, HARVESTERS, crosswalk_digest, crosswalks
from harvesters.source_files import SOURCES, load_sources
from hub.errors import SourceError
from hub.model import KINDS

SAMPLES = SOURCES.parent / "samples" / "sources"

RIGHT = {
    "key": '"partner"',
    "title": '{ it = "Portale", en = "Portal" }',
    "country": '"ITA"',
    "language": '"it"',
    "protocol": '"ckan"',
    "url": '"https://portal.example"',
    "format": '"ckan"',
}
TABLE = RIGHT | {"protocol": '"tabular"', "format": '"table"'}


def toml(written: dict[str, str]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in written.items())


def refusal(folder: Path, text: str | bytes, samples_url: str = "") -> str:
    (folder / "partner.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SourceError) as failure:
        load_sources(folder, samples_url)
    return str(failure.value)


def test_a_right_file_becomes_a_source(tmp_path: Path) -> None:
    more = {
        "licence": '"https://creativecommons.org/licenses/by/4.0/"',
        "rhythm": '"*/15 0-6 1,15 * 1-5"',
        "select": '{ practice = "groups:a", venue = "groups:b" }',
        "options": '{ page_size = 50, fields = { sfida = "challenge@it" } }',
        "limits": "{ rate = 0.5, drop_count = 20, drop_share = 0.2 }",
    }
    (tmp_path / "partner.toml").write_text(toml(RIGHT | more), "utf-8")
    source = load_sources(tmp_path, "")["partner"]
    assert (source.country, source.url, source.rhythm) == ("ITA", "https://portal.example", "*/15 0-6 1,15 * 1-5")
    assert source.select == {"practice": "groups:a", "venue": "groups:b"}
    assert source.options["fields"] == {"sfida": "challenge@it"}
    assert source.limits == {"rate": 0.5, "drop_count": 20, "drop_share": 0.2}


def test_the_sources_that_come_with_the_hub() -> None:
    assert set(load_sources(SOURCES, "")) == {"it", "se", "at", "hu", "nl", "fr"}


def test_the_samples_and_where_they_are_served() -> None:
    samples = load_sources(SAMPLES, "http://127.0.0.1:8001/")
    assert set(samples) == {f"sample-{country}" for country in ("it", "se", "at", "hu", "nl", "fr")}
    assert samples["sample-it"].url == "http://127.0.0.1:8001/it"
    assert {source.protocol for source in samples.values()} == {"ckan", "dcat", "tabular"}
    assert {source.format for source in samples.values()} == {"ckan", "dcat", "table"}
    with pytest.raises(SourceError) as failure:
        load_sources(SAMPLES, "")
    assert str(failure.value) == (
        "at.toml: url: '{samples}/at/catalog.ttl' is not valid; allowed: an address; "
        "{samples} stands for HUB_SAMPLES_URL, which is not set"
    )


def mistakes() -> Iterator[tuple[str, str, str, str]]:
    """A key, a wrong value of it in TOML, the value and what is allowed as the error has them."""
    yield "key", '"Partner"', "'Partner'", "a small letter, then small letters, digits and hyphens"
    yield "key", '"1st"', "'1st'", "a small letter, then small letters, digits and hyphens"
    yield "title", '"Portal"', "'Portal'", "a table of titles by language tag, at least one"
    yield "title", "{}", "'{}'", "a table of titles by language tag, at least one"
    yield "title", '{ en = " " }', "\"{'en': ' '}\"", "a table of titles by language tag, at least one"
    yield (
        "title",
        '{ english_title = "x" }',
        "\"{'english_title': 'x'}\"",
        "a table of titles by language tag, at least one",
    )
    yield "country", '"IT"', "'IT'", "a country's three letters, such as ITA, that schema/vocabularies knows"
    yield "country", '"Italia"', "'Italia'", "a country's three letters, such as ITA, that schema/vocabularies knows"
    yield "country", "39", "'39'", "a country's three letters, such as ITA, that schema/vocabularies knows"
    yield "language", '"it_IT"', "'it_IT'", "a language tag of BCP 47 in its canonical form, such as it or de-AT"
    yield "language", '"italiano"', "'italiano'", "a language tag of BCP 47 in its canonical form, such as it or de-AT"
    yield "protocol", '"oai"', "'oai'", " or ".join(HARVESTERS)
    yield "protocol", '""', "''", "a row of HARVESTERS"
    yield "format", '"marc"', "'marc'", " or ".join(CROSSWALKS)
    yield "url", '"portal.example"', "'portal.example'", "an http or https address, or one that begins with {samples}"
    yield (
        "url",
        '"file:///etc/passwd"',
        "'file:///etc/passwd'",
        "an http or https address, or one that begins with {samples}",
    )
    yield "licence", '"CC BY"', "'CC BY'", "the address of a licence"
    never, seconds = "0 3 30 2 *", "0 0 3 * * *"
    for rhythm in (
        "daily",
        "0 3 * *",
        "60 3 * * *",
        "0 3 * * 8",
        "0 3 0 * *",
        "a b c d e",
        "*/0 * * * *",
        never,
        seconds,
    ):
        yield "rhythm", f'"{rhythm}"', f"'{rhythm}'", "five fields of cron in UTC, such as 0 3 * * *"
    yield "full", '"weekly"', "'weekly'", "five fields of cron in UTC, such as 0 3 * * 0"
    kinds = f"a table from {', '.join(KINDS)} to text"
    yield "select", '{ dataset = "x" }', "\"{'dataset': 'x'}\"", kinds
    yield "select", "{ practice = 1 }", "\"{'practice': 1}\"", kinds
    yield "options", '"none"', "'none'", "a table"
    limits = "a table of numbers: drop_count 0-1000000, drop_share 0-1, rate 0-3600"
    yield "limits", "{ drop = 5 }", "\"{'drop': 5}\"", limits
    yield "limits", "{ drop_share = 10 }", "\"{'drop_share': 10}\"", limits
    yield "limits", '{ rate = "1" }', "\"{'rate': '1'}\"", limits
    yield "limits", "{ drop_count = true }", "\"{'drop_count': True}\"", limits
    yield "lang", '"it"', "'it'", f"the keys {', '.join(RIGHT)}, licence, rhythm, full, select, options, limits"


def test_a_rhythm_of_full_listings_is_refused_where_all_are_full(tmp_path: Path) -> None:
    (tmp_path / "ckan.toml").write_text(toml(RIGHT | {"full": '"0 3 * * 0"'}), "utf-8")
    assert load_sources(tmp_path, "")["partner"].full == "0 3 * * 0"
    words = refusal(tmp_path, toml(RIGHT | {"protocol": '"template"', "format": '"template"', "full": '"0 3 * * 0"'}))
    assert words.startswith("partner.toml: full: '0 3 * * 0' is not valid; allowed: nothing, since this protocol lists")


def test_a_rhythm_of_full_listings_is_refused_where_nothing_says_what_changed(tmp_path: Path) -> None:
    endpoint = RIGHT | {"protocol": '"sparql"', "format": '"dcat"', "full": '"0 3 * * 0"'}
    for options in ({}, {"options": "{ page_size = 10 }"}, {"options": '{ modified = "" }'}):
        assert refusal(tmp_path, toml(endpoint | options)) == (
            "partner.toml: full: '0 3 * * 0' is not valid; allowed: nothing without options.modified, "
            "which says when a record changed: each run would list all"
        )
    (tmp_path / "partner.toml").write_text(toml(endpoint | {"options": '{ modified = "dct:modified" }'}), "utf-8")
    assert load_sources(tmp_path, "")["partner"].full == "0 3 * * 0"


@pytest.mark.parametrize(("key", "written", "value", "allowed"), list(mistakes()))
def test_a_mistake_is_told(tmp_path: Path, key: str, written: str, value: str, allowed: str) -> None:
    words = refusal(tmp_path, toml(RIGHT | {key: written}))
    assert words == f"partner.toml: {key}: {value} is not valid; allowed: {allowed}"


@pytest.mark.parametrize("key", RIGHT)
def test_a_key_that_is_missing_is_told(tmp_path: Path, key: str) -> None:
    words = refusal(tmp_path, toml({k: v for k, v in RIGHT.items() if k != key}))
    assert words.startswith(f"partner.toml: {key}: 'missing' is not valid; allowed: ")


@pytest.mark.parametrize("url", ["http://", "https:///path", "{samples}"])
def test_an_address_without_a_host_is_told(tmp_path: Path, url: str) -> None:
    words = refusal(tmp_path, toml(RIGHT | {"url": f'"{url}"'}))
    assert words.startswith(f"partner.toml: url: '{url}' is not valid; allowed: an address;")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("{ fields = 'title' }", "options.fields: 'title' is not valid; allowed: a table"),
        ("{ fields = { Titolo = 'title' }, constants = 1 }", "options.constants: '1' is not valid; allowed: a table"),
        (
            "{ fields = { Titolo = 'titel' } }",
            "options.fields.Titolo: 'titel' is not valid; allowed: field, field@language",
        ),
        (
            "{ fields = { Titolo = 'title@italiano' } }",
            "options.fields.Titolo: 'title@italiano' is not valid; allowed: field",
        ),
        ("{ fields = { Luogo = 'place.nome' } }", "options.fields.Luogo: 'place.nome' is not valid; allowed: field"),
        ("{ fields = { Titolo = 5 } }", "options.fields.Titolo: '5' is not valid; allowed: field"),
        ("{ fields = { Area = 'floorArea' } }", "options.fields.Area: 'floorArea' is not valid; allowed: field"),
        (
            "{ fields = { Titolo = 'title' }, constants = { tema = 'x' } }",
            "options.constants.tema: 'tema' is not valid; allowed",
        ),
        (
            "{}",
            "options.fields: 'missing' is not valid; allowed: a table from column to field, such as Titel = 'title'",
        ),
    ],
)
def test_a_column_that_no_selected_kind_has_is_told(tmp_path: Path, options: str, told: str) -> None:
    words = refusal(tmp_path, toml(TABLE | {"options": options}))
    assert words.startswith(f"partner.toml: {told}")
    if "field@language" in words:
        assert "the fields are" in words
        assert " theme, title, transferability," in words


def test_a_column_of_another_selected_kind_is_right(tmp_path: Path) -> None:
    more = {"select": "{ practice = 'A', venue = 'B' }", "options": "{ fields = { Area = 'floorArea', T = 'title' } }"}
    (tmp_path / "partner.toml").write_text(toml(TABLE | more), "utf-8")
    assert load_sources(tmp_path, "")["partner"].options["fields"]["Area"] == "floorArea"


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path, "key = \n").startswith(
        "partner.toml: the file is not valid TOML: Invalid value (at line 1"
    )
    assert refusal(tmp_path, b'key = "\xff"').startswith("partner.toml: the file is not valid TOML: 'utf-8' codec")


def test_two_files_with_one_key_are_told(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(toml(RIGHT), "utf-8")
    words = refusal(tmp_path, toml(RIGHT))
    assert words == "partner.toml: key: 'partner' is the key of another file of this folder"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere is no folder of source files"):
        load_sources(tmp_path / "nowhere", "")
    assert load_sources(tmp_path, "") == {}


# The tables that source files choose from


def test_the_digest_of_a_format_is_that_of_its_code() -> None:
    digests = {format: crosswalk_digest(format) for format in CROSSWALKS}
    assert len(set(digests.values())) == len(CROSSWALKS)
    assert all(len(digest) == 64 for digest in digests.values())


def test_the_digest_changes_with_any_rule_that_a_crosswalk_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a copy of the code, since the digest is of the files as they are."""
    before = crosswalk_digest("table")
    copy = tmp_path / "crosswalks"
    shutil.copytree(Path(crosswalks.__file__).parent, copy)
    monkeypatch.setattr(crosswalks, "__file__", str(copy / "__init__.py"))
    assert crosswalk_digest("table") == before  # computed once
    assert crosswalk_digest.__wrapped__("table") == before
    with (copy / "licences.py").open("a", encoding="utf-8") as rules:
        rules.write("# another rule")
    assert crosswalk_digest.__wrapped__("table") != before
