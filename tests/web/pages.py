"""A page as a test reads it: its texts, each with the language that it is marked with, and its elements."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import html5rdf

XHTML = "{http://www.w3.org/1999/xhtml}"
SPOKEN = ("alt", "aria-label", "placeholder", "title")  # attributes that a person reads or hears
UNSEEN = ("script", "style", "textarea", "pre", "code")


@dataclass(frozen=True)
class Text:
    text: str
    language: str
    element: str


class Page:
    """Raises AssertionError where the text is no valid HTML."""

    def __init__(self, html: str) -> None:
        parser = html5rdf.HTMLParser(tree=html5rdf.getTreeBuilder("etree"))
        self.root: Element = parser.parse(html)
        assert parser.errors == [], parser.errors

    def all(self, name: str, **attributes: str) -> list[Element]:
        """The elements of a name (any for "*") whose attributes have these values; `class_` names one class."""
        wanted = {key.strip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [e for e in self.root.iter() if _is(e, name) and all(_has(e, k, v) for k, v in wanted.items())]

    def one(self, name: str, **attributes: str) -> Element:
        found = self.all(name, **attributes)
        assert len(found) == 1, (name, attributes, len(found))
        return found[0]

    def texts(self) -> list[Text]:
        """What is read or heard, attributes too."""
        return [t for t in _texts(self.root, "") if t.text]

    def links(self) -> list[str]:
        return [a.get("href", "") for a in self.all("a")]


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _name(element: Element) -> str:
    return element.tag.removeprefix(XHTML) if isinstance(element.tag, str) else ""


def _is(element: Element, name: str) -> bool:
    return name in ("*", _name(element)) and _name(element) != ""


def _has(element: Element, key: str, value: str) -> bool:
    there = element.get(key)
    return there is not None and (value in there.split() if key == "class" else there == value)


def _texts(element: Element, language: str) -> Iterator[Text]:
    name, language = _name(element), element.get("lang", language)
    for key in SPOKEN:
        if key in element.attrib:
            yield Text(" ".join(element.attrib[key].split()), language, name)
    if name and name not in UNSEEN:
        yield Text(" ".join((element.text or "").split()), language, name)
        for child in element:
            yield from _texts(child, language)
            yield Text(" ".join((child.tail or "").split()), language, name)
