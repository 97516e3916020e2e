"""A real CKAN 2.12 with its real Solr, PostgreSQL and Redis on loopback; ten seconds, and a minute the first time."""

import shutil
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from ckanapi import RemoteCKAN

from tests.servers.kept import kept, run
from tests.servers.postgresql import postgresql, programs
from tests.servers.processes import free_port, fresh_folder, running, wait_for

PARTS = Path(__file__).parent / "ckan_parts"
MISSING = "A real CKAN needs: apt-get install postgresql redis-server libmagic1 maven openjdk-17-jdk-headless"


def available() -> bool:
    return programs() is not None and all(shutil.which(name) for name in ("redis-server", "javac", "mvn"))


@contextmanager
def ckan() -> Iterator["Ckan"]:
    """Yields a CKAN without packages, whose datasets have titles, notes and tags in several languages."""
    with ThreadPoolExecutor() as installing:
        installed = installing.submit(kept, "solr", _install_solr, PARTS / "pom.xml")
        python = kept("ckan", _install_ckan, PARTS / "requirements.txt", PARTS / "plugin") / "bin" / "python"
        jars = installed.result()
    with ExitStack() as stack:
        folder = stack.enter_context(fresh_folder("hub-ckan-"))
        solr = _Solr(jars, folder / "solr", _site_packages(python) / "ckan" / "config" / "solr" / "schema.xml")
        stack.callback(solr.stop)
        solr.start()
        port, ini, log = free_port(), folder / "ckan.ini", folder / "ckan.log"
        server, redis = stack.enter_context(postgresql()), stack.enter_context(_redis(folder))
        url = f"http://127.0.0.1:{port}"
        ini.write_text(_settings(url, folder, _database(server), solr.url, redis))
        token = run(python, PARTS / "first_day.py", ini).splitlines()[-1]
        solr.wait()
        command = [python.with_name("ckan"), "-c", ini, "run", "--disable-reloader", "--threaded"]
        process = stack.enter_context(running([*command, "-H", "127.0.0.1", "-p", str(port)], log))
        wait_for(f"{url}/api/3/action/status_show", process, log)
        yield Ckan(url, token, solr)


@dataclass(frozen=True)
class Ckan:
    url: str
    token: str
    _solr: "_Solr"

    def act(self, action: str, **asked: Any) -> Any:
        """Does something as the administrator."""
        with RemoteCKAN(self.url, apikey=self.token) as client:
            return client.call_action(action, asked)

    def publish(self) -> None:
        """Lets searches find what was done; CKAN itself would commit at every package, which takes twice the time."""
        with urllib.request.urlopen(f"{self._solr.url}/update?commit=true", timeout=60):
            pass

    @contextmanager
    def without_solr(self) -> Iterator[None]:
        """CKAN as it is while its search engine is down."""
        self._solr.stop()
        try:
            yield
        finally:
            self._solr.start()
            self._solr.wait()


def _install_ckan(folder: Path) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    pip = [sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps"]
    run(*pip, "-r", PARTS / "requirements.txt")
    with tempfile.TemporaryDirectory() as copy:  # setuptools writes beside its sources
        shutil.copytree(PARTS / "plugin", Path(copy) / "plugin")
        run(*pip, "--no-build-isolation", Path(copy) / "plugin")


def _install_solr(folder: Path) -> None:
    goal = "dependency:copy-dependencies"
    run("mvn", "-q", "-B", "-f", PARTS / "pom.xml", goal, f"-DoutputDirectory={folder}", "-Dmdep.prependGroupId=false")


def _site_packages(python: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(python.parents[1])}))


class _Solr:
    """A Solr with one core, which can be stopped and started anew at the same address."""

    def __init__(self, jars: Path, home: Path, schema: Path) -> None:
        core = home / "ckan" / "conf"
        core.mkdir(parents=True)
        (home / "solr.xml").write_text("<solr></solr>")
        (home / "ckan" / "core.properties").write_text("name=ckan\n")
        shutil.copy(schema, core / "schema.xml")
        shutil.copy(PARTS / "solrconfig.xml", core)
        for words in ("stopwords", "synonyms", "protwords"):
            (core / f"{words}.txt").touch()
        port = free_port()
        java = ["java", "-Xmx512m", "-XX:+UseSerialGC", f"-Dsolr.log.dir={home}", "-cp", f"{jars}/*"]
        self._command = [*java, PARTS / "Solr.java", home, str(port)]
        self._log, self._running = home.with_name("solr.log"), ExitStack()
        self.url = f"http://127.0.0.1:{port}/solr/ckan"

    def start(self) -> None:
        self._process = self._running.enter_context(running(self._command, self._log))

    def wait(self) -> None:
        wait_for(f"{self.url}/select?q=*:*", self._process, self._log)

    def stop(self) -> None:
        self._running.close()


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command, folder / "redis.log"):
        yield f"redis://127.0.0.1:{port}/0"


def _database(server: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE ckan LOGIN PASSWORD 'pass'")
        connection.execute("CREATE DATABASE ckan OWNER ckan ENCODING 'utf-8'")
    return server.replace("postgres@", "ckan:pass@") + "/ckan"


def _settings(url: str, folder: Path, database: str, solr: str, redis: str) -> str:
    settings = {
        "SECRET_KEY": "for tests only",
        "api_token.jwt.encode.secret": "string:for tests only, and long enough to sign with",
        "api_token.jwt.decode.secret": "string:for tests only, and long enough to sign with",
        "ckan.search.solr_commit": "false",
        "ckan.site_id": "tests",
        "ckan.site_url": url,
        "ckan.storage_path": str(folder / "storage"),
        "sqlalchemy.url": database,
        "solr_url": solr,
        "ckan.redis.url": redis,
        "ckan.locales_offered": "en it sv de hu nl fr",
        "ckan.plugins": "dcat translated_fields scheming_datasets",
        "ckanext.dcat.rdf.profiles": "euro_dcat_ap_3 euro_dcat_ap_scheming",
        "scheming.dataset_schemas": "translated_fields:dataset.yaml",
        "scheming.presets": (
            "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml translated_fields:presets.json"
        ),
    }
    return "[app:main]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
