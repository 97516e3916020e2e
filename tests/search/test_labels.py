"""Which concepts a text names."""

from dataclasses import replace
from itertools import product

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.search.analysis import analyzer
from hub.search.base import OTHER
from hub.search.expansion import labels_of, searchable
from hub.search.labels import Labels
from tests.search.examples import ARTS, COMMUNITY, RENEWABLE, made, small_profile


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    return Labels(small_profile(tmp_path_factory.mktemp("labels") / "schema"))


def named(labels: Labels, text: str, language: str) -> list[str]:
    return list(labels.named(analyzer(language).terms(text), language))


@pytest.mark.parametrize(
    ("text", "language", "times"),
    [
        ("An energy community in the cellar", "en", 1),
        ("the ENERGY COMMUNITIES", "en", 1),
        ("an energy citizens community", "en", 1),
        ("an energy, rather: a community", "en", 0),
        ("a community of energy", "en", 1),
        ("a community energy", "en", 1),
        ("a community, an energy", "en", 1),
        ("energy", "en", 0),
        ("renewable community", "en", 0),
        ("une communauté d’énergie", "fr", 1),
        ("energy community", "fr", 0),
        ("Die Energiegemeinschaften", "de", 1),
        ("az energiaközösségekről", "hu", 1),
        ("energy community", OTHER, 0),
        ("an energy community in the cellar of another energy community", "en", 2),
        ("", "en", 0),
    ],
)
def test_a_text_names_a_concept_by_a_label_of_its_language(
    labels: Labels, text: str, language: str, times: int
) -> None:
    assert named(labels, text, language) == [COMMUNITY] * times


def test_a_text_names_all_its_concepts_in_their_order(labels: Labels) -> None:
    text = "Renewable energy and the renewable energy community: art"
    assert named(labels, text, "en") == [RENEWABLE, RENEWABLE, COMMUNITY, ARTS]


def test_a_document_has_its_concepts_by_the_part_that_names_them(labels: Labels) -> None:
    texts = {"title": {"en": ("Renewable energy",), "fr": ("Art",)}, "body": {"de": ("Die", "Energiegemeinschaften")}}
    said = labels.said(replace(made("any"), texts=texts))
    assert said.concepts == {"title": {RENEWABLE, ARTS}, "body": {COMMUNITY}}
    assert said.words == {
        "title_en": [analyzer("en").terms("Renewable energy")],
        "title_fr": [analyzer("fr").terms("Art")],
        "body_de": [analyzer("de").terms("Die"), analyzer("de").terms("Energiegemeinschaften")],
    }


def test_every_label_of_the_real_vocabularies_names_its_concept() -> None:
    profile = load()
    real = Labels(profile)
    missed = [
        (language, label, concept.iri)
        for concept, language in product(searchable(profile), LANGUAGES)
        for label in labels_of(concept, language)
        if concept.iri not in named(real, f"2025: {label}.", language)
    ]
    assert missed == []
