"""The words that sources write: text out of HTML, and language tags."""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import langcodes
from langcodes.tag_parser import LanguageTagError
from pyoxigraph import Literal

_TAGS: Final = (
    "a|abbr|address|article|b|blockquote|body|br|center|code|div|em|embed|figure|figcaption|font|form|h[1-6]|head|hr|"
    "html|i|iframe|img|input|label|li|link|meta|object|ol|option|p|pre|s|script|section|select|small|span|strike|strong|"
    "style|sub|sup|svg|table|tbody|td|textarea|th|thead|title|tr|u|ul|video"
)
# Only real elements: "U < 0.2" and "<unknown>" are words.
_ELEMENT: Final = re.compile(rf"<(?P<closing>/?)(?P<name>{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# A line begins after these; the rest flows.
_BLOCKS: Final = frozenset(
    re.findall(
        r"\w+",
        "address article blockquote br div figure figcaption form h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul",
    )
)
_UNSEEN: Final = frozenset(("script", "style", "head", "title", "svg", "select", "textarea"))
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text as it may stand in RDF: NFC, lines ended by \\n, no control characters, no halves of surrogate pairs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text)).strip()


def plain(text: str) -> str:
    """What a reader sees of a text that may be HTML, or hold its entities ("R&amp;D")."""
    text = clean(text)
    if _ELEMENT.search(text) or "<!--" in text:
        # html.parser takes 38 s for 60,000 letters of "<a <a <a"; this is linear.
        lines = html.unescape("".join(_seen(_without_comments(text)))).split("\n")
        return clean("\n".join(line for part in lines if (line := " ".join(part.split()))))
    return clean(html.unescape(text)) if _ENTITY.search(text) else text


def _without_comments(text: str) -> str:
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


def _seen(text: str) -> Iterator[str]:
    """The text between the elements, a line for each block; line breaks of the source are blanks in HTML."""
    end, hidden = 0, ""
    for found in _ELEMENT.finditer(text):
        name, is_closing = found["name"].lower(), bool(found["closing"])
        if not hidden:
            yield text[end : found.start()].replace("\n", " ")
            yield "\n" if name in _BLOCKS else " " if name in ("td", "th") else ""
            hidden = name if name in _UNSEEN and not is_closing else ""
        elif is_closing and name == hidden:
            hidden = ""
        end = found.end()
    yield "" if hidden else text[end:].replace("\n", " ")


@lru_cache(4096)
def language_tag(tag: str) -> str | None:
    """The tag in BCP 47's canonical form; None where it is none.

    `de_DE` becomes de-DE, `en-UK` en-GB, `ger` de; what marks machine translation (RFC 6497: `en-t-da-t0-mtec`) stays.
    """
    try:
        standard = langcodes.standardize_tag(tag.strip())
        if not langcodes.tag_is_valid(standard) or standard in ("und", "zxx", "mul", "mis"):
            return None
        Literal("", language=standard)  # raises ValueError for what N-Quads could not hold
        return standard
    except (LanguageTagError, ValueError, AttributeError):
        return None


def primary(tag: str) -> str:
    """The language of a tag without region and script: de of de-AT."""
    return tag.split("-", 1)[0].lower()
