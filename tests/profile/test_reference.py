"""The reference documentation: whole, in each language, with an anchor for whatever an IRI of ours may lead to."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hub.languages import LANGUAGES
from hub.namespaces import COPED
from hub.profile import load
from hub.profile.diagram import diagram
from hub.profile.reference import Reference, reference
from hub.profile.reference_markdown import markdown
from tests.profile.added import profile_with_more


def anchors(told: Reference) -> list[str]:
    entries = [entry.anchor for section in told.sections for entry in section.entries]
    words = [word.anchor for listing in told.listings for word in listing.words]
    heads = [part.anchor for part in (*told.sections, *told.listings)]
    return [*heads, *entries, *words, *(term.anchor for term in told.terms)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_told_in_the_language(language: str) -> None:
    told = reference(load(), language)
    assert {section.kind for section in told.sections if section.kind} == set(load().kinds)
    shapes = {entry.anchor for section in told.sections for entry in section.entries}
    inner = {field.shape for field in load().by_shape.values() if field.is_inner}
    assert shapes == {iri.rpartition("/")[2] for iri in load().by_shape.keys() - inner}
    for section in told.sections:
        assert section.name and section.groups
        for entry in section.entries:
            assert entry.name and entry.meaning and entry.values and entry.level and entry.path.text
            assert re.fullmatch(r"\d\.\.(\d|n)", entry.count)
    concepts = [word for listing in told.listings for word in listing.words]
    assert len(concepts) == len(load().concepts) > 250
    assert all(word.name == load().concepts[word.iri].labels[language] and word.meaning for word in concepts)


def test_every_term_field_concept_and_list_has_its_anchor() -> None:
    told = reference(load(), "en")
    found = anchors(told)
    assert {iri.removeprefix(str(COPED)) for iri in load().terms} <= set(found)
    ours = [iri.partition("/co-ped/")[2] for iri in (*load().concepts, *load().schemes) if "/co-ped/" in iri]
    assert len(ours) > 200 and set(ours) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_links_of_the_page_and_of_the_file_lead_somewhere(language: str) -> None:
    told = reference(load(), language)
    text = markdown(told)
    there = set(re.findall(r'<a id="([^"]+)">', text))
    assert there >= set(anchors(told))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= there
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 7}


def test_what_a_rule_says_is_told() -> None:
    fields = {entry.anchor: entry for section in reference(load(), "de").sections for entry in section.entries}
    title, licence = fields["practice-title"], fields["practice-licence"]
    assert (title.count, title.level, title.is_required) == ("1..n", "erforderlich", True)
    assert "höchstens 250 Zeichen" in title.rules and title.path.text == "dct:title"
    assert licence.level == "empfohlen" and "2.0" in licence.coming
    assert fields["practice-theme"].values[0].href == "#concept/theme"
    assert fields["practice-lead"].target == "Organization"


def test_the_drawing_has_each_class_and_each_link() -> None:
    told = reference(load(), "hu")
    svg = ElementTree.fromstring(diagram(told, "Osztályok"))
    targets = {a.get("href") for a in svg.iter("a")}
    assert {f"#{section.anchor}" for section in told.sections} <= targets
    links = [entry for section in told.sections for entry in section.entries if entry.target]
    assert len(list(svg.iter("path"))) == len(links) > 20
    assert {f"#{entry.anchor}" for entry in links} <= targets
    assert "style" not in {name for element in svg.iter() for name in element.attrib}  # the pages' policy forbids it


def test_a_property_more_is_in_the_documentation(tmp_path: Path) -> None:
    told = reference(profile_with_more(tmp_path), "sv")
    text, drawing = markdown(told), diagram(told, "Klasser")
    assert '<a id="practice-audience"></a>**Publik** `audience`' in text and "högst 30 tecken" in text
    assert "Kommande ändring: Blir kortare." in text
    assert "Gott exempel → Gåva (0..1) → [Gåva](#DonateAction)" in text
    assert 'href="#practice-gift"' in drawing and 'href="#DonateAction"' in drawing
