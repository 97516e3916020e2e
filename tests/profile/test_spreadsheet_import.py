"""A filled-in template becomes records: in whichever language, once, and with remarks that lead to the cell."""

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from pyoxigraph import Literal, RdfFormat, parse

from hub.errors import BadRequest
from hub.harvest.imports import Asked, NoTemplate, import_file
from hub.languages import LANGUAGES
from hub.ledger import Ledger
from hub.model import Source
from hub.namespaces import CONCEPT, COUNTRY
from hub.profile import load
from hub.profile.spreadsheet import MEDIA_TYPE
from hub.profile.spreadsheet_columns import columns
from tests.command import environment, hub
from tests.portal import toml
from tests.profile.filling import FIRST, Facts, filled, heads, opened, place_of, sheet_of, write
from tests.servers.loopback import Answer, serving

ROOT = Path(__file__).parents[2]
BASE = "http://localhost:8000"
TITLES = {"hu": "Közös tető", "en": "Shared roof", "de": "Gemeinsames Dach"}
SUMMARIES = {
    "hu": "A szomszédok napelemet vettek.",
    "en": "Neighbours bought photovoltaics.",
    "de": "Nachbarn kauften PV.",
}


def concept(path: str, language: str) -> str:
    return load().label(f"{CONCEPT}{path}", language)


def country(code: str, language: str) -> str:
    return load().label(f"{COUNTRY}{code}", language)


def roof(language: str) -> Facts:
    """One practice with what people fill in, its lists in the language of the template."""
    themes = [concept(f"theme/{name}", language) for name in ("energy-renovation", "cooperative-financing")]
    return {
        "identifier": "roof-1",
        "title@": TITLES.get(language, TITLES["en"]),
        "summary@": SUMMARIES.get(language, SUMMARIES["en"]),
        "theme": "; ".join(themes),
        "outcome": concept("outcome/successful", language),
        "keyword@": "nap; szövetkezet" if language == "hu" else "sun; cooperative",
        "country": country("HUN", language),
        "place.name@": "Budapest",
        "place.centroid": "47.4979, 19.0402",
        "place.nuts": "HU110",
        "period.start": 2023,
        "period.end": date(2024, 5, 17),
        "lead.title@": "Nap Szövetkezet",
        "lead.identifier": "nap",
        "partner.title@": "Malom; Műhely",
        "funding-1.name@": "Zöld Alap",
        "funding-1.amount": "25 000,50" if language == "hu" else "25,000.50" if language == "en" else 25000.5,
        "funding-1.currency": "HUF",
        "indicator-1.name@": "Áram" if language == "hu" else "Electricity",
        "indicator-1.value": 61000,
        "indicator-1.unit": "kWh",
        "indicator-2.name@": "Tagok" if language == "hu" else "Members",
        "indicator-2.value": 140,
        "indicator-2.unit": "fő",
        "landingPage": "https://example.org/roof",
        "licence": "CC BY 4.0",
    }


def others(language: str) -> Mapping[str, Sequence[Facts]]:
    """A record of every other kind."""
    common = {"country": country("HUN", language)}
    return {
        "venue": [{"identifier": "malom", "title@": "Malom", "floorArea": 850.5, **common}],
        "organisation": [
            {
                "identifier": "nap",
                "title@": "Nap Szövetkezet",
                "contact-1.email": "info@example.org",
                "contact-1.consent": {"hu": "igen", "en": "yes", "de": "ja"}.get(language, "yes"),
                **common,
            }
        ],
        "event": [
            {
                "identifier": "visit",
                "title@": "Tető",
                "summary@": "Látogatás",
                "eventType": concept("event-type/learning-visit", language),
                "capacity": 25,
                "period.start": date(2025, 10, 17),
                **common,
            }
        ],
    }


def imported(file: Path, data: Path, *, dry: bool = False, **asked: Any) -> dict[str, Any]:
    """What `hub import --json` tells of a file, with the ledger of a folder."""
    choice = Asked(**asked)
    if dry:
        return import_file(None, file, choice, load(), BASE, ()).as_json()
    ledger = Ledger(f"sqlite:///{data / 'ledger.sqlite'}", BASE)
    try:
        return import_file(ledger, file, choice, load(), BASE, ()).as_json()
    finally:
        ledger.close()


def graphs(data: Path) -> dict[str, set[str]]:
    """The statements of each record in the ledger of a folder."""
    ledger = Ledger(f"sqlite:///{data / 'ledger.sqlite'}", BASE)
    try:
        found = {row["iri"]: ledger.records.versions(row["iri"])[0].graph for row in _records(ledger)}
    finally:
        ledger.close()
    return {iri: set(text.splitlines()) for iri, text in found.items()}


def _records(ledger: Ledger) -> list[Any]:
    with ledger.database.read() as connection:
        return list(connection.exec_driver_sql("SELECT iri FROM record").mappings())


def without_own_texts(statements: set[str]) -> set[str]:
    """Statements with the texts that were written in the template's language reduced to where they stand."""
    found = set()
    for quad in parse("\n".join(statements), format=RdfFormat.N_TRIPLES):
        value = "a text" if isinstance(quad.object, Literal) and quad.object.language else str(quad.object)
        found.add(f"{quad.subject} {quad.predicate} {value}")
    return found


def test_hungarian_and_english_give_the_same_graph(tmp_path: Path) -> None:
    told = {}
    for language in ("hu", "en", "de"):
        rows = {"practice": [roof(language)], **others(language)}
        file = filled(tmp_path / f"{language}.xlsx", language, rows)
        done = imported(file, tmp_path / language, source="partner", country="HUN")
        assert done["language"] == language and done["run"]["created"] == 4, done
        told[language] = graphs(tmp_path / language)
    assert told["hu"].keys() == told["en"].keys() == told["de"].keys()
    for iri, statements in told["hu"].items():
        assert without_own_texts(statements) == without_own_texts(told["en"][iri]), iri
        assert without_own_texts(statements) == without_own_texts(told["de"][iri]), iri
    practice = "\n".join(told["hu"][f"{BASE}/id/practice/partner/roof-1"])
    assert '"Közös tető"@hu' in practice and "theme/energy-renovation" in practice
    assert '"25000.5"^^<http://www.w3.org/2001/XMLSchema#decimal>' in practice
    assert "POINT(19.0402 47.4979)" in practice and "nuts/code/HU110" in practice
    assert '"2024-05-17"^^<http://www.w3.org/2001/XMLSchema#date>' in practice
    assert '"2023"^^<http://www.w3.org/2001/XMLSchema#gYear>' in practice
    assert f"{BASE}/id/organisation/partner/nap" in practice, "the organisation has a row of its own"
    assert '"true"' in "\n".join(told["hu"][f"{BASE}/id/organisation/partner/nap"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_known_by_its_headings(tmp_path: Path, language: str) -> None:
    file = filled(tmp_path / "t.xlsx", language, {"practice": [roof(language)]})
    done = imported(file, tmp_path / "data", country="HUN", dry=True)
    assert (done["language"], [record["valid"] for record in done["records"]]) == (language, [True])
    assert [remark for remark in done["remarks"] if remark["severity"] != "wish"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_would_be_valid_records_if_they_were_imported(tmp_path: Path, language: str) -> None:
    book = opened(language)
    for kind in load().kinds:
        sheet_of(book, kind, language).cell(3, 1).value = "mine"
    book.save(tmp_path / "t.xlsx")
    done = imported(tmp_path / "t.xlsx", tmp_path / "data", country="AUT", dry=True)
    assert [record["valid"] for record in done["records"]] == [True] * len(load().kinds)
    assert [remark for remark in done["remarks"] if remark["severity"] != "wish"] == []


def test_an_untouched_template_brings_nothing(tmp_path: Path) -> None:
    file = filled(tmp_path / "t.xlsx", "it", {})
    done = imported(file, tmp_path / "data")
    assert (done["records"], done["remarks"], done["run"]["seen"]) == ([], [], 0)


def test_the_same_file_again_changes_nothing_and_a_moved_column_neither(tmp_path: Path) -> None:
    file = filled(tmp_path / "t.xlsx", "hu", {"practice": [roof("hu")], **others("hu")})
    data = tmp_path / "data"
    assert imported(file, data)["run"]["created"] == 4
    assert imported(file, data)["run"]["unchanged"] == 4
    book = load_workbook(file)
    sheet = sheet_of(book, "practice", "hu")
    order = list(range(sheet.max_column, 0, -1))
    rows = [[sheet.cell(row, at).value for at in order] for row in (2, FIRST)]
    mixed = Workbook()
    other = mixed.worksheets[0]
    other.title = "Az én lapom"
    other.append(["Ezek a mi gyakorlataink"])
    other.append([*rows[0]])
    other.append([])
    other.append([*rows[1]])
    mixed.save(file)
    run_ = imported(file, data)["run"]
    assert (run_["unchanged"], run_["created"], run_["changed"]) == (1, 0, 0)


def test_an_import_takes_over_changes_and_withdraws_nothing_unless_asked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rows = [{**roof("hu"), "identifier": f"roof-{number}"} for number in range(4)]
    imported(filled(tmp_path / "a.xlsx", "hu", {"practice": rows}), data)
    one = filled(tmp_path / "b.xlsx", "hu", {"practice": [{**rows[0], "title@": "Más cím"}]})
    for _ in range(4):
        done = imported(one, data)
    assert (done["run"]["unchanged"], done["run"]["missing"], done["run"]["withdrawn"]) == (1, 0, 0)
    assert any('"Más cím"@hu' in line for line in graphs(data)[f"{BASE}/id/practice/import-hun/roof-0"])
    fewer = filled(tmp_path / "c.xlsx", "hu", {"practice": rows[:3]})
    assert imported(fewer, data, is_all=True)["run"]["missing"] == 1


def test_partners_may_delete_columns_and_add_their_own(tmp_path: Path) -> None:
    book = opened("hu")
    sheet = sheet_of(book, "practice", "hu")
    write(sheet, "practice", "hu", FIRST, roof("hu"))
    kept = {"identifier", "title@hu", "summary@hu", "country", "indicator-1.name@hu"}
    for at in range(sheet.max_column, 0, -1):
        key = columns(load(), "practice", "hu")[at - 1].key
        if key not in kept:
            sheet.delete_cols(at)
    for heading, value in (
        ("Belső megjegyzés", "titok"),
        ("Cím (francia)", "Toit commun"),
        ("Mutató 7 – A mért jellemző", "Látogatók"),
        ("Mutató 7 – Érték", 300),
        ("Mutató 7 – Mértékegység", "fő"),
        ("Öszefoglaló", "elírás"),
    ):
        at = sheet.max_column + 1
        sheet.cell(2, at).value, sheet.cell(FIRST, at).value = heading, value
    book.save(tmp_path / "t.xlsx")
    done = imported(tmp_path / "t.xlsx", tmp_path / "data")
    told = {remark["value"]: remark["message"] for remark in done["remarks"] if remark["row"] == 2}
    assert told.keys() == {"Belső megjegyzés", "Öszefoglaló"}
    assert "Összefoglaló" in told["Öszefoglaló"]
    assert any(remark["severity"] == "error" and "Mutató 1" in remark["heading"] for remark in done["remarks"])


def test_a_text_in_a_language_of_its_own_is_tagged_so(tmp_path: Path) -> None:
    book = opened("hu")
    sheet = sheet_of(book, "practice", "hu")
    write(sheet, "practice", "hu", FIRST, {**roof("hu"), "title@en": "Shared roof"})
    at = sheet.max_column + 1
    sheet.cell(2, at).value, sheet.cell(FIRST, at).value = "Cím (francia)", "Toit commun"
    book.save(tmp_path / "t.xlsx")
    imported(tmp_path / "t.xlsx", tmp_path / "data")
    (statements,) = graphs(tmp_path / "data").values()
    assert all(any(f'"{text}"@{tag}' in line for line in statements) for text, tag in
               (("Közös tető", "hu"), ("Shared roof", "en"), ("Toit commun", "fr")))  # fmt: skip


def test_faults_lead_to_the_cell_in_the_language_of_the_template(tmp_path: Path) -> None:
    wrong = {
        **roof("hu"),
        "title@": None,
        "theme": "Energetikai felújitás; Kacsaúsztatás",
        "period.end": "tavaly",
        "place.centroid": "valahol",
        "funding-1.amount": -5,
        "landingPage": "a honlapunkon",
    }
    file = filled(tmp_path / "t.xlsx", "hu", {"practice": [wrong]})
    done = imported(file, tmp_path / "data")
    sheet = sheet_of(opened("hu"), "practice", "hu")
    by_key = {}
    for remark in done["remarks"]:
        if remark["severity"] != "wish" and remark["column"]:
            by_key.setdefault(remark["cell"].removeprefix("Jó gyakorlatok!"), remark)

    def at(key: str) -> dict[str, Any]:
        return dict(by_key[sheet.cell(FIRST, place_of(sheet, "practice", key, "hu")).coordinate])

    assert at("title@hu")["severity"] == "error" and "Cím" in at("title@hu")["message"]
    assert "Kacsaúsztatás" in at("theme")["value"] and at("theme")["allowed"]
    assert at("period.end")["value"] == "tavaly" and "2025-03-31" in at("period.end")["allowed"]
    assert at("place.centroid")["value"] == "valahol" and "48.21, 16.37" in at("place.centroid")["allowed"]
    assert at("funding-1.amount")["value"] == "-5" and at("funding-1.amount")["severity"] == "error"
    assert at("landingPage")["value"] == "a honlapunkon"
    assert len(by_key) == 6
    shown = hub(["import", str(file), "--dry-run"], environment(tmp_path / "data"), expected=1)
    assert "Jó gyakorlatok!B4" in shown and "hiba" in shown and "http" not in shown.replace("https://", "")
    told = " ".join(remark["message"] for remark in by_key.values())
    assert not {"field", "value", "Please"} & set(told.split()), "all of it is Hungarian"


def test_a_near_miss_is_told_what_was_meant(tmp_path: Path) -> None:
    label = concept("theme/cooperative-financing", "de")
    file = filled(tmp_path / "t.xlsx", "de", {"practice": [{**roof("de"), "theme": label[:-2]}]})
    (remark,) = [r for r in imported(file, tmp_path / "data", dry=True)["remarks"] if r["severity"] == "warning"]
    assert remark["value"] == label[:-2] and label in remark["message"]


def test_rows_without_identity_are_told_and_left_out(tmp_path: Path) -> None:
    rows = [roof("nl"), {**roof("nl"), "title@": "Ander dak"}, {**roof("nl"), "identifier": None}]
    file = filled(tmp_path / "t.xlsx", "nl", {"practice": rows})
    done = imported(file, tmp_path / "data", country="HUN")
    errors = [(r["row"], r["column"]) for r in done["remarks"] if r["severity"] == "error"]
    assert errors == [(5, "A"), (6, "A")] and len(done["records"]) == 1
    assert done["run"]["created"] == 1


def test_an_identifier_counts_for_all_sheets_of_a_kind(tmp_path: Path) -> None:
    book = opened("nl")
    sheet = sheet_of(book, "practice", "nl")
    write(sheet, "practice", "nl", FIRST, roof("nl"))
    book.copy_worksheet(sheet).cell(FIRST + 1, 1).value = "dak-2"
    book.save(tmp_path / "t.xlsx")
    done = imported(tmp_path / "t.xlsx", tmp_path / "data", country="HUN")
    told = [remark for remark in done["remarks"] if remark["severity"] == "error" and remark["value"] == "roof-1"]
    assert [remark["sheet"] for remark in told] == ["Praktijkvoorbeelden Copy"]
    assert done["run"]["created"] == 1


def test_the_language_of_the_headings_may_be_said(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["Titel", "Land", "ID"])
    book.worksheets[0].append(["Dach", "Italien", "x"])
    book.save(tmp_path / "t.xlsx")
    for language in ("de", "sv"):
        done = imported(tmp_path / "t.xlsx", tmp_path / "data", country="HUN", language=language)
        assert done["language"] == language and done["run"]["seen"] == 1


def test_a_forgotten_mark_of_the_example_is_told(tmp_path: Path) -> None:
    book = opened("fr")
    write(sheet_of(book, "practice", "fr"), "practice", "fr", 3, {"title@": "Notre toit"})
    book.save(tmp_path / "t.xlsx")
    done = imported(tmp_path / "t.xlsx", tmp_path / "data", dry=True)
    ((remark),) = done["remarks"]
    assert (remark["row"], remark["column"], remark["severity"]) == (3, "A", "error")


def test_a_column_without_which_nothing_is_complete_is_missed_once(tmp_path: Path) -> None:
    book = opened("sv")
    sheet = sheet_of(book, "practice", "sv")
    for row in range(FIRST, FIRST + 3):
        write(sheet, "practice", "sv", row, {**roof("sv"), "identifier": f"tak-{row}"})
    sheet.delete_cols(place_of(sheet, "practice", "identifier", "sv"))
    book.save(tmp_path / "t.xlsx")
    done = imported(tmp_path / "t.xlsx", tmp_path / "data", country="HUN")
    ((error),) = [remark for remark in done["remarks"] if remark["severity"] == "error"]
    assert "Identifierare" in error["message"] or error["heading"] in error["message"]
    assert heads(sheet) and done["records"] == []


def test_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    file = filled(tmp_path / "t.xlsx", "en", {"practice": [roof("en")]})
    done = imported(file, tmp_path / "data", country="HUN", dry=True)
    assert done["run"] is None and len(done["records"]) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"country": "XYZ"}, "--country: 'XYZ' is not valid; allowed: "),
        ({}, "--country: '' is not valid; allowed: "),
        ({"country": "HUN", "source": "Mine!"}, "--source: 'Mine!' is not valid"),
        ({"country": "HUN", "source": "harvested"}, "--source: 'harvested' is not valid"),
        ({"country": "HUN", "language": "pl"}, "--lang: 'pl' is not valid; allowed: it, sv, de, hu, nl, fr, en"),
    ],
)
def test_what_is_asked_wrongly_is_refused(tmp_path: Path, asked: dict[str, str], told: str) -> None:
    file = filled(tmp_path / "t.xlsx", "en", {"practice": [roof("en")]})
    with pytest.raises(BadRequest, match=re.escape(told)):
        import_file(None, file, Asked(**asked), load(), BASE, {"harvested"})


def test_another_workbook_and_another_file_are_refused_by_their_names(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["Datum", "Betrag"])
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook")
    for name in ("other.xlsx", "text.xlsx"):
        with pytest.raises(NoTemplate, match=name):
            import_file(None, tmp_path / name, Asked(), load(), BASE, ())


def test_a_template_on_the_web_is_harvested_by_a_source_file(tmp_path: Path) -> None:
    body = filled(tmp_path / "t.xlsx", "sv", {"practice": [roof("sv")]}).read_bytes()
    with serving(lambda question: Answer(body, media_type=MEDIA_TYPE)) as server:
        declared = Source("kvarn", {"sv": "Kvarn"}, "SWE", "sv", "template", f"{server.url}/blad.xlsx", "template")
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "kvarn.toml").write_text(toml(declared), "utf-8")
        env = environment(tmp_path, HUB_SOURCES=str(tmp_path / "sources"), HUB_ALLOWED_HOSTS=server.host)
        (done,) = json.loads(hub(["harvest", "kvarn", "--json"], env))["runs"]
    assert (done["state"], done["created"]) == ("complete", 1)


def test_records_of_imports_are_seen_and_mapped_anew_with_the_others(tmp_path: Path) -> None:
    env = environment(tmp_path / "data")
    file = filled(tmp_path / "t.xlsx", "hu", {"practice": [roof("hu")]})
    assert "1 érvényes adatlap" in hub(["import", str(file)], env)
    (ours,) = [row for row in json.loads(hub(["sources", "--json"], env))["sources"] if row["source"] == "import-hun"]
    assert ours["records"] == {"live": 1} and ours["title"] == "Spreadsheets: Hungary"
    (again,) = json.loads(hub(["remap", "import-hun", "--json"], env))["runs"]
    assert (again["unchanged"], again["changed"]) == (1, 0)


NEW = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dash: <http://datashapes.org/dash#> .
@prefix coped: <https://w3id.org/co-ped/ns#> .
@prefix shape: <https://w3id.org/co-ped/shape/> .

shape:GoodPractice sh:property shape:practice-treesPlanted .
shape:practice-treesPlanted a sh:PropertyShape ;
    sh:path coped:treesPlanted ; sh:codeIdentifier "treesPlanted" ;
    sh:name "Ültetett fák"@hu , "Trees planted"@en ;
    sh:description "Hány fát ültettek."@hu , "How many trees were planted."@en ;
    sh:group shape:group-evidence ; sh:order 95 ;
    sh:datatype xsd:integer ; sh:maxCount 1 ; sh:minInclusive 0 ;
    dash:editor dash:TextFieldEditor ; dash:viewer dash:LiteralViewer .
"""


def test_a_new_property_is_a_column_and_reaches_the_graph_by_its_shape_alone(tmp_path: Path) -> None:
    house = tmp_path / "house"
    for room in ("hub", "harvesters", "schema", "locales"):
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    (house / "schema" / "shapes" / "new.ttl").write_text(NEW, "utf-8")

    def there(*arguments: str) -> str:
        env = environment(tmp_path / "data", PYTHONPATH=str(house))
        done = run([sys.executable, "-m", "hub", *arguments], cwd=house, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    file = tmp_path / "t.xlsx"
    there("template", "hu", "-o", str(file))
    book = load_workbook(file)
    sheet = book["Jó gyakorlatok"]
    at = heads(sheet).index("Ültetett fák") + 1
    comment = sheet.cell(2, at).comment
    assert comment and "Hány fát ültettek." in comment.text
    by_heading = {head.removesuffix(" *"): place for place, head in enumerate(heads(sheet), 1)}
    for name, value in (
        ("Azonosító", "fa"), ("Cím", "Fák"), ("Összefoglaló", "Sok fa."), ("Ország", "Magyarország"),
        ("Ültetett fák", 12),
    ):  # fmt: skip
        sheet.cell(FIRST, by_heading[name]).value = value
    book.save(file)
    there("import", str(file))
    (statements,) = graphs(tmp_path / "data").values()
    assert any('ns#treesPlanted> "12"^^<http://www.w3.org/2001/XMLSchema#integer>' in line for line in statements)
