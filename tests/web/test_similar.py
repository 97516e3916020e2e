"""Records that tell much the same, in whatever language."""

import time
from pathlib import Path

from hub.search.vectors import missing
from hub.web.answers import SimilarAnswer
from hub.web.serving import open_serving
from hub.web.similar import similar
from tests.servers import need
from tests.web.hub import Hub, append, arrival, open_ledger, settings_for

ROOF = "practice/sample-it/tetto-fornace-lucciola"


def test_similar_records_are_told_by_meaning_across_languages(hub: Hub) -> None:
    need(not missing(), missing())
    answer = hub.get(f"/api/records/{ROOF}/similar?size=5").json()
    SimilarAnswer.model_validate(answer)
    assert answer["by"] == "meaning" and len(answer["items"]) == 5
    assert f"{hub.url}/id/{ROOF}" not in [item["id"] for item in answer["items"]]
    assert len({code for item in answer["items"] for code in item["languages"]} - {"en", "it"}) > 1


def test_without_vectors_they_are_told_by_words(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_ledger(settings) as ledger:
        append(ledger, arrival(ledger.base, "one"), arrival(ledger.base, "two"))
    with open_serving(settings) as serving:
        serving.meaning = None
        deadline = time.monotonic() + 20
        while serving.index.position() < serving.ledger.changes.head():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        one, two = (serving.ledger.changes.record(serving.iri("practice", "by-hand", key)) for key in ("one", "two"))
        by, items = similar(serving, one, 5)
        assert (by, [item["id"] for item in items]) == ("words", [two.iri])
        assert similar(serving, one, 5, kind="venue") == ("words", [])


def test_a_record_that_is_not_there_has_none(hub: Hub) -> None:
    assert hub.get("/api/records/practice/by-hand/unheard-of/similar").status_code == 404
    assert hub.get("/api/records/practice/by-hand/withdrawn/similar").status_code == 410
    assert hub.get(f"/api/records/{ROOF}/similar?size=51").json()["parameter"] == "size"
