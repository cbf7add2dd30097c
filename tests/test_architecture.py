from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import stockrnn

PACKAGE = Path(stockrnn.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
GROUND = {"errors", "config", "bundled", "recipes", "cores"}
ROOMS = ["prices", "samples", "models", "forecasts", "evaluation", "reports", "runs", "workflows", "cli"]
DEEP_LEARNING = {"keras", "tensorflow"}

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the dotted names that a module imports anywhere, in function bodies too, as tuples of their parts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from ((*(node.module or "").split("."), alias.name) for alias in node.names)


def height_of(room: str) -> int:
    return 0 if room in GROUND else 1 + ROOMS.index(room)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@each_module
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    if room == "__main__":
        room = "cli"
    below = {name[1] for name in imports_of(path) if name[0] == "stockrnn" and len(name) > 1} - {"__version__", room}
    if room == "__init__":
        assert not below
    else:
        assert {name for name in below if name not in GROUND and height_of(name) >= height_of(room)} == set()


@each_module
def test_only_the_models_room_imports_keras(path: Path) -> None:
    if room_of(path) != "models":
        assert DEEP_LEARNING.isdisjoint(name[0] for name in imports_of(path))


@each_module
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@each_module
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if room_of(path) in ("cli", "__main__"):
        return
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = {ast.unparse(call) for call in calls}
    assert names.isdisjoint({"print", "exit", "quit", "sys.exit", "os._exit", "click.echo"})


def test_every_room_has_its_height() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == GROUND | {"__init__", "__main__"}
