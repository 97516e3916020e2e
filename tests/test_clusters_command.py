"""Two sources, one practice: found behind the harvest, confirmed by a person, shown as one, and taken apart again."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import requests

from hub.search.vectors import missing
from tests.command import environment, hub, start
from tests.portal import open_portal, package, toml
from tests.servers import need
from tests.servers.processes import free_port
from tests.test_serve import found, served, wait_until
from tests.web.pages import Page, text_of

FIRST, SECOND = "practice/sample-fr/green-kommon", "practice/sample-fr/green-kommon-plaine-energie-citoyenne"
BOTH = {FIRST, SECOND}
LONG = 120  # seconds; machines that test are busy
ALTERNATE = "SELECT ?a ?b { ?a <http://www.w3.org/ns/prov#alternateOf> ?b }"


@contextmanager
def demo(env: dict[str, str]) -> Iterator[str]:
    """The address of a running `hub demo`."""
    address, process = f"http://localhost:{env['HUB_PORT']}", start(["demo"], env)
    try:
        wait_until(lambda: _answers(f"{address}/health/live"), LONG)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


def looked(address: str) -> bool:
    """Whether the server has compared all that there is."""
    told = requests.get(f"{address}/health/ready", timeout=20).json()["duplicates"]
    return bool(told["position"] and not told["behind"])


def pairs(env: dict[str, str], *more: str) -> list[dict[str, Any]]:
    told = hub(["clusters", "--json", *more], env).splitlines()[0]  # behind it what a person reads on the way
    return list(json.loads(told)["pairs"])


def shown(address: str, query: str = "green kommon") -> dict[str, dict[str, Any]]:
    """The search's items by kind/source/key."""
    return {item["id"].partition("/id/")[2]: item for item in found(address, q=query, size="100")["items"]}


def page(address: str, path: str) -> Page:
    answer = requests.get(f"{address}{path}", timeout=20, allow_redirects=False)
    assert answer.status_code == 200, answer.headers
    return Page(answer.text)


def said(of: Page, field: str) -> list[str]:
    """What a page of several tellers says in a field, each value with who says so."""
    rows = {text_of(row[0]): lists[0] for row in of.all("div") if len(row) == 2 and (lists := _lists(row[1]))}
    return [text_of(value) for value in rows[field]]


def _lists(of: Element) -> list[Element]:
    return [element for element in of if element.get("class") == "said"]


def alternates(address: str) -> int:
    answer = requests.post(f"{address}/sparql", data={"query": ALTERNATE}, headers={"Accept": "text/csv"}, timeout=20)
    return len(answer.text.split()) - 1


def test_the_demos_green_kommon_is_found_confirmed_shown_as_one_and_split_again(tmp_path: Path) -> None:
    need(missing() == "", missing())
    env = environment(tmp_path, HUB_PORT=str(free_port()))
    with demo(env) as address:
        wait_until(lambda: looked(address), LONG)
        (pair,) = pairs(env)
        assert {pair[key].partition("/id/")[2] for key in ("first", "second")} == BOTH and pair["state"] == "open"
        assert {"code": "same-organisation", "value": "Plaine Énergie Citoyenne"} in pair["reasons"]
        assert shown(address).keys() >= BOTH, "nothing is joined by itself"

        hub(["clusters", "--confirm", FIRST, pair["second"], "--by", "Anna"], env)
        wait_until(lambda: not shown(address).keys() >= BOTH, LONG)
        item = shown(address)[FIRST]
        assert {member.partition("/id/")[2] for member in item["members"]} == BOTH
        assert SECOND not in shown(address)
        told = requests.get(f"{address}/api/records/{SECOND}", timeout=10).json()
        assert told["alternates"] == [{"id": f"{address}/id/{FIRST}", "source": "sample-fr"}]
        wait_until(lambda: alternates(address) == 2, LONG)
        _check_pages(address)

        hub(["clusters", "--split", FIRST, SECOND, "--by", "Bo"], env)
        wait_until(lambda: shown(address).keys() >= BOTH, LONG)
        assert [len(shown(address)[name]["members"]) for name in BOTH] == [1, 1]
        wait_until(lambda: alternates(address) == 0, LONG)
        assert page(address, f"/fr/{FIRST}").all("p", class_="together") == []
        alone = requests.get(f"{address}/fr/{FIRST}/together", allow_redirects=False, timeout=10)
        assert (alone.status_code, alone.headers["Location"]) == (303, f"/fr/{FIRST}")
        assert [(pair["state"], pair["decided_by"]) for pair in pairs(env)] == [("rejected", "Bo")]


def _check_pages(address: str) -> None:
    """Each member keeps its page, which leads to the one of both; that tells both territories, each with its source."""
    for own, other in ((FIRST, SECOND), (SECOND, FIRST)):
        links = [
            a.get("href") for a in page(address, f"/fr/{own}").one("p", class_="together").iter() if "href" in a.attrib
        ]
        assert links == [f"/fr/{own}/together", f"/fr/{other}"]
        both = page(address, f"/fr/{own}/together")
        assert said(both, "Lieu") == [
            "Plaine CommunePaysFrance 1 La Main",
            "Seine-Saint-DenisPaysFrance 2 Plaine Énergie Citoyenne",
        ]
        assert said(both, "Pays") == ["France 1 La Main 2 Plaine Énergie Citoyenne"]
        assert [text_of(title) for title in both.all("h1")] == [
            "Green Kommon, l’énergie solaire partagée entre lieux culturels de Plaine Commune"
        ]
    assert f"/hu/{FIRST}/together" in page(address, "/hu/?q=green+kommon").links()


def test_two_catalogues_become_one_result_with_two_sources(tmp_path: Path) -> None:
    with ExitStack() as opened:
        first, second = opened.enter_context(open_portal()), opened.enter_context(open_portal())
        folder = tmp_path / "sources"
        folder.mkdir()
        same = {"identifier": "urn:uuid:5b0e8b8c-40e2-4f0e-9a10-7f2f4d4b3c11"}
        for portal, key, title in ((first, "regione", "Il tetto della Lucciola"), (second, "stato", "Tetto Lucciola")):
            portal.packages = {"roof": package("roof", title, extras=[{"key": k, "value": v} for k, v in same.items()])}
            (folder / f"{key}.toml").write_text(toml(portal.source(key)), "utf-8")
        hosts = f"{first.server.host},{second.server.host}"
        more = {"HUB_SOURCES": str(folder), "HUB_ALLOWED_HOSTS": hosts, "HUB_PORT": str(free_port())}
        env = environment(tmp_path / "data", **more)
        hub(["harvest"], env)
        (pair,) = pairs(env, "--find")
        hub(["clusters", "--confirm", pair["first"], pair["second"]], env)
        with served(env) as address:
            wait_until(lambda: len(shown(address, "lucciola")) == 1)
            (item,) = shown(address, "lucciola").values()
            assert item["sources"] == ["regione", "stato"] and len(item["members"]) == 2
            for key in item["sources"]:
                assert [i["id"] for i in found(address, source=key)["items"]] == [item["id"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--confirm", "roof", FIRST], "A record: 'roof' is not valid; allowed: a record's IRI, or KIND/SOURCE/KEY"),
        (["--reject", "practice/no/body", FIRST], "There is no record http://localhost:8000/id/practice/no/body"),
        (["--state", "closed"], "--state: 'closed' is not valid; allowed: open, confirmed, rejected"),
        (["--split", FIRST, SECOND, "--reject", FIRST, SECOND], "one of --confirm, --reject and --split"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: list[str], words: str) -> None:
    assert words in hub(["clusters", *arguments], environment(tmp_path), expected=1)


def test_an_empty_hub_has_no_pairs(tmp_path: Path) -> None:
    assert "There are no pairs." in hub(["clusters", "--find"], environment(tmp_path))
