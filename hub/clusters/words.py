"""What speaks for or against a pair, in the words of a language."""

from typing import Final

from babel.numbers import format_decimal

from hub.languages import N_, catalogue, language_name, locale_of
from hub.ledger.clusters import Reason

SAME: Final = 0.995  # the likeness of titles that say the same words
WORDS: Final = {
    "same-identifier": N_("same identifier: {value}"),
    "same-address": N_("same web address: {value}"),
    "same-organisation": N_("same organisation: {value}"),
    "like-title": N_("similar title, in {language} ({value})"),
    "same-title": N_("same title, in {language}"),
    "shared-names": N_("in both titles: {value}"),
    "meaning": N_("similar meaning ({value})"),
    "same-place": N_("same place: {value}"),
    "same-time": N_("at the same time"),
    "other-place": N_("different places: {value}"),
    "apart": N_("{km} km apart"),
    "other-time": N_("at different times"),
    "other-edition": N_("another year or edition: {value}"),
    "other-country": N_("different countries"),
    "by-hand": N_("named by a person"),
}


def in_words(reason: Reason, language: str) -> str:
    code, values = _code(reason), dict(reason)
    for key in ("value", "km"):
        if isinstance(values.get(key), int | float):
            values[key] = format_decimal(values[key], locale=locale_of(language))
    if "language" in values:
        values["language"] = language_name(values["language"], language)
    return catalogue(language).gettext(WORDS[code]).format(**values)


def _code(reason: Reason) -> str:
    if "km" in reason:
        return "apart"
    is_same = reason["code"] == "like-title" and reason["value"] >= SAME
    return "same-title" if is_same else str(reason["code"])
