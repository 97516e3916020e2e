"""The validators that ckanext-fluent is known by; its last release needs a CKAN that is long gone."""

import json

from ckan import plugins
from ckan.plugins.toolkit import Invalid, config, missing
from ckanext.scheming.validation import scheming_validator


def _by_language(value):
    """A dictionary of language → text (or texts), from itself or from JSON."""
    if value is missing or not value:
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Invalid("not JSON") from error
    if not isinstance(value, dict):
        raise Invalid("not an object of languages")
    return value


def as_json(value):
    return json.dumps(_by_language(value), ensure_ascii=False)


@scheming_validator
def fills_the_plain_field(field, schema):
    """`title` gets the default language's text of `title_translated`."""

    def validator(key, data, errors, context):
        texts = data[key] = _by_language(data[key])
        plain = (*key[:-1], key[-1].removesuffix("_translated"))
        if plain in data:
            data[plain] = texts.get(config.get("ckan.locale_default", "en")) or next(iter(texts.values()), "")

    return validator


class TranslatedFields(plugins.SingletonPlugin):
    plugins.implements(plugins.IValidators)

    def get_validators(self):
        return {
            "fluent_text": as_json,
            "fluent_tags": as_json,
            "fluent_text_output": _by_language,
            "fluent_tags_output": _by_language,
            "fluent_core_translated_output": fills_the_plain_field,
        }
