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
from click.testing import CliRunner

from stockrnn.cli.main import cli
from tests.cli.head_runs import tiny, write_walk

# Real networks are trained here.
pytestmark = pytest.mark.slow


def invoke(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(cli, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of prices: AAA and BBB to train on, NEW of another ticker, CLOSES and FLAT that lack columns."""
    folder = tmp_path_factory.mktemp("prices")
    for seed, name in enumerate(("AAA", "BBB", "NEW")):
        write_walk(folder / f"{name}.csv", seed)
    write_walk(folder / "CLOSES.csv", 4, ("close",))
    write_walk(folder / "SILENT.csv", 5, ("open", "high", "low", "close"))
    return folder


@pytest.fixture(scope="module")
def training(files: Path) -> tuple[Path, dict[str, Any]]:
    """The run of a pool of two tickers and two seeds, and what training it printed."""
    train = ("train", files / "AAA.csv", files / "BBB.csv", *tiny(), "--runs", files / "runs")
    document = json.loads(invoke(*train, "--name", "pool", "--seeds", 2, "--jobs", 1, "--json").stdout)
    return files / "runs/pool", document


@pytest.fixture(scope="module")
def run(training: tuple[Path, dict[str, Any]]) -> Path:
    return training[0]


def predicted(run: Path, *args: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(invoke("predict", run, *args, "--json").stdout)
    return document


def test_training_tells_the_gate_and_the_distribution(training: tuple[Path, dict[str, Any]]) -> None:
    run, document = training
    assert document["gate"] in (0, 0.25, 0.5, 0.75, 1)
    network = [score for score in document["scores"] if score["forecaster"] == "network"]
    assert all(score["crps"] > 0 and 0.5 < score["coverage90"] <= 1 for score in network)
    assert {verdict["part"] for verdict in document["verdicts"]} == {"point", "distribution"}
    assert json.loads((run / "run.json").read_text())["gate"] == document["gate"]
    history = pd.read_csv(run / "history.csv")
    assert history["refit_loss"].notna().sum() == 2 * 2
    assert [path.name for path in sorted(run.glob("*.npz"))] == []


def test_the_words_say_what_the_gate_kept(files: Path) -> None:
    # A walk teaches nothing; where the gate is open nonetheless, the share is told.
    output = invoke("train", files / "AAA.csv", *tiny(), "--runs", files / "runs", "--name", "one").stdout
    assert "the point forecast is the last close." in output or "of the network's way from the naive forecast" in output
    assert "Its distribution is" in output


def test_seeds_in_processes_are_those_one_after_the_other(files: Path, run: Path) -> None:
    train = ("train", files / "AAA.csv", files / "BBB.csv", *tiny(), "--runs", files / "runs")
    invoke(*train, "--name", "parallel", "--seeds", 2, "--jobs", 2)
    parallel = files / "runs/parallel"
    assert (parallel / "forecasts.parquet").read_bytes() == (run / "forecasts.parquet").read_bytes()
    heads = [json.loads((folder / "run.json").read_text())["heads"] for folder in (parallel, run)]
    assert heads[0] == heads[1]
    assert heads[0][0] != heads[0][1]


def test_the_forecasts_have_quantiles_that_never_cross(run: Path) -> None:
    table = pd.read_parquet(run / "forecasts.parquet")
    quantiles = table.loc[table["forecaster"] == "network", [f"q{0.05 * step:.2f}" for step in range(1, 20)]]
    assert quantiles.notna().all(axis=None)
    assert (np.diff(quantiles, axis=1) > 0).all()


def test_the_saved_network_opens_with_plain_keras_in_safe_mode_without_this_package(run: Path) -> None:
    script = (
        "import sys, keras; network = keras.saving.load_model(sys.argv[1], safe_mode=True);"
        "print(network.input_shape, network.output_shape);"
        "assert not any(name.startswith('stockrnn') for name in sys.modules)"
    )
    command = [sys.executable, "-c", script, run / "model-2.keras"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, cwd=run).stdout
    assert output.startswith("(None, 24, ")


def test_each_level_has_a_row_within_the_wider_one(run: Path) -> None:
    rows = pd.DataFrame(predicted(run, "--days", 10, "--level", "50,90")["forecasts"])
    assert len(rows) == 2 * 10 * 2
    assert rows["level"].unique().tolist() == [0.5, 0.9]
    assert (rows["lower"] <= rows["forecast"]).all()
    assert (rows["forecast"] <= rows["upper"]).all()
    narrow, wide = (rows[rows["level"] == level].reset_index() for level in (0.5, 0.9))
    assert (wide["lower"] < narrow["lower"]).all()
    assert (narrow["upper"] < wide["upper"]).all()


def test_what_came_true_in_the_ranges_of_each_level_is_told_beside_them(run: Path) -> None:
    past = pd.read_parquet(run / "forecasts.parquet").query("forecaster == 'network'")
    held = {
        level: float(((past["actual"] >= past[low]) & (past["actual"] <= past[high])).mean())
        for level, low, high in ((0.5, "q0.25", "q0.75"), (0.8, "q0.10", "q0.90"), (0.9, "q0.05", "q0.95"))
    }
    rows = predicted(run, "--level", "50,80,90")["coverage"]
    assert {row["level"]: row["coverage"] for row in rows} == pytest.approx(held)
    assert {(row["horizon"], row["rows"]) for row in rows} == {(1, len(past))}
    told = invoke("predict", run, "--level", "50,80,90").stdout
    assert f"{100 * held[0.5]:.1f} % in the 50 % range, {100 * held[0.8]:.1f} % in the 80 % range" in told


def test_seeds_of_several_tickers_miss_by_log_per_cents_as_the_run_does(training: tuple[Path, dict[str, Any]]) -> None:
    _, document = training
    pooled = [score for score in document["scores"] if score["ticker"] is None and score["forecaster"] == "network"]
    assert [each["rmse"] for each in document["by_seed"]] == pytest.approx([pooled[0]["rmse"]] * 2, rel=0.1)


def test_ranges_grow_with_the_root_of_the_sessions_ahead(run: Path) -> None:
    rows = pd.DataFrame(predicted(run, "--days", 16)["forecasts"])
    assert set(rows["level"]) == {0.9}
    for _, own in rows.groupby("ticker"):
        for end in ("lower", "upper"):
            away = np.log(own[end] / own["forecast"]).to_numpy()
            np.testing.assert_allclose(away / away[0], np.sqrt(np.arange(1, 17)), rtol=1e-6)


def test_the_last_close_and_the_best_bands_stand_beside_it(run: Path) -> None:
    document = predicted(run, "--days", 2, "--level", "80")
    beside = {row["forecaster"]: row for row in document["beside"]}
    (against,) = {each["against"] for each in document["verdicts"] if each["part"] == "distribution"}
    assert set(beside) == {"last_close", against}
    assert beside["last_close"]["level"] is None
    assert beside[against]["level"] == 0.8
    assert beside[against]["lower"] < beside["last_close"]["forecast"] < beside[against]["upper"]
    output = invoke("predict", run, "--level", "80").stdout
    assert "80 %" in output
    assert "last close" in output


@pytest.mark.parametrize("level", ["0", "100", "-10", "nan", "50,99.5", "0.9", "1e9"])
def test_a_level_that_is_none_is_refused_in_one_line(run: Path, level: str) -> None:
    message = invoke("predict", run, f"--level={level}", code=2).stderr
    assert "expected per cents from 1 to 99, such as 50,90" in message
    assert message.count("\n") == 1


def test_any_level_has_its_range_and_the_same_twice_is_one(run: Path) -> None:
    rows = pd.DataFrame(predicted(run, "--days", 3, "--level", "33,50,80,90,95,50")["forecasts"])
    assert rows["level"].unique().tolist() == [0.33, 0.5, 0.8, 0.9, 0.95]
    for _, own in rows.groupby(["ticker", "session"]):
        assert own["lower"].is_monotonic_decreasing
        assert own["upper"].is_monotonic_increasing
    assert "95 %" in invoke("predict", run, "--level", "95").stdout


def test_a_level_that_is_no_number_is_refused(run: Path) -> None:
    assert "expected per cents, such as 50,90" in invoke("predict", run, "--level", "much", code=2).stderr


def test_the_forecast_of_a_tested_day_is_the_one_in_the_run(run: Path, files: Path, tmp_path: Path) -> None:
    for name in ("AAA", "BBB"):
        prices = pd.read_csv(files / f"{name}.csv")
        prices[prices["date"] <= "2017-02-14"].to_csv(tmp_path / f"{name}.csv", index=False)
    rows = predicted(run, tmp_path / "AAA.csv", tmp_path / "BBB.csv")["forecasts"]
    table = pd.read_parquet(run / "forecasts.parquet")
    saved = table[(table["forecaster"] == "network") & (table["origin"] == "2017-02-14")]
    for column, name in (("forecast", "forecast"), ("lower", "q0.05"), ("upper", "q0.95")):
        assert [row[column] for row in rows] == pytest.approx(saved[name].tolist(), rel=1e-4)


def test_a_ticker_that_was_not_trained_on_is_forecast_and_the_lacking_pool_told(run: Path, files: Path) -> None:
    result = invoke("predict", run, files / "NEW.csv", "--json")
    (row,) = json.loads(result.stdout)["forecasts"]
    assert row["ticker"] == "NEW"
    assert row["lower"] < row["forecast"] < row["upper"]
    assert "means over its pool of 2 tickers" in result.stderr


@pytest.mark.parametrize(("name", "lacking"), [("SILENT", "volume"), ("CLOSES", "open, high, low, volume")])
def test_prices_that_lack_what_the_features_are_made_of_are_refused(run: Path, files: Path, name, lacking) -> None:
    message = invoke("predict", run, files / f"{name}.csv", code=3).stderr
    assert f"{name}.csv: no column {lacking}" in message
    assert message.count("\n") == 1


def test_a_close_only_file_gets_the_features_that_it_can_have(files: Path) -> None:
    train = ("train", files / "CLOSES.csv", *tiny(), "--runs", files / "runs", "--name", "closes")
    result = invoke(*train)
    lacking = "gap, intraday, parkinson_1, parkinson_5, parkinson_22, volume_22, close_place"
    assert f"left out for want of columns or tickers: {lacking}." in result.stderr
    assert "not learnt beside close for want of columns: open, range" in result.stderr
    document = json.loads((files / "runs/closes/run.json").read_text())
    assert "return_1" in document["encoding"]["features"]
    assert document["config"]["target"]["beside"] == ["close"]
    # A file with more columns is forecast by those that the network knows.
    assert len(predicted(files / "runs/closes", files / "AAA.csv", files / "CLOSES.csv")["forecasts"]) == 2


def test_predict_starts_without_what_only_training_and_judging_need(run: Path) -> None:
    script = (
        "import sys; from click.testing import CliRunner; from stockrnn.cli.main import cli;"
        "result = CliRunner().invoke(cli, ['predict', sys.argv[1], '--days', '3', '--level', '50,90']);"
        "assert result.exit_code == 0, result.output;"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'statsmodels', 'arch', 'scipy', 'matplotlib', 'joblib', 'dask'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", script, run], check=True, capture_output=True, text=True, timeout=120
    )
    assert output.stdout.strip() == "[]"


def test_a_run_with_a_head_is_judged_and_drawn_like_any_other(run: Path, tmp_path: Path) -> None:
    document = json.loads(invoke("evaluate", run, "--json").stdout)
    saved = json.loads((run / "scores.json").read_text())
    assert document["scores"] == saved["scores"]
    invoke("plot", run, "--out", tmp_path / "forecast.png")
    assert (tmp_path / "forecast.png").stat().st_size > 10_000


def test_the_gates_of_the_layer_under_the_head_are_shown(run: Path) -> None:
    document = json.loads(invoke("explain", run, "gates", "--ticker", "BBB", "--json").stdout)
    assert len(document["sessions"]) == 24
    assert {"forget", "input"} <= set(document["gates"])


def test_what_a_network_with_a_head_reads_is_permuted_over_all_tickers(run: Path) -> None:
    document = json.loads(invoke("explain", run, "importance", "--ticker", "BBB", "--json").stdout)
    names = [part["name"] for part in document["importance"]]
    features = json.loads((run / "run.json").read_text())["encoding"]["features"]
    assert names[: len(features)] == features
    # What is forecast, gate and all, over the two tickers: its error is the one that the run was judged by.
    scores = json.loads((run / "scores.json").read_text())["scores"]
    (own,) = (each for each in scores if each["ticker"] == "BBB" and each["forecaster"] == "network")
    assert (document["metric"], document["gate"]) == ("crps", json.loads((run / "run.json").read_text())["gate"])
    assert document["loss"] == pytest.approx(own["crps"], rel=1e-5)


def test_gradients_of_a_network_with_a_head_are_refused_in_one_line(run: Path) -> None:
    message = invoke("explain", run, "gradients", code=2).stderr
    assert "model.skip or a model.head" in message
    assert message.count("\n") == 1


@pytest.fixture(scope="module")
def corrected(files: Path) -> Path:
    """A run of one ticker whose head is corrected by its misses on validation."""
    options = tiny(evaluation__intervals="conformal", train__refit_epochs=0, window__horizon=3)
    invoke("train", files / "AAA.csv", *options, "--runs", files / "runs", "--name", "corrected")
    return files / "runs/corrected"


def test_a_corrected_head_has_ranges_that_widen_beyond_what_its_misses_reach(corrected: Path) -> None:
    rows = predicted(corrected, "--days", 6, "--level", "90")["forecasts"]
    widths = [np.log(row["upper"] / row["lower"]) for row in rows]
    assert min(widths) > 0
    assert (np.diff(widths[2:]) > 0).all()


def test_a_longer_horizon_has_targets_beside_and_a_head_that_is_wider_each_session(corrected: Path) -> None:
    (head,) = json.loads((corrected / "run.json").read_text())["heads"]
    quantiles = np.array(head["quantiles"])
    assert quantiles.shape == (2, 3, 19)
    assert (np.diff(quantiles[:, :, -1] - quantiles[:, :, 0], axis=1) > 0).all()
    table = pd.read_parquet(corrected / "forecasts.parquet")
    network = table[table["forecaster"] == "network"]
    assert sorted(network["horizon"].unique()) == [1, 2, 3]
    assert (network["q0.05"] < network["q0.95"]).all()
