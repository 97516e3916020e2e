"""Licences: the many ways of writing one, and the one IRI that we write.

Creative Commons' own IRIs are the http ones without `deed` or `legalcode`, as in the RDF they publish; http and https
name one licence, so both are written as the first.
"""

import re
from typing import Final

from pyoxigraph import NamedNode

_CC: Final = "http://creativecommons.org/"
_EU: Final = "http://publications.europa.eu/resource/authority/licence/"
_TERMS: Final = r"(?P<terms>by(?:-nc)?(?:-nd|-sa)?)"
_LOOSE_TERMS: Final = r"(?P<terms>by[ _-]?(?:nc)?[ _-]?(?:nd|sa)?)"
# Each with the licence's terms, its version and, for versions before 4.0, the law it was ported to.
_CC_FORMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:www\.)?creativecommons\.org/licen[sc]es/{_TERMS}/(?P<version>[1-4]\.\d)(?:/(?P<port>[a-z]{{2}}|igo))?"
        r"(?:/(?:deed|legalcode)(?:[._-][a-z]{2}(?:[-_][a-z]{2,4})?)?)?",
        rf"(?:cc|creative commons)[ _-]{_LOOSE_TERMS}[ _-]*(?P<version>[1-4][._]0)(?:[ _-](?:international|int))?",
        rf"publications\.europa\.eu/resource/authority/licence/cc_{_LOOSE_TERMS}_(?P<version>[1-4]_0)",
        rf"w3id\.org/italia/controlled-vocabulary/licences/a\d+[_:]cc{_LOOSE_TERMS}(?P<version>[1-4]0)",
        rf"(?:www\.)?dcat-ap\.de/def/licenses/cc-{_TERMS}/(?P<version>[1-4][._]0)",
        rf"spdx\.org/licenses/cc-{_TERMS}-(?P<version>[1-4]\.0)(?:-(?P<port>[a-z]{{2}}))?",
    )
)
_ZERO_OR_MARK: Final = re.compile(
    r"(?:www\.)?creativecommons\.org/publicdomain/(?P<tool>zero|mark)/(?:1\.0|\*)"
    r"(?:/(?:deed|legalcode)(?:[._-][a-z]{2}(?:[-_][a-z]{2,4})?)?)?"
)

# Only forms that name one version of one licence. "cc-by" does not: it is told, not guessed (design §7).
_FORMS: Final[dict[str, str]] = {
    f"{_CC}publicdomain/zero/1.0/": """
        cc0 | cc-0 | cc0-1.0 | cc-zero | cczero | cc zero | cc0 1.0 | cc0 1.0 universal | creative commons zero
        creative commons cc0 | creative commons cczero | creative commons zero 1.0 | opendefinition.org/licenses/cc-zero
        publications.europa.eu/resource/authority/licence/cc0 | dcat-ap.de/def/licenses/cc-zero
        w3id.org/italia/controlled-vocabulary/licences/a11_cco10 | spdx.org/licenses/cc0-1.0
        w3id.org/italia/controlled-vocabulary/licences/a11:cco10""",
    f"{_CC}publicdomain/mark/1.0/": """
        pdm | pdm-1.0 | public domain mark 1.0 | publications.europa.eu/resource/authority/licence/cc_pdm_1_0""",
    f"{_EU}ODC_BL": """
        odbl | odc-odbl | odbl-1.0 | odbl 1.0 | open database license (odbl) | opendefinition.org/licenses/odc-odbl
        open data commons open database license (odbl) | publications.europa.eu/resource/authority/licence/odc_bl
        opendatacommons.org/licenses/odbl | opendatacommons.org/licenses/odbl/1.0 | spdx.org/licenses/odbl-1.0
        opendatacommons.org/licenses/odbl/1-0""",
    f"{_EU}ODC_BY": """
        odc-by | odc-by-1.0 | open data commons attribution license | opendefinition.org/licenses/odc-by
        publications.europa.eu/resource/authority/licence/odc_by | opendatacommons.org/licenses/by
        opendatacommons.org/licenses/by/1.0 | opendatacommons.org/licenses/by/1-0 | spdx.org/licenses/odc-by-1.0""",
    f"{_EU}ODC_PDDL": """
        pddl | odc-pddl | pddl-1.0 | open data commons public domain dedication and license (pddl)
        publications.europa.eu/resource/authority/licence/odc_pddl | opendefinition.org/licenses/odc-pddl
        opendatacommons.org/licenses/pddl | opendatacommons.org/licenses/pddl/1.0 | spdx.org/licenses/pddl-1.0
        opendatacommons.org/licenses/pddl/1-0""",
    "https://spdx.org/licenses/etalab-2.0": """
        lov2 | etalab-2.0 | etalab 2.0 | licence ouverte 2.0 | licence ouverte v2.0 | licence ouverte version 2.0
        licence ouverte / open licence version 2.0 | licence ouverte / open licence 2.0 | spdx.org/licenses/etalab-2.0
        licence ouverte/open licence version 2.0 | licence ouverte v2.0 (etalab)
        etalab.gouv.fr/wp-content/uploads/2017/04/etalab-licence-ouverte-v2.0.pdf""",
    "http://www.dati.gov.it/iodl/2.0/": """
        iodl2 | iodl-2.0 | iodl 2.0 | italian open data license v2.0 | dati.gov.it/iodl/2.0""",
    "https://www.govdata.de/dl-de/by-2-0": """
        dl-de-by-2.0 | dl-de/by-2-0 | govdata.de/dl-de/by-2-0 | dcat-ap.de/def/licenses/dl-by-de/2.0
        dcat-ap.de/def/licenses/dl-by-de/2_0""",
    "https://www.govdata.de/dl-de/zero-2-0": """
        dl-de-zero-2.0 | dl-de/zero-2-0 | govdata.de/dl-de/zero-2-0 | dcat-ap.de/def/licenses/dl-zero-de/2.0
        dcat-ap.de/def/licenses/dl-zero-de/2_0""",
}
_BY_FORM: Final = {
    form.strip(): iri for iri, forms in _FORMS.items() for form in re.split(r"[|\n]", forms) if form.strip()
}
# A licence without its version, and what says that there is none or that nobody knows: no IRI would be true.
_UNCERTAIN: Final = re.compile(
    rf"(?:opendefinition\.org/licenses|dcat-ap\.de/def/licenses)/cc-{_TERMS}|.*/c1_unknown|"
    r"dcat-ap\.de/def/licenses/other-.*"
)
_NONE: Final = frozenset(("", "notspecified", "license not specified", "none", "null", "[]"))


def is_stated(text: str) -> bool:
    """Whether the text says anything; CKAN writes `notspecified` where a publisher chose no licence."""
    return text.strip().casefold() not in _NONE


def licence(text: str) -> NamedNode | None:
    """The licence that the text names for certain; None where no written rule knows it."""
    form = re.sub(r"^https?s?://(www\.)?", "", " ".join(text.split()).casefold()).rstrip("/ .")
    for pattern in _CC_FORMS:
        if found := pattern.fullmatch(form):
            return _creative_commons(found)
    if zero := _ZERO_OR_MARK.fullmatch(form):
        return NamedNode(f"{_CC}publicdomain/{zero['tool']}/1.0/")
    known = _BY_FORM.get(form)
    return NamedNode(known) if known else None


def is_uncertain(text: str) -> bool:
    """Whether an IRI names a licence without saying which version."""
    form = re.sub(r"^https?s?://(www\.)?", "", text.strip().casefold()).rstrip("/")
    return bool(_UNCERTAIN.fullmatch(form))


def _creative_commons(found: re.Match[str]) -> NamedNode:
    letters = re.sub(r"[ _-]", "", found["terms"])
    terms = "-".join(part for part in re.split(r"(by|nc|nd|sa)", letters) if part)
    digits = re.sub(r"\D", "", found["version"])
    port = found.groupdict().get("port")
    # 4.0 has no ports: "by/4.0/nl/" is the international licence, linked by its translation.
    law = f"{port}/" if port and digits != "40" else ""
    return NamedNode(f"{_CC}licenses/{terms}/{digits[0]}.{digits[1]}/{law}")
