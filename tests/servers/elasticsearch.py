"""A real Elasticsearch 8.16 on loopback; ten seconds, and the first time as long as fetching 900 MB takes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from elasticsearch import Elasticsearch

from tests.servers.kept import kept, run
from tests.servers.processes import free_port, fresh_folder, running, wait_for

PARTS = Path(__file__).parent / "elasticsearch_parts"
MISSING = "A real Elasticsearch needs: apt-get install maven openjdk-17-jre-headless"
SERVER = "HUB_TESTS_ELASTICSEARCH"  # an environment variable: the address of a server that runs already
HEAP = "512m"
_SETTINGS = """
cluster.name: hub-{port}
discovery.type: single-node
http.host: 127.0.0.1
http.port: {port}
transport.host: 127.0.0.1
transport.port: {other}
path.data: {data}
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: false
xpack.security.enabled: false
"""


def available() -> bool:
    return all(shutil.which(name) for name in ("java", "mvn"))


@dataclass(frozen=True)
class Home:
    """A program with its settings and data: it can be killed, and started anew at the same address."""

    folder: Path
    url: str

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        environment, log = {**os.environ, "ES_TMPDIR": str(self.folder / "tmp")}, self.folder / "log"
        with running(_command(self.folder), log, user=_owner(), environment=environment) as process:
            wait_for(f"{self.url}/_cluster/health?wait_for_status=yellow", process, log, 120)
            yield process


@contextmanager
def home(port: int = 0) -> Iterator[Home]:
    kept_home = kept("elasticsearch", _install, PARTS / "pom.xml") / "home"
    with (
        fresh_folder("hub-elasticsearch-", _owner()) as folder,
        fresh_folder("hub-elasticsearch-", _owner(), _fast()) as data,
    ):
        own, port = folder / "home", port or free_port()
        _prepare(shutil.copytree(kept_home, own), data, port)
        yield Home(own, f"http://127.0.0.1:{port}")


@contextmanager
def elasticsearch(port: int = 0) -> Iterator[str]:
    """Yields the address of a server without indexes."""
    with home(port) as own, own.started():
        yield own.url


def forget(url: str, alias: str) -> None:
    """Takes away what a test made: its indexes, and the templates of them."""
    with Elasticsearch(url) as client:
        client.indices.delete(index=f"{alias}-*")
        client.options(ignore_status=404).indices.delete_index_template(name=f"{alias}*")


def _install(folder: Path) -> None:
    unpacked = folder / "unpacked"
    run("mvn", "-q", "-B", "-f", PARTS / "pom.xml", "dependency:unpack", f"-DoutputDirectory={unpacked}")
    next(unpacked.glob("*/elasticsearch")).rename(folder / "home")
    shutil.rmtree(unpacked)


def _owner() -> str | None:
    """Elasticsearch refuses to be root."""
    return "daemon" if os.getuid() == 0 else None


def _fast() -> Path | None:
    """A file system in memory, where there is one with room: an index is made there in 0.13 s in place of 0.45 s."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30 else None


def _prepare(home: Path, data: Path, port: int) -> None:
    """The program is a copy (80 MB), since the other user cannot enter root's cache."""
    (home / "config" / "elasticsearch.yml").write_text(_SETTINGS.format(port=port, other=free_port(), data=data))
    for folder in ("config/jvm.options.d", "logs", "tmp"):
        (home / folder).mkdir()
    (home / "config" / "jvm.options.d" / "heap.options").write_text(f"-Xms{HEAP}\n-Xmx{HEAP}\n")
    if owner := _owner():
        for path in (home, *home.rglob("*")):
            shutil.chown(path, owner, owner)


def _command(home: Path) -> list[str | Path]:
    """What the program's own start script runs: a small Java that starts the large one, in the same process group."""
    options = {
        "cli.name": "server",
        "cli.script": "bin/elasticsearch",
        "cli.libs": "lib/tools/server-cli",
        "es.path.home": home,
        "es.path.conf": home / "config",
        "es.distribution.type": "tar",
    }
    told = [f"-D{name}={value}" for name, value in options.items()]
    classes = f"{home}/lib/*:{home}/lib/cli-launcher/*"
    return ["java", "-Xmx64m", "-XX:+UseSerialGC", *told, "-cp", classes, "org.elasticsearch.launcher.CliToolLauncher"]
