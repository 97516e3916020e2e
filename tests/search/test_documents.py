"""Records as documents: what is found, what is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from hub.model import sorted_lines
from hub.namespaces import ADMS, CONCEPT, COPED, DCAT, DCT, FOAF, GEO, LOCN, RDF, XSD
from hub.profile import Field, Profile, load
from hub.search.base import Document, Query, SearchIndex
from hub.search.documents import declared, document, point, shortened
from hub.search.labels import Labels
from hub.search.tantivy_facets import Lines
from hub.search.tantivy_fields import indexed
from hub.settings import resource
from tests.search.examples import ARTS, COMMUNITY, ITALY, RENEWABLE, TRANSITION, VOCABULARY, small_profile

TAKEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE, THERE = (f"http://localhost:8000/id/practice/{source}/roof" for source in ("here", "there"))


@dataclass(frozen=True)
class Record:
    """As the ledger has it."""

    iri: str
    graph: str
    kind: str = "practice"
    source: str = "here"
    seq: int = 1
    changed: datetime | None = TAKEN


def record(turtle: str, iri: str = HERE, **more: object) -> Record:
    spaces = {
        "dct": DCT,
        "dcat": DCAT,
        "coped": COPED,
        "foaf": FOAF,
        "locn": LOCN,
        "geo": GEO,
        "xsd": XSD,
        "adms": ADMS,
    }
    prefixes = "".join(
        f"@prefix {name}: <{space}> .\n" for name, space in {**spaces, "theme": f"{CONCEPT}theme/"}.items()
    )
    triples = (quad.triple for quad in parse(f"{prefixes}<> {turtle} .", format=RdfFormat.TURTLE, base_iri=iri))
    return Record(iri, sorted_lines(triples), **more)  # type: ignore[arg-type]


Make = Callable[[str], Document]


@pytest.fixture
def one(profile: Profile) -> Make:
    """The document of one record in Turtle."""
    return lambda turtle: document([record(turtle)], profile)


def test_texts_stand_under_their_weight_and_language(one: Make) -> None:
    made = one(
        """dct:title "Dach"@de , "Dachl"@de-AT , "Roof"@en , "Automatic roof"@en-t-de-t0-mtec , "Tak" ;
        dct:description "Ein Dach."@de ; coped:challenge "Κρύο"@el , "Froid"@fr ;
        dcat:keyword "Stroh"@de , "Ziegel"@de ; dct:creator <#lead> . <#lead> foaf:name "Verein"@de"""
    )
    assert {language: set(texts) for language, texts in made.texts["title"].items()} == {
        "de": {"Dach", "Dachl"},
        "en": {"Roof", "Automatic roof"},
        "other": {"Tak"},
    }
    assert made.texts["summary"] == {"de": ("Ein Dach.",)}
    assert set(made.texts["body"]["de"]) == {"Stroh", "Ziegel", "Verein"}
    assert (made.texts["body"]["other"], made.texts["body"]["fr"]) == (("Κρύο",), ("Froid",))


def test_a_text_that_names_no_language_is_in_the_one_of_its_words_and_a_declared_one_stays(one: Make) -> None:
    swedish = "Teatern isolerade taket med halm och sparade hälften av värmen"
    made = one(f"""dct:title "Dach"@de ; dct:description "{swedish}" , "{swedish}!"@de""")
    assert made.texts["summary"] == {"sv": (swedish,), "de": (f"{swedish}!",)}


def test_a_machines_translation_is_found_but_is_no_language_of_the_record(one: Make) -> None:
    made = one('dct:title "Dach"@de , "Roof"@en-t-de , "Toit"@fr-t-de-t0-mtec , "Tak"')
    assert made.item["languages"] == ["de"] and made.keywords["language"] == ("de",)
    assert made.texts["title"]["en"] == ("Roof",)
    assert made.item["title"] == {"": "Tak", "de": "Dach", "en-t-de": "Roof", "fr-t-de-t0-mtec": "Toit"}


def test_concepts_stand_with_their_ancestors(one: Make) -> None:
    made = one("dcat:theme theme:energy-community , theme:arts , <urn:unknown> ; coped:country <" + ITALY + ">")
    assert set(made.keywords["theme"]) == {COMMUNITY, RENEWABLE, TRANSITION, ARTS, "urn:unknown"}
    assert len(made.keywords["theme"]) == 5
    assert set(made.item["themes"]) == {COMMUNITY, ARTS, "urn:unknown"}
    assert (made.keywords["country"], made.item["country"]) == ((ITALY,), [ITALY])
    assert made.keywords["kind"] == ("practice",) and made.keywords["source"] == ("here",)


def test_dates_are_complete_and_shown_as_they_were_stated(one: Make) -> None:
    made = one(
        """dct:temporal <#1> , <#2> ; dct:issued "soon" , "2024-05-06"^^xsd:date .
        <#1> dcat:startDate "2022"^^xsd:gYear ; dcat:endDate "2023"^^xsd:gYear .
        <#2> dcat:startDate "2021-07"^^xsd:gYearMonth , "in spring" ; dcat:endDate "2022-02-01"^^xsd:date"""
    )
    assert set(made.dates["start"]) == {"2022-01-01", "2021-07-01"}
    assert set(made.dates["end"]) == {"2023-12-31", "2022-02-01"}
    assert made.dates["issued"] == ("2024-05-06",)
    assert (made.item["start"], made.item["end"]) == ("2021-07", "2023")


@pytest.mark.parametrize(
    "stated, taken, expected",
    [
        ("2025-01-01", TAKEN, "2025-01-01T00:00:00+00:00"),
        ("2025-01-01T10:00:00+02:00", TAKEN, "2025-01-01T08:00:00+00:00"),
        ("2031-01-01", TAKEN, "2026-03-01T12:00:00+00:00"),
        ("yesterday", TAKEN, "2026-03-01T12:00:00+00:00"),
        ("1066", TAKEN, "1970-01-01T00:00:00+00:00"),
        ("2026-12-31", TAKEN.replace(tzinfo=None), "2026-03-01T12:00:00+00:00"),
        ("2026-12-31", TAKEN.replace(tzinfo=timezone(timedelta(hours=1))), "2026-03-01T11:00:00+00:00"),
        ("2025-01-01", None, "1970-01-01T00:00:00+00:00"),
    ],
)
def test_a_record_changed_when_it_says_but_never_after_it_was_taken_up(
    profile: Profile, stated: str, taken: datetime | None, expected: str
) -> None:
    made = document([record(f'dct:modified "{stated}"', changed=taken)], profile)
    assert made.item["changed"] == expected and made.dates["changed"] == (expected,)


def test_numbers_that_are_none_are_left_out(profile: Profile) -> None:
    values = '"12.5"^^xsd:decimal , "1e3"^^xsd:double , "INF"^^xsd:double , "NaN"^^xsd:double , "many"'
    made = document([record(f"coped:floorArea {values}", kind="venue")], profile)
    assert set(made.numbers["floorArea"]) == {12.5, 1000.0}


@pytest.mark.parametrize(
    "wkt, expected",
    [
        ("POINT(11.34 44.49)", (44.49, 11.34)),
        (" point ( -0.5  -45 ) ", (-45.0, -0.5)),
        ("POINT Z (11.34 44.49 120)", (44.49, 11.34)),
        ("POINT(1.134E1 4449e-2)", (44.49, 11.34)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(11.34 44.49)", (44.49, 11.34)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(44.49 11.34)", (44.49, 11.34)),
        ("<http://www.opengis.net/def/crs/EPSG/0/3857> POINT(11.34 44.49)", (44.49, 11.34)),
        ("POINT(180 -90)", (-90.0, 180.0)),
        ("POINT(11.34 91)", None),
        ("POINT(1e999 0)", None),
        ("POINT(- .)", None),
        ("POINT EMPTY", None),
        ("POINT(11.34,44.49)", None),
        ("LINESTRING(11 44, 12 45)", None),
        ("POLYGON((11 44, 12 45, 12 44, 11 44))", None),
        ("", None),
    ],
)
def test_points(wkt: str, expected: tuple[float, float] | None) -> None:
    assert point(wkt) == expected


def test_several_places(one: Make) -> None:
    made = one(
        """dct:spatial <#a> , <#b> , <#c> .
        <#a> locn:geographicName "Wien"@de , "Vienna"@en ; dcat:centroid "POINT(16.4 48.2)"^^geo:wktLiteral .
        <#b> locn:geographicName "Graz"@de ; dcat:centroid "POINT(15.4 47.1)"^^geo:wktLiteral , "somewhere" .
        <#c> locn:geographicName "Graz"@de ; dcat:centroid "POINT(15.4 47.1)"^^geo:wktLiteral"""
    )
    assert made.points == ((48.2, 16.4), (47.1, 15.4))
    assert made.item["point"] == {"lat": 48.2, "lon": 16.4}
    assert made.item["places"] == [{"de": "Wien", "en": "Vienna"}, {"de": "Graz"}]


def test_names_are_what_can_be_begun(profile: Profile) -> None:
    first = record(
        """dct:title "Dach"@de , "Roof"@en-t-de-t0-mtec , "Tak" , " " ;
        dct:spatial <#a> . <#a> locn:geographicName "Wien"@de-AT , "Vienna"@en . <> dct:creator <#lead> , <#other> .
        <#lead> foaf:name "Verein"@de . <#other> foaf:name "Egylet"@hu"""
    )
    second = record(
        'dct:title "Dach"@de , "Toit"@fr ; dct:publisher <#p> . <#p> foaf:name "Stadt Wien"@de', THERE, source="there"
    )
    assert document([first, second], profile).names == {
        "title": {"de": ("Dach",), "en": ("Roof",), "": ("Tak",), "fr": ("Toit",)},
        "place": {"de": ("Wien",), "en": ("Vienna",)},
        "organisation": {"de": ("Verein", "Stadt Wien"), "hu": ("Egylet",)},
    }


@pytest.mark.parametrize("kind, part", [("organisation", "organisation"), ("venue", "title"), ("event", "title")])
def test_an_organisations_title_is_the_name_of_an_organisation(profile: Profile, kind: str, part: str) -> None:
    role = profile.role(kind, "title")
    assert role
    made = document([record(f'<{role.path}> "Haus"@de', kind=kind)], profile)
    assert made.names == {part: {"de": ("Haus",)}}


def test_a_record_that_says_nothing(one: Make) -> None:
    assert one("a coped:GoodPractice").item == {
        "id": HERE,
        "kind": "practice",
        "title": {},
        "summary": {},
        "languages": [],
        "country": [],
        "sources": ["here"],
        "themes": [],
        "status": None,
        "places": [],
        "point": None,
        "start": None,
        "end": None,
        "changed": "2026-03-01T12:00:00+00:00",
        "members": [HERE],
    }


def test_a_cluster_is_one_document_of_all_its_members(profile: Profile) -> None:
    first = record(
        'dct:title "Toit"@fr ; dct:description "Un toit."@fr ; dcat:theme theme:arts ; dct:modified "2025"', seq=7
    )
    second = record(
        """dct:title "Le toit"@fr , "Roof"@en ; dct:description "Un toit."@fr ; dcat:theme theme:energy-community ;
        dct:modified "2024" ; dct:spatial <#p> . <#p> dcat:centroid "POINT(2 49)"^^geo:wktLiteral""",
        THERE,
        source="there",
        seq=9,
    )
    made = document([first, second], profile)
    assert (made.id, made.seq, made.kind) == (HERE, 9, "practice")
    assert made.texts["title"] == {"fr": ("Toit", "Le toit"), "en": ("Roof",)}
    assert made.texts["summary"] == {"fr": ("Un toit.",)}, "what both say is said once"
    assert set(made.keywords["theme"]) == {ARTS, COMMUNITY, RENEWABLE, TRANSITION}
    assert made.keywords["source"] == ("here", "there") and made.keywords["language"] == ("en", "fr")
    assert made.item["title"] == {"en": "Roof", "fr": "Toit"}, "the representative's words, then the next one's"
    assert (made.item["members"], made.item["sources"]) == ([HERE, THERE], ["here", "there"])
    assert made.item["point"] == {"lat": 49.0, "lon": 2.0}
    assert made.item["changed"] == "2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "text, length, expected",
    [
        ("as short as it is", 20, "as short as it is"),
        (" two\n lines\t", 20, "two lines"),
        ("cut behind a word", 14, "cut behind a…"),
        ("cut behind, a word", 13, "cut behind…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
    ],
)
def test_a_summary_is_cut_behind_a_word(text: str, length: int, expected: str) -> None:
    assert shortened(text, length) == expected


@given(st.text(max_size=80), st.integers(2, 60))
def test_a_shortened_text_is_a_beginning_and_short(text: str, length: int) -> None:
    line, cut = " ".join(text.split()), shortened(text, length)
    assert len(cut) <= length
    assert cut == line or (cut.endswith("…") and line.startswith(cut[:-1]))


def test_what_makes_an_index_anew(profile: Profile, tmp_path: Path) -> None:
    def digest(name: str, vocabulary: str) -> str:
        return declared(small_profile(tmp_path / name, vocabulary)).digest

    assert declared(profile).digest == digest("same", VOCABULARY)
    assert declared(profile).digest != digest("label", VOCABULARY.replace("Energy poverty", "Fuel poverty"))
    moved = digest("moved", VOCABULARY.replace("skos:broader theme:renewable-energy", "skos:broader theme:arts"))
    assert declared(profile).digest != moved


EXAMPLES = sorted((resource("schema") / "examples" / "valid").glob("*.ttl"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_of_the_profile_are_found_by_all_that_they_say(index: SearchIndex, file: Path) -> None:
    profile = load()
    triples = [quad.triple for quad in parse(file.read_bytes(), format=RdfFormat.TURTLE)]
    targets = {kind.target: key for key, kind in profile.kinds.items()}
    kind = file.stem.partition("-")[0]
    iri = next(t.subject.value for t in triples if t.predicate == RDF.type and targets.get(t.object.value) == kind)
    made = document([Record(iri, sorted_lines(triples), kind)], profile)
    index.apply({iri: made}, 1)
    texts = [text for texts in made.texts.values() for passages in texts.values() for text in passages]
    assert texts
    for text in texts:
        assert index.search(Query(text[:200])).total == 1, text
    stated = {t.object.value for t in triples if t.subject.value == iri and t.predicate in (DCAT.theme, DCT.type)}
    assert stated <= {value for values in made.keywords.values() for value in values}


TEXTS = st.text(max_size=30)
ODD = ("1e400", "-INF", "2024-02-30", "0000", "9999-12-31T24:00:00Z", "POINT(1 2)", "POINT(181 0)", "-0", "١٢")
VALUES = st.one_of(
    st.builds(Literal, TEXTS | st.sampled_from(ODD)),
    st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, st.sampled_from(["de", "en-t-de", "x-own"])),
    st.sampled_from([HERE, ITALY, COMMUNITY, "urn:x", f"urn:{'y' * 70_000}"]).map(NamedNode),
)


@pytest.fixture(scope="module")
def labels() -> Labels:
    return Labels(load())


@settings(deadline=None)  # the first example reads the dictionaries
@given(st.data())
def test_whatever_a_source_says_makes_a_document_that_fits(labels: Labels, data: st.DataObject) -> None:
    profile = load()
    kind = data.draw(st.sampled_from(sorted(profile.kinds)))
    fields: list[Field] = data.draw(st.lists(st.sampled_from(profile.fields(kind)), max_size=6))
    triples = {triple for field in fields for triple in nested(field, data.draw(VALUES))}
    made = document([Record(HERE, sorted_lines(triples), kind)], profile)
    indexed(made, declared(profile), labels, Lines(profile), profile)


def nested(field: Field, value: NamedNode | Literal) -> list[Triple]:
    """A value of a field, at the end of its path."""
    nodes = [NamedNode(HERE), *(NamedNode(f"{HERE}#{n}") for n in range(len(field.index_path) - 1)), value]
    return [
        Triple(subject, NamedNode(path), following)  # type: ignore[arg-type]
        for path, (subject, following) in zip(field.index_path, pairwise(nodes), strict=True)
    ]
