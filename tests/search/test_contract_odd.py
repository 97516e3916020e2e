"""What every search index promises about questions that make no sense, and words that look like syntax."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import BadRequest
from hub.search.base import Query, SearchIndex
from tests.search.examples import made
from tests.search.test_contract_queries import fill, found

# What cannot be asked


@pytest.mark.parametrize(
    "parameter, wrong",
    [
        ("filters", {"filters": {"colour": ("red",)}}),
        ("filters", {"filters": {"id": ("x",)}}),
        ("facets", {"facets": ("kind", "title")}),
        ("dates", {"dates": {"birthday": ("2020", None)}}),
        ("numbers", {"numbers": {"size": (1, None)}}),
        ("numbers", {"numbers": {"start": (1, None)}}),
        ("source", {"filters": {"source": ("\ud800",)}}),
    ],
)
def test_an_unknown_key_is_named_with_what_is_allowed(
    index: SearchIndex, parameter: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadRequest) as raised:
        index.search(Query(**wrong))  # type: ignore[arg-type]
    assert raised.value.parameter == parameter
    assert raised.value.allowed


@pytest.mark.parametrize(
    "parameter, wrong",
    [
        ("q", {"q": "x" * 1001}),
        ("lang", {"lang": "xx"}),
        ("lang", {"lang": ""}),
        ("page", {"page": 0}),
        ("page", {"page": 501}),
        ("page", {"page": 101, "size": 100}),
        ("size", {"size": 0}),
        ("size", {"size": 101}),
        ("sort", {"sort": "cheapest"}),
        ("bbox", {"bbox": (0, 10, 10, 0)}),
        ("bbox", {"bbox": (0, -91, 10, 0)}),
        ("bbox", {"bbox": (-181, 0, 10, 10)}),
        ("bbox", {"bbox": (float("nan"), 0, 10, 10)}),
        ("bbox", {"bbox": (0, 0, float("inf"), 10)}),
        ("start", {"dates": {"start": ("yesterday", None)}}),
        ("end", {"dates": {"end": ("2020", "2020-02-30")}}),
        ("end", {"dates": {"end": (None, "2020-13")}}),
        ("language", {"language": "xx"}),
        ("near", {"near": (91, 0, 1)}),
        ("near", {"near": (0, 181, 1)}),
        ("near", {"near": (0, 0, 0)}),
        ("near", {"near": (0, 0, 5001)}),
        ("near", {"near": (0, 0, float("nan"))}),
        ("near", {"near": (float("nan"), 0, 1)}),
        ("floorArea", {"numbers": {"floorArea": (float("inf"), None)}}),
        ("floorArea", {"numbers": {"floorArea": (None, float("nan"))}}),
        ("after", {"after": 5}),
        ("after", {"after": -1, "sort": "seq"}),
        ("after", {"after": 5, "sort": "seq", "page": 2}),
    ],
)
def test_a_question_that_makes_no_sense(parameter: str, wrong: dict[str, object]) -> None:
    with pytest.raises(BadRequest) as raised:
        Query(**wrong)  # type: ignore[arg-type]
    assert raised.value.parameter == parameter
    assert raised.value.allowed


# Odd input

ODD: Sequence[str] = (
    *(
        "",
        " ",
        "\n\t",
        "the of and",
        "der die das",
        "?",
        "…",
        "«»",
        "🌞🏘️",
        "👩‍👩‍👧",
        "\x00",
        "a\x00b",
        "\ud800",
        "x\udfffy",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "AND OR NOT + - ( ) *",
        "+roof -wall",
        '"roof',
        "(roof",
        "roof)",
        "roof*",
        "roof~2",
        "title:roof",
    ),
    *(
        "roof^3",
        "[a TO b]",
        "{",
        "\\",
        "/roof/",
        "a:b:c",
        "roof AND",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "%00",
    ),
    *(
        "شمس الطاقة",
        "אנרגיה",
        "\u202eroof",
        "能源社区",
        "ενέργεια",
        "Енергия",
        "ﬁre",
        "ＲＯＯＦ",
        "l’énergie d’ici",
        "‘roof’",
    ),
    *(
        "1" * 1000,
        "a" * 1000,
        "ab " * 333,
        "-" * 1000,
        "a-" * 500,
        "’" * 1000,
        "\u0301" * 1000,
        "a\u0301" * 500,
        "é" * 1000,
        '"a" ' * 250,
        '"' * 1000,
        " ".join(f'"{letter}{n}"' for n in range(9) for letter in "abcdefghijklmnopqrst"),
        " ".join(f"misspelt{letter}{other}" for letter in "abcdefghij" for other in "abcdefghi"),
    ),
    *(
        " ".join(map(str, range(250))),
        "roof " * 200,
        "l'" * 500,
        "3,5.7,9 m²/kWh",
        "½ ² ₂ Ⅷ ﷺ",
        "İı ß ŉ",
        "\ufeffroof\u200b",
    ),
)


@pytest.mark.parametrize("q", ODD, ids=lambda q: ascii(q)[:30])
def test_odd_words_are_words(index: SearchIndex, q: str) -> None:
    fill(index, made("a", "Roof"), made("b", "Ένας ήλιος, שמש", "other"), made("c", "l’énergie d’ici", "fr"))
    began = time.monotonic()
    answer = index.search(Query(q, "hu", facets=("kind", "theme")))
    assert time.monotonic() - began < 2
    assert answer.total == len(answer.hits) == sum(count for _, count in answer.facets["kind"])


@pytest.mark.parametrize(
    "q", ["+roof", "-roof", '"roof', "roof*", "roof~2", "title:roof", "[roof]", "\x00roof\x00", "‘Roof’s’"]
)
def test_no_character_means_anything(index: SearchIndex, q: str) -> None:
    fill(index, made("a", "Roof title 2"), made("b", "Roofing"), made("c", "Wall"))
    assert found(index, q) >= {"a"}
    assert "c" not in found(index, q)


@pytest.mark.parametrize("q", ["?", "🌞", "\x00", "\ud800", "( ) *"])
def test_what_has_no_word_finds_nothing(index: SearchIndex, q: str) -> None:
    fill(index, made("a", "? 🌞 ( )"))
    assert index.search(Query(q)).total == 0


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    language=st.sampled_from(["hu", "fr", "other"]),
)
def test_every_title_is_found_by_itself(index: SearchIndex, title: str, language: str) -> None:
    fill(index, made("a", title or "-", language), made("b", "a wholly different one"))
    if any(character.isalnum() and character != "ʼ" for character in title):
        assert "a" in found(index, title)
    else:
        found(index, title)
