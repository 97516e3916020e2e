"""The form: every field that a person fills in, with its words, limits and choices; a new property appears in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.profile.form import form
from tests.profile.added import profile_with_more


def fields(part: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for group in part["groups"] for field in group["fields"]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", load().kinds)
def test_a_form_has_each_field_that_a_person_fills_in(kind: str, language: str) -> None:
    told = form(load(), kind, language)
    wanted = [field for field in load().fields(kind) if field.editor and not field.is_inner]
    assert list(fields(told)) == [field.key for field in wanted] and len(wanted) > 5
    assert [field["label"] for field in fields(told).values()] == [field.name[language] for field in wanted]
    assert all(group["label"] for group in told["groups"]) and json.loads(json.dumps(told)) == told
    for part in (told, *told["forms"].values()):
        for field in fields(part).values():
            assert field["help"] and field.get("form", told["class"]) in {told["class"], *told["forms"]}
            assert field.get("list") in {None, *told["lists"]}
            assert (field["widget"] == "select") == ("list" in field or "options" in field), field
            assert (field["widget"] == "form") == ("form" in field), field


def test_a_field_tells_its_limits_and_a_list_its_choices() -> None:
    told = form(load(), "practice", "hu")
    title = fields(told)["title"]
    assert (title["widget"], title["required"], title["translated"]) == ("text", True, True)
    assert title["limits"] == {"minLength": 1, "maxLength": 250}
    theme = fields(told)["theme"]
    assert theme["recommended"] and not theme["required"]
    options = told["lists"][theme["list"]]["options"]
    assert {option["value"] for option in options} == set(load().schemes[theme["list"]].concepts)
    assert all(option["label"] == load().label(option["value"], "hu") and option["help"] for option in options)
    amount = fields(told["forms"][fields(told)["funding"]["form"]])["amount"]
    assert (amount["widget"], amount["step"], amount["limits"]) == ("number", "any", {"minInclusive": 0.0})


def test_a_property_more_is_in_the_form(tmp_path: Path) -> None:
    told = form(profile_with_more(tmp_path), "practice", "sv")
    audience, gift = fields(told)["audience"], fields(told)["gift"]
    assert (audience["label"], audience["widget"], audience["required"]) == ("Publik", "textarea", True)
    assert (audience["limits"], audience["coming"]) == ({"maxLength": 30}, "Blir kortare.")
    assert gift["max"] == 1 and fields(told["forms"][gift["form"]])["day"]["widget"] == "date"
