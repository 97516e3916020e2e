"""The languages served, the choice among them, and the catalogues of the interface's words."""

import gettext
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel.core import Locale, negotiate_locale

from hub.settings import resource

LANGUAGES: Final = ("it", "sv", "de", "hu", "nl", "fr", "en")
FALLBACK: Final = "en"
NAMES: Final[Mapping[str, str]] = {
    code: (Locale(code).get_display_name(code) or code).capitalize() for code in LANGUAGES
}


def negotiate(accept_language: str | None) -> str:
    """The language to answer in, from an Accept-Language header (RFC 9110 §12.5.4); English where none fits."""
    wanted: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), tag.strip()))
        except ValueError:
            continue
    tags = [tag for quality, tag in sorted(wanted, key=lambda pair: pair[0]) if quality < 0 and tag]
    return negotiate_locale(tags, LANGUAGES, sep="-") or FALLBACK


def pick(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """The text to show to a reader of `language`, and its own tag: theirs, else English, else the first there is."""
    for wanted in (language, FALLBACK):
        for tag, text in texts.items():
            if tag == wanted or tag.startswith(f"{wanted}-"):
                return text, tag
    return next(((text, tag) for tag, text in texts.items()), ("", ""))


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The interface's words in a language; English is the source language and needs no catalogue."""
    return gettext.translation("hub", resource("locales"), [language], fallback=True)
