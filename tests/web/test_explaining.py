"""Why a record was found: in the API's form, and in a person's."""

from typing import Any

from hub.profile import load
from hub.search.base import Hit, Match, Matched
from hub.web.explaining import matched, respelt, standing_in, why

THEME = "https://w3id.org/co-ped/concept/theme/energy-community"
ITEM = {
    "title": {"it": "Il tetto", "hu-t-it-t0-mtec": "A tető", "sv": "Taket"},
    "summary": {"it": "Un tetto nuovo per il circolo"},
}


def hit(*words: Match, **more: Any) -> Hit:
    return Hit(ITEM, 1.0, Matched(words, **more))


TITLE, SUMMARY = Match("tetto", "title", "it"), Match("tetto", "summary", "it")
LEXICON = Match("roof", "title", "it", "lexicon", "tetto")
MACHINE = Match("tető", "title", "hu")


def test_without_an_explanation_a_word_is_told_once_in_each_way_and_language() -> None:
    found = hit(TITLE, SUMMARY, Match("tetto", "body", "sv"), LEXICON, concepts=(THEME,), meaning=0.41237)
    short, full = (matched(found, load(), "hu", full) for full in (False, True))
    assert [(w["part"], w["language"], w["by"]) for w in short["words"]] == [
        ("title", "it", "word"),
        ("body", "sv", "word"),
        ("title", "it", "lexicon"),
    ]
    assert len(full["words"]) == 4 and full["words"][3]["text"] == "tetto"
    assert full["concepts"] == [{"iri": THEME, "label": load().label(THEME, "hu")}] and full["meaning"] == 0.4124
    assert {key: short[key] for key in ("concepts", "meaning")} == {key: full[key] for key in ("concepts", "meaning")}


def test_a_machine_s_text_is_told_by_the_part_that_has_the_word() -> None:
    words = (TITLE, MACHINE, Match("tető", "body", "hu"), Match("tak", "body", "de"))
    assert [w["machine"] for w in matched(hit(*words), load(), "en", True)["words"]] == [False, True, True, False]


def label(iri: str) -> str:
    return iri.removesuffix("-too")


def test_a_person_reads_what_is_needed_to_understand() -> None:
    told = why(hit(TITLE, SUMMARY, LEXICON, concepts=(THEME, f"{THEME}-too"), meaning=0.4), label)
    assert (told.words, told.translated, told.concepts) == (("tetto",), (("roof", "tetto"),), (THEME,))
    assert not told.by_meaning and not told.by_machine
    assert why(hit(Match("roof", "title", "en"), LEXICON), label).translated == ()  # the word itself is there
    assert why(hit(meaning=0.4), label).by_meaning and not why(hit(), label)
    assert not why(hit(concepts=(THEME,), meaning=0.4), label).by_meaning
    assert why(hit(MACHINE), label).by_machine and not why(hit(MACHINE, TITLE), label).by_machine


def test_a_word_that_no_hit_has_as_written_is_told_with_the_one_that_is_there() -> None:
    wrong, other = (
        Match("tetot", "title", "it", "spelling", "tetto"),
        Match("tetot", "title", "it", "spelling", "tesoro"),
    )
    assert respelt([hit(wrong), hit(wrong), hit(other)]) == {"tetot": "tetto"}
    assert respelt([hit(wrong), hit(Match("tetot", "body", "it"))]) == {}
    assert respelt([hit(Match("teto", "title", "hu", "spelling", "teto"))]) == {"teto": "tető"}
    assert respelt([hit(Match("x", "body", "it", "spelling"))]) == {"x": ""}
    assert standing_in([hit(wrong, LEXICON, TITLE)]) == {("it", "tetto")}
