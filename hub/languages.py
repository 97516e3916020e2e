"""The languages served, the choice among them, and the catalogues of the interface's words."""

import gettext
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Final

from babel.core import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from langcodes import standardize_tag, tag_is_valid

from hub.settings import resource

LANGUAGES: Final = ("it", "sv", "de", "hu", "nl", "fr", "en")
FALLBACK: Final = "en"
N_: Final = str  # marks a text for the catalogues where it is written down, not where it is shown
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
def locale_of(language: str) -> Locale:
    """How dates, numbers and names are written; the partner that reads German is in Austria (Jänner, not Januar)."""
    return Locale.parse("de_AT" if language == "de" else language)


def language_name(tag: str, language: str) -> str:
    """What a language is called in another, by its tag or its three letters; the tag where nobody has a name for it."""
    code = tag.partition("-")[0].lower()
    known = standardize_tag(code) if tag_is_valid(code) else code  # fra is fr
    return str(locale_of(language).languages.get(known, tag))


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The interface's words in a language, read from `hub.po`; English is their source and needs no catalogue."""
    if language == FALLBACK:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with (resource("locales") / language / "LC_MESSAGES" / "hub.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
