from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.explain_memory import memory
from stockrnn.cli.main import CommandGroup
from stockrnn.workflows import memory as workflow

Explain = Callable[..., Result]


@click.group(cls=CommandGroup)
@click.argument("run", type=click.Path(path_type=Path))
def explain(run: Path) -> None:
    """Take RUN for the command under test."""


explain.add_command(memory)


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch, trained_smoke: Path) -> Explain:
    """Run the command on the smoke run, with few and short trainings."""
    monkeypatch.setattr(workflow, "LAGS", (2, 3))

    def run(*args: object, code: int = 0) -> Result:
        result = CliRunner().invoke(explain, [str(trained_smoke), "memory", "--quick", *map(str, args)])
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_document_holds_task_cells_trainings_and_conclusion(measure: Explain) -> None:
    document = json.loads(measure("--json", "--seeds", 2).stdout)
    assert document["task"]["units"] == 4  # the smoke recipe's
    assert document["task"]["batches"] == 50
    assert document["chance"] == 0.5
    assert len(document["trainings"]) == 5 * 2 * 2
    assert [(cell["network"], cell["lag"]) for cell in document["cells"]] == [
        (network, lag)
        for network in ("feed_forward_last", "feed_forward_window", "simple_rnn", "lstm", "gru")
        for lag in (2, 3)
    ]
    for cell in document["cells"]:
        seeds = [t for t in document["trainings"] if (t["network"], t["lag"]) == (cell["network"], cell["lag"])]
        assert cell["mean"] == pytest.approx(sum(seed["accuracy"] for seed in seeds) / 2)
    assert document["longest_recalled"]["feed_forward_last"] is None
    assert document["conclusion"].startswith("With every seed")


def test_the_text_says_the_chance_shows_a_table_and_concludes(measure: Explain, tmp_path: Path) -> None:
    picture = tmp_path / "memory.png"
    result = measure("--seeds", 1, "--out", picture)
    assert "chance: 50 %" in result.stdout
    assert "the feed-forward network on the last step" in result.stdout
    assert sum(line.split()[:1] == ["GRU"] for line in result.stdout.splitlines()) == 2
    assert f"Picture: {picture}" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "10 of 10 trainings done" in result.stderr


def test_a_picture_of_no_known_format_is_refused_before_anything_is_trained(measure: Explain, tmp_path: Path) -> None:
    result = measure("--out", tmp_path / "memory.txt", code=2)
    assert "memory.txt: expected a name that ends in" in result.stderr
    assert "trainings done" not in result.stderr


def test_a_missing_run_folder_is_the_error_of_every_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(explain, [str(tmp_path / "none"), "memory"])
    assert result.exit_code == 4


@pytest.mark.slow
def test_the_whole_measurement_is_done_in_a_minute_and_a_half(trained_smoke: Path) -> None:
    started = time.perf_counter()
    result = CliRunner().invoke(explain, [str(trained_smoke), "memory", "--json"])
    seconds = time.perf_counter() - started
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    means = {(cell["network"], cell["lag"]): cell["mean"] for cell in document["cells"]}
    assert len(means) == 5 * 4
    assert {lag for _, lag in means} == {5, 20, 60, 100}
    assert all(abs(mean - 0.5) < 0.05 for (network, _), mean in means.items() if network == "feed_forward_last")
    assert all(
        mean > 0.95
        for (network, lag), mean in means.items()
        if network == "feed_forward_window" or (lag == 5 and network != "feed_forward_last")
    )
    assert seconds < 90
