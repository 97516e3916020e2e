"""The files of the production set-up: what they name is there, and the image gets what the wheel is made from."""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest

from hub.search.elasticsearch_cluster import MAJORS
from hub.settings import Settings
from hub.web.app import create_app
from tests.compose import COMPOSE, ROOT, asked, environment_of_hub, instructions, said, services, written

GIVEN = {"POSTGRES_PASSWORD": "x", "HUB_BASE_IRI": "https://hub.example"}


def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment_of_hub(GIVEN).items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)  # type: ignore[call-arg]


def images() -> list[str]:
    return [line.split()[0] for line in said("FROM")] + [s["image"] for s in services().values() if "image" in s]


def mounted(service: dict[str, list[str]]) -> list[list[str]]:
    return [volume.split(":") for volume in service.get("volumes", [])]


def test_the_file_is_as_compose_wants_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_one_of_the_hub_and_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {name.removeprefix("HUB_").lower() for name in environment_of_hub(GIVEN) if name.startswith("HUB_")}
    assert named and named <= Settings.model_fields.keys()
    read = settings(monkeypatch)
    assert (read.schedule, read.base, read.host, str(read.data)) == (True, "https://hub.example", "0.0.0.0", "/data")


def test_every_address_leads_to_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(monkeypatch)
    urls = [read.database_url, read.sparql_url, read.elasticsearch_url]
    hosts = {urlsplit(url).hostname for url in urls}
    assert hosts == services().keys() - {"hub"} == services()["hub"]["depends_on"].keys()
    waited = services()["hub"]["depends_on"].items()
    assert all("healthcheck" in services()[name] for name, how in waited if how["condition"] == "service_healthy")
    bound = services()["oxigraph"]["command"][-1].rpartition(":")[2]
    assert urlsplit(read.sparql_url).netloc == f"oxigraph:{bound}"


def test_volumes_are_declared_and_used_and_hold_what_is_kept() -> None:
    used = [name for service in services().values() for name, _ in mounted(service)]
    assert sorted(used) == sorted(written()["volumes"])
    assert ["hub", environment_of_hub(GIVEN)["HUB_DATA"]] in mounted(services()["hub"])
    assert ["oxigraph", "/data"] in mounted(services()["oxigraph"]) and "/data" in services()["oxigraph"]["command"]


def test_only_the_hub_is_reached_from_outside_and_only_from_the_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    port = settings(monkeypatch).port
    assert {name: service.get("ports") for name, service in services().items() if "ports" in service} == {
        "hub": [f"127.0.0.1:{port}:{port}"]
    }
    assert said("EXPOSE") == [str(port)]
    [asks] = [urlsplit(url) for url in re.findall(r"http://[^']+", said("HEALTHCHECK")[0])]
    assert asks.port == port
    assert asks.path == create_app(settings(monkeypatch)).url_path_for("live")


def test_no_password_stands_in_the_file() -> None:
    secrets = [
        (name, str(value))
        for service in services().values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name or "@" in str(value)
    ]
    assert len(secrets) == 3
    for name, value in secrets:
        assert urlsplit(value).password is None and (
            "PASSWORD" not in name or value.startswith("${POSTGRES_PASSWORD:?")
        )
    assert asked() == GIVEN.keys()
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert ".env" in ignored


def test_images_have_versions_that_the_hub_works_with() -> None:
    for image in images():
        name, _, tag = image.partition(":")
        assert re.match(r"\d+\.\d+", tag), f"{image} has no version"
        assert "." not in name, f"{image} names a registry"
    versions = {name: service["image"].partition(":")[2] for name, service in services().items() if "image" in service}
    assert int(versions["elasticsearch"].split(".")[0]) in MAJORS
    assert versions["oxigraph"].split(".")[:2] == version("pyoxigraph").split(".")[:2]
    pythons = {tuple(map(int, line.split(":")[1].split("-")[0].split("."))) for line in said("FROM")}
    assert len(pythons) == 1 and (3, 11) <= min(pythons) < (3, 14)  # `requires-python`


def ignored(path: PurePosixPath) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that fits it, or a folder that it lies in, decides."""
    is_out = False
    for pattern in (ROOT / ".dockerignore").read_text("utf-8").split():
        wanted = re.escape(pattern.lstrip("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(wanted, str(part)) for part in (path, *path.parents)):
            is_out = not pattern.startswith("!")
    return is_out


def files(*folders: str) -> set[str]:
    """The repository's own files in folders, without what is made from them."""
    found = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    made = ("__pycache__", ".mo")
    return {
        str(file.relative_to(ROOT)) for file in found if not any(str(file.parent / file.name).count(m) for m in made)
    }


def copied() -> dict[str, str]:
    """What the first stage copies, and where to."""
    lines = [line.split() for line in said("COPY") if not line.startswith("--from")]
    return {name: to if len(names) == 1 else f"{to}{name}" for *names, to in lines for name in names}


def test_the_image_is_made_from_what_the_wheel_needs(tmp_path: Path) -> None:
    context, wheels = tmp_path / "context", tmp_path / "wheels"
    context.mkdir()
    for name, to in copied().items():
        assert (ROOT / name).exists() and not ignored(PurePosixPath(name)), name
        for file in files(name) if (ROOT / name).is_dir() else {name}:
            if not ignored(PurePosixPath(file)):
                target = context / to / PurePosixPath(file).relative_to(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, target)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, context], check=True, timeout=120)
    [wheel] = wheels.iterdir()
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = files("hub", "harvesters") | {f"hub/resources/{file}" for file in files("schema", "locales")}
    assert wanted - inside == set()


def test_what_is_built_can_be_run() -> None:
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    assert re.search("^hatchling==", requirements, re.MULTILINE)  # without isolation the builder must be installed
    modules = [found for _, rest in instructions() for found in re.findall(r"python -m (hub[\w.]*)", rest)]
    assert modules == ["hub.search.dictionaries"] and find_spec(modules[0])
    assert said("ENTRYPOINT") == ['["hub"]'] and said("CMD") == ['["serve"]']


def test_what_is_no_part_of_the_image_stays_outside() -> None:
    for path in (".env", ".git/config", ".venv/bin/python", "tests/test_compose.py", "hub/__pycache__/x.pyc"):
        assert ignored(PurePosixPath(path)), path
    assert not ignored(PurePosixPath("hub/search/tantivy.py"))
