"""Dublin Core in XML, simple and qualified: the fifteen elements, and what a rule makes of their values."""

from typing import Any

import pytest
from lxml import etree

from harvesters.crosswalks.dc_values import is_before_christ, is_organisation, is_person
from harvesters.crosswalks.dcat import DcatCrosswalk
from harvesters.crosswalks.oai_dc import DublinCoreCrosswalk
from harvesters.oai_records import raw_record
from hub.errors import Rejected
from hub.ledger import canonical
from hub.model import Mapped, RawRecord, Source
from hub.namespaces import record_iri
from tests.harvesters.conftest import BASE, PAYLOADS, Told, notes, read, source

real = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")
NAMES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
TEXT = "<dc:title>Il tetto</dc:title><dc:description>È isolato.</dc:description>"
CC = "http://creativecommons.org/licenses/"
IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"
OPEN = "info:eu-repo/semantics/openAccess"


def map_xml(
    xml: str | bytes, where: Source | None = None, kind: str = "practice", identifier: str = "oai:x:1", **more: Any
) -> Mapped:
    where = where or source("oai_dc", **more)
    raw = RawRecord(identifier, xml.encode() if isinstance(xml, str) else xml, "application/xml", kind)
    mapped = DublinCoreCrosswalk()(raw, where, record_iri(BASE, kind, where.key, identifier), BASE)
    canonical(mapped.graph)
    return mapped


def map_dc(elements: str, **more: Any) -> Mapped:
    return map_xml(f"<qdc {NAMES}>{elements}</qdc>", **more)


def said(mapped: Mapped, path: str, subject: str = ".") -> set[str]:
    return read(mapped).get((subject, path), set())


def told(elements: str, **more: Any) -> tuple[Told, set[tuple[str, str]]]:
    mapped = map_dc(TEXT + elements, **more)
    return read(mapped), notes(mapped)


# Texts


def test_titles_are_one_a_language_and_others_are_told() -> None:
    mapped = map_dc(
        '<dc:title>Il tetto</dc:title><dc:title xml:lang="eng">The roof</dc:title><dc:title>Il tetto nuovo</dc:title>'
        "<dc:title>Il tetto</dc:title><dcterms:alternative>Tettò</dcterms:alternative>"
    )
    assert said(mapped, "dct:title") == {"Il tetto@it", "The roof@en"}
    assert notes(mapped) == {("title", "Il tetto nuovo"), ("alternative", "Tettò")}


def test_descriptions_of_one_language_are_paragraphs() -> None:
    mapped = map_dc(
        "<dc:description>Prima\n      di tutto.\n\n  Poi.</dc:description>"
        '<dcterms:abstract>Infine.</dcterms:abstract><dc:description xml:lang="en_GB">First.</dc:description>'
    )
    assert said(mapped, "dct:description") == {"Prima di tutto.\n\nPoi.\n\nInfine.@it", "First.@en-gb"}


def test_markup_in_a_text_is_read_and_its_tags_are_dropped() -> None:
    mapped = map_dc(
        "<dc:title>Il <i>tetto</i></dc:title><dc:description>&lt;p&gt;Uno&lt;/p&gt;&lt;p&gt;Due</dc:description>"
    )
    assert said(mapped, "dct:title") == {"Il tetto@it"} and said(mapped, "dct:description") == {"Uno\nDue@it"}


def test_a_language_of_the_wrapper_holds_for_what_is_in_it() -> None:
    mapped = map_xml(
        f'<qdc {NAMES} xml:lang="fr"><dc:title>Le toit</dc:title><dc:title xml:lang="">Il tetto</dc:title></qdc>'
    )
    assert said(mapped, "dct:title") == {"Le toit@fr"}


def test_subjects_are_keywords_and_themes() -> None:
    found, rest = told("<dc:subject>tetto; teatro</dc:subject><dc:subject>energia</dc:subject>")
    assert {"tetto@it", "teatro@it", "energia@it"} == found[".", "dcat:keyword"] and rest == set()
    found, rest = told("<dc:subject>tetto</dc:subject>", kind="event")
    assert rest == {("subject", "tetto")}


# Who


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Comune di Bologna", True),
        ("Trans Europe Halles", True),
        ("Bürgerenergie Genossenschaft", True),
        ("Kulturverein Bakelit e.V.", True),
        ("La Main SCIC", True),
        ("Stichting De Ceuvel", True),
        ("Önkormányzat Újbuda", True),
        ("Folkets Hus AB", True),
        ("Rossi, Mária", False),
        ("Stadtler, Anna", False),
        ("Müller, E. V.", False),
        ("Ab, Jan", False),
        ("John Doe", False),
        ("某人", False),
    ],
)
def test_only_what_only_organisations_are_called_is_one(name: str, is_one: bool) -> None:
    assert is_organisation(name) == is_one
    found, rest = told(f"<dc:creator>{name}</dc:creator>")
    assert ((".", "dct:creator") in found) == is_one
    assert rest == (set() if is_one else {("creator", name)})


def test_agents_have_their_fields_and_a_publisher_is_one() -> None:
    found, rest = told(
        "<dc:creator>Comune di Bologna</dc:creator><dc:contributor>Teatro Nuovo</dc:contributor>"
        "<dc:publisher>Arci</dc:publisher><dc:publisher>Uisp</dc:publisher><dc:creator>https://orcid.org/1</dc:creator>"
    )
    assert found["#lead-1", "foaf:name"] == {"Comune di Bologna@it"}
    assert found["#partner-1", "foaf:name"] == {"Teatro Nuovo@it"}
    assert found["#publisher-1", "foaf:name"] == {"Arci@it"}
    assert rest == {("publisher", "Uisp"), ("creator", "https://orcid.org/1")}


def test_a_publisher_written_as_a_person_is_none() -> None:
    assert is_person("Rossi, Mária (1970-)") is False and is_person("Rossi, Mária")
    found, rest = told("<dc:publisher>Rossi, Mária</dc:publisher>")
    assert (".", "dct:publisher") not in found and rest == {("publisher", "Rossi, Mária")}


# When


@pytest.mark.parametrize(
    ("elements", "paths", "rest"),
    [
        ("<dc:date>2024</dc:date>", {"dct:issued": "2024^^xsd:gYear"}, set()),
        ("<dc:date>2024-05-17</dc:date>", {"dct:issued": "2024-05-17^^xsd:date"}, set()),
        ("<dc:date>2024</dc:date><dc:date>2023</dc:date>", {}, {("date", "2024"), ("date", "2023")}),
        ("<dc:date>17 maggio</dc:date>", {}, {("date", "17 maggio")}),
        (
            "<dc:date>2024</dc:date><dcterms:issued>2023</dcterms:issued><dcterms:modified>2025</dcterms:modified>",
            {"dct:issued": "2023^^xsd:gYear", "dct:modified": "2025^^xsd:gYear"},
            {("date", "2024")},
        ),
        ("<dcterms:created>2020</dcterms:created>", {}, {("created", "2020")}),
    ],
)
def test_a_date_is_when_the_record_was_issued_where_there_is_one(
    elements: str, paths: dict[str, str], rest: set[tuple[str, str]]
) -> None:
    found, notes = told(elements)
    assert {
        path: next(iter(found[".", path])) for path in ("dct:issued", "dct:modified") if (".", path) in found
    } == paths
    assert notes == rest


@pytest.mark.parametrize(
    ("element", "start", "end"),
    [
        ("<dc:date>2014/2016</dc:date>", "2014^^xsd:gYear", "2016^^xsd:gYear"),
        ("<dc:coverage>2014-2016</dc:coverage>", "2014^^xsd:gYear", "2016^^xsd:gYear"),
        ("<dcterms:temporal>2014-05-01/..</dcterms:temporal>", "2014-05-01^^xsd:date", None),
        (
            '<dcterms:temporal xsi:type="dcterms:Period">name=Cantiere; start=2014-05-01; end=2014; scheme=W3C-DTF;'
            "</dcterms:temporal>",
            "2014-05-01^^xsd:date",
            "2014^^xsd:gYear",
        ),
        ('<dc:coverage xsi:type="dcterms:W3CDTF">2014</dc:coverage>', "2014^^xsd:gYear", "2014^^xsd:gYear"),
    ],
)
def test_a_span_is_the_records_period(element: str, start: str, end: str | None) -> None:
    found, rest = told(element)
    assert found["#period-1", "dcat:startDate"] == {start} and rest == set()
    assert found.get(("#period-1", "dcat:endDate")) == ({end} if end else None)


def test_of_several_spans_the_first_is_taken() -> None:
    found, rest = told("<dc:coverage>2014-2016</dc:coverage><dc:coverage>2018-2019</dc:coverage>")
    assert found["#period-1", "dcat:endDate"] == {"2016^^xsd:gYear"} and rest == {("coverage", "2018-2019")}


def test_the_date_of_an_event_may_be_anything() -> None:
    found, rest = told("<dc:date>2024-05-17</dc:date>", kind="event")
    assert rest == {("date", "2024-05-17")} and (".", "dct:issued") not in found


# Where


def test_coverage_is_a_place_a_time_or_a_country() -> None:
    found, rest = told(
        "<dc:coverage>Bologna</dc:coverage><dc:coverage>Italia</dc:coverage><dc:coverage>XIX secolo</dc:coverage>"
        "<dcterms:spatial>2014</dcterms:spatial>"
    )
    names = {name for (_, path), names in found.items() if path == "locn:geographicName" for name in names}
    assert names == {"Bologna@it"} and found[".", "coped:country"] == {"country:ITA"}
    assert rest == {("coverage", "XIX secolo"), ("place", "2014")}


@pytest.mark.parametrize(
    ("type", "value", "name", "shape"),
    [
        ("Point", "name=Perth; east=115.85717; north=-31.95301;", "Perth@it", "POINT(115.85717 -31.95301)"),
        ("Point", "east=11.3; north=44.5", None, "POINT(11.3 44.5)"),
        ("Point", "name=X; east=500000; north=4649776; projection=UTM", "X@it", None),
        ("Point", "name=X; east=11.3", "X@it", None),
        (
            "Box",
            "name=Emilia; northlimit=45; southlimit=43.7; westlimit=9.2; eastlimit=12.8; units=signed decimal degrees",
            "Emilia@it",
            "POLYGON((9.2 43.7, 12.8 43.7, 12.8 45, 9.2 45, 9.2 43.7))",
        ),
        ("Box", "name=Date line; northlimit=1; southlimit=0; westlimit=179; eastlimit=-179", "Date line@it", None),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_a_place_in_dcmis_encodings(type: str, value: str, name: str | None, shape: str | None, declared: bool) -> None:
    kind = f' xsi:type="dcterms:{type}"' if declared else ""
    found, rest = told(f"<dc:coverage{kind}>{value}</dc:coverage>")
    shapes = {v for (_, path), vs in found.items() if path in ("dcat:centroid", "locn:geometry") for v in vs}
    assert shapes == ({f"{shape}^^geo:wktLiteral"} if shape else set())
    assert rest == (set() if shape else {("coverage", value)})
    if name:
        assert found["#place-1", "locn:geographicName"] == {name}


# Rights, languages, identifiers, types


@pytest.mark.parametrize(
    ("rights", "licences", "rest"),
    [
        ("<dc:rights>CC BY 4.0</dc:rights>", {f"{CC}by/4.0/"}, set()),
        (f"<dc:rights>© Arci</dc:rights><dc:rights>{CC}by-sa/4.0/deed.it</dc:rights>", {f"{CC}by-sa/4.0/"}, {"© Arci"}),
        (f"<dc:rights>CC BY 4.0</dc:rights><dcterms:license>{CC}by/4.0/</dcterms:license>", {f"{CC}by/4.0/"}, set()),
        (f"<dc:rights>{IN_COPYRIGHT}</dc:rights>", {IN_COPYRIGHT}, set()),
        ("<dc:rights>Tutti i diritti riservati</dc:rights>", set(), {"Tutti i diritti riservati"}),
        ("<dc:rights>cc-by</dc:rights>", set(), {"cc-by"}),
        ("<dc:rights/><dc:rights> </dc:rights>", {f"{CC}by-nc/4.0/"}, set()),
        (f"<dc:rights>{OPEN}</dc:rights>", {f"{CC}by-nc/4.0/"}, {OPEN}),
    ],
)
def test_rights_are_a_licence_where_they_are_one(rights: str, licences: set[str], rest: set[str]) -> None:
    """The source's own licence holds where a record states nothing."""
    found, notes = told(rights, licence=f"{CC}by-nc/4.0/")
    assert found.get((".", "dct:license"), set()) == licences
    assert {value for _, value in notes} == rest


def test_languages_identifiers_types_and_formats() -> None:
    found, rest = told(
        "<dc:language>ita</dc:language><dc:language>it-IT</dc:language><dc:language>Deutsch</dc:language>"
        "<dc:language>klingon</dc:language><dc:identifier>ISBN 1</dc:identifier><dc:format>application/pdf</dc:format>"
        "<dc:identifier>https://x.example/1</dc:identifier><dc:identifier>https://x.example/2</dc:identifier>"
        "<dc:type>Text</dc:type><dc:type>info:eu-repo/semantics/article</dc:type><dc:type>Opere</dc:type>"
        "<dc:relation>https://x.example/3</dc:relation><dc:source>Un libro</dc:source>"
    )
    assert found[".", "dct:language"] == {
        f"http://publications.europa.eu/resource/authority/language/{code}" for code in ("ITA", "DEU")
    }
    assert found[".", "dct:identifier"] == {"oai:x:1", "ISBN 1", "https://x.example/2"}
    assert found[".", "dcat:landingPage"] == found[".", "dct:source"] == {"https://x.example/1"}
    assert rest == {
        ("language", "klingon"),
        ("type", "Opere"),
        ("relation", "https://x.example/3"),
        ("source", "Un libro"),
    }


# What is not Dublin Core


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<a", "not well-formed XML"),
        ("", "not well-formed XML"),
        ('<mods xmlns="http://www.loc.gov/mods/v3"><x>1</x></mods>', "no element of Dublin Core, but is <mods>"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "DOCTYPE"),
        (f"<a {NAMES}>" + "<dc:date/>" * 2001 + "</a>", "more than 2000 elements"),
    ],
)
def test_what_is_no_dublin_core_is_rejected_with_the_reason(xml: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        map_xml(xml)


def test_a_record_of_rdf_is_told_which_format_reads_it() -> None:
    raw = RawRecord("x", b"<a:b> <a:c> <a:d> .\n", "application/n-triples")
    with pytest.raises(Rejected, match="format must be another: dcat"):
        DublinCoreCrosswalk()(raw, source("oai_dc"), record_iri(BASE, "practice", "partner", "x"), BASE)


# Real records


def raws(name: str) -> list[RawRecord]:
    root = etree.parse(PAYLOADS / name).getroot()
    found = root.iter("{http://www.openarchives.org/OAI/2.0/}record")
    return [raw_record(record, "practice", "https://provider.example/oai") for record in found]


@real
def test_a_real_record_in_simple_dublin_core() -> None:
    (raw,) = raws("oai-pmh/de_bielefeld_GetRecord.xml")
    mapped = map_xml(raw.payload, source("oai_dc", "de", "DEU"), identifier=raw.identifier)
    found = read(mapped)
    assert found[".", "dct:title"] == {"Sample Title@de"} and found[".", "dct:issued"] == {"2011^^xsd:gYear"}
    assert found[".", "dct:source"] == {"http://test.example.com/publication/1996652"}
    assert found["#publisher-1", "foaf:name"] == {"Sample Publisher@de"}
    assert notes(mapped) == {("creator", "John Doe"), ("source", "Sample Source"), ("type", "doc-type:article")}


@real
def test_a_real_record_of_europeana_comes_as_statements() -> None:
    """Its object says nothing itself: proxies and the provider's aggregation say it."""
    rdf = (PAYLOADS / "edm" / "europeana_record_geospatial.xml").read_text().partition("?>")[2]
    header = "<header><identifier>oai:europeana:/1/12944</identifier></header>"
    text = f'<record xmlns="http://www.openarchives.org/OAI/2.0/">{header}<metadata>{rdf}</metadata></record>'
    raw = raw_record(etree.fromstring(text), "practice", "https://provider.example/oai")
    assert (raw.identifier, raw.media_type, raw.problem) == ("oai:europeana:/1/12944", "application/n-triples", None)
    where = source("dcat", "nl", "NLD")
    mapped = DcatCrosswalk()(raw, where, record_iri(BASE, "practice", where.key, raw.identifier), BASE)
    found = read(mapped)
    assert found[".", "dct:title"] == {"WESTVLAAMS FILMJOURNAAL - 164@nl"}
    assert found[".", "dct:license"] == {"http://rightsstatements.org/vocab/InC/1.0/"}
    assert found[".", "foaf:depiction"] == {"https://i.vimeocdn.com/video/624880505_640.jpg"}
    (publisher,) = found[".", "dct:publisher"]
    assert "Koninklijk Belgisch Filmarchief@nl" in found[publisher, "foaf:name"]
    assert (".", "dct:creator") not in found and ("lead", "PYLYSER, JEAN-MARIE") in notes(mapped)


# CulturaItalia's qualified form

PICO = f"""<pico:record xmlns:pico="http://purl.org/pico/1.0/" {NAMES}>
  <dc:identifier>work_1</dc:identifier>
  <dc:title>BROCCA DECORATA</dc:title>
  <dc:subject xsi:type="pico:Thesaurus">http://culturaitalia.it/pico/thesaurus/4.1#reperti</dc:subject>
  <dc:description xml:lang="it">BROCCA CHE SI SALDA SULCOLLO CON INCISIONE AD XSOTTO L'ANSA</dc:description>
  <dcterms:spatial xsi:type="pico:ISTAT">name=CHIETI; year=2001; code=069022</dcterms:spatial>
  <dcterms:created>SEC. III A.C.</dcterms:created>
  <dcterms:created xsi:type="dcterms:Period">start=299; end=250</dcterms:created>
  %s
  <dc:type xsi:type="dcterms:DCMIType">PhysicalObject</dc:type>
  <dcterms:isPartOf xsi:type="dcterms:URI">oai:culturaitalia.it:museiditalia-coll_445</dcterms:isPartOf>
  <dc:rights xml:lang="it"/>
  <dcterms:rightsHolder xml:lang="it">PROPRIETA' STATO</dcterms:rightsHolder>
  <pico:materialAndTechnique xml:lang="it">ARGILLA</pico:materialAndTechnique>
</pico:record>"""
DOUBLED = "oai:culturaitalia.it:oai:culturaitalia.it:museiditalia-work_46880"


def test_quirk_18_pico_says_by_its_types_what_it_means() -> None:
    mapped = map_xml(PICO % "", identifier=DOUBLED, licence=f"{CC}by/4.0/")
    found = read(mapped)
    assert found["#place-1", "locn:geographicName"] == {"CHIETI@it"}
    assert found[".", "dct:license"] == {f"{CC}by/4.0/"}  # an empty dc:rights states nothing
    assert found[".", "dct:title"] == {"BROCCA DECORATA@it"}  # capitals are the publisher's, and so are its words
    assert notes(mapped) == {
        ("created", "SEC. III A.C."),
        ("created", "start=299; end=250"),
        ("isPartOf", "oai:culturaitalia.it:museiditalia-coll_445"),
        ("keyword", "http://culturaitalia.it/pico/thesaurus/4.1#reperti"),
        ("materialAndTechnique", "ARGILLA"),
        ("rightsHolder", "PROPRIETA' STATO"),
        ("spatial", "name=CHIETI; year=2001; code=069022"),
    }


def test_quirk_18_a_doubled_prefix_is_kept_and_also_told_once() -> None:
    """Deletions and the next harvest name the record by what its header says; other records name it by the other."""
    mapped = map_xml(PICO % "", identifier=DOUBLED)
    once = "oai:culturaitalia.it:museiditalia-work_46880"
    assert said(mapped, "dct:identifier") == {DOUBLED, once, "work_1"}


@pytest.mark.parametrize(
    "element",
    [
        '<dcterms:temporal xsi:type="dcterms:Period">start=299; end=250</dcterms:temporal>',
        '<dcterms:temporal xsi:type="dcterms:Period">start=0299; end=0250</dcterms:temporal>',
        '<dcterms:temporal xsi:type="dcterms:Period">name=SEC. III A.C.; start=0250; end=0299</dcterms:temporal>',
        "<dcterms:temporal>start=1200; end=1000; name=Età del bronzo</dcterms:temporal>",
        "<dcterms:temporal>-0299/-0250</dcterms:temporal>",
        "<dc:coverage>SEC. III A.C.</dc:coverage><dc:coverage>1200/1300</dc:coverage>",
        "<dc:date>1200 a.C.</dc:date><dc:date>1200</dc:date>",
        "<dc:date>1200 v. Chr.</dc:date><dc:date>1200/1300</dc:date>",
    ],
)
def test_quirk_18_years_before_christ_never_become_years_after(element: str) -> None:
    mapped = map_xml(PICO % element)
    years = {(path, v) for (_, path), values in read(mapped).items() for v in values if "xsd:" in v}
    assert years == set()
    expected = [node.text for node in etree.fromstring(f"<r {NAMES}>{element}</r>")]
    assert set(expected) <= {value for _, value in notes(mapped)}


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("SEC. III A.C.", True),
        ("299 a.C.", True),
        ("300 v. Chr.", True),
        ("300 v.Chr.", True),
        ("300 av. J.-C.", True),
        ("IIIe siècle avant J.-C.", True),
        ("i. e. 300", True),
        ("Kr. e. 300", True),
        ("300 f.Kr.", True),
        ("300 f.v.t.", True),
        ("300 BC", True),
        ("300 BCE", True),
        ("SEC. III D.C.", False),
        ("300 n. Chr.", False),
        ("SEC. III A.C. circa", True),
        ("i. e. III. század", True),
        ("Accademia 1899", False),
        ("2014/2016", False),
        ("ABC 2000", False),
    ],
)
def test_quirk_18_before_christ_in_seven_languages(text: str, is_so: bool) -> None:
    assert is_before_christ(text) == is_so
