"""`hub validate`: what it tells of files, for people in seven languages and for machines, and how it leaves."""

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize
from typer.testing import CliRunner

from hub.cli import app
from hub.languages import LANGUAGES
from hub.namespaces import COPED, SH
from hub.profile import load
from hub.settings import resource
from tests.command import environment, hub
from tests.harvesters.conftest import SAMPLES

EXAMPLES = resource("schema") / "examples"
INVALID = sorted(EXAMPLES.glob("invalid/*.ttl"))
BASE = "https://example.org/"
PREFIXES = """
    @prefix dct: <http://purl.org/dc/terms/> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix org: <http://www.w3.org/ns/org#> .
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix locn: <http://www.w3.org/ns/locn#> .
    @prefix country: <http://publications.europa.eu/resource/authority/country/> ."""
ROOF = """<https://example.org/roof> a coped:GoodPractice ; dct:title "Dak"@nl , "Roof"@en ;
    dct:description "Een dak."@nl ; coped:country country:NLD"""


def validate(*arguments: str | Path, expected: int = 0) -> str:
    done = CliRunner().invoke(app, ["validate", *map(str, arguments)])
    assert done.exit_code == expected, done.output
    return done.output


def told(*arguments: str | Path, expected: int = 0) -> dict:
    return json.loads(validate(*arguments, "--format", "json", expected=expected))


def write(folder: Path, text: str, name: str = "file.ttl") -> Path:
    (folder / name).write_text(PREFIXES + text, "utf-8")
    return folder / name
