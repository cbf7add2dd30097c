"""The README shows what its commands print; only the network's own figures may differ from machine to machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def shown(language: str, first_words: str) -> list[str]:
    """The lines of the code block that begins with some words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    (block,) = [block for block in blocks if block.startswith(first_words)]
    return block.strip().splitlines()


def masked(line: str) -> str:
    """A line without the figures of networks and the width that they take."""
    if any(f"{name} " in line for name in ("google", "recommended", "network")) and "network," not in line:
        line = re.sub(r"-?\d[\d.,]*", "#", line)
    return " ".join(line.split())


def judged(line: str) -> bool:
    """Tell a sentence that rests on how long the networks were trained."""
    return line.startswith(("Worse", "Not distinguishable", "Its distribution", "  google is", "recommended misses"))


@pytest.mark.slow
def test_compare_and_predict_print_what_the_readme_shows(run_cli, tmp_path):
    arguments = ("compare", "google", "recommended", "--runs", tmp_path)
    printed = run_cli(*arguments, "--set", "target.column=open", "--set", "train.epochs=1").stdout.splitlines()
    for line in shown("text", "Open: 251 forecasts"):
        if line.strip() and not judged(line):
            assert masked(line) in [masked(each) for each in printed]
    assert next(line.split()[0] for line in printed if judged(line)) == "Worse"
    predicted = run_cli("predict", tmp_path / "google", "--days", 3).stdout.splitlines()
    for line in shown("console", "$ stockrnn predict")[1:]:
        # Of a dated row: the day and the last close; between them stands the network's forecast.
        row = re.match(r" +(\w{3} \d{4}-\d\d-\d\d) +[\d.]+ +([\d.]+)$", line)
        if row:
            assert any(re.match(rf" +{row[1]} +[\d.]+ +{re.escape(row[2])}$", each) for each in predicted), line
        elif line.strip():
            assert masked(line) in [masked(each) for each in predicted]


def test_every_command_is_in_the_readmes_table():
    from stockrnn.cli.main import COMMANDS

    for command in COMMANDS:
        assert f"| `stockrnn {command.name} " in README


def test_every_recipe_is_named_in_the_readme():
    recipes = (Path(__file__).resolve().parent.parent / "configs").glob("*.toml")
    for recipe in recipes:
        assert f"`{recipe.stem}`" in README or f"configs/{recipe.name}" in README
