"""`hub eval`: figures over judged queries, for the hub and for others' ways; nothing of it stays."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from hub.search.vectors import missing
from tests.command import environment, hub

JUDGED = Path(__file__).parents[1] / "relevance"
NEEDS = 4  # of the judged ones, with what answers them, so that all is done in a few seconds


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "judged"
    folder.mkdir()
    for name in ("needs.tsv", "judgements.tsv"):
        shutil.copy(JUDGED / name, folder)
    queries = (JUDGED / "queries.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "queries.tsv").write_text("".join(queries[: 1 + 7 * NEEDS]), "utf-8")
    wanted = {f"n{number:02}" for number in range(1, NEEDS + 1)}
    judged = (line.split("\t") for line in (JUDGED / "judgements.tsv").read_text("utf-8").splitlines())
    answers = {record for need, record, *_ in judged if need in wanted}
    lines = (JUDGED / "records.jsonl").read_text("utf-8").splitlines(keepends=True)
    (folder / "records.jsonl").write_text("".join(line for line in lines if json.loads(line)["id"] in answers), "utf-8")
    return folder


def evaluated(arguments: list[str], env: Mapping[str, str]) -> list[dict[str, Any]]:
    out = hub(["eval", *arguments, "--json"], env)
    rows: list[dict[str, Any]] = json.loads(out[out.index('{"tasks"') : out.rindex("}]}") + 3])["tasks"]
    return rows


def test_the_hub_is_measured_beside_its_peers(tmp_path: Path, small: Path, elasticsearch_server: str) -> None:
    env = environment(tmp_path / "data", HUB_ELASTICSEARCH_URL=elasticsearch_server, HUB_ELASTICSEARCH_INDEX="hub-e")
    rows = evaluated([str(small), "--peers", "--pairs"], env)
    ways = ["hub", "hub, words alone", "plain BM25", "English stemming", "Elasticsearch's analyzers"]
    assert [row["way"] for row in rows[: len(rows) // 2]] == [
        way for way in ways if not missing() or "words" not in way
    ]
    assert {row["task"] for row in rows} == {"judged, tuned", "judged, held"}
    assert {row["queries"] for row in rows} == {7 * NEEDS / 2}
    for row in rows:
        assert 0 < row["from"] <= row["ndcg"] <= row["to"] < 1 and 0 < row["mrr"] <= 1 and 0 < row["recall"] <= 1
    assert rows[0]["ndcg"] > 1.5 * next(row["ndcg"] for row in rows if row["way"] == "plain BM25")
    with Elasticsearch(elasticsearch_server) as client:
        assert not [name for name in client.indices.get(index="hub-e*") if "eval" in name]


def test_a_folder_without_a_set_is_refused(tmp_path: Path) -> None:
    told = hub(["eval", str(tmp_path)], environment(tmp_path / "data"), expected=1)
    assert str(tmp_path) in told and "needs.tsv" in told


def test_the_table_names_each_way(tmp_path: Path, small: Path) -> None:
    told = hub(["eval", str(small)], environment(tmp_path / "data"))
    assert "judged, held" in told and "worst language" in told and "own language" in told
