"""A property more in a copy of the schema: a text, and a thing that records embed; everything must tell of them."""

import shutil
from pathlib import Path

from hub.profile import Profile
from hub.settings import resource

SHAPES = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix schema: <http://schema.org/> . @prefix shape: <https://w3id.org/co-ped/shape/> .
    @prefix dash: <http://datashapes.org/dash#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    shape:GoodPractice sh:property shape:practice-audience , shape:practice-gift .
    shape:practice-audience a sh:PropertyShape ;
        sh:path schema:audience ; sh:codeIdentifier "audience" ;
        sh:name "Publik"@sv , "Audience"@en ; sh:description "Vilka det är till för."@sv , "Who it is for."@en ;
        sh:group shape:group-story ; sh:order 95 ; dash:editor dash:TextAreaWithLangEditor ;
        sh:datatype rdf:langString ; sh:uniqueLang true ; sh:minCount 1 ; sh:maxLength 30 ;
        coped:futureChange shape:Shorter .
    shape:Shorter a coped:Change ; coped:version "9.0" ; coped:severity sh:Violation ;
        skos:definition "Blir kortare."@sv , "Will be shorter."@en .
    shape:practice-gift a sh:PropertyShape ;
        sh:path schema:potentialAction ; sh:codeIdentifier "gift" ;
        sh:name "Gåva"@sv , "Gift"@en ; sh:description "Vad som skänktes."@sv , "What was given."@en ;
        sh:group shape:group-story ; sh:order 96 ; dash:editor dash:DetailsEditor ;
        sh:nodeKind sh:IRI ; sh:class schema:DonateAction ; sh:maxCount 1 .
    shape:DonateAction a sh:NodeShape ; sh:targetClass schema:DonateAction ;
        sh:name "Gåva"@sv , "Gift"@en ; sh:property shape:gift-day .
    shape:gift-day a sh:PropertyShape ;
        sh:path schema:startTime ; sh:codeIdentifier "day" ;
        sh:name "Dag"@sv , "Day"@en ; sh:description "När."@sv , "When."@en ;
        sh:group shape:group-story ; sh:order 10 ; dash:editor dash:DatePickerEditor ;
        sh:datatype xsd:date ; sh:minCount 1 ; sh:maxCount 1 ."""


def profile_with_more(folder: Path) -> Profile:
    copy = shutil.copytree(resource("schema"), folder / "schema")
    (copy / "shapes" / "more.ttl").write_text(SHAPES, "utf-8")
    return Profile(copy)
