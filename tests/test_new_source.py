"""A stranger who reads CONTRIBUTING can add a source: the file there, word for word, is harvested and found."""

import json
import re
from pathlib import Path

from harvesters.source_files import load_sources
from tests.command import environment, hub
from tests.servers.loopback import Answer, serving

GUIDE = Path(__file__).parents[1] / "CONTRIBUTING.md"
EXAMPLE_URL = "https://data.example.org/praktijken.csv"
TABLE = """Nummer;Titel;Samenvatting;Thema;Plaats
7;Zonnedak op De Vrijhaven;Buren legden veertig panelen op het dak van hun buurthuis.;Energiegemeenschap;Utrecht
8;Kierenjacht;Vrijwilligers dichtten alle kieren in de oude bibliotheek.;Energierenovatie;Amersfoort
9;;Een regel zonder titel.;Energierenovatie;Zeist
"""


def example() -> str:
    found = re.search(r"```toml\n(# harvesters/sources/utrecht\.toml\n.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_example_of_the_guide_is_a_valid_source(tmp_path: Path) -> None:
    (tmp_path / "utrecht.toml").write_text(example(), "utf-8")
    source = load_sources(tmp_path, "")["utrecht"]
    assert (source.protocol, source.country, source.url) == ("tabular", "NLD", EXAMPLE_URL)


def test_the_example_of_the_guide_is_harvested(tmp_path: Path) -> None:
    with serving(lambda question: Answer(TABLE, media_type="text/csv")) as server:
        sources = tmp_path / "sources"
        sources.mkdir()
        text = example().replace(EXAMPLE_URL, f"{server.url}/praktijken.csv")
        (sources / "utrecht.toml").write_text(text, "utf-8")
        env = environment(tmp_path, HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS=server.host)
        report = json.loads(hub(["harvest", "utrecht", "--json"], env))["runs"][0]
    assert (report["state"], report["created"], report["quarantined"]) == ("complete", 2, 1)
    shown = json.loads(hub(["sources", "--json"], env))["sources"]
    assert shown[0]["records"] == {"live": 2, "quarantined": 1}
