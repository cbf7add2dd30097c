from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from stockrnn.cli.explain_memory import memory
from stockrnn.cli.main import CommandGroup, cli
from stockrnn.evaluation.memory_recall import NETWORK_NAMES
from stockrnn.workflows import explain_memory as workflow

# Real networks are trained here.
pytestmark = pytest.mark.slow

Explain = Callable[..., Result]
RECURRENT = ("simple_rnn", "lstm", "gru")


@click.group(cls=CommandGroup)
@click.argument("run", type=click.Path(path_type=Path))
def explain(run: Path) -> None:
    """Take RUN for the command under test."""


explain.add_command(memory)


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch, trained_smoke: Path) -> Explain:
    """Run the command on the smoke run, with few and short trainings."""
    monkeypatch.setattr(workflow, "LAGS", (2,))

    def run(*args: object, code: int = 0) -> Result:
        result = CliRunner().invoke(explain, [str(trained_smoke), "memory", "--quick", *map(str, args)])
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_document_holds_task_cells_trainings_and_conclusion(measure: Explain) -> None:
    document = json.loads(measure("--json", "--seeds", 2).stdout)
    assert document["task"]["units"] == 4  # the smoke recipe's
    assert document["task"]["batches"] == 50
    assert document["quick"] is True
    assert document["chance"] == 0.5
    assert len(document["trainings"]) == 5 * 2
    assert [(cell["network"], cell["lag"]) for cell in document["cells"]] == [
        (network, lag)
        for network in ("feed_forward_last", "feed_forward_window", "simple_rnn", "lstm", "gru")
        for lag in (2,)
    ]
    for cell in document["cells"]:
        seeds = [t for t in document["trainings"] if (t["network"], t["lag"]) == (cell["network"], cell["lag"])]
        assert cell["mean"] == pytest.approx(sum(seed["accuracy"] for seed in seeds) / 2)
    assert document["longest_recalled"]["feed_forward_last"] is None
    assert document["conclusion"].startswith("With every seed")


def test_a_quick_measurement_says_that_it_is_none(measure: Explain) -> None:
    assert "Quick: trained on few batches" in measure("--seeds", 1).stdout


def test_the_text_says_the_chance_shows_a_table_and_concludes(measure: Explain, tmp_path: Path) -> None:
    picture = tmp_path / "memory.png"
    result = measure("--seeds", 1, "--out", picture)
    assert "chance: 50 %" in result.stdout
    assert "the feed-forward network on the last step" in result.stdout
    assert sum(line.split()[:1] == ["GRU"] for line in result.stdout.splitlines()) == 1
    assert f"Picture: {picture}" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "5 of 5 trainings done" in result.stderr


def test_a_picture_of_no_known_format_is_refused_before_anything_is_trained(measure: Explain, tmp_path: Path) -> None:
    result = measure("--out", tmp_path / "memory.txt", code=2)
    assert "memory.txt: expected a name that ends in" in result.stderr
    assert "trainings done" not in result.stderr


def test_a_missing_run_folder_is_the_error_of_every_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(explain, [str(tmp_path / "none"), "memory"])
    assert result.exit_code == 4


@pytest.mark.slow
def test_the_whole_measurement_is_done_in_a_minute_and_a_half_on_two_cores(tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["train", "--config", "smoke", "--set", "model.units=50", "--runs", str(tmp_path)])
    started = time.process_time()
    result = CliRunner().invoke(explain, [str(tmp_path / "smoke"), "memory", "--json"])
    seconds = time.process_time() - started  # of this process on all cores, whatever else the machine does
    assert result.exit_code == 0, result.output
    assert "32 units in place of the run's 50" in result.stderr
    document = json.loads(result.stdout)
    accuracies = {(each["network"], each["lag"], each["seed"]): each["accuracy"] for each in document["trainings"]}
    assert set(accuracies) == set(itertools.product(NETWORK_NAMES, (5, 20, 60, 100), (1, 2, 3)))
    # Five standard errors of 2,000 guesses; one that sees the value needs no memory.
    assert all(abs(share - 0.5) < 0.056 for (name, *_), share in accuracies.items() if name == "feed_forward_last")
    assert all(share > 0.95 for (name, *_), share in accuracies.items() if name == "feed_forward_window")
    assert all(share > 0.95 for (name, lag, _), share in accuracies.items() if lag == 5 and name in RECURRENT)
    assert seconds < 2 * 90
