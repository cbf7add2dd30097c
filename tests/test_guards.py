"""Guards on ourselves: skill is found where there is some and nowhere else, from the prices to the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stockrnn.forecasts.table import Forecasts
from stockrnn.runs.folder import hash_files, load_run, write_run_file

# A small relative of the recommended recipe: moves in usual moves, from the naive forecast on.
RECIPE = """
[window]
lookback = 4
strategy = "direct"

[target]
column = "close"
kind = "log_return"

[features]
names = ["return_1"]

[model]
layers = 1
units = 8
dropout = 0.0

[train]
epochs = 6
batch_size = 64
learning_rate = 0.01
"""
SESSIONS, TICKERS = 1500, ("AAA", "BBB", "CCC")


def simulated_closes(path: Path, seed: int, memory: float) -> Path:
    """Write closes whose log returns remember so much of the one before: 0 is a random walk."""
    random = np.random.default_rng(seed)
    days = pd.bdate_range("2012-01-02", periods=SESSIONS)
    frames = []
    for ticker in TICKERS:
        moves = np.zeros(SESSIONS)
        for day in range(1, SESSIONS):
            moves[day] = memory * moves[day - 1] + 0.01 * random.standard_normal()
        frames.append(pd.DataFrame({"ticker": ticker, "date": days, "close": 100 * np.exp(np.cumsum(moves))}))
    pd.concat(frames).to_csv(path, index=False)
    return path


@pytest.fixture
def point_verdict(run_cli, tmp_path: Path) -> Callable[[int, float], dict[str, Any]]:
    """Train on simulated prices, and return the verdict on the point forecasts of the year after."""
    recipe = tmp_path / "memory.toml"
    recipe.write_text(RECIPE, encoding="utf-8")

    def verdict_of(seed: int, memory: float) -> dict[str, Any]:
        prices = simulated_closes(tmp_path / f"{seed}.csv", seed, memory)
        result = run_cli("train", prices, "--config", recipe, "--runs", tmp_path / "runs", "--json")
        (verdict,) = [each for each in json.loads(result.stdout)["verdicts"] if each["part"] == "point"]
        assert verdict["forecaster"] == "network"
        return verdict

    return verdict_of


def run_whose_network_repeats(run: Path, forecaster: str) -> Path:
    """Put a naive forecaster's rows in the place of the network's, in the run folder itself."""
    forecasts: Forecasts = pd.read_parquet(run / "forecasts.parquet")
    naive = forecasts[forecasts["forecaster"] == forecaster].assign(forecaster="network")
    others = forecasts[forecasts["forecaster"] != "network"]
    pd.concat([naive, others], ignore_index=True).to_parquet(run / "forecasts.parquet")
    document = dict(load_document(run))
    write_run_file(run, {**document, "files": hash_files(run)})
    load_run(run)
    return run


def load_document(run: Path) -> dict[str, Any]:
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    del document["sha256"]
    return document


@pytest.mark.parametrize("forecaster", ["last_value", "last_close"])
def test_a_network_that_repeats_a_price_has_the_scores_of_the_naive_row_to_the_digit(
    run_cli, smoke_run: Path, forecaster: str
) -> None:
    run = run_whose_network_repeats(smoke_run, forecaster)
    document = json.loads(run_cli("evaluate", run, "--json").stdout)
    by_name = {score.pop("forecaster"): score for score in document["scores"]}
    assert by_name["network"] == by_name[forecaster]
    (verdict,) = document["verdicts"]
    assert verdict["against"] == "last_close"
    assert verdict["outcome"] == ("level" if forecaster == "last_close" else "worse")
    assert verdict["gain"] == (0 if forecaster == "last_close" else by_name["last_value"]["skill"])


@pytest.mark.slow
def test_a_network_finds_the_skill_of_returns_that_remember(point_verdict) -> None:
    verdict = point_verdict(1, 0.3)
    assert verdict["against"] == "last_close"
    assert verdict["outcome"] == "better"
    assert verdict["p_value"] < 0.05
    # What there is to know of such returns: 1 - sqrt(1 - 0.3 ^ 2), 4.6 % of the RMSE.
    assert 0.02 < verdict["gain"] < 0.07


@pytest.mark.slow
def test_with_shuffled_targets_there_is_no_skill_in_the_same_returns(point_verdict, monkeypatch) -> None:
    from stockrnn.models.runtime import start_keras

    start_keras(lambda _: None)
    from stockrnn.workflows import fit

    honest = fit.make_samples

    def shuffled(job, split):
        samples = honest(job, split)
        windows = samples.windows
        targets = windows.row_targets.copy()
        targets[windows.origins] = targets[np.random.default_rng(0).permutation(windows.origins)]
        return replace(samples, windows=replace(windows, row_targets=targets))

    monkeypatch.setattr(fit, "make_samples", shuffled)
    verdict = point_verdict(1, 0.3)
    assert verdict["outcome"] != "better"
    assert verdict["gain"] < 0.005


@pytest.mark.slow
def test_a_network_finds_no_skill_in_random_walks(point_verdict) -> None:
    verdicts = [point_verdict(seed, 0.0) for seed in range(5)]
    # One test in forty of level forecasts says better; two among five would be a false alarm in 0.6 % of such tests.
    assert sum(verdict["outcome"] == "better" for verdict in verdicts) <= 1
    assert np.mean([verdict["gain"] for verdict in verdicts]) < 0.005
