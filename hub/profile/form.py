"""The form in which a person fills in a record: groups of fields with widget, words, limits and choices, as JSON.

A field without `dash:editor` is written by systems and is in no form.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from hub.languages import FALLBACK, LANGUAGES, pick
from hub.namespaces import RDF, XSD
from hub.profile import Concept, Field, Kind, Profile

# What a page shows for each of DASH's editors; an editor that is not here is a line of text.
WIDGETS: Final[Mapping[str, str]] = {
    "TextFieldEditor": "text",
    "TextFieldWithLangEditor": "text",
    "TextAreaEditor": "textarea",
    "TextAreaWithLangEditor": "textarea",
    "DatePickerEditor": "date",
    "DateTimePickerEditor": "datetime",
    "BooleanSelectEditor": "checkbox",
    "URIEditor": "url",
    "EnumSelectEditor": "select",
    "InstancesSelectEditor": "select",
    "AutoCompleteEditor": "select",
    "DetailsEditor": "form",
}
NUMBERS: Final = {XSD.integer.value: 1, XSD.decimal.value: "any"}  # with the step between two values
LIMITS: Final[Mapping[str, type]] = {
    "minLength": int, "maxLength": int, "pattern": str, "minInclusive": float, "maxInclusive": float,
}  # fmt: skip


def form(profile: Profile, kind: str, language: str = FALLBACK) -> dict[str, Any]:
    """The form of a kind in a language; KeyError for an unknown kind.

    `forms` holds, by class, the forms of what it embeds; `lists` holds, by scheme, the choices; fields name them.
    """
    return _Writer(profile, language).document(profile.kinds[kind])


class _Writer:
    def __init__(self, profile: Profile, language: str) -> None:
        self._profile, self._language = profile, language
        self._parts = {part.target: part for part in (*profile.kinds.values(), *profile.embedded)}

    def document(self, kind: Kind) -> dict[str, Any]:
        wanted, forms = [kind.target], {}
        for target in wanted:  # which grows by what the forms embed
            forms[target] = self._form(self._parts[target])
            for field in self._fields(target):
                if field.node_class in self._parts and field.node_class not in wanted:
                    wanted.append(field.node_class)
        schemes = dict.fromkeys(f.scheme for target in wanted for f in self._fields(target) if f.scheme)
        return {
            "kind": kind.key,
            "language": self._language,
            "languages": list(LANGUAGES),
            **forms.pop(kind.target),
            "forms": forms,
            "lists": {iri: self._list(iri) for iri in schemes if iri in self._profile.schemes},
        }

    def _fields(self, target: str) -> list[Field]:
        return [field for field in self._profile.nested(target) if field.editor and not field.is_inner]

    def _text(self, texts: Mapping[str, str]) -> str:
        return pick(texts, self._language)[0]

    def _form(self, part: Kind) -> dict[str, Any]:
        by_group = groupby(self._fields(part.target), key=lambda field: field.group)
        groups = [self._group(group or "", fields) for group, fields in by_group]
        return {"label": self._text(part.names), "class": part.target, "groups": groups}

    def _group(self, iri: str, fields: Iterable[Field]) -> dict[str, Any]:
        label = self._text(self._profile.groups.get(iri, {}))
        return {"id": iri, "label": label, "fields": [self._field(field) for field in fields]}

    def _field(self, field: Field) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": field.key,
            "path": field.path,
            "widget": _widget(field),
            "label": self._text(field.name),
            "help": self._text(field.description),
            "min": field.min,
            "max": field.max,
            "required": field.min > 0 and field.severity == "Violation",
            "recommended": field.recommended or (field.min > 0 and field.severity != "Violation"),
            "translated": RDF.langString.value in field.datatypes,
            "datatypes": list(field.datatypes),
            "limits": {name: read(field.limits[name]) for name, read in LIMITS.items() if name in field.limits},
        }
        told |= {"step": NUMBERS[field.datatype]} if field.datatype in NUMBERS else {}
        told |= {"list": field.scheme} if field.scheme else {}
        told |= {"options": list(field.allowed)} if field.allowed else {}
        told |= {"form": field.node_class} if field.node_class in self._parts else {}
        return told | ({"coming": self._text(field.coming)} if field.coming else {})

    def _list(self, iri: str) -> dict[str, Any]:
        scheme = self._profile.schemes[iri]
        concepts = [self._profile.concepts[concept] for concept in scheme.concepts]
        options = sorted(map(self._option, concepts), key=lambda option: str(option["label"]).casefold())
        return {"label": self._text(scheme.title), "options": options}

    def _option(self, concept: Concept) -> dict[str, Any]:
        return {
            "value": concept.iri,
            "notation": concept.notation,
            "label": self._text(concept.labels),
            "help": self._text(concept.definition),
            "broader": list(concept.broader),
        }


def _widget(field: Field) -> str:
    if field.datatype in NUMBERS:
        return "number"
    return WIDGETS.get((field.editor or "").rpartition("#")[2], "text")
