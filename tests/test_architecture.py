from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import stockrnn

PACKAGE = Path(stockrnn.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
GROUND = {
    "arrays",
    "errors",
    "config",
    "bundled",
    "recipes",
    "cores",
    "interruption",
    "feature_names",
    "config_sections",
    "config_errors",
    "messages",
    "versions",
}
ROOMS = ["prices", "samples", "models", "forecasts", "evaluation", "reports", "runs", "workflows", "cli"]
DEEP_LEARNING = {"keras", "tensorflow"}


def names_of(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(PACKAGE).as_posix() for path in paths]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> frozenset[tuple[str, ...]]:
    """Return the dotted names that a module imports anywhere, in function bodies too, as tuples of their parts."""
    names: set[tuple[str, ...]] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names.update(tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} line {node.lineno}: a relative import"
            names.update((*(node.module or "").split("."), alias.name) for alias in node.names)
    return frozenset(names)


def height_of(room: str) -> int:
    return 0 if room in GROUND else 1 + ROOMS.index(room)


def room_of(path: Path) -> str:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cli" if room == "__main__" else room


def imports_from_above(path: Path) -> set[str]:
    room = room_of(path)
    used = {name[1] for name in imports_of(path) if name[0] == "stockrnn" and len(name) > 1} - {"__version__", room}
    return used if room == "__init__" else {name for name in used - GROUND if height_of(name) >= height_of(room)}


def test_imports_point_one_way() -> None:
    assert {path: above for path in MODULES if (above := imports_from_above(path))} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {("stockrnn", *path.relative_to(PACKAGE).with_suffix("").parts): path for path in MODULES}
    # What is imported is a module, or a name in one.
    graph = {
        module: {name if name in modules else name[:-1] for name in imports_of(path)} & modules.keys()
        for module, path in modules.items()
    }
    assert sum(map(len, graph.values())) > len(graph)
    TopologicalSorter(graph).prepare()  # raises where there is one


def test_only_the_models_room_imports_keras() -> None:
    importing = {path for path in MODULES if not DEEP_LEARNING.isdisjoint(name[0] for name in imports_of(path))}
    assert importing
    assert {room_of(path) for path in importing} == {"models"}


def test_a_module_has_at_most_250_lines() -> None:
    assert names_of(path for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 250) == []


def test_only_the_command_line_prints_and_exits() -> None:
    def prints(path: Path) -> bool:
        calls = (ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
        return not {"print", "exit", "quit", "sys.exit", "os._exit", "click.echo"}.isdisjoint(calls)

    printing = [path for path in MODULES if prints(path)]
    assert printing
    assert names_of(path for path in printing if room_of(path) != "cli") == []


def test_every_room_has_its_height() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == GROUND | {"__init__", "__main__"}
