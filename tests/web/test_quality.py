"""The quality of a record and of a source, at the API and on their pages, in the reader's language."""

import pytest

from hub.languages import LANGUAGES
from hub.profile import load
from hub.web.answers import QualityAnswer, SourcesAnswer
from tests.web.hub import Hub
from tests.web.pages import Page, text_of

ROOF = "practice/sample-it/tetto-fornace-lucciola"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_is_told_how_good_it_is_and_what_would_help(hub: Hub, language: str) -> None:
    path = f"/api/records/{ROOF}/quality"
    told = hub.get(f"{path}?lang={language}").json()
    QualityAnswer.model_validate(told)
    assert told["of"] == 405 and 0 < told["points"] < 405
    assert [part["name"] for part in told["parts"]] == [d.names[language] for d in load().dimensions.values()]
    assert told["points"] == pytest.approx(sum(part["points"] for part in told["parts"]), abs=0.3)
    assert told["points"] + sum(gain["points"] for gain in told["raise"]) == pytest.approx(405, abs=1)
    assert all(gain["name"] == load().field("practice", gain["field"]).name[language] for gain in told["raise"])
    answer = hub.get(path, language=language)
    assert answer.json() == told and answer.headers["Vary"].startswith("Accept-Language")


def test_what_is_no_record_any_more_or_not_yet_has_no_quality(hub: Hub) -> None:
    states = {"withdrawn": 410, "quarantined": 404, "unheard-of": 404, "stale": 200, "missing": 200}
    for key, status in states.items():
        assert hub.get(f"/api/records/practice/by-hand/{key}/quality").status_code == status, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_show_it(hub: Hub, language: str) -> None:
    record, sources = Page(hub.page(f"/{language}/{ROOF}").text), Page(hub.page(f"/{language}/sources").text)
    for page in (record, sources):
        words = " ".join(text_of(item) for item in page.all("details"))
        assert "405" in words and all(d.names[language] in words for d in load().dimensions.values())
    told = hub.get(f"/api/records/{ROOF}/quality?lang={language}").json()
    words = " ".join(text_of(item) for item in record.all("details"))
    assert told["raise"][0]["name"] in words


def test_a_source_is_told_how_good_its_records_are(hub: Hub) -> None:
    told = SourcesAnswer.model_validate(hub.get("/api/sources?lang=hu").json())
    by_key = {source.key: source.quality for source in told.sources}
    italian = by_key["sample-it"]
    assert italian and italian.of == 405 and len(italian.parts) == 5
    assert italian.parts[0].name == "Megtalálhatóság"
    points = [gain.points for gain in italian.gains]
    assert points == sorted(points, reverse=True) and {gain.of_kind for gain in italian.gains} > {"Jó gyakorlat"}
    assert italian.points + sum(points) == pytest.approx(405, abs=3)
    french = by_key["sample-fr"]
    assert french and french.points < italian.points
