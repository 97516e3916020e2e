"""RDF as partners and portals write it, mapped to our graph."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse, serialize

from harvesters.crosswalks.dcat import DcatCrosswalk
from hub.errors import Rejected
from hub.model import Mapped, RawRecord
from hub.namespaces import DCT, RDF, XSD
from hub.profile import load
from hub.settings import resource
from tests.harvesters.conftest import BASE, Told, map_bytes, map_turtle, notes, read, source

DCAT = DcatCrosswalk()
ORG = "~organisation/partner/"


def mapped(turtle: str, kind: str = "practice", identifier: str = "", **where: Any) -> Mapped:
    return map_turtle(DCAT, turtle, source("dcat", **where), kind, identifier)


def told(said: str, **more: Any) -> Told:
    """What comes of statements about a dataset with a title."""
    return read(mapped(f"<r> a dcat:Dataset ; dct:title 'Tetto'@it ; {said}", **more))


# Which node the record is


@pytest.mark.parametrize(
    "turtle",
    [
        "<r> a dcat:Dataset ; dct:title 'Tetto' .",
        "<other> a dcat:Dataset ; dct:identifier 'r-1' ; dct:title 'Tetto' .",
        "[] a dcat:Dataset ; dct:identifier ' r-1 ' ; dct:title 'Tetto' .",
        "<other> a dcat:Dataset ; <https://schema.org/identifier> 'r-1' ; dct:title 'Tetto' .",
        # in a circle, where every node is somebody's object
        "<a> a dcat:Dataset ; dct:identifier 'r-1' ; dct:title 'Tetto' ; dct:relation <b> . <b> dct:isPartOf <a> .",
        # what it embeds has the same identifier
        "<a> a dcat:Dataset ; dct:identifier 'r-1' ; dct:title 'Tetto' ; dct:relation [ dct:identifier 'r-1' ] .",
        "<a> a <http://x.example/Project> ; dct:identifier 'r-1' ; dct:title 'Tetto' .",
        # no identifier: what nothing leads to
        "[] a dcat:Dataset ; dct:title 'Tetto' ; dct:relation [ a dcat:Dataset ] .",
        "[] dct:title 'Tetto' ; dct:relation [ dct:title 'Muro' ] .",
    ],
)
def test_the_record_s_own_node(turtle: str) -> None:
    identifier = "https://partner.example/r" if "<r>" in turtle else "r-1"
    assert read(mapped(turtle, identifier=identifier))[".", "dct:title"] == {"Tetto@it"}


def test_a_record_that_cannot_be_told_from_others_is_rejected() -> None:
    with pytest.raises(Rejected) as failure:
        mapped("[] a dcat:Dataset ; dct:title 'a' . [] a dcat:Dataset ; dct:title 'b' .", identifier="content-1")
    assert str(failure.value) == (
        "No node of the record is called 'content-1', and 2 of its 2 nodes could be the practice. "
        "Give the record an IRI of its own."
    )
    with pytest.raises(Rejected, match="The record is not valid N-Triples"):
        map_bytes(DCAT, b"<a> <b", source("dcat"), "practice", "a")


def test_the_record_s_iri_is_its_origin_and_its_names_are_kept() -> None:
    same = "<http://www.w3.org/2002/07/owl#sameAs> <https://x.example/1>"
    found = told(f"dct:identifier 'r-1' ; adms:identifier [ skos:notation 'old' ] ; {same} .", identifier="r-1")
    assert found[".", "dct:source"] == {"https://partner.example/r"}
    assert found[".", "dct:identifier"] == {"r-1", "old"}
    assert found[".", "schema:sameAs"] == {"https://x.example/1"}
    other = mapped("<r> a dcat:Dataset ; dct:title 'Tetto' ; dct:source <https://x.example/elsewhere> .")
    assert read(other)[".", "dct:source"] == {"https://partner.example/r"}
    assert notes(other) == {("origin", "https://x.example/elsewhere")}
    blank = mapped("[] a dcat:Dataset ; dct:identifier 'r-1' ; dct:source <https://x.example/page> .", identifier="r-1")
    assert read(blank)[".", "dct:source"] == {"https://x.example/page"}


# Fields and their substitutes


def test_schema_org_and_other_words_for_the_same() -> None:
    found = read(
        mapped(
            """<r> a <https://schema.org/Dataset> ; schema:name 'Tetto'@it ; dct:abstract 'Corto' ;
            schema:keywords 'paglia' ; <https://schema.org/keywords> 'tetto' ;
            schema:datePublished '2024-05-17' ; schema:dateModified '2024' ;
            dcat:landindPage <https://p.example/x> ; schema:inLanguage 'ita' ; schema:temporalCoverage '2014/2016' ;
            <http://purl.org/dc/elements/1.1/subject> 'no field of ours' ."""
        )
    )
    assert found[".", "dct:title"] == {"Tetto@it"}
    assert found[".", "dct:description"] == {"Corto@it"}
    assert found[".", "dcat:keyword"] == {"paglia@it", "tetto@it"}
    assert found[".", "dct:issued"] == {"2024-05-17^^xsd:date"}
    assert found[".", "dct:modified"] == {"2024^^xsd:gYear"}
    assert found[".", "dcat:landingPage"] == {"https://p.example/x"}
    assert found[".", "dct:language"] == {"http://publications.europa.eu/resource/authority/language/ITA"}
    assert found["#period-1", "dcat:startDate"] == {"2014^^xsd:gYear"}


def test_what_stands_first_goes_before_its_substitutes() -> None:
    found = told("schema:name 'Altro' ; dct:description 'Lungo' ; schema:description 'Altro' .")
    assert (found[".", "dct:title"], found[".", "dct:description"]) == ({"Tetto@it"}, {"Lungo@it"})


@pytest.mark.parametrize("namespace", ["http://dati.gov.it/onto/dcatapit#%22", "http://dati.gov.it/onto/dcatapit#"])
def test_broken_namespaces_of_dcat_ap_it(namespace: str) -> None:
    found = told(f"dct:temporal [ a dct:PeriodOfTime ; <{namespace}startDate> '2014-01-01'^^xsd:date ] .")
    assert found["#period-1", "dcat:startDate"] == {"2014-01-01^^xsd:date"}


def test_texts_keep_their_languages_and_the_untagged_get_the_source_s() -> None:
    found = told(
        "dct:description 'Roof'@en-uk , 'Dach'@de , 'Tetto di paglia' ; coped:lessonsLearned 'x'@en-t-it-t0-mtec ."
    )
    assert found[".", "dct:description"] == {"Roof@en-gb", "Dach@de", "Tetto di paglia@it"}
    assert found[".", "coped:lessonsLearned"] == {"x@en-t-it-t0-mtec"}


def test_concepts_by_iri_by_label_and_by_what_stands_with_them() -> None:
    theme = "https://w3id.org/co-ped/concept/theme/"
    said = f"dcat:theme <{theme}energy-community> , 'Formazione condivisa' , [ skos:prefLabel 'Arti e cultura'@it ] , "
    found = mapped(f"<r> a dcat:Dataset ; {said} <http://eurovoc.europa.eu/1> ; dct:type <http://x.example/type> .")
    themes = {"concept:theme/energy-community", "concept:theme/shared-training", "concept:theme/arts-and-culture"}
    assert read(found)[".", "dcat:theme"] == themes
    assert notes(found) == {("theme", "http://eurovoc.europa.eu/1")}  # dct:type says many things, and is no fault


def test_keywords_that_are_iris_are_told() -> None:
    found = mapped("<r> a dcat:Dataset ; dcat:keyword <http://x.example/k> , 'paglia'@it .")
    assert read(found)[".", "dcat:keyword"] == {"paglia@it"}
    assert notes(found) == {("keyword", "http://x.example/k")}


# Licences


BY = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"dct:license <{BY}> .", BY),
        ("dct:license <https://creativecommons.org/licenses/by/4.0/deed.it> .", BY),
        ("dct:license [ skos:prefLabel 'CC BY 4.0' ] .", BY),
        (f"dcat:distribution [ dct:license <{BY}> ; dct:title 'CSV' ] , [ dct:license <{BY[:4]}s{BY[4:]}> ] .", BY),
        (f"dcat:distribution <d1> , <d2> . <d1> dct:license <{BY}> . <d2> dct:license <{BY}> .", BY),
        (f"dcat:distribution [ schema:license <{BY}> ] .", BY),
        (f"dcat:distribution [ dct:license <{BY}> ] , [ dct:title 'without' ] .", None),
        (f"dcat:distribution [ dct:license <{BY}> ] , [ dct:license 'cc0' ] .", None),
        (
            f"dct:license <http://x.example/terms> ; dcat:distribution [ dct:license <{BY}> ] .",
            "http://x.example/terms",
        ),
        ("dct:title 'Tetto'@it .", None),
    ],
)
def test_the_licence_is_the_record_s_or_that_of_all_its_distributions(said: str, expected: str | None) -> None:
    assert told(said).get((".", "dct:license")) == ({expected} if expected else None)


# Organisations, venues, persons


def test_organisations_are_shared_by_their_identifier_else_by_their_iri() -> None:
    found = told(
        """dct:creator <o> ; dct:publisher <p> ; dct:contributor 'Quarta' , [ dct:identifier 'id-7' ;
        foaf:name 'Terza' ] . <p> schema:name 'Seconda' .
        <o> a foaf:Organization ; foaf:name 'Prima' ; dct:identifier 'o-1' ."""
    )
    assert found[".", "dct:creator"] == {f"{ORG}o-1"}
    assert found[f"{ORG}o-1", "dct:source"] == {"https://partner.example/o"}
    assert found[f"{ORG}o-1", "dct:identifier"] == {"o-1"}
    (publisher,) = found[".", "dct:publisher"]
    assert publisher.startswith(f"{ORG}https-partner-example-p-")
    assert found[publisher, "foaf:name"] == {"Seconda@it"}
    assert (publisher, "dct:identifier") not in found
    assert found[f"{ORG}id-7", "foaf:name"] == {"Terza@it"}
    assert {found[one, "foaf:name"].copy().pop() for one in found[".", "dct:contributor"]} == {"Terza@it", "Quarta@it"}


def test_a_venue_has_the_iri_of_its_own_record() -> None:
    """By the rule that the harvester names records by: dct:identifier, else the IRI."""
    found = told("coped:venue <v> . <v> a coped:Venue ; dct:identifier 'casa' ; dct:title 'Casa' .")
    assert found[".", "coped:venue"] == {"~venue/partner/casa"}
    own = mapped("<v> a coped:Venue ; dct:identifier 'casa' ; dct:title 'Casa' .", "venue", "casa")
    assert {str(triple.subject.value) for triple in own.graph} == {"https://hub.example/id/venue/partner/casa"}


def test_persons_are_told_and_not_kept() -> None:
    found = mapped("<r> a dcat:Dataset ; dct:creator [ a foaf:Person ; foaf:name 'Anna Rossi' ] .")
    assert (".", "dct:creator") not in read(found)
    assert notes(found) == {("lead", "Anna Rossi")}


def test_an_organisation_of_which_nothing_is_said_is_told() -> None:
    found = mapped("<r> a dcat:Dataset ; dct:publisher <https://o.example/1> .")
    assert notes(found) == {("publisher", "https://o.example/1")}


def test_organisations_that_name_each_other_end() -> None:
    found = told(
        "dct:creator <o> . <o> foaf:name 'O' ; org:hasMember <m> . <m> foaf:name 'M' ; org:hasMember <o> , <m> ."
    )
    assert {value for (_, path), values in found.items() if path == "foaf:name" for value in values} == {"O@it", "M@it"}


# Places and periods


def test_places_with_their_points_and_regions() -> None:
    found = told(
        """dct:spatial [ locn:geographicName 'Bologna'@it ; dct:isPartOf <http://data.europa.eu/nuts/code/ITH5> ;
        locn:geometry 'POINT(11.34 44.49)'^^geo:wktLiteral , '{"type":"Polygon"}' ] ."""
    )
    assert found["#place-1", "dcat:centroid"] == {"POINT(11.34 44.49)^^geo:wktLiteral"}
    assert found["#place-1", "dct:isPartOf"] == {"http://data.europa.eu/nuts/code/ITH5"}
    wgs84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
    for latitude, longitude in (("schema:latitude", "schema:longitude"), (f"<{wgs84}lat>", f"<{wgs84}long>")):
        found = told(f"dct:spatial [ schema:name 'Ivi' ; {latitude} 44.5 ; {longitude} '11.3' ] .")
        assert found["#place-1", "dcat:centroid"] == {"POINT(11.3 44.5)^^geo:wktLiteral"}


def test_places_by_iri_or_name_alone() -> None:
    nuts = told("dct:spatial <http://data.europa.eu/nuts/code/ITH5> .")
    assert nuts["#place-1", "locn:geographicName"] == {"Italia (ITH5)@it"}
    assert told("dct:spatial 'Bologna' .")["#place-1", "locn:geographicName"] == {"Bologna@it"}
    country = mapped(
        "<r> a dcat:Dataset ; dct:spatial <http://publications.europa.eu/resource/authority/country/SWE> ."
    )
    assert read(country)[".", "coped:country"] == {"country:SWE"}
    assert notes(country) == set()
    unknown = mapped("<r> a dcat:Dataset ; dct:spatial <https://sws.geonames.org/2750405/> .")
    assert (".", "dct:spatial") not in read(unknown)
    assert notes(unknown) == {("place", "https://sws.geonames.org/2750405/")}


def test_an_event_of_schema_org() -> None:
    found = read(
        mapped(
            """<r> a schema:Event ; schema:name 'Visita' ; schema:organizer [ schema:name 'Org' ] ;
            schema:startDate '2025-03-01T10:00' ; schema:endDate '2025-03-02' ;
            schema:location [ schema:name 'Casa' ; schema:addressCountry 'IT' ] .""",
            "event",
        )
    )
    assert found["#period-1", "dcat:startDate"] == {"2025-03-01T10:00:00^^xsd:dateTime"}
    assert found["#period-1", "dcat:endDate"] == {"2025-03-02^^xsd:date"}
    assert found["#place-1", "coped:country"] == {"country:ITA"}
    assert len(found[".", "dct:creator"]) == 1


def test_numbers_of_xsd_are_no_texts_in_a_language() -> None:
    said = "coped:indicator [ dct:title 'Energia' ; schema:value '{}'^^xsd:decimal ; schema:unitText 'kWh' ] ."
    assert told(said.format("1.234"))["#indicator-1", "schema:value"] == {"1.234^^xsd:decimal"}
    text = "coped:indicator [ dct:title 'Energia' ; schema:value '1.234' ; schema:unitText 'kWh' ] ."
    assert told(text)["#indicator-1", "schema:value"] == {"1234^^xsd:decimal"}


# Order and size


def test_the_same_statements_give_the_same_graph_whatever_the_labels_of_blank_nodes() -> None:
    turtle = """<r> a dcat:Dataset ; dct:title 't' ; dct:spatial _:b1 , _:b2 , _:b3 . _:b1 dct:title 'Roma' .
        _:b2 dct:title 'Bologna' . _:b3 dct:title 'Torino' ."""
    first = mapped(turtle)
    for names in (("b3", "b1", "b2"), ("x", "b2", "a")):
        other = (
            turtle.replace("_:b1", f"_:N{names[0]}").replace("_:b2", f"_:N{names[1]}").replace("_:b3", f"_:N{names[2]}")
        )
        assert mapped(other) == first


def test_no_blank_node_leaves() -> None:
    found = mapped("<r> a dcat:Dataset ; dct:spatial [ dct:title 'Roma' ] ; dct:creator [ foaf:name 'O' ] .")
    assert not [t for t in found.graph if "_:" in f"{t.subject} {t.object}"]


def test_a_record_that_embeds_too_much_is_rejected() -> None:
    many = " , ".join(f"[ foaf:name '{number}' ]" for number in range(2001))
    with pytest.raises(Rejected, match="embeds more than 2000 things"):
        mapped(f"<r> a dcat:Dataset ; dct:contributor {many} .")


# What our own profile says


def sayings(graph: Iterable[Any], node: NamedNode, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """What is said of a node and of what it embeds: the properties that lead to a value, and the value.

    The IRIs of what is embedded are the crosswalk's, and numbers have one form.
    """
    triples = list(graph)
    subjects = {triple.subject for triple in triples}
    for triple in triples:
        if triple.subject == node and triple.object in subjects - {node} and len(before) < 6:
            yield from sayings(triples, triple.object, (*before, triple.predicate.value))
        elif triple.subject == node:
            is_number = isinstance(triple.object, Literal) and triple.object.datatype == XSD.decimal
            told = str(float(triple.object.value)) if is_number else str(triple.object)
            yield (*before, triple.predicate.value, told)


@pytest.mark.parametrize("file", sorted((resource("schema") / "examples/valid").glob("*.ttl")), ids=lambda f: f.stem)
def test_a_valid_example_loses_nothing(file: Path) -> None:
    triples = {quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE)}
    kinds = {kind.target: key for key, kind in load().kinds.items()}
    cited = {triple.object for triple in triples}
    ((record, kind),) = [
        (t.subject, kinds[t.object.value])
        for t in triples
        if t.predicate == RDF.type and t.object.value in kinds and t.subject not in cited
    ]
    triples -= {t for t in triples if t.subject == record and t.predicate == DCT.source}  # where the example was found
    raw = RawRecord(record.value, serialize(triples, format=RdfFormat.N_TRIPLES) or b"", "application/n-triples", kind)
    mapped = DCAT(raw, source("dcat"), record, BASE)
    assert notes(mapped) == set()
    assert set(sayings(triples, record)) - set(sayings(mapped.graph, record)) == set()


def test_the_role_of_a_person_is_told_and_not_kept() -> None:
    role = "<https://w3id.org/co-ped/concept/role/funder>"
    result = mapped(
        f"""<r> a dcat:Dataset ; dct:title 'Tetto'@it ; prov:qualifiedAttribution
        [ prov:agent [ a foaf:Person ; foaf:name 'Anna Esempio' ] ; dcat:hadRole {role} ] ,
        [ prov:agent [ a foaf:Organization ; foaf:name 'Comune' ] ; dcat:hadRole {role} ] ."""
    )
    found = read(result)
    assert len(found[".", "prov:qualifiedAttribution"]) == 1
    assert "Anna" not in str(found) and ("organisation", "Anna Esempio") in notes(result)


def test_a_document_without_the_address_of_its_file_has_its_own() -> None:
    found = told(
        "schema:subjectOf <https://partner.example/piano> . <https://partner.example/piano> schema:name 'Piano'@it ."
    )
    assert found["#document-1", "schema:contentUrl"] == {"https://partner.example/piano"}
    assert found["#document-1", "dct:title"] == {"Piano@it"}
    bare = mapped("<r> a dcat:Dataset ; dct:title 'x' ; schema:subjectOf <https://partner.example/piano> .")
    assert notes(bare) == {("document", "https://partner.example/piano")}
