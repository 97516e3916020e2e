"""What every search index promises to say about why a document was found."""

from hub.search.base import Match, Matched, Query, SearchIndex
from tests.search.examples import COMMUNITY, POVERTY, made
from tests.search.test_contract_queries import fill, keys


def why(index: SearchIndex, q: str, **more: object) -> dict[str, Matched]:
    answer = index.search(Query(q, **more))  # type: ignore[arg-type]
    return {key: hit.matched for key, hit in zip(keys(answer), answer.hits, strict=True)}


def told(matched: Matched) -> set[tuple[str, str, str, str]]:
    assert len(set(matched.words)) == len(matched.words)
    return {(match.word, match.part, match.language, match.by) for match in matched.words}


def test_by_which_words_in_which_part_and_language(index: SearchIndex) -> None:
    fill(
        index,
        made("all", "Roof", summary="The roofs of a town", body="A roof"),
        made("body", body="Roof, ein Wort", language="de"),
        made("two", "Straw roof", "other"),
    )
    assert {key: told(matched) for key, matched in why(index, "ROOF").items()} == {
        "all": {("ROOF", part, "en", "word") for part in ("title", "summary", "body")},
        "body": {("ROOF", "body", "de", "word")},
        "two": {("ROOF", "title", "other", "word")},
    }
    [matched] = why(index, "the straw roof").values()
    assert told(matched) == {("straw", "title", "other", "word"), ("roof", "title", "other", "word")}
    assert [match.word for match in matched.words] == ["straw", "roof"]


def test_by_which_concepts(index: SearchIndex) -> None:
    fill(
        index,
        made("both", "Energy community with a Roof", themes=[COMMUNITY]),
        made("concept", "Villaggio", "it", themes=[COMMUNITY]),
        made("label", "Energigemenskap under Roof", "sv"),
    )
    found = why(index, "ROOF of an Energy community")
    assert {key: matched.concepts for key, matched in found.items()} == dict.fromkeys(found, (COMMUNITY,))
    assert {key: {match.word for match in matched.words} for key, matched in found.items()} == {
        "both": {"ROOF", "Energy", "community"},
        "label": {"ROOF"},
        "concept": set(),
    }
    [second] = why(index, "Energy communities", size=1, page=2).values()
    assert second.concepts == (COMMUNITY,)


def test_by_another_spelling(index: SearchIndex) -> None:
    fill(index, made("a", "Straw insulation", summary="Insulation", language="en"))
    assert told(why(index, "insulatoin")["a"]) == {
        ("insulatoin", part, "en", "spelling") for part in ("title", "summary")
    }


def test_more_words_and_languages_than_there_are_bits_in_a_number(index: SearchIndex) -> None:
    words = [f"{letter}x{letter}x" for letter in "abcdefghijklmnop"]
    fill(
        index,
        made("all", " ".join(words), body=" ".join(words), language="hu", themes=[COMMUNITY, POVERTY]),
        made("odd", " ".join(words[1::2]), summary=" ".join(words), language="fr"),
        made("odd too", " ".join(words[1::2]), summary=" ".join(words), language="sv", themes=[POVERTY]),
    )
    found = why(index, f"{' '.join(words)} energiaszegénység")
    assert told(found["all"]) == {(word, part, "hu", "word") for word in words for part in ("title", "body")}
    for key, language in (("odd", "fr"), ("odd too", "sv")):
        expected = {(word, "title", language, "word") for word in words[1::2]}
        assert told(found[key]) == expected | {(word, "summary", language, "word") for word in words}
    assert {key: matched.concepts for key, matched in found.items()} == {
        "all": (POVERTY,),
        "odd": (),
        "odd too": (POVERTY,),
    }


def test_whatever_the_order(index: SearchIndex) -> None:
    fill(index, made("a", "Roof", seq=1), made("b", "A roof", seq=2))
    for sort in ("relevance", "newest", "title", "seq"):
        assert {key: told(matched) for key, matched in why(index, "roof", sort=sort).items()} == {
            "a": {("roof", "title", "en", "word")},
            "b": {("roof", "title", "en", "word")},
        }


def test_without_words_there_is_no_reason(index: SearchIndex) -> None:
    fill(index, made("a", themes=[COMMUNITY]))
    assert why(index, "") == why(index, "", filters={"theme": (COMMUNITY,)}) == {"a": Matched()}


def test_a_match_is_a_value(index: SearchIndex) -> None:
    fill(index, made("a", "Roof"))
    assert why(index, "roof")["a"].words == (Match("roof", "title", "en"),)
