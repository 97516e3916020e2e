"""Values as Dublin Core writes them: DCMI's encodings of places and periods, years before Christ, and who is who.

https://www.dublincore.org/specifications/dublin-core/dcmi-period/, …/dcmi-point/, …/dcmi-box/
"""

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal

from harvesters.crosswalks.values import decimal_text, number, period

_PART: Final = re.compile(r"([A-Za-z]{1,30}) ?=(.*)", re.DOTALL)
_NUMERAL: Final = re.compile(r"\d|\b[IVXLCM]+\b")
# They also begin names ("A.C. Milan"): only what has a number is taken for a time. A wrong "before" costs a remark, a
# missed one would cost the truth.
_BEFORE: Final = re.compile(
    r"(?<![^\W\d_])(?:a\. ?c\.?(?![^\W\d_])|a\. ?e\. ?v|b\. ?c\. ?e|b\. ?c\.|bce?(?![^\W\d_])"
    r"|av(?:ant|\.)? ?j\.?[ -]?c|v\. ?chr|vor chr|v\. ?u\. ?z|i\. ?e\.|kr\. ?e"
    r"|f\. ?kr|före kr|f\. ?v\. ?t|v\. ?o\. ?j|före vår)",
    re.IGNORECASE,
)
_CENTURY: Final = re.compile(
    r"\b(?:sec\.|secol[oi]|century|centuries|jh\.|jahrhunderts?|si[eè]cles?|eeuw|század|\d\d00-?talet|århundrade)",
    re.IGNORECASE,
)
# Words that only organisations bear; a name may hold none of them and still be one, but no person's holds one.
_ORGANISATION: Final = re.compile(
    r"\b(?:associa(?:tion|zione)|asbl|vzw|academ(?:y|ie)|accademia|agency|agence|agentur|agentschap|agenzia|alapítvány"
    r"|archiv(?:es|io|et)?|bibliot\w+|bureau|cent(?:er|re|ro|rum)|collecti(?:f|ef|ve)|collettivo|comun[ei]|comité"
    r"|committee|communauté|commune|consor[tz]i\w*|co-?operative|coop[eé]rati[vf]\w*|coöperatie|council|egyesület"
    r"|egyetem|europe|fabbrica|federa(?:tion|zione)|fédération|fondation|fondazione|foundation|förening\w*|förvaltning"
    r"|gemeente|gemeinde|genossenschaft|gesellschaft|gmbh|gruppo|hochschule|institut\w*|istituto|intézet|kft|kommune?n?"
    r"|kulturhus\w*|kulturverein|könyvtár|magistrat|mairie|minist(?:ry|ero|ère|erium|erie)|minisztérium|mus(?:eum|eo|ée)"
    r"|nonprofit|network|netwerk|nätverk|netzwerk|önkormányzata?|observatoire|provinci[ae]|provincie|rijksdienst|région"
    r"|regione|scic|scop|scuola|school|skola|societ[ày]|société|stadt|stichting|stiftelse\w*|stiftung|szövetség"
    r"|theat(?:er|re)|szövetkezet|teatro|théâtre|trust|union|unione|universit\w+|verband|verein|vereniging"
    r"|ville de|zentrum|zrt|ltd|llc"
    r"|s\.? ?r\.? ?l|s\.? ?p\.? ?a|(?-i:e\. ?V|AB|BV|SA|SE))(?![^\W\d_])",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(r"[^\W\d_][\w'’. -]{0,60}, ?[^\W\d_][\w'’. -]{0,60}(?:, ?\d{4} ?-(?: ?\d{4})?)?")

Ends = tuple[Literal | None, Literal | None]


def parts_of(text: str) -> dict[str, str]:
    """The parts of "name=…; start=…" by their names in small letters; empty where the text is not so written."""
    found = [_PART.fullmatch(part.strip()) for part in text.split(";") if part.strip()]
    return {part[1].lower(): part[2].strip() for part in found if part} if all(found) else {}


def is_before_christ(text: str) -> bool:
    return bool(_BEFORE.search(text) and _NUMERAL.search(text))


def is_time(text: str) -> bool:
    """Whether words name a time that no rule reads: a century, or years before Christ."""
    return is_before_christ(text) or bool(_CENTURY.search(text) and _NUMERAL.search(text))


def span(text: str, language: str) -> Ends | None:
    """Start and end; None for what no rule reads, and for years before Christ, which also run backwards."""
    ends = None if is_before_christ(text) else period(text, language)
    if ends and ends[0] and ends[1]:
        start, end = ends[0].value[:10], ends[1].value[:10]
        length = min(len(start), len(end))
        return None if start[:length] > end[:length] else ends
    return ends


def point(parts: Mapping[str, str]) -> str | None:
    """WKT of a DCMI Point in degrees of WGS 84; other units and projections are no longitude and latitude."""
    corner = _corner(parts.get("east", ""), parts.get("north", ""))
    return f"POINT({corner})" if corner and _is_in_degrees(parts) else None


def box(parts: Mapping[str, str]) -> str | None:
    """WKT of a DCMI Box that does not cross the date line."""
    low = _corner(parts.get("westlimit", ""), parts.get("southlimit", ""))
    high = _corner(parts.get("eastlimit", ""), parts.get("northlimit", ""))
    if not low or not high or not _is_in_degrees(parts):
        return None
    (west, south), (east, north) = low.split(), high.split()
    if float(west) >= float(east) or float(south) >= float(north):
        return None
    return f"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"


def _is_in_degrees(parts: Mapping[str, str]) -> bool:
    units, projection = parts.get("units", ""), re.sub(r"[\W_]", "", parts.get("projection", "")).lower()
    return units.lower() in ("", "signed decimal degrees") and projection in ("", "wgs84", "epsg4326", "etrs89")


def _corner(x: str, y: str) -> str | None:
    longitude, latitude = number(x, "en"), number(y, "en")
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:
        return None
    return f"{decimal_text(longitude)} {decimal_text(latitude)}"


def is_organisation(text: str) -> bool:
    """Whether a name has a word that only organisations bear; persons are never made into organisations."""
    return bool(_ORGANISATION.search(text))


def is_person(text: str) -> bool:
    """Whether a name is written as a person's: "Rossi, Mária"."""
    return bool(_PERSON.fullmatch(text)) and not is_organisation(text)
