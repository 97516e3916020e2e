"""Which concepts a text names, and where."""

from itertools import product

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.search.analysis import analyzer
from hub.search.base import OTHER
from hub.search.expansion import labels_of, searchable
from hub.search.labels import Labels
from tests.search.examples import ARTS, COMMUNITY, RENEWABLE, small_profile


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    return Labels(small_profile(tmp_path_factory.mktemp("labels") / "schema"))


def named(labels: Labels, text: str, language: str) -> list[tuple[int, str]]:
    """(position, concept)"""
    found = labels.terms(text, language)
    return [(place, term) for place, terms in enumerate(found) for term in terms if ":" in term]


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [
        ("An energy community in the cellar", "en", 1),
        ("the ENERGY COMMUNITIES", "en", 1),
        ("an energy citizens community", "en", 1),
        ("an energy, rather: a community", "en", None),
        ("a community of energy", "en", 1),
        ("a community energy", "en", 1),
        ("a community, an energy", "en", 1),
        ("energy", "en", None),
        ("renewable community", "en", None),
        ("une communauté d’énergie", "fr", 1),
        ("energy community", "fr", None),
        ("Die Energiegemeinschaften", "de", 1),
        ("az energiaközösségekről", "hu", 1),
        ("energy community", OTHER, None),
        ("", "en", None),
    ],
)
def test_a_text_names_a_concept_where_its_label_begins(
    labels: Labels, text: str, language: str, place: int | None
) -> None:
    assert named(labels, text, language) == ([] if place is None else [(place, COMMUNITY)])


def test_each_place_has_its_own_concepts_behind_its_words(labels: Labels) -> None:
    text = "Renewable energy and the renewable energy community: art"
    assert named(labels, text, "en") == [(0, RENEWABLE), (4, RENEWABLE), (5, COMMUNITY), (7, ARTS)]
    with_concepts, words = labels.terms(text, "en"), analyzer("en").terms(text)
    assert [terms[: len(own)] for terms, own in zip(with_concepts, words, strict=True)] == words


def test_every_label_of_the_real_vocabularies_names_its_concept() -> None:
    profile = load()
    real = Labels(profile)
    missed = [
        (language, label, concept.iri)
        for concept, language in product(searchable(profile), LANGUAGES)
        for label in labels_of(concept, language)
        if concept.iri not in {iri for _, iri in named(real, f"2025: {label}.", language)}
    ]
    assert missed == []
