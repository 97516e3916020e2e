"""JSON Schema (2020-12) of a kind's records in the API's JSON-LD, made from the property shapes.

The keys are the terms of our context, a text in several languages is a language map, a concept is its IRI. A value
that no term fits stands under a compact IRI in JSON-LD; where a field has a term, that other key is refused: it can
only hold a value of the wrong form.
"""

from collections.abc import Mapping
from typing import Any, Final

from hub.languages import FALLBACK, pick
from hub.namespaces import RDF, XSD
from hub.profile import Concept, Field, Kind, Profile
from hub.profile.context import compact

Schema = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
LANGUAGE_TAG: Final = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
ABSOLUTE_IRI: Final = "^[A-Za-z][A-Za-z0-9+.-]*:"
LANG_STRING: Final = RDF.langString.value
# What JSON Schema checks of each datatype: all but strings are written in strings, so that no digit is lost.
WRITTEN: Final[Mapping[str, Schema]] = {
    XSD.date.value: {"format": "date"},
    XSD.dateTime.value: {"pattern": r"^-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"},
    XSD.gYear.value: {"pattern": r"^-?[0-9]{4,}(Z|[+-][0-9]{2}:[0-9]{2})?$"},
    XSD.boolean.value: {"type": ["boolean", "string"], "enum": [True, False, "true", "false", "1", "0"]},
    XSD.anyURI.value: {"format": "iri-reference"},
}
NUMBERS: Final = {XSD.integer.value: "[0-9]+", XSD.decimal.value: r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"}


def json_schema(profile: Profile, kind: str, language: str = FALLBACK) -> Schema:
    """The schema of one record, with titles and descriptions in a language; KeyError for an unknown kind.

    It takes both forms: the record as one object with what it embeds inside, and the `@graph` of the API's answers.
    """
    return _Writer(profile, language).document(profile.kinds[kind])


class _Writer:
    def __init__(self, profile: Profile, language: str) -> None:
        self._profile, self._language = profile, language
        self._classes = {part.target: part for part in (*profile.kinds.values(), *profile.embedded)}
        context = profile.context
        self._terms = {term["@id"]: (name, term) for name, term in context.items() if isinstance(term, dict)}
        self._names = {iri: name for name, iri in context.items() if isinstance(iri, str)}
        self._prefixes = {name: base for base, name in self._names.items() if base.endswith(("#", "/"))}
        self._schemes: dict[str, Schema] = {}

    def document(self, kind: Kind) -> Schema:
        classes = {self._name(target): self._class(part) for target, part in self._classes.items()}
        of_type = [{"if": _typed(name), "then": {"$ref": f"#/$defs/{name}"}} for name in classes]
        this = self._name(kind.target)
        graph = {"type": "array", "items": {"type": "object", "allOf": of_type}, "contains": _typed(this)}
        return {
            "$schema": DIALECT,
            "title": self._text(kind.names),
            "type": "object",
            "if": {"required": ["@graph"]},
            "then": {"properties": {"@graph": graph}},
            "else": {"$ref": f"#/$defs/{this}"},
            "$defs": {**classes, **self._schemes},
        }

    def _name(self, iri: str) -> str:
        """A class or datatype as JSON-LD names it."""
        return self._names.get(iri) or compact(iri, self._prefixes)

    def _text(self, texts: Mapping[str, str]) -> str:
        return pick(texts, self._language)[0]

    def _class(self, part: Kind) -> Schema:
        fields: dict[str, list[Field]] = {}
        for field in self._profile.nested(part.target):
            if not field.is_inner:
                fields.setdefault(self._key(field), []).append(field)
        refused = {key: False for field in self._profile.nested(part.target) for key in self._refused(field)}
        properties = {key: _all([self._field(field) for field in same]) for key, same in fields.items()}
        name = self._name(part.target)
        return {
            "title": self._text(part.names),
            "type": "object",
            "allOf": [_typed(name)],
            "properties": {"id": {"type": "string", "pattern": ABSOLUTE_IRI}, **refused, **properties},
            "required": ["type", *(key for key, same in fields.items() if any(_is_required(f) for f in same))],
        }

    def _term(self, field: Field) -> dict[str, Any] | None:
        """The context's term for a field; None where the term is of another form, or there is none."""
        _, term = self._terms.get(field.path, ("", None))
        if term is None:
            return None
        if "@container" in term:
            return term if field.datatype == LANG_STRING else None
        coerced = term.get("@type")
        fits = coerced in (None, "@id" if _is_node(field) else field.datatype)
        return term if fits or not (field.datatypes or _is_node(field)) else None

    def _key(self, field: Field) -> str:
        return self._terms[field.path][0] if self._term(field) else self._name(field.path)

    def _refused(self, field: Field) -> list[str]:
        return [self._name(field.path)] if self._term(field) and self._key(field) != self._name(field.path) else []

    def _field(self, field: Field) -> Schema:
        told = {"title": self._text(field.name), "description": self._text(field.description)}
        if field.coming:
            told["$comment"] = self._text(field.coming)
        if field.severity != "Violation":  # a wish: it explains, and refuses nothing
            return told
        value = self._value(field)
        if "@container" in (self._term(field) or {}):
            return {**told, **value}
        return {**told, **_counted(value, field.min, field.max)}

    def _value(self, field: Field) -> Schema:
        if field.scheme and field.scheme in self._profile.schemes:
            return self._node(field, {"$ref": f"#/$defs/{self._scheme(field.scheme)}"})
        if field.datatypes:
            return _any([self._literal(field, datatype) for datatype in field.datatypes])
        return self._thing(field) if _is_node(field) else {}

    def _node(self, field: Field, iri: Schema) -> Schema:
        """An IRI as a string, or within an object where the context does not say that it is one."""
        if (self._term(field) or {}).get("@type") == "@id":
            return iri
        return {"type": "object", "properties": {"id": iri}, "required": ["id"]}

    def _thing(self, field: Field) -> Schema:
        iri: Schema = {"type": "string", "pattern": ABSOLUTE_IRI, **_limits(field)}
        part = self._classes.get(field.node_class or "")
        if part is None:
            return self._node(field, iri)
        return {"if": {"type": "string"}, "then": iri, "else": {"$ref": f"#/$defs/{self._name(part.target)}"}}

    def _scheme(self, iri: str) -> str:
        """The name of the scheme's definition, which is written when first needed."""
        scheme = self._profile.schemes[iri]
        name = f"concept/{iri.rpartition('/')[2]}".replace("/", "-")
        if name not in self._schemes:
            concepts = [self._profile.concepts[concept] for concept in scheme.concepts]
            self._schemes[name] = {"title": self._text(scheme.title), "oneOf": [self._concept(c) for c in concepts]}
        return name

    def _concept(self, concept: Concept) -> Schema:
        told = {"const": concept.iri, "title": self._text(concept.labels), "notation": concept.notation}
        meaning = self._text(concept.definition)
        return {**told, "description": meaning} if meaning else told

    def _literal(self, field: Field, datatype: str) -> Schema:
        term = self._term(field) or {}
        text = {"type": "string", **_limits(field)}
        if datatype == LANG_STRING:
            return _language_map(field, text) if "@container" in term else _tagged(text)
        plain = _written(field, datatype, text)
        if term.get("@type") == datatype or (datatype == XSD.string.value and "@type" not in term):
            return plain
        named = {"type": {"const": self._name(datatype)}, "@value": plain}
        return {"type": "object", "properties": named, "required": ["type", "@value"]}


def _typed(name: str) -> Schema:
    """Of a class: its name is the type, or one of the types."""
    types = {"if": {"type": "array"}, "then": {"contains": {"const": name}}, "else": {"const": name}}
    return {"properties": {"type": types}, "required": ["type"]}


def _is_node(field: Field) -> bool:
    return bool(field.node_class or field.scheme or (field.node_kind or "").endswith("IRI"))


def _is_required(field: Field) -> bool:
    return field.min > 0 and field.severity == "Violation"


def _all(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _any(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _counted(value: Schema, least: int, most: int | None) -> Schema:
    """One value, or several in an array."""
    if most == 1:
        return value if value else {"not": {"type": "array"}}
    several: Schema = {"type": "array", "items": value, "minItems": max(least, 1)}
    if most:
        several["maxItems"] = most
    return several if least > 1 else {"if": {"type": "array"}, "then": several, "else": value}


def _language_map(field: Field, text: Schema) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"pattern": LANGUAGE_TAG},
        "additionalProperties": text if "uniqueLang" in field.limits else _counted(text, 1, None),
        "minProperties": max(field.min, 1),
        **({"maxProperties": field.max} if field.max else {}),
    }


def _tagged(text: Schema) -> Schema:
    tag = {"type": "string", "pattern": LANGUAGE_TAG}
    return {"type": "object", "properties": {"@language": tag, "@value": text}, "required": ["@language", "@value"]}


def _limits(field: Field) -> Schema:
    limits: Schema = {name: int(field.limits[name]) for name in ("minLength", "maxLength") if name in field.limits}
    limits |= {"pattern": field.limits["pattern"]} if "pattern" in field.limits else {}
    return limits | ({"enum": list(field.allowed)} if field.allowed else {})


def _written(field: Field, datatype: str, text: Schema) -> Schema:
    if datatype not in NUMBERS:
        return {**text, **WRITTEN.get(datatype, {})}
    least, most = (float(field.limits[n]) if n in field.limits else None for n in ("minInclusive", "maxInclusive"))
    sign = "[+-]?" if least is None or least < 0 else r"\+?"
    whole: Schema = {"type": "integer"}
    whole |= {"minimum": least} if least is not None else {}
    whole |= {"maximum": most} if most is not None else {}
    return {"anyOf": [{"type": "string", "pattern": f"^{sign}{NUMBERS[datatype]}$"}, whole]}
