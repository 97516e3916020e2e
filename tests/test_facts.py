"""Each fact that the real sample records may tell, found in the graph that the hub makes of them, with its source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, serialize

from harvesters import CROSSWALKS, HARVESTERS
from harvesters.samples.server import serve
from harvesters.source_files import load_sources
from hub.fetch import Client
from hub.model import Graph
from hub.namespaces import DCT, record_iri
from hub.profile import Field, load
from hub.settings import resource
from hub.validation import Validator

BASE: Final = "http://hub.example"
POT_KOMMON: Final = "https://lamain-fonciere.coop/pot-kommon"
GREEN_KOMMON: Final = "https://lamain-fonciere.coop/green-kommon"
CITIZEN_ENERGY: Final = "https://plaine-energie-citoyenne.fr/greenkommon"
TOURISM: Final = "https://tourisme93.com/"
HALLES: Final = (
    "https://www.teh.net/inititatives/"
    "community-based-cultural-and-social-centres-as-incubators-for-positive-energy-districts-co-ped"
)
DATABASE: Final = "https://projekte.ffg.at/projekt/5129287"
COOPERATIVE_CITY: Final = "https://cooperativecity.org/co-ped"
VENUES: Final = ("Le 6b", "Mains d’Œuvres", "La Villa Mais d’Ici", "Les Poussières")
SIX: Final = ("IT", "SE", "AT", "HU", "NL", "FR")


@dataclass(frozen=True)
class Fact:
    """What is told, by which page, in which record, under which fields; `only` where nothing else may be said there.

    A value is a concept's notation, or words that a text has.
    """

    words: str
    source: str
    record: str
    field: str
    values: Sequence[str]
    only: bool = False


def pot_kommon(words: str, field: str, *values: str, only: bool = False) -> Fact:
    return Fact(words, POT_KOMMON, "practice/pot-kommon", field, values, only)


def green_kommon(words: str, field: str, *values: str, only: bool = False) -> Fact:
    return Fact(words, GREEN_KOMMON, "practice/green-kommon", field, values, only)


def carried(words: str, field: str, *values: str, only: bool = False) -> Fact:
    """Green Kommon as the page about Pot Kommon tells it."""
    return Fact(words, POT_KOMMON, "practice/green-kommon-pot-kommon", field, values, only)


def halles(words: str, field: str, *values: str, only: bool = False) -> Fact:
    return Fact(words, HALLES, "practice/co-ped-trans-europe-halles", field, values, only)


def city(words: str, field: str, *values: str, only: bool = False) -> Fact:
    return Fact(words, COOPERATIVE_CITY, "practice/co-ped-cooperative-city", field, values, only)


FACTS: Final = [
    # Pot Kommon
    pot_kommon("a training consortium", "cooperationForm", "shared-training-consortium"),
    pot_kommon("four venues", "venue.title", *VENUES, only=True),
    pot_kommon("which are intermediate and independent", "summary", "quatre lieux intermédiaires et indépendants"),
    pot_kommon("in Plaine Commune, Seine-Saint-Denis", "place.name", "Plaine Commune, Seine-Saint-Denis", only=True),
    Fact("its members", POT_KOMMON, "organisation/consortium-pot-kommon", "member.title", VENUES, only=True),
    pot_kommon("the consortium of the practice", "consortium.title", "Pot Kommon", only=True),
    pot_kommon("carried by La Main", "lead.title", "La Main", only=True),
    pot_kommon("accompanied by La Main", "participation.organisation.title", "La Main", only=True),
    pot_kommon("as carrier and companion", "participation.role", "coordinator", "facilitator", only=True),
    pot_kommon("La Main supports pooling", "solution", "soutient la mutualisation et la solidarité locale"),
    Fact(
        "what La Main does", POT_KOMMON, "organisation/la-main", "summary", ["la mutualisation et la solidarité locale"]
    ),
    Fact("La Main is a SCIC", TOURISM, "organisation/la-main-tourisme93", "legalForm", ["SCIC"]),
    Fact("since the end of 2017", TOURISM, "organisation/la-main-tourisme93", "summary", ["fin 2017"]),
    Fact("now called so", TOURISM, "organisation/la-main-tourisme93", "title", ["Foncièrement Culturelle"]),
    pot_kommon("the first family of intermediate places", "challenge", "la première famille des lieux intermédiaires"),
    pot_kommon("born at the margin in the 2000s", "challenge", "Nés dans les années 2000 en marge des institutions"),
    pot_kommon("driven by collectives", "challenge", "des collectifs, des groupes d’indépendants et des habitants"),
    *(
        Fact(
            f"{key} is such a place",
            POT_KOMMON,
            f"venue/{key}",
            "venueType",
            ["independent-cultural-centre"],
            only=True,
        )
        for key in ("le-6b", "mains-d-oeuvres", "la-villa-mais-d-ici", "les-poussieres")
    ),
    pot_kommon("centres of competence", "solution", "Centres de compétences", "notamment pour les plus jeunes"),
    pot_kommon("of four fields", "solution", "de l’insertion, du socioculturel, de la construction et de l’artistique"),
    pot_kommon("a territory of young people", "challenge", "marqué par sa population jeune"),
    pot_kommon(
        "a resource structure", "summary", "Structure ressource pour les acteurs culturels et les autres tiers-lieux"
    ),
    pot_kommon("of the metropolis", "summary", "tiers-lieux de la métropole"),
    pot_kommon("learning visits", "exchange", "learning-visit"),
    pot_kommon("professional trainings", "exchange", "training"),
    pot_kommon("information days and conferences", "exchange", "information-day", "conference"),
    pot_kommon("labelled PTCE and Fabrique de territoire", "recognition.name", "(PTCE)", "Fabrique de territoire"),
    pot_kommon("the support extended in 2024", "recognition.name", "soutien prolongé en 2024"),
    pot_kommon("by the ANCT and the ministry of the ESS", "recognition.issuer.title", "ANCT", "(ESS)"),
    pot_kommon("labelled in 2024", "recognition.validFrom", "2024", only=True),
    pot_kommon("a PTCE is a form of cooperation", "cooperationForm", "territorial-cooperation-cluster"),
    pot_kommon("cooperation of almost ten years", "solution", "depuis près de dix ans"),
    pot_kommon("partnerships of culture and ESS", "solution", "culture et économie sociale et solidaire"),
    pot_kommon("of energy, work, training, school", "solution", "énergie citoyenne, emploi, formation professionnelle"),
    pot_kommon(
        "public policy is made together", "solution", "coconstruisent des politiques publiques avec les réseaux"
    ),
    # Green Kommon
    carried("carried by Pot Kommon", "lead.title", "Pot Kommon", only=True),
    carried("the consortium", "consortium.title", "Pot Kommon", only=True),
    carried("winner of Alternative Verte 2", "recognition.name", "Lauréat « Alternative Verte 2 »"),
    carried("by the Ministry of Culture", "recognition.issuer.title", "Ministère de la Culture", only=True),
    carried("the wave", "funding.name", "Alternative Verte 2"),
    carried("of France 2030", "funding.scheme.name", "France 2030", only=True),
    carried("an ecological path", "summary", "une trajectoire écologique"),
    carried("the energy transition of buildings", "objective", "la transition énergétique des bâtiments culturels"),
    carried("all cultural places of Plaine Commune", "objective", "l’ensemble des lieux culturels de Plaine Commune"),
    carried("national and European dissemination", "transferability", "nationale et européenne, par le projet Co-ped"),
    green_kommon("carried by La Main", "lead.title", "La Main", only=True),
    green_kommon("with two partners", "partner.title", "Plaine Énergie Citoyenne", "Pot Kommon", only=True),
    green_kommon("their roles", "participation.role", "coordinator", "partner", only=True),
    green_kommon("loops of collective self-consumption", "solution", "2 km de diamètre au plus en zone urbaine"),
    green_kommon("a form of cooperation", "cooperationForm", "joint-self-consumption", only=True),
    green_kommon("photovoltaics", "measure", "photovoltaics", only=True),
    green_kommon("guaranteed for 25 years", "solution", "garantis 25 ans"),
    green_kommon("an energy fund", "financingModel", "solidarity-energy-fund", only=True),
    green_kommon("fed by the surplus", "solution", "« fonds d’énergie culturelle » alimenté par le surplus"),
    # Co-PED
    halles(
        "its name", "title", "Community-based cultural and social centres as incubators for Positive Energy Districts"
    ),
    halles("Driving Urban Transitions", "funding.scheme.name", "Driving Urban Transitions (DUT)", only=True),
    halles("Call 2023, PED track", "funding.name", "Call 2023, PED track", only=True),
    halles("coordinated by Trans Europe Halles", "participation.organisation.title", "Trans Europe Halles", only=True),
    halles("as its coordinator", "participation.role", "coordinator", only=True),
    halles("a network of 170 centres", "summary", "réseau de 170 centres culturels portés par leurs communautés"),
    halles("its own page", "landingPage", "https://co-ped.eu/", only=True),
    city(
        "models",
        "objective",
        "Des modèles financiers, juridiques et d’organisation pour les centres sociaux et culturels",
    ),
    city("energy justice", "objective", "la justice énergétique"),
    city("policy recommendations", "objective", "des recommandations de politique publique"),
    city("virtual energy communities", "objective", "des communautés énergétiques virtuelles"),
    city("urban–rural links", "objective", "des liens entre villes et campagnes"),
    city("eight Urban Living Labs", "title", "huit living labs urbains"),
    city("two are named", "urbanLivingLab.name", "Bartók Quarter (Újbuda)", "Bakelit", only=True),
    city("both in Budapest", "urbanLivingLab.place.name", "Budapest", only=True),
    Fact("keywords", DATABASE, "practice/co-ped-ffg", "keyword", ["energy transition", "cooperative financing"]),
    Fact("more keywords", DATABASE, "practice/co-ped-ffg", "keyword", ["civic urban development", "energy justice"]),
    Fact("the last keyword", DATABASE, "practice/co-ped-ffg", "keyword", ["cultural actors"]),
]
# Where sources disagree, both are kept: the same field, two records, each with its source.
DISAGREEMENTS: Final = {
    "the carrier of Green Kommon": (
        Fact("La Main", GREEN_KOMMON, "practice/green-kommon", "lead.title", ["La Main"], True),
        Fact("Pot Kommon", POT_KOMMON, "practice/green-kommon-pot-kommon", "lead.title", ["Pot Kommon"], True),
    ),
    "the territory of Green Kommon": (
        Fact("", GREEN_KOMMON, "practice/green-kommon", "place.name", ["Plaine Commune"], True),
        Fact(
            "",
            CITIZEN_ENERGY,
            "practice/green-kommon-plaine-energie-citoyenne",
            "place.name",
            ["Seine-Saint-Denis"],
            True,
        ),
    ),
    "the beginning of Co-PED": (
        Fact("", HALLES, "practice/co-ped-trans-europe-halles", "period.start", ["2025"], True),
        Fact("", DATABASE, "practice/co-ped-ffg", "period.start", ["2025-01-01"], True),
    ),
    "the end of Co-PED": (
        Fact("", HALLES, "practice/co-ped-trans-europe-halles", "period.end", ["2027"], True),
        Fact("", DATABASE, "practice/co-ped-ffg", "period.end", ["2027-12-31"], True),
    ),
    "its length": (
        Fact("", HALLES, "practice/co-ped-trans-europe-halles", "summary", ["deux ans (2025-2027)"]),
        Fact("", DATABASE, "practice/co-ped-ffg", "summary", ["36 mois"]),
    ),
    "its countries": (
        Fact("", POT_KOMMON, "practice/co-ped-la-main", "country", SIX, True),
        Fact("", COOPERATIVE_CITY, "practice/co-ped-cooperative-city", "summary", ["sept pays"]),
    ),
    "the names of La Main": (
        Fact("", POT_KOMMON, "organisation/la-main", "title", ["La Main"], True),
        Fact("", TOURISM, "organisation/la-main-tourisme93", "title", ["Foncièrement Culturelle"]),
    ),
}


@cache
def harvested() -> dict[str, Graph]:
    """The graphs of the French sample, by kind and key, as a harvest makes them."""
    with serve() as server:
        source = load_sources(resource("harvesters") / "samples" / "sources", server.url)["sample-fr"]
        client = Client("tests/1", allowed_hosts=["127.0.0.1"])
        raws = [raw for page in HARVESTERS[source.protocol].pages(source, client) for raw in page.records]
    crosswalk = CROSSWALKS[source.format]
    found: dict[str, Graph] = {}
    for raw in raws:
        mapped = crosswalk(raw, source, record_iri(BASE, raw.kind, source.key, raw.identifier), BASE)
        assert mapped.notes == (), raw.identifier
        found[f"{raw.kind}/{raw.identifier}"] = mapped.graph
    return found


def node_of(record: str) -> NamedNode:
    kind, identifier = record.split("/")
    return record_iri(BASE, kind, "sample-fr", identifier)


def fields(node_class: str) -> dict[str, Field]:
    return {field.key: field for field in load().nested(node_class)}


def said(record: str, path: str) -> Iterator[str]:
    """The values under `field.field`: notations of concepts, and texts."""
    graph, nodes = harvested()[record], {node_of(record)}
    node_class = load().kinds[record.split("/")[0]].target
    for key in path.split("."):
        field = fields(node_class)[key]
        node_class = field.node_class or ""
        nodes = {t.object for t in graph if t.subject in nodes and t.predicate.value == field.path}  # type: ignore[misc]
    for value in nodes:
        concept = load().concepts.get(value.value)
        yield concept.notation if concept else " ".join(value.value.split())  # French has spaces that do not break


def check(fact: Fact) -> None:
    origins = [
        t.object for t in harvested()[fact.record] if (t.subject, t.predicate) == (node_of(fact.record), DCT.source)
    ]
    assert origins == [NamedNode(fact.source)]
    found = list(said(fact.record, fact.field))
    unsaid = [value for value in fact.values if not any(value in text for text in found)]
    assert unsaid == [], found
    if fact.only:
        assert {text for text in found if not any(value == text for value in fact.values)} == set()


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.record}: {fact.words}")
def test_the_fact_is_told_with_its_source(fact: Fact) -> None:
    check(fact)


@pytest.mark.parametrize("about", DISAGREEMENTS)
def test_both_sides_of_a_disagreement_are_kept(about: str) -> None:
    one, other = DISAGREEMENTS[about]
    check(one)
    check(other)
    assert one.source != other.source and one.record != other.record


def test_no_fact_stands_alone_in_no_record() -> None:
    told = {fact.record for fact in FACTS} | {fact.record for pair in DISAGREEMENTS.values() for fact in pair}
    assert set(harvested()) - told == {"organisation/trans-europe-halles"}
    assert list(said("organisation/trans-europe-halles", "origin")) == [HALLES]


def test_the_records_are_valid() -> None:
    validator = Validator(load())
    for record, graph in harvested().items():
        report = validator.check(
            (serialize(graph, format=RdfFormat.N_TRIPLES) or b"").decode(), (), node_of(record).value
        )
        assert report.valid, (record, report.results)
    assert validator.disagreements.count == 0


def test_texts_are_french_or_english() -> None:
    tags = {t.object.language for graph in harvested().values() for t in graph if isinstance(t.object, Literal)}
    assert tags == {"fr", "en", None}
