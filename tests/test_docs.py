"""What the pages say is so: their commands run, their figures are drawn by them, the code that they name exists."""

from __future__ import annotations

import ast
import os
import re
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from stockrnn.bundled import bundled_prices
from stockrnn.cli.main import cli
from stockrnn.recipes import load_recipe

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
FIGURE_OPTIONS = ("--out", "--plot")

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
LINKED = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s#]+)[^)]*\)")
SOURCE_FILE = re.compile(r"\bstockrnn/[\w/]+\.py\b")
PLACED = re.compile(r"`([\w.]+)` in `(stockrnn/[\w/]+\.py)`")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def commands_in(page: Path) -> list[list[str]]:
    """Return the arguments of the stockrnn commands in a page's console and sh blocks, without the program's name."""
    found = []
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language in ("console", "sh"):
            lines = block.replace("\\\n", " ").splitlines()
            words = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if is_command(line)]
            found += [arguments[1:] for arguments in words]
    return found


def is_command(line: str) -> bool:
    return line.removeprefix("$ ").split(" ")[0] == "stockrnn"


def prose_of(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def values_of(arguments: list[str], *options: str) -> list[str]:
    separate = [value for name, value in pairwise(arguments) if name in options]
    joined = [word.split("=", 1)[1] for word in arguments if word.split("=", 1)[0] in options and "=" in word]
    return separate + joined


def commands_below(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from commands_below(command)


ALL_COMMANDS = [(page, arguments) for page in PAGES for arguments in commands_in(page)]
TRAINED = [(page, arguments) for page, arguments in ALL_COMMANDS if arguments[0] == "train"]
DRAWN = {
    page: [arguments for arguments in commands_in(page) if values_of(arguments, *FIGURE_OPTIONS)] for page in PAGES
}


def named(places: list[tuple[Path, list[str]]]) -> dict[str, list]:
    return {
        "argvalues": [arguments for _, arguments in places],
        "ids": [f"{page.stem}: {' '.join(arguments)}" for page, arguments in places],
    }


@pytest.mark.parametrize("arguments", **named(ALL_COMMANDS))
def test_the_command_its_arguments_and_its_options_exist(arguments: list[str]) -> None:
    # Everything but the jobs themselves: Click checks the words as it does for a user.
    with mock.patch.multiple(click.Command, invoke=lambda *_: None):
        result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output


def test_a_command_with_a_wrong_option_would_be_found() -> None:
    with mock.patch.multiple(click.Command, invoke=lambda *_: None):
        assert CliRunner().invoke(cli, ["train", "--epoch", "3"]).exit_code == 2
        assert CliRunner().invoke(cli, ["trane"]).exit_code == 2


@pytest.mark.parametrize("arguments", **named(TRAINED))
def test_the_recipe_and_its_changed_keys_exist(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    load_recipe(next(iter(values_of(arguments, "--config")), None), values_of(arguments, "--set"))


@each_page
def test_each_figure_is_there_and_drawn_by_a_command_of_the_page(page: Path) -> None:
    pages = PAGES if page == README else [page]  # the README shows what the other pages draw
    drawn = {Path(out).name for each in pages for words in DRAWN[each] for out in values_of(words, *FIGURE_OPTIONS)}
    for shown in SHOWN.findall(page.read_text(encoding="utf-8")):
        figure = page.parent / shown
        assert figure.is_file(), shown
        assert figure.stat().st_size < 350_000, shown
        assert figure.name in drawn, f"no command draws {shown}"


def test_each_figure_is_shown() -> None:
    shown = {(page.parent / name).resolve() for page in PAGES for name in SHOWN.findall(page.read_text("utf-8"))}
    assert {path.resolve() for path in (ROOT / "docs/figures").iterdir()} <= shown


@each_page
def test_each_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = [link for link in LINKED.findall(prose_of(page)) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@each_page
def test_each_source_file_that_is_named_exists(page: Path) -> None:
    assert [name for name in SOURCE_FILE.findall(prose_of(page)) if not (ROOT / name).is_file()] == []


@each_page
def test_each_function_is_where_the_page_says(page: Path) -> None:
    for name, file in PLACED.findall(prose_of(page)):
        body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        for part in name.split("."):
            defined = {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            assert part in defined, f"{name} in {file}"
            body = defined[part].body


@pytest.mark.parametrize("step", range(1, 14))
def test_each_of_the_thirteen_steps_has_keras_lines_our_module_and_a_command(step: int) -> None:
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} ", text, flags=re.MULTILINE)
    (part,) = [part for part in parts if part.startswith(f"{step}. ")]
    assert "```python" in part
    assert PLACED.search(part)
    assert any(is_command(line) for language, block in FENCE.findall(part) for line in block.splitlines())


def plain_keras_script() -> str:
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    return "\n".join(block for language, block in FENCE.findall(text) if language == "python")


def test_the_plain_keras_lines_are_python() -> None:
    assert ast.parse(plain_keras_script()).body


@pytest.mark.slow
def test_the_plain_keras_lines_run_one_after_the_other(tmp_path: Path) -> None:
    shapes = "assert x.shape == (1198, 60, 1) and predicted.shape == real.shape == (251,) and network.count_params() == 71051"
    script = plain_keras_script().replace("epochs=100", "epochs=1")
    (tmp_path / "googl.csv").write_bytes(bundled_prices("googl").read_bytes())
    result = subprocess.run(
        [sys.executable, "-c", f"{script}\n{shapes}"],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg", "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr


def shortened(arguments: list[str]) -> list[str]:
    """Return a command that takes little time and has the same answer in kind."""
    if arguments[0] in ("train", "compare"):
        return [*arguments, "--set", "train.epochs=1"]
    topic = arguments[2] if arguments[0] == "explain" else ""
    return [*arguments, *{"memory": ["--quick", "--seeds", "1"], "importance": ["--repeats", "2"]}.get(topic, [])]


def makes_a_run_that_is_drawn(arguments: list[str], drawing: list[list[str]]) -> bool:
    if arguments[0] != "train":
        return False
    recipe = next(iter(values_of(arguments, "--config")), "google")
    name = next(iter(values_of(arguments, "--name")), Path(recipe).stem)
    return any(f"runs/{name}" in words for words in drawing)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if DRAWN[page]], ids=lambda page: page.name)
def test_the_figures_of_a_page_are_drawn_by_its_commands_in_their_order(
    page: Path, tmp_path: Path, run_cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawing = DRAWN[page]
    for arguments in commands_in(page):
        if arguments in drawing or makes_a_run_that_is_drawn(arguments, drawing):
            run_cli(*shortened(arguments))
    for name in (out for arguments in drawing for out in values_of(arguments, *FIGURE_OPTIONS)):
        content = (tmp_path / name).read_bytes()
        if name.endswith(".png"):
            width, height = struct.unpack(">II", content[16:24])
            assert 1000 <= width <= 1600, name
            assert 500 <= height <= 1600, name
