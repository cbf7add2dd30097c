"""`backtest`: what it forecasts, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.workflows.walking import (
    FITS,
)

slow = pytest.mark.slow


@slow
def test_the_document_holds_folds_scores_and_verdicts(walked):
    run, document = walked
    assert {"run", "folds", "failed", "scores", "verdicts"} <= set(document)
    assert document["run"] == "runs/cut"
    assert document["failed"] == []
    assert document["gates"] == [None] * len(document["gates"])
    assert [fold["fold"] for fold in document["folds"]] == [1, 2, 3]
    assert all(fold["tickers"] == ["AAA", "BBB"] and fold["validation"] is None for fold in document["folds"])
    assert all(fold["train"][1] < fold["test"][0] for fold in document["folds"])
    assert document["scores"] == json.loads((run / "scores.json").read_text())["scores"]
    assert {"network", "last_close", "drift"} <= {score["forecaster"] for score in document["scores"]}
    assert document["verdicts"][0]["forecaster"] == "network"
    assert not (run.parent / ".partial").exists()


@slow
def test_each_session_is_forecast_once_by_each_forecaster(walked):
    forecasts = pd.read_parquet(walked[0] / "forecasts.parquet")
    assert not forecasts.duplicated(["ticker", "session", "forecaster"]).any()
    counts = forecasts.groupby(["forecaster", "ticker"]).size()
    assert set(counts) == {len(pd.bdate_range("2017-01-02", "2017-06-30"))}
    history = pd.read_csv(walked[0] / "history.csv")
    assert history.groupby(["ticker", "fold"]).size().tolist() == [2] * FITS


@slow
def test_evaluate_and_plot_work_on_it_and_what_needs_a_network_refuses_it(walked, run_cli, tmp_path):
    run, document = walked
    judged = json.loads(run_cli("evaluate", run, "--json").stdout)
    assert judged == {name: part for name, part in document.items() if name not in ("run", "folds", "failed", "gates")}
    run_cli("plot", run, "--out", tmp_path / "a.png")
    for arguments in (("predict", run), ("explain", run, "gates")):
        result = run_cli(*arguments, code=4)
        assert "a backtest keeps forecasts and no network" in result.stderr
        assert result.stderr.count("\n") == 1


def first_fold_and_training(run_cli, folder, options, walk):
    """The forecasts of the first fold of a backtest, those of all its folds, and of a training for the same sessions."""
    document = json.loads(run_cli("backtest", *options, *walk, "--runs", folder, "--name", "walk", "--json").stdout)
    fold = document["folds"][0]
    dates = ("--set", f"data.train={json.dumps(fold['train'])}", "--set", f"data.test={json.dumps(fold['test'])}")
    bands = ("--set", "evaluation.bands=true")  # a backtest has them always
    run_cli("train", *options, *dates, *bands, "--runs", folder, "--name", "one", "--jobs", 1)
    walked, one = (pd.read_parquet(folder / name / "forecasts.parquet") for name in ("walk", "one"))
    in_fold = walked[walked["session"] <= pd.Timestamp(fold["test"][1])].reset_index(drop=True)
    return in_fold, walked, one


@slow
def test_the_first_fold_is_what_train_gives_for_its_sessions(run_cli, tmp_path):
    options = ("--config", "smoke", "--seeds", 2, "--set", "data.validation=0.1", "--set", "train.epochs=2")
    walk = ("--from", "2017-01-01", "--to", "2017-03-31", "--refit-every", 31, "--jobs", 2)
    in_fold, walked, one = first_fold_and_training(run_cli, tmp_path, options, walk)
    assert len(walked) == 2 * len(in_fold)
    pd.testing.assert_frame_equal(in_fold, one, check_exact=True)


@slow
def test_the_first_fold_of_a_recipe_with_gate_and_intervals_is_what_train_gives(run_cli, tmp_path):
    recipe = (
        "target.column=close",
        "target.kind=log_return",
        "data.validation=0.4",
        "train.epochs=1",
        "train.refit_epochs=1",
        "evaluation.gate=true",
        "evaluation.intervals=adaptive",
    )
    options = ("--config", "smoke", *(f"--set={key}" for key in recipe))
    walk = ("--from", "2017-01-01", "--to", "2017-03-31", "--refit-every", 40, "--jobs", 1)
    in_fold, _, one = first_fold_and_training(run_cli, tmp_path, options, walk)
    assert one["q0.50"].notna().any()
    pd.testing.assert_frame_equal(in_fold, one, check_exact=True)


@slow
def test_a_network_whose_forecasts_are_no_numbers_is_reported_with_its_fold(run_cli, tmp_path):
    wild = ("--set", "train.optimizer=sgd", "--set", "train.learning_rate=1e30", "--set", "train.epochs=1")
    walk = ("--from", "2017-01-01", "--to", "2017-01-31", "--jobs", 1, "--runs", tmp_path)
    result = run_cli("backtest", "--config", "smoke", *walk, *wild, code=1)
    assert "GOOGL, fold 1, seed 1: the network's forecasts are not numbers" in result.stderr.splitlines()[-1]
    assert result.stdout == ""


@slow
def test_a_horizon_and_a_rolling_window_give_forecasts_of_every_third_session(run_cli, tmp_path):
    options = ("--config", "smoke", "--set", "train.epochs=1", "--set", "window.horizon=2", "--jobs", 1)
    walk = ("--from", "2017-01-01", "--to", "2017-03-31", "--origins", 3, "--window", "rolling:100")
    document = json.loads(run_cli("backtest", *options, *walk, "--runs", tmp_path, "--json").stdout)
    forecasts = pd.read_parquet(tmp_path / "smoke/forecasts.parquet")
    ahead = forecasts[(forecasts["forecaster"] == "network") & (forecasts["horizon"] == 1)]
    sessions = pd.DatetimeIndex(pd.read_parquet(tmp_path / "smoke/prices.parquet").index.get_level_values("session"))
    assert set(np.diff(sessions.searchsorted(ahead["origin"]))) == {3}
    (fold,) = document["folds"]
    assert (
        sessions.slice_indexer(*map(pd.Timestamp, fold["train"])).stop
        - sessions.searchsorted(pd.Timestamp(fold["train"][0]))
        == 100
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--window", "rolling:0"], 2, "rolling:N"),
        (["--window", "growing"], 2, "rolling:N"),
        (["--origins", "0"], 2, "every-session"),
        (["--from", "2011-01-01"], 2, "the training years begin on 2016-01-01"),
        (["--from", "2018-01-01"], 2, "the test years end on 2017-03-31 (data.test); say --to too"),
        (["--from", "2017-05-01", "--to", "2017-04-01"], 2, "--to 2017-04-01"),
        (["--window", "rolling:5"], 3, "too few sessions to train on"),
        (["nowhere.csv"], 3, "no such file"),
        (["--cluster", "nowhere://x"], 2, "tcp://host:8786"),
        (["--store", "nothing://x"], 2, "s3://bucket"),
    ],
)
def test_wrong_input_is_one_line_with_its_exit_code_and_leaves_nothing(
    run_cli, tmp_path, monkeypatch, arguments, code, words
):
    monkeypatch.chdir(tmp_path)
    result = run_cli("backtest", "--config", "smoke", *arguments, code=code)
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
