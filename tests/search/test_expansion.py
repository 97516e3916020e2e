"""Which concepts the words of a query name, in seven languages."""

from itertools import product
from pathlib import Path

import pytest

from hub.languages import LANGUAGES
from hub.profile import Profile, load
from hub.search.analysis import analyzer, folded
from hub.search.expansion import MAX_WORDS, Expansion, Question, labels_of, phrases, searchable
from tests.search.examples import ARTS, COMMUNITY, RENEWABLE, TRANSITION, VOCABULARY, small_profile

MORE = """
theme:street-arts a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:notation "street" ;
    skos:prefLabel "Street art"@en , "Kraft"@de ; skos:altLabel "art of the street corner"@en .
theme:strength a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:notation "strength" ;
    skos:prefLabel "Strength"@en , "Kraft"@sv , "The who"@en .
theme:second-arts a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:notation "arts-2" ;
    skos:prefLabel "Arts"@en , "Nicht gelungen"@de .
theme:success a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:notation "success" ;
    skos:prefLabel "Gelungen"@de .
<urn:example:elsewhere> a skos:Concept ; skos:inScheme <urn:example:scheme> ; skos:notation "elsewhere" ;
    skos:prefLabel "Cellar"@en .
"""
STREET, STRENGTH, SECOND, SUCCESS = (
    ARTS[: -len("arts")] + name for name in ("street-arts", "strength", "second-arts", "success")
)


@pytest.fixture(scope="module")
def expansion(tmp_path_factory: pytest.TempPathFactory) -> Expansion:
    return Expansion(small_profile(tmp_path_factory.mktemp("more") / "schema", VOCABULARY + MORE))


def named(question: Question) -> set[str]:
    return {meaning.iri for meaning in question.meanings}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Comunità energetica",
            "comunità energetiche",
            "comunita energetica",
            "Energigemenskap",
            "energigemenskaperna",
        ),
        *(
            "Energiegemeinschaft",
            "Energiegemeinschaften",
            "energiaközösség",
            "energiaközösségekről",
            "Energiegemeenschap",
        ),
        *("energiegemeenschappen", "communauté énergétique", "Communautés énergétiques", "energy communities"),
        *("communauté d'énergie", "communautés d’énergies", "une communauté pour l'énergie", "ENERGIECOÖPERATIE"),
        *("community of energy", "community energy", "communities for the energy", "what is an energy community?"),
    ],
)
def test_a_concept_is_named_by_its_labels_however_inflected(expansion: Expansion, text: str) -> None:
    assert named(expansion.question(text)) == {COMMUNITY}


@pytest.mark.parametrize(
    "text", ["", "?", "community", "energia", "energetica comunità", "energie gemeinschaft", "cellar"]
)
def test_nothing_else_names_a_concept(expansion: Expansion, text: str) -> None:
    """Parts of a label, its words turned round, and concepts that no record can be found by."""
    assert named(expansion.question(text)) == set()


def test_the_longest_label_wins(expansion: Expansion) -> None:
    assert named(expansion.question("street art")) == {STREET}
    assert named(expansion.question("art of the street corner")) == {STREET}
    assert named(expansion.question("art in the street")) == {ARTS, SECOND}
    assert named(expansion.question("street art and art")) == {STREET, ARTS, SECOND}
    assert named(expansion.question("nicht gelungen")) == {SECOND}
    assert named(expansion.question("gelungen, nicht?")) == {SUCCESS}


def test_the_same_label_may_mean_several_concepts(expansion: Expansion) -> None:
    assert named(expansion.question("arts")) == {ARTS, SECOND}


def test_the_callers_language_goes_first(expansion: Expansion) -> None:
    assert named(expansion.question("Kraft")) == {STREET, STRENGTH}
    assert named(expansion.question("Kraft", "de")) == {STREET}
    assert named(expansion.question("Kraft", "sv")) == {STRENGTH}
    assert named(expansion.question("Kraft", "hu")) == {STREET, STRENGTH}
    assert named(expansion.question("energigemenskap", "hu")) == {COMMUNITY}


def test_several_concepts_in_one_query(expansion: Expansion) -> None:
    question = expansion.question("energy community, Energiewende e energia rinnovabile")
    assert named(question) == {COMMUNITY, TRANSITION, RENEWABLE}
    assert {word.text: [m.iri for m in word.meanings] for word in question.words} == {
        "energy": [COMMUNITY],
        "community": [COMMUNITY],
        "Energiewende": [TRANSITION],
        "e": [],
        "energia": [RENEWABLE],
        "rinnovabile": [RENEWABLE],
    }


def test_a_label_of_stop_words_is_known_as_a_whole(expansion: Expansion) -> None:
    assert named(expansion.question("the who")) == {STRENGTH}
    assert named(expansion.question("who is the one?")) == set()


def test_a_word_says_where_it_helps(expansion: Expansion) -> None:
    """The second "art" stands alone; the word is looked up once, with both its meanings."""
    art = next(word for word in expansion.question("street art or Art").words if word.text == "art")
    assert {meaning.iri for meaning in art.meanings} == {STREET, ARTS, SECOND}
    assert [meaning.length for meaning in art.meanings if meaning.iri == STREET] == [2]


def test_words_have_the_terms_of_each_language_where_they_are_no_stop_word(expansion: Expansion) -> None:
    words = {word.text: word for word in expansion.question("Die Häuser are old").words}
    assert [word.required for word in words.values()] == [False, True, False, True]
    assert set(words["Die"].terms) == {*LANGUAGES, "other"} - {"de", "nl"}
    assert words["Häuser"].terms["de"] == ("hauser", "haus")
    assert words["Häuser"].terms["other"] == ("hauser",)


def test_a_query_of_stop_words_needs_them_all(expansion: Expansion) -> None:
    words = expansion.question("To be, or not to be").words
    assert [word.text for word in words] == ["To", "be", "or", "not"]
    assert all(word.required and set(word.terms) == {*LANGUAGES, "other"} for word in words)


def test_a_pasted_page_is_cut(expansion: Expansion) -> None:
    words = expansion.question(" ".join(f"w{n}" for n in range(500))).words
    assert [word.text for word in words] == [f"w{n}" for n in range(MAX_WORDS)]


def test_phrases_keep_the_distance_of_their_words() -> None:
    assert {phrase.terms for phrase in phrases("community of energy", "en")} == {((0, "communiti"), (2, "energi"))}
    assert {phrase.terms for phrase in phrases("energiaközösségek", "hu")} == {((0, "energiakozosseg"),)}


def test_every_label_of_the_real_vocabularies_names_its_concept() -> None:
    profile = load()
    real, missed = Expansion(profile), []
    concepts = searchable(profile)
    for concept, language in product(concepts, LANGUAGES):
        for label in labels_of(concept, language):
            for typed in (label, f"« {folded(label.casefold()).upper()} »"):
                if concept.iri not in named(real.question(typed, language)):
                    missed.append((language, typed, concept.iri))
    assert missed == []
    assert len(concepts) > 100


def test_a_profile_without_concepts_expands_nothing(tmp_path: Path) -> None:
    profile: Profile = small_profile(tmp_path / "schema", "")
    assert Expansion(profile).question("energy community").meanings == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Energiegemeinschaftsmodelle", "de"),
        ("energigemenskapsmöten", "sv"),
        ("energiegemeenschapsproject", "nl"),
        ("Bürgerenergiegemeinschaft", None),
    ],
)
def test_a_compound_names_the_concepts_of_its_parts(expansion: Expansion, text: str, language: str | None) -> None:
    assert COMMUNITY in named(expansion.question(text, language))


def test_a_word_that_is_a_label_is_not_taken_apart(expansion: Expansion) -> None:
    """Kraft is a label; Energiegemeinschaft is one, and so no matter of Energie."""
    assert named(expansion.question("Energiegemeinschaft", "de")) == {COMMUNITY}
    assert named(expansion.question("Energiegemeinschaft Kraft", "de")) == {COMMUNITY, STREET}


@pytest.mark.parametrize("q", ['straw "old roof"', "“old roof”", " „old roof“ ", "«old roof»", '"old roof" "old roof"'])
def test_straight_quotes_and_those_around_all_ask_for_words_in_a_row(expansion: Expansion, q: str) -> None:
    [phrases] = expansion.question(q).quoted
    assert {phrase.terms for phrase in phrases} == {((0, "old"), (1, "roof"))}


@pytest.mark.parametrize("q", ["Minister: “old roof” is done", 'an "open one', '""', "„Dach“ Theater"])
def test_quotes_in_what_was_pasted_ask_for_nothing(expansion: Expansion, q: str) -> None:
    assert expansion.question(q).quoted == ()


def test_a_word_of_the_query_s_language_is_not_guessed_at_in_others(expansion: Expansion) -> None:
    guessed = analyzer("hu").tokens("politique")[0].own
    assert "polivinilklor" in guessed, "simplemma's rules make PVC of it"
    (french,), (unknown,) = (expansion.question("politique", language).words for language in ("fr", None))
    assert french.terms["hu"] == ("politique", "politiqu") and french.terms["fr"] == unknown.terms["fr"]
    assert unknown.terms["hu"] == guessed
    (typed,) = expansion.question("energiaközösségekről", "en").words
    assert typed.terms["hu"] == analyzer("hu").tokens("energiaközösségekről")[0].own
