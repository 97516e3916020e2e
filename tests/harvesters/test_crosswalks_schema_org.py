"""What pages say in schema.org's own structures, in ours; and the payload quirks that have to do with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from harvesters.crosswalks.dcat import DcatCrosswalk
from harvesters.rdf import of_json_ld
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import Mapped, Source
from hub.profile import load
from tests.harvesters.conftest import BASE, Told, map_turtle, notes, read, source
from tests.harvesters.test_quirks import RDF_XML, harvested, real, values
from tests.harvesters.web_site import json_ld, project, site
from tests.servers.loopback import Answer

PAGE = "https://partner.example/r"
HERE = source("dcat", "fr", "FRA")


def mapped(thing: dict[str, Any], kind: str, where: Source = HERE) -> tuple[Told, set[tuple[str, str]]]:
    """The graph of a thing of JSON-LD and what it could not place."""
    text = json.dumps({"@context": "https://schema.org", "@id": PAGE, **thing})
    lines = "".join(f"{triple} .\n" for triple in of_json_ld(text, PAGE, {}))
    found = map_turtle(DcatCrosswalk(), lines, where, kind, PAGE)
    return read(found), notes(found)


def told_of(page: Answer, tmp_path: Path) -> Told:
    """The graph of the one record of a page, from the ledger, where it is live."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    with site({"/p": page}) as there:
        harvest(ledger, there.source("/p"), there.client(), load(), lambda *_: None)
    (record,) = ledger.changes.all_records()
    ledger.close()
    assert record.state == "live"
    return read(Mapped(frozenset(quad.triple for quad in parse(record.graph, format=RdfFormat.N_TRIPLES))))


ADDRESS = {
    "@type": "PostalAddress",
    "streetAddress": "6 quai de Seine",
    "postalCode": "93200",
    "addressLocality": "Saint-Denis",
    "addressCountry": "FR",
}
GEO = {"@type": "GeoCoordinates", "latitude": 48.93, "longitude": "2.34"}
COUNTRY = "coped:country"


def test_a_place_with_its_address_and_point() -> None:
    told, rest = mapped({"@type": "Place", "name": "Le 6b", "address": ADDRESS, "geo": GEO}, "venue")
    assert told[".", "dct:title"] == {"Le 6b@fr"}
    assert told["#place-1", "locn:geographicName"] == {"6 quai de Seine, 93200 Saint-Denis@fr"}
    assert told["#place-1", "dcat:centroid"] == {"POINT(2.34 48.93)^^geo:wktLiteral"}
    assert told[".", COUNTRY] == {"country:FRA"}
    assert rest == set()


@pytest.mark.parametrize(
    ("place", "name", "point"),
    [
        ({"address": "6 quai de Seine"}, "6 quai de Seine@fr", None),
        ({"geo": GEO}, "France@fr", "POINT(2.34 48.93)^^geo:wktLiteral"),
        ({"address": {"@type": "PostalAddress", "addressRegion": "Île-de-France"}}, "Île-de-France@fr", None),
    ],
)
def test_a_place_that_says_less(place: dict[str, Any], name: str, point: str | None) -> None:
    told, _ = mapped({"@type": "Place", "name": "Le 6b", **place}, "venue")
    assert told["#place-1", "locn:geographicName"] == {name}
    assert told.get(("#place-1", "dcat:centroid"), set()) == ({point} if point else set())


def test_an_event_with_place_days_organiser_and_offer() -> None:
    there = {
        "@type": "Place",
        "name": "Kulturhuset",
        "address": ADDRESS | {"addressCountry": {"name": "SE"}},
        "geo": GEO,
    }
    event = {
        "@type": "EducationEvent",
        "name": "Visite",
        "description": "<p>Le <b>toit</b> &amp; la cave</p><script>x</script>",
        "startDate": "2026-05-01T10:00:00+02:00",
        "endDate": "2026-05-02",
        "location": [there, {"@type": "VirtualLocation", "url": "https://meet.example/1"}],
        "organizer": {"@type": "Organization", "name": "La Main", "url": "https://main.example/"},
        "offers": {"@type": "Offer", "url": "https://partner.example/tickets", "price": "0"},
        "maximumAttendeeCapacity": 25,
        "url": PAGE,
        "image": [{"@type": "ImageObject", "url": "https://partner.example/i.jpg"}],
    }
    told, _ = mapped(event, "event")
    assert told[".", "dct:description"] == {"Le toit & la cave@fr"}
    assert told["#period-1", "dcat:startDate"] == {"2026-05-01T10:00:00+02:00^^xsd:dateTime"}
    assert told["#period-1", "dcat:endDate"] == {"2026-05-02^^xsd:date"}
    assert told["#place-1", "locn:geographicName"] == {"Kulturhuset@fr"}
    assert told["#place-1", COUNTRY] == told[".", COUNTRY] == {"country:SWE"}
    assert ("#place-2", "locn:geographicName") not in told
    assert told["#lead-1", "foaf:name"] == {"La Main@fr"}
    assert told[".", "schema:url"] == {"https://partner.example/tickets"}
    assert told[".", "schema:maximumAttendeeCapacity"] == {"25^^xsd:integer"}


def test_an_organisation_with_contact_and_members() -> None:
    organisation = {
        "@type": ["Organization", "NGO"],
        "name": "La Main",
        "url": "https://main.example/",
        "logo": {"@type": "ImageObject", "url": "https://main.example/logo.png"},
        "sameAs": ["https://www.wikidata.org/entity/Q1", "https://social.example/main"],
        "address": ADDRESS,
        "contactPoint": {"@type": "ContactPoint", "email": "info@main.example", "telephone": "+33 1 23"},
        "member": [{"@type": "Organization", "name": "Le 6b"}],
        "award": "Label PTCE 2024",
        "identifier": [{"@type": "PropertyValue", "name": "SIREN", "propertyID": "siren", "value": "123 456 789"}],
    }
    told, _ = mapped(organisation, "organisation")
    assert told[".", "foaf:homepage"] == {"https://main.example/"}
    assert told[".", "schema:sameAs"] == {"https://www.wikidata.org/entity/Q1", "https://social.example/main"}
    assert told["#contact-1", "m8g:email"] == {"info@main.example"}
    assert told["#member-1", "foaf:name"] == {"Le 6b@fr"}
    assert told["#recognition-1", "schema:name"] == {"Label PTCE 2024@fr"}
    assert "123 456 789" in told[".", "dct:identifier"]
    assert told["#place-1", "locn:geographicName"] == {"6 quai de Seine, 93200 Saint-Denis@fr"}


def test_a_practice_as_article() -> None:
    article = {
        "@type": "Article",
        "headline": "Un toit partagé",
        "abstract": "Quatre lieux.",
        "about": [{"@type": "DefinedTerm", "name": "énergie citoyenne"}, "toiture"],
        "keywords": "solaire, coopérative,  ,culture",
        "articleSection": "Projets",
        "inLanguage": {"@type": "Language", "name": "French", "alternateName": "fr"},
        "license": {"@type": "CreativeWork", "url": "https://creativecommons.org/licenses/by/4.0/deed.fr"},
        "dateModified": "2026-02-03",
        "datePublished": "2026-01-02T03:04:05Z",
        "mainEntityOfPage": {"@type": "WebPage", "@id": "https://partner.example/page"},
        "image": {
            "@type": "ImageObject",
            "@id": "#i",
            "contentUrl": "https://partner.example/i.jpg",
            "name": "Le toit",
        },
        "author": {"@type": "Person", "name": "Anna"},
        "contentLocation": {"@type": "Place", "name": "Saint-Denis"},
    }
    told, rest = mapped(article, "practice")
    assert told[".", "dct:title"] == {"Un toit partagé@fr"}
    assert told[".", "dct:description"] == {"Quatre lieux.@fr"}
    words = {"énergie citoyenne", "toiture", "solaire", "coopérative", "culture", "Projets"}
    assert told[".", "dcat:keyword"] == {f"{word}@fr" for word in words}
    assert told[".", "dct:language"] == {"http://publications.europa.eu/resource/authority/language/FRA"}
    assert told[".", "dct:license"] == {"http://creativecommons.org/licenses/by/4.0/"}
    assert told[".", "dct:modified"] == {"2026-02-03^^xsd:date"}
    assert told[".", "dcat:landingPage"] == {"https://partner.example/page"}
    assert told[".", "foaf:depiction"] == {"https://partner.example/i.jpg"}
    assert told["#place-1", "locn:geographicName"] == {"Saint-Denis@fr"}
    assert rest == set()


def test_a_practice_as_project_with_money_and_partners() -> None:
    grant = {
        "@type": "MonetaryGrant",
        "name": "France 2030",
        "amount": {"@type": "MonetaryAmount", "value": 250000, "currency": "EUR"},
        "funder": {"@type": "Organization", "name": "Ministère de la Culture"},
    }
    told, rest = mapped(
        project(
            funding=grant,
            foundingDate="2024",
            dissolutionDate="2027-12",
            member=[{"@type": "Organization", "name": "Le 6b"}],
            funder={"@type": "Organization", "name": "La Ville"},
        ),
        "practice",
    )
    assert told["#funding-1", "schema:amount"] == {"250000^^xsd:decimal"}
    assert told["#funding-1", "schema:currency"] == {"EUR"}
    assert told["#funding-1-funder-1", "foaf:name"] == {"Ministère de la Culture@fr"}
    assert told["#period-1", "dcat:startDate"] == {"2024^^xsd:gYear"}
    assert told["#partner-1", "foaf:name"] == {"Le 6b@fr"}
    (role,) = told["#participation-1", "dcat:hadRole"]
    assert role.endswith("role/funder")
    assert told["#participation-1-organisation-1", "foaf:name"] == {"La Ville@fr"}
    assert rest == set()


def test_what_points_to_the_thing_is_said_of_the_other() -> None:
    told, _ = mapped(
        project(**{"@reverse": {"about": {"@id": "https://partner.example/e", "@type": "Event"}}}), "practice"
    )
    assert told[".", "dct:title"] == {"Toit@fr"}


def test_http_and_https_are_one() -> None:
    turtle = """<r> a <https://schema.org/Project> ; <http://schema.org/name> "A"@fr ;
      <https://www.schema.org/description> "B"@fr ."""
    told = read(map_turtle(DcatCrosswalk(), turtle, HERE))
    assert (told[".", "dct:title"], told[".", "dct:description"]) == ({"A@fr"}, {"B@fr"})


# Quirks of real portals, by their number


@real
def test_quirk_07_a_french_catalogue_with_blank_records_and_wrong_shapes(tmp_path: Path) -> None:
    payload = Path(__file__).parents[2].parent / "shared" / "payloads" / "udata" / "fr_bnodes.xml"
    found = harvested("dcat", Answer(payload.read_bytes(), media_type=RDF_XML), tmp_path, "FRA fr")
    assert (found.report.state, found.report.created) == ("complete", 3)
    first, second, third = (found.records[name] for name in ("1", "2", "3"))
    assert {first.state, second.state, third.state} == {"live"}
    assert values(first, "dct:description") == {"Dataset 1 description@fr"}  # said as dct:abstract, by a blank node
    assert "Theme 1" in [value for _, value in first.remarks]
    assert any("wrong wkt" in value for _, value in first.remarks)
    assert values(third, "dct:license") == {"https://spdx.org/licenses/etalab-2.0"}  # "Licence Ouverte Version 2.0"
    assert any("NaN" in value for _, value in third.remarks)
    (origin,) = values(third, "dct:source")
    assert origin.startswith("http://127.0.0.1") and origin.endswith("/dataset-3")  # relative to where it was fetched


def test_quirk_08_markup_in_the_texts_of_a_page(tmp_path: Path) -> None:
    """The portal's own payload is not in the collection; this is written after it."""
    page = json_ld(
        project(
            description="<div style='x'><p>Toits <b>solaires</b>&nbsp;de la ville</p><ul><li>un</li></ul></div>",
            license="<a target='_blank' href='https://l.example/'>https://l.example/</a>",
        )
    )
    told = told_of(page, tmp_path)
    assert told[".", "dct:description"] == {"Toits solaires de la ville\nun@fr"}
    assert told[".", "dct:license"] == {"https://l.example/"}


@real
def test_quirk_16_a_dutch_dataset_of_schema_org(tmp_path: Path) -> None:
    payload = Path(__file__).parents[2].parent / "shared" / "payloads" / "schemaorg"
    body = (payload / "nl_dataset-schema-org-gouda-tijdmachine.ttl").read_bytes()
    select = {"practice": "schema:Dataset"}
    record = harvested("dcat", Answer(body, media_type="text/turtle"), tmp_path, "NLD nl", select=select).one
    assert record.state == "live"
    assert values(record, "dct:license") == {"http://creativecommons.org/publicdomain/zero/1.0/"}
    assert values(record, "dcat:keyword") == {"pico@nl", "burgerLinker@nl"}
    assert values(record, "dcat:startDate", "#period-1") == {"1811^^xsd:gYear"}


def test_quirk_16_a_mark_https_keywords_as_addresses_and_an_odd_span(tmp_path: Path) -> None:
    body = (
        "\ufeff"
        + """
        @prefix s: <https://schema.org/> . @prefix h: <http://schema.org/> .
        <https://nl.example/1> a s:Dataset ; h:name "Archief"@nl ; s:description "Brieven."@nl ; s:license "CC BY 4.0" ;
          s:keywords <https://data.cultureelerfgoed.nl/term/id/cht/1>, "brieven, dagboeken" ;
          s:temporalCoverage "1889-06/07" .
        [] a s:Dataset ; s:name "Zonder adres"@nl ; s:description "Niets."@nl .
        <> a s:Dataset ; s:name "Leeg adres"@nl ; s:description "Niets."@nl .
    """
    )
    select = {"practice": "schema:Dataset"}
    found = harvested("dcat", Answer(body, media_type="text/turtle"), tmp_path, "NLD nl", select=select)
    assert (found.report.state, found.report.created) == ("complete", 3)
    record = found.records["https://nl.example/1"]
    assert values(record, "dct:license") == {"http://creativecommons.org/licenses/by/4.0/"}
    assert values(record, "dcat:keyword") == {"brieven@nl", "dagboeken@nl"}
    told = [value for _, value in record.remarks]
    assert {"https://data.cultureelerfgoed.nl/term/id/cht/1", "1889-06/07"} <= set(told)  # a span, or a day misspelt


def test_a_licence_by_its_name_is_no_address(tmp_path: Path) -> None:
    told = told_of(json_ld(project(license="CC BY 4.0")), tmp_path)
    assert told[".", "dct:license"] == {"http://creativecommons.org/licenses/by/4.0/"}
