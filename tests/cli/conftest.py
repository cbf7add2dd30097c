"""Runs that several of the tests read, each made once; do not write into them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli import head_runs
from tests.workflows import walking


@pytest.fixture(scope="session")
def walk_csv(tmp_path_factory: pytest.TempPathFactory, make_prices: Any) -> Path:
    """The prices of the small backtest."""
    return walking.write_walk(make_prices, tmp_path_factory.mktemp("prices") / "walk.csv")


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory, walk_csv: Path) -> tuple[Path, dict[str, Any]]:
    """The run folder and the document of a backtest that nothing disturbed, in one process."""
    folder = tmp_path_factory.mktemp("walked")
    arguments = walking.command(walk_csv, *walking.OPTIONS, "--jobs", 1, "--name", "cut", "--json")
    done = subprocess.run(arguments, cwd=folder, capture_output=True, check=True)
    return folder / "runs/cut", json.loads(done.stdout)


@pytest.fixture(scope="session")
def head_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of prices: AAA and BBB to train on, NEW of another ticker, CLOSES and SILENT that lack columns."""
    folder = tmp_path_factory.mktemp("prices")
    for seed, name in enumerate(("AAA", "BBB", "NEW")):
        head_runs.write_walk(folder / f"{name}.csv", seed)
    head_runs.write_walk(folder / "CLOSES.csv", 4, ("close",))
    head_runs.write_walk(folder / "SILENT.csv", 5, ("open", "high", "low", "close"))
    return folder


@pytest.fixture(scope="session")
def head_training(head_files: Path) -> tuple[Path, dict[str, Any]]:
    """The run of a pool of two tickers and two seeds, and what training it printed."""
    train = ("train", head_files / "AAA.csv", head_files / "BBB.csv", *head_runs.tiny(), "--runs", head_files / "runs")
    done = head_runs.invoke(*train, "--name", "pool", "--seeds", 2, "--jobs", 1, "--json")
    return head_files / "runs/pool", json.loads(done.stdout)


@pytest.fixture(scope="session")
def head_run(head_training: tuple[Path, dict[str, Any]]) -> Path:
    """The run folder of that pool."""
    return head_training[0]


@pytest.fixture(scope="session")
def corrected_head_run(head_files: Path) -> Path:
    """The run of one ticker whose head is corrected by its misses on validation."""
    options = head_runs.tiny(evaluation__intervals="conformal", train__refit_epochs=0, window__horizon=3)
    runs = ("--runs", head_files / "runs", "--name", "corrected")
    head_runs.invoke("train", head_files / "AAA.csv", *options, *runs)
    return head_files / "runs/corrected"
