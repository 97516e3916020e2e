"""A small vocabulary, and documents to be searched with it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.namespaces import CONCEPT, COUNTRY
from hub.profile import Profile
from hub.search.base import Document
from hub.settings import resource

TRANSITION, RENEWABLE, COMMUNITY, POVERTY, ARTS = (
    CONCEPT[f"theme/{name}"].value
    for name in ("energy-transition", "renewable-energy", "energy-community", "energy-poverty", "arts")
)
BROADER = {COMMUNITY: (RENEWABLE, TRANSITION), RENEWABLE: (TRANSITION,)}
ITALY, FRANCE, SWEDEN = (COUNTRY[code].value for code in ("ITA", "FRA", "SWE"))

VOCABULARY = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <https://w3id.org/co-ped/concept/theme/> .
@prefix country: <http://publications.europa.eu/resource/authority/country/> .
<https://w3id.org/co-ped/concept/theme> a skos:ConceptScheme .
<http://publications.europa.eu/resource/authority/country> a skos:ConceptScheme .
theme:energy-transition a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ;
    skos:notation "energy-transition" ;
    skos:prefLabel "Transizione energetica"@it , "Energiomställning"@sv , "Energiewende"@de , "Energiaátmenet"@hu ,
        "Energietransitie"@nl , "Transition énergétique"@fr , "Energy transition"@en .
theme:renewable-energy a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ;
    skos:broader theme:energy-transition ; skos:notation "renewable-energy" ;
    skos:prefLabel "Energia rinnovabile"@it , "Förnybar energi"@sv , "Erneuerbare Energie"@de , "Megújuló energia"@hu ,
        "Hernieuwbare energie"@nl , "Énergie renouvelable"@fr , "Renewable energy"@en .
theme:energy-community a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ;
    skos:broader theme:renewable-energy ; skos:notation "energy-community" ;
    skos:prefLabel "Comunità energetica"@it , "Energigemenskap"@sv , "Energiegemeinschaft"@de , "Energiaközösség"@hu ,
        "Energiegemeenschap"@nl , "Communauté énergétique"@fr , "Energy community"@en ;
    skos:altLabel "communauté d’énergie"@fr , "community of energy"@en , "energiecoöperatie"@nl .
theme:energy-poverty a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ;
    skos:notation "energy-poverty" ;
    skos:prefLabel "Povertà energetica"@it , "Energifattigdom"@sv , "Energiearmut"@de , "Energiaszegénység"@hu ,
        "Energiearmoede"@nl , "Précarité énergétique"@fr , "Energy poverty"@en .
theme:arts a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ; skos:notation "arts" ;
    skos:prefLabel "Arte"@it , "Konst"@sv , "Kunst"@de , "Művészet"@hu , "Kunst"@nl , "Art"@fr , "Art"@en .
country:ITA a skos:Concept ; skos:inScheme <http://publications.europa.eu/resource/authority/country> ;
    skos:notation "ITA" ; skos:prefLabel "Italia"@it , "Italien"@sv , "Italy"@en .
country:FRA a skos:Concept ; skos:inScheme <http://publications.europa.eu/resource/authority/country> ;
    skos:notation "FRA" ; skos:prefLabel "Francia"@it , "Frankrike"@sv , "France"@en .
"""


def small_profile(folder: Path, vocabulary: str = VOCABULARY) -> Profile:
    """The hub's own shapes with another vocabulary; `folder` is filled with them."""
    shutil.copytree(resource("schema"), folder, ignore=shutil.ignore_patterns("vocabularies"))
    (folder / "vocabularies").mkdir()
    (folder / "vocabularies" / "small.ttl").write_text(vocabulary, "utf-8")
    return Profile(folder)


def made(
    key: str,
    title: str = "A title",
    language: str = "en",
    *,
    summary: str = "",
    body: str = "",
    themes: Sequence[str] = (),
    keywords: Mapping[str, tuple[str, ...]] | None = None,
    dates: Mapping[str, tuple[str, ...]] | None = None,
    numbers: Mapping[str, tuple[float, ...]] | None = None,
    points: Sequence[tuple[float, float]] = (),
    names: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
    seq: int = 1,
    **item: Any,
) -> Document:
    """A document as `hub.search.documents` makes one: tagged with the ancestors of its themes too."""
    texts = {"title": title, "summary": summary, "body": body}
    tags = dict.fromkeys(iri for theme in themes for iri in (theme, *BROADER.get(theme, ())))
    return Document(
        id=iri_of(key),
        seq=seq,
        kind="practice",
        texts={weight: {language: (text,)} for weight, text in texts.items() if text},
        keywords={"kind": ("practice",), "language": (language,), "theme": tuple(tags), **(keywords or {})},
        dates={"changed": ("2025-01-01",), **(dates or {})},
        numbers=numbers or {},
        points=tuple(points),
        item={
            "id": iri_of(key),
            "title": {language: title},
            **({"summary": {language: summary}} if summary else {}),
            **item,
        },
        names=names or {},
    )


def iri_of(key: str) -> str:
    return f"http://localhost:8000/id/practice/example/{key}"
