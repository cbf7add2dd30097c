"""A run of the recommended recipe, small, and everything that is done with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.head_runs import invoke, predicted, tiny

# Real networks are trained here.
pytestmark = pytest.mark.slow


def test_training_tells_the_gate_and_the_distribution(head_training: tuple[Path, dict[str, Any]]) -> None:
    head_run, document = head_training
    assert document["gate"] in (0, 0.25, 0.5, 0.75, 1)
    network = [score for score in document["scores"] if score["forecaster"] == "network"]
    assert all(score["crps"] > 0 and 0.5 < score["coverage90"] <= 1 for score in network)
    assert {verdict["part"] for verdict in document["verdicts"]} == {"point", "distribution"}
    assert json.loads((head_run / "run.json").read_text())["gate"] == document["gate"]
    history = pd.read_csv(head_run / "history.csv")
    assert history["refit_loss"].notna().sum() == 2 * 2
    assert [path.name for path in sorted(head_run.glob("*.npz"))] == []


def test_seeds_of_several_tickers_miss_by_log_per_cents_as_the_run_does(
    head_training: tuple[Path, dict[str, Any]],
) -> None:
    _, document = head_training
    pooled = [score for score in document["scores"] if score["ticker"] is None and score["forecaster"] == "network"]
    assert [each["rmse"] for each in document["by_seed"]] == pytest.approx([pooled[0]["rmse"]] * 2, rel=0.1)


def test_the_words_say_what_the_gate_kept(head_files: Path) -> None:
    # A walk teaches nothing; where the gate is open nonetheless, the share is told.
    output = invoke("train", head_files / "AAA.csv", *tiny(), "--runs", head_files / "runs", "--name", "one").stdout
    assert "the point forecast is the last close." in output or "of the network's way from the naive forecast" in output
    assert "Its distribution is" in output


def test_seeds_in_processes_are_those_one_after_the_other(head_files: Path, head_run: Path) -> None:
    train = ("train", head_files / "AAA.csv", head_files / "BBB.csv", *tiny(), "--runs", head_files / "runs")
    invoke(*train, "--name", "parallel", "--seeds", 2, "--jobs", 2)
    parallel = head_files / "runs/parallel"
    assert (parallel / "forecasts.parquet").read_bytes() == (head_run / "forecasts.parquet").read_bytes()
    heads = [json.loads((folder / "run.json").read_text())["heads"] for folder in (parallel, head_run)]
    assert heads[0] == heads[1]
    assert heads[0][0] != heads[0][1]


def test_the_forecasts_have_quantiles_that_never_cross(head_run: Path) -> None:
    table = pd.read_parquet(head_run / "forecasts.parquet")
    quantiles = table.loc[table["forecaster"] == "network", [f"q{0.05 * step:.2f}" for step in range(1, 20)]]
    assert quantiles.notna().all(axis=None)
    assert (np.diff(quantiles, axis=1) > 0).all()


def test_the_saved_network_opens_with_plain_keras_in_safe_mode_without_this_package(head_run: Path) -> None:
    script = (
        "import sys, keras; network = keras.saving.load_model(sys.argv[1], safe_mode=True);"
        "print(network.input_shape, network.output_shape);"
        "assert not any(name.startswith('stockrnn') for name in sys.modules)"
    )
    command = [sys.executable, "-c", script, head_run / "model-2.keras"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, cwd=head_run).stdout
    assert output.startswith("(None, 24, ")


def test_the_forecast_of_a_tested_day_is_the_one_in_the_run(head_run: Path, head_files: Path, tmp_path: Path) -> None:
    for name in ("AAA", "BBB"):
        prices = pd.read_csv(head_files / f"{name}.csv")
        prices[prices["date"] <= "2017-02-14"].to_csv(tmp_path / f"{name}.csv", index=False)
    rows = predicted(head_run, tmp_path / "AAA.csv", tmp_path / "BBB.csv")["forecasts"]
    table = pd.read_parquet(head_run / "forecasts.parquet")
    saved = table[(table["forecaster"] == "network") & (table["origin"] == "2017-02-14")]
    for column, name in (("forecast", "forecast"), ("lower", "q0.05"), ("upper", "q0.95")):
        assert [row[column] for row in rows] == pytest.approx(saved[name].tolist(), rel=1e-4)


def test_a_ticker_that_was_not_trained_on_is_forecast_and_the_lacking_pool_told(
    head_run: Path, head_files: Path
) -> None:
    result = invoke("predict", head_run, head_files / "NEW.csv", "--json")
    (row,) = json.loads(result.stdout)["forecasts"]
    assert row["ticker"] == "NEW"
    assert row["lower"] < row["forecast"] < row["upper"]
    assert "means over its pool of 2 tickers" in result.stderr


@pytest.mark.parametrize(("name", "lacking"), [("SILENT", "volume"), ("CLOSES", "open, high, low, volume")])
def test_prices_that_lack_what_the_features_are_made_of_are_refused(
    head_run: Path, head_files: Path, name, lacking
) -> None:
    message = invoke("predict", head_run, head_files / f"{name}.csv", code=3).stderr
    assert f"{name}.csv: no column {lacking}" in message
    assert message.count("\n") == 1


def test_a_close_only_file_gets_the_features_that_it_can_have(head_files: Path) -> None:
    train = ("train", head_files / "CLOSES.csv", *tiny(), "--runs", head_files / "runs", "--name", "closes")
    result = invoke(*train)
    lacking = "gap, intraday, parkinson_1, parkinson_5, parkinson_22, volume_22, close_place"
    assert f"left out for want of columns or tickers: {lacking}." in result.stderr
    assert "not learnt beside close for want of prices: open, range" in result.stderr
    document = json.loads((head_files / "runs/closes/run.json").read_text())
    assert "return_1" in document["encoding"]["features"]
    assert document["config"]["target"]["beside"] == ["close"]
    # A file with more columns is forecast by those that the network knows.
    assert (
        len(predicted(head_files / "runs/closes", head_files / "AAA.csv", head_files / "CLOSES.csv")["forecasts"]) == 2
    )


def test_predict_starts_without_what_only_training_and_judging_need(head_run: Path) -> None:
    script = (
        "import sys; from click.testing import CliRunner; from stockrnn.cli.main import cli;"
        "result = CliRunner().invoke(cli, ['predict', sys.argv[1], '--days', '3', '--level', '50,90']);"
        "assert result.exit_code == 0, result.output;"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'statsmodels', 'arch', 'scipy', 'matplotlib', 'joblib', 'dask'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", script, head_run], check=True, capture_output=True, text=True, timeout=120
    )
    assert output.stdout.strip() == "[]"


def test_a_run_with_a_head_is_judged_and_drawn_like_any_other(head_run: Path, tmp_path: Path) -> None:
    document = json.loads(invoke("evaluate", head_run, "--json").stdout)
    saved = json.loads((head_run / "scores.json").read_text())
    assert document["scores"] == saved["scores"]
    invoke("plot", head_run, "--out", tmp_path / "forecast.png")
    assert (tmp_path / "forecast.png").stat().st_size > 10_000


def test_the_gates_of_the_layer_under_the_head_are_shown(head_run: Path) -> None:
    document = json.loads(invoke("explain", head_run, "gates", "--ticker", "BBB", "--json").stdout)
    assert len(document["sessions"]) == 24
    assert {"forget", "input"} <= set(document["gates"])


def test_what_a_network_with_a_head_reads_is_permuted_over_all_tickers(head_run: Path) -> None:
    document = json.loads(invoke("explain", head_run, "importance", "--ticker", "BBB", "--json").stdout)
    names = [part["name"] for part in document["importance"]]
    features = json.loads((head_run / "run.json").read_text())["encoding"]["features"]
    assert names[: len(features)] == features
    # What is forecast, gate and all, over the two tickers: its error is the one that the run was judged by.
    scores = json.loads((head_run / "scores.json").read_text())["scores"]
    (own,) = (each for each in scores if each["ticker"] == "BBB" and each["forecaster"] == "network")
    assert (document["metric"], document["gate"]) == ("crps", json.loads((head_run / "run.json").read_text())["gate"])
    assert document["loss"] == pytest.approx(own["crps"], rel=1e-5)


def test_gradients_of_a_network_with_a_head_are_refused_in_one_line(head_run: Path) -> None:
    message = invoke("explain", head_run, "gradients", code=2).stderr
    assert "model.skip or a model.head" in message
    assert message.count("\n") == 1


def test_a_longer_horizon_has_targets_beside_and_a_head_that_is_wider_each_session(corrected_head_run: Path) -> None:
    (head,) = json.loads((corrected_head_run / "run.json").read_text())["heads"]
    quantiles = np.array(head["quantiles"])
    assert quantiles.shape == (2, 3, 19)
    assert (np.diff(quantiles[:, :, -1] - quantiles[:, :, 0], axis=1) > 0).all()
    table = pd.read_parquet(corrected_head_run / "forecasts.parquet")
    network = table[table["forecaster"] == "network"]
    assert sorted(network["horizon"].unique()) == [1, 2, 3]
    assert (network["q0.05"] < network["q0.95"]).all()
