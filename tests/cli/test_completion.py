"""What a shell completes: options by Click, and files and recipes where a command takes them."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from stockrnn.cli.main import cli


def offered(*words: str) -> set[tuple[str, str]]:
    *before, begun = words
    found = ShellComplete(cli, {}, "stockrnn", "_STOCKRNN_COMPLETE").get_completions(before, begun)
    return {(item.type, item.value) for item in found}


@pytest.mark.parametrize(
    "words",
    [
        ("train", "A"),
        ("train", "A.csv", "--test", "A"),
        ("backtest", "A"),
        ("predict", "runs/a", "A"),
        ("audit", "google", "A"),
        ("inspect", "A"),
        ("judge", "A"),
        ("judge", "A.csv", "A"),
        ("compare", "google", "--prices", "A"),
    ],
)
def test_a_price_file_is_completed_by_the_shell(words: tuple[str, ...]) -> None:
    assert offered(*words) == {("file", "A")}


@pytest.mark.parametrize("before", [("train", "--config"), ("backtest", "--config"), ("audit",), ("compare", "smoke")])
def test_a_recipe_is_completed_by_its_name_or_as_a_file(before: tuple[str, ...]) -> None:
    assert offered(*before, "g") == {("plain", "google"), ("plain", "gru"), ("file", "g")}
    assert offered(*before, "runs/") == {("file", "runs/")}
