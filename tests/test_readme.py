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
    """A line without the network's figures and the width that they take."""
    if "network " in line and "network," not in line:
        line = re.sub(r"-?\d[\d.,]*", "#", line)
    return " ".join(line.split())


def without_figures(sentence: str) -> str:
    """A verdict without its figures; how late a network is depends on how long it was trained."""
    late = re.sub(r"\d+(?: or more)? sessions? ago", "# ago", sentence)
    return re.sub(r"\d+(?:\.\d+)?", "#", late)


@pytest.mark.slow
def test_train_and_predict_print_what_the_readme_shows(run_cli, tmp_path):
    trained = run_cli("train", "--runs", tmp_path, "--set", "train.epochs=1").stdout.splitlines()
    for line in shown("text", "Open, the next session"):
        if line.startswith("Worse"):
            assert without_figures(line) in [without_figures(printed) for printed in trained]
        elif line.strip():
            assert masked(line) in [masked(printed) for printed in trained]
    predicted = run_cli("predict", tmp_path / "google", "--days", 3).stdout.splitlines()
    for line in shown("console", "$ stockrnn predict")[1:]:
        # Of a dated row: the day and the last close; between them stands the network's forecast.
        row = re.match(r" +(\w{3} \d{4}-\d\d-\d\d) +[\d.]+ +([\d.]+)$", line)
        if row:
            assert any(re.match(rf" +{row[1]} +[\d.]+ +{re.escape(row[2])}$", printed) for printed in predicted), line
        elif line.strip():
            assert masked(line) in [masked(printed) for printed in predicted]


def test_every_command_is_in_the_readmes_table():
    from stockrnn.cli.main import COMMANDS

    for command in COMMANDS:
        assert f"| `stockrnn {command.name} " in README


def test_every_recipe_is_named_in_the_readme():
    recipes = (Path(__file__).resolve().parent.parent / "configs").glob("*.toml")
    for recipe in recipes:
        assert f"`{recipe.stem}`" in README or f"configs/{recipe.name}" in README
