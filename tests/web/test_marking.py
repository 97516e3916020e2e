"""The words of a query, marked in texts of any language."""

import re

import pytest

from hub.profile import load
from hub.web.marking import Marker

PHOTOVOLTAICS = load().concepts["https://w3id.org/co-ped/concept/energy-measure/photovoltaics"]


def marked(marker: Marker, text: str, tag: str) -> list[str]:
    found = marker(text, tag)
    assert re.sub("</?mark>", "", found) == text
    return re.findall("<mark>(.*?)</mark>", found)


@pytest.mark.parametrize(
    ("query", "tag", "text", "expected"),
    [
        ("Anlage", "de", "Die Photovoltaikanlage auf dem Dach", ["Photovoltaikanlage"]),
        ("photovoltaik", "de-AT", "Die Photovoltaikanlage auf dem Dach", ["Photovoltaikanlage"]),
        ("auf dem Dach", "de", "Die Anlage auf dem Dach, die Dächer", ["Dach", "Dächer"]),
        ("tak", "sv", "Sågtandstaket är ett tak", ["Sågtandstaket", "tak"]),
        ("ház", "hu", "A művelődési házak ára", ["házak"]),
        ("the roof", "en", "The roofs of the hall", ["roofs"]),
    ],
)
def test_a_word_is_marked_whole_inflected_or_in_a_compound(
    query: str, tag: str, text: str, expected: list[str]
) -> None:
    assert marked(Marker(query), text, tag) == expected


def test_labels_of_a_concept_are_marked_whole_and_inflected_but_no_part_of_one() -> None:
    marker = Marker("napelem", [PHOTOVOLTAICS])
    assert marked(marker, "Energigemenskapen delar el från solcellerna på tak", "sv") == ["solcellerna"]
    assert marked(marker, "Solar panels on a solar roof", "en") == ["Solar panels"]


def test_what_stands_in_for_a_word_is_marked_in_its_language_alone() -> None:
    marker = Marker("roof", others=[("it", "tetto")])
    assert marked(marker, "I tetti", "it") == ["tetti"] and marked(marker, "tetto", "de") == []
