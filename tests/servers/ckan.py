"""A real CKAN 2.12 with its real Solr, PostgreSQL and Redis on loopback; some forty seconds from nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.servers.postgresql import postgresql, programs
from tests.servers.processes import free_port

PARTS = Path(__file__).parent / "ckan_parts"
KEPT = Path(os.environ.get("HUB_TEST_CACHE", Path.home() / ".cache" / "coped-hub-tests"))
MISSING = "A real CKAN needs: apt-get install postgresql redis-server libmagic1 maven openjdk-17-jdk-headless"
PACKAGES = ("ckan[requirements]==2.12.0", "ckanext-scheming==3.1.0", "setuptools<81")


def available() -> bool:
    return programs() is not None and all(shutil.which(name) for name in ("redis-server", "java", "mvn"))


@dataclass(frozen=True)
class Ckan:
    url: str
    token: str


def _run(*command: str | Path, **more: object) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600, **more)  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return str(done.stdout)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"{url} did not come up: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _process(command: list[str | Path], log: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its children in a group of their own, ended with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(c) for c in command], stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _once(name: str, build: Callable[[Path], None]) -> Path:
    """A folder built once and kept for later test runs; a build that was cut off is begun anew."""
    folder = KEPT / name
    if not (folder / "built").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build(folder)
        (folder / "built").touch()
    return folder


def _install_ckan(folder: Path) -> None:
    _run(sys.executable, "-m", "venv", folder)
    with tempfile.TemporaryDirectory() as copy:  # setuptools writes beside its sources
        shutil.copytree(PARTS, Path(copy) / "parts")
        _run(folder / "bin" / "pip", "install", "-q", *PACKAGES, Path(copy) / "parts")


def _install_solr(folder: Path) -> None:
    goal = "dependency:copy-dependencies"
    _run("mvn", "-q", "-B", "-f", PARTS / "pom.xml", goal, f"-DoutputDirectory={folder}", "-Dmdep.prependGroupId=false")


@contextmanager
def _solr(folder: Path, schema: Path) -> Iterator[str]:
    jars, port, home = _once("solr-8.11.4", _install_solr), free_port(), folder / "solr"
    core = home / "ckan" / "conf"
    core.mkdir(parents=True)
    (home / "logs").mkdir()
    (home / "solr.xml").write_text("<solr></solr>")
    (home / "ckan" / "core.properties").write_text("name=ckan\n")
    shutil.copy(schema, core / "schema.xml")
    shutil.copy(PARTS / "solrconfig.xml", core)
    for words in ("stopwords", "synonyms", "protwords"):
        (core / f"{words}.txt").touch()
    log = folder / "solr.log"
    command: list[str | Path] = ["java", "-Xmx512m", "-cp", f"{jars}/*", PARTS / "Solr.java", home, str(port)]
    with _process(command, log, folder) as process:
        _wait(f"http://127.0.0.1:{port}/solr/ckan/select?q=*:*", process, log)
        yield f"http://127.0.0.1:{port}/solr/ckan"


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    port = free_port()
    command: list[str | Path] = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with _process(command, folder / "redis.log", folder):
        yield f"redis://127.0.0.1:{port}/0"


def _database(server: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE ckan LOGIN PASSWORD 'pass'")
        connection.execute("CREATE DATABASE ckan OWNER ckan ENCODING 'utf-8'")
    return server.replace("postgres@", "ckan:pass@") + "/ckan"


def _configure(bin_folder: Path, ini: Path, settings: dict[str, str]) -> None:
    _run(bin_folder / "ckan", "generate", "config", ini)
    _run(bin_folder / "ckan", "config-tool", ini, *(f"{key} = {value}" for key, value in settings.items()))
    _run(bin_folder / "ckan", "-c", ini, "db", "init")


def _token(bin_folder: Path, ini: Path) -> str:
    person = ("email=admin@example.org", "name=admin", "password=password123")
    _run(bin_folder / "ckan", "-c", ini, "sysadmin", "add", "admin", *person, input="y\ny\n")
    told = _run(bin_folder / "ckan", "-c", ini, "user", "token", "add", "admin", "tests")
    return next(word for word in told.split() if word.startswith("eyJ"))


@contextmanager
def ckan() -> Iterator[Ckan]:
    """Yields a CKAN without packages, whose datasets have titles, notes and tags in several languages."""
    bin_folder = _once("ckan-2.12.0", _install_ckan) / "bin"
    library = Path(_run(bin_folder / "python", "-c", "import ckan.config; print(ckan.config.__file__)").strip()).parent
    port = free_port()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-ckan-")))
        ini, log = folder / "ckan.ini", folder / "ckan.log"
        settings = {
            "sqlalchemy.url": _database(stack.enter_context(postgresql())),
            "solr_url": stack.enter_context(_solr(folder, library / "solr" / "schema.xml")),
            "ckan.redis.url": stack.enter_context(_redis(folder)),
            "ckan.site_url": f"http://127.0.0.1:{port}",
            "ckan.storage_path": str(folder),
            "ckan.plugins": "translated_fields scheming_datasets",
            "scheming.dataset_schemas": "translated_fields:dataset.yaml",
            "scheming.presets": "ckanext.scheming:presets.json translated_fields:presets.json",
        }
        _configure(bin_folder, ini, settings)
        token = _token(bin_folder, ini)
        command: list[str | Path] = [bin_folder / "ckan", "-c", ini, "run", "-H", "127.0.0.1", "-p", str(port)]
        process = stack.enter_context(_process([*command, "--disable-reloader"], log, folder))
        _wait(f"http://127.0.0.1:{port}/api/3/action/status_show", process, log)
        yield Ckan(f"http://127.0.0.1:{port}", token)
