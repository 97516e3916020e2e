"""The house: arrows point down, rooms are known, functions and files are small, one broad `except`, no circles."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_FUNCTION, MAX_FILE, MAX_BROAD = 40, 400, 1
FLOORS = {
    0: {"hub.errors", "hub.settings"},  # what every other room may need
    1: {"hub.namespaces", "hub.languages", "hub.fetch"},
    2: {"hub.profile", "hub.model"},
    3: {"hub.validation", "hub.quality", "hub.ledger"},
    4: {"hub.graph", "hub.search", "harvesters"},
    5: {"hub.harvest", "hub.projection", "hub.clusters", "hub.schedule", "hub.evaluation", "hub.publishing"},
    6: {"hub.web"},
    7: {"hub.cli"},
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
HARVESTERS_SEE = 2  # the partners' languages know nothing of the ledger or the stores
NO_ROOM = {"hub", "hub.__main__"}


@cache
def modules() -> dict[str, Path]:
    files = [file for top in ("hub", "harvesters") for file in sorted((ROOT / top).rglob("*.py"))]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def room(module: str) -> str | None:
    parts = module.split(".")
    return next((name for n in range(len(parts), 0, -1) if (name := ".".join(parts[:n])) in FLOOR), None)


def imported(module: str) -> Iterator[tuple[str, int]]:
    """The modules of ours that a module imports, with the line."""
    file = modules()[module]
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree(file)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names = [".".join([*base, *(node.module or "").split("."), alias.name]).strip(".") for alias in node.names]
        for name in names:
            while name and name not in modules():
                name = name.rpartition(".")[0]
            if name and name != module:
                yield name, node.lineno


def test_every_module_lies_in_a_known_room() -> None:
    assert [module for module in modules() if room(module) is None and module not in NO_ROOM] == []


def test_arrows_point_down() -> None:
    wrong = []
    for module in modules():
        here = room(module)
        for name, line in imported(module):
            there = room(name)
            if here and there and here != there:
                highest = HARVESTERS_SEE if here == "harvesters" else FLOOR[here] - 1
                if FLOOR[there] > highest:
                    wrong.append(f"{module}:{line} imports {name}")
    assert wrong == []


def test_there_is_no_circle() -> None:
    arrows = {module: {name for name, _ in imported(module)} for module in modules()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        raise AssertionError(" > ".join(error.args[1])) from None


def test_files_and_functions_are_small() -> None:
    long = [
        f"{module}: {lines} lines"
        for module, file in modules().items()
        if (lines := file.read_text("utf-8").count("\n")) > MAX_FILE
    ]
    for module, file in modules().items():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                long += [f"{module}.{node.name}: {size} lines"] if size > MAX_FUNCTION else []
    assert long == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = []
    for module, file in modules().items():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                hidden += [f"{module}:{n.lineno}" for n in inner]
    assert hidden == []


def test_one_broad_except() -> None:
    broad = []
    for module, file in modules().items():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")
            ):
                broad.append(f"{module}:{node.lineno}")
    assert len(broad) <= MAX_BROAD, broad


def test_there_is_no_cupboard() -> None:
    """A name that says nothing becomes the place where everything is put."""
    assert [m for m in modules() if m.rpartition(".")[2] in {"utils", "helpers", "manager", "service", "common"}] == []
