"""Languages that records are written in, as IRIs of the EU's authority table.

http://publications.europa.eu/resource/authority/language: its codes are those of ISO 639-3, in capitals.
"""

import re
from typing import Final

import langcodes
from langcodes.tag_parser import LanguageTagError
from pyoxigraph import NamedNode

from hub.namespaces import EU_LANGUAGE

# The languages of Europe's states and regions; a code outside of them is told, not guessed.
_CODES: Final = frozenset(
    re.findall(
        r"[A-Z]{3}",
        "ARA BOS BRE BUL CAT CES COR COS CYM DAN DEU ELL ENG EST EUS FAO FIN FRA FRY FUR GLA GLE GLG GSW HRV HUN HYE "
        "ISL ITA KAT KUR LAT LAV LIT LTZ MKD MLT NLD NNO NOB NOR OCI POL POR ROH ROM RON RUS SCN SLK SLV SME SPA SQI "
        "SRD SRP SWE TUR UKR VEC YID",
    )
)
_NAMES: Final = {
    "ITA": "italiano italian italienisch italien olasz italiaans italienska",
    "SWE": "svenska swedish schwedisch suédois svéd zweeds svedese",
    "DEU": "deutsch german tedesco allemand német duits tyska",
    "HUN": "magyar hungarian ungarisch hongrois hongaars ungherese ungerska",
    "NLD": "nederlands dutch niederländisch néerlandais holland olandese nederländska",
    "FRA": "français french französisch francese francia frans franska",
    "ENG": "english englisch anglais inglese angol engels engelska",
}
_BY_NAME: Final = {name: code for code, names in _NAMES.items() for name in names.split()}
# /authority/language/nld (lower case is no IRI of the table), Library of Congress, Lexvo, Lingvoj
_TABLES: Final = re.compile(
    r"https?s?://(?:publications\.europa\.eu/resource/authority/language|id\.loc\.gov/vocabulary/(?:iso639-[123]|languages)"
    r"|(?:www\.)?lexvo\.org/id/(?:iso639-[123]|term)|(?:www\.)?lingvoj\.org/lang)/([A-Za-z]{2,3})/?",
    re.IGNORECASE,
)


def languages(text: str) -> list[tuple[str, NamedNode | None]]:
    """Each language that the text names ("{DEU,ITA}", "nl-NL", "ger", "Dutch", an IRI), None where it is unknown."""
    words = [word for word in re.split(r"[\s,;|{}\[\]\"]+", text) if word]
    return [(word, _language(word)) for word in words]


def _language(word: str) -> NamedNode | None:
    iri = _TABLES.fullmatch(word)
    code = _BY_NAME.get(word.casefold()) or _code(iri[1] if iri else word)
    return EU_LANGUAGE[code] if code in _CODES else None


def _code(tag: str) -> str:
    try:
        return langcodes.get(tag).to_alpha3(variant="T").upper()
    except (LanguageTagError, LookupError, ValueError, AttributeError):
        return ""
