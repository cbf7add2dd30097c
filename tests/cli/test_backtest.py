"""`backtest`: what it forecasts, and that nothing that happens on the way changes a byte of it."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from stockrnn.workflows import backtest as workflow
from stockrnn.workflows.tasks import TaskResults
from tests.workflows.walking import (
    FITS,
    OPTIONS,
    TASKS,
    bytes_of,
    children_of,
    command,
    results_in,
    started,
    wait_until,
    write_walk,
)

slow = pytest.mark.slow
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for another process")


@pytest.fixture(scope="module")
def prices(tmp_path_factory, make_prices) -> Path:
    return write_walk(make_prices, tmp_path_factory.mktemp("prices") / "walk.csv")


@pytest.fixture(scope="module")
def walked(tmp_path_factory, prices) -> tuple[Path, dict]:
    """The run folder and the document of a backtest that nothing disturbed, in one process."""
    folder = tmp_path_factory.mktemp("walked")
    done = subprocess.run(
        command(prices, *OPTIONS, "--jobs", 1, "--name", "cut", "--json"), cwd=folder, capture_output=True, check=True
    )
    return folder / "runs/cut", json.loads(done.stdout)


@pytest.fixture
def half_done(tmp_path, prices):
    """A backtest of which `stop` was told to end the processes when some tasks were done; its messages."""

    def begin(stop, jobs=1):
        work = tmp_path / "runs/.partial/cut"
        arguments = command(prices, *OPTIONS, "--jobs", jobs, "--name", "cut")
        with started(arguments, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            wait_until(lambda: len(results_in(work)) >= 2, process)
            stop(process)
            messages = process.communicate(timeout=60)[1]
        assert 2 <= len(results_in(work)) < TASKS
        return process.returncode, messages

    return begin


@slow
def test_the_document_holds_folds_scores_and_verdicts(walked):
    run, document = walked
    assert {"run", "folds", "failed", "scores", "verdicts"} <= set(document)
    assert document["run"] == "runs/cut"
    assert document["failed"] == []
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
    assert judged == {name: part for name, part in document.items() if name not in ("run", "folds", "failed")}
    run_cli("plot", run, "--out", tmp_path / "a.png")
    for arguments in (("predict", run), ("explain", run, "gates")):
        result = run_cli(*arguments, code=4)
        assert "a backtest keeps forecasts and no network" in result.stderr
        assert result.stderr.count("\n") == 1


@slow
def test_the_first_fold_is_what_train_gives_for_its_sessions(run_cli, tmp_path):
    options = ("--config", "smoke", "--seeds", 2, "--set", "data.validation=0.1", "--set", "train.epochs=2")
    walk = ("--from", "2017-01-01", "--to", "2017-03-31", "--refit-every", 31, "--jobs", 2)
    document = json.loads(run_cli("backtest", *options, *walk, "--runs", tmp_path, "--name", "walk", "--json").stdout)
    first = document["folds"][0]
    dates = ("--set", f"data.train={json.dumps(first['train'])}", "--set", f"data.test={json.dumps(first['test'])}")
    bands = ("--set", "evaluation.bands=true")  # a backtest has them always
    run_cli("train", *options, *dates, *bands, "--runs", tmp_path, "--name", "one", "--jobs", 1)
    walked, one = (pd.read_parquet(tmp_path / name / "forecasts.parquet") for name in ("walk", "one"))
    in_fold = walked[walked["session"] <= pd.Timestamp(first["test"][1])].reset_index(drop=True)
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
    )
    options = [
        "--config",
        "smoke",
        *(
            word
            for key in (*recipe, "evaluation.gate=true", "evaluation.intervals=adaptive")
            for word in ("--set", key)
        ),
    ]
    walk = ("--from", "2017-01-01", "--to", "2017-03-31", "--refit-every", 40, "--jobs", 1)
    document = json.loads(run_cli("backtest", *options, *walk, "--runs", tmp_path, "--name", "walk", "--json").stdout)
    fold = document["folds"][0]
    dates = ("--set", f"data.train={json.dumps(fold['train'])}", "--set", f"data.test={json.dumps(fold['test'])}")
    bands = ("--set", "evaluation.bands=true")  # a backtest has them always
    run_cli("train", *options, *dates, *bands, "--runs", tmp_path, "--name", "one", "--jobs", 1)
    walked, one = (pd.read_parquet(tmp_path / name / "forecasts.parquet") for name in ("walk", "one"))
    in_fold = walked[walked["session"] <= pd.Timestamp(fold["test"][1])].reset_index(drop=True)
    assert one["q0.50"].notna().any()
    pd.testing.assert_frame_equal(in_fold, one, check_exact=True)


@slow
def test_several_processes_give_the_same_bytes_as_one(walked, prices, run_cli, tmp_path):
    run_cli("backtest", prices, *OPTIONS, "--jobs", 2, "--runs", tmp_path, "--name", "cut")
    assert bytes_of(tmp_path / "cut") == bytes_of(walked[0])


@slow
@posix
def test_a_killed_backtest_goes_on_with_what_is_missing_and_ends_in_the_same_bytes(walked, half_done, tmp_path):
    code, _ = half_done(lambda process: process.kill())
    assert code == -signal.SIGKILL
    work = tmp_path / "runs/.partial/cut"
    before = {path: path.stat().st_mtime_ns for path in results_in(work)}
    done = subprocess.run(command("--resume", "cut"), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{len(before)} of {TASKS} tasks done" in done.stderr.splitlines()
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(walked[0])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["cut"]


@slow
@posix
def test_the_processes_of_a_killed_backtest_end_with_it(half_done):
    children = []

    def kill(process):
        children.extend(children_of(process))
        process.kill()

    half_done(kill, jobs=2)
    assert len(children) >= 2
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


@slow
@posix
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(walked, half_done, run_cli, tmp_path):
    code, messages = half_done(lambda process: os.killpg(process.pid, signal.SIGINT), jobs=2)
    assert code == 130
    assert "Go on with: stockrnn backtest --resume cut" in messages.splitlines()[-1]
    assert "Traceback" not in messages
    run_cli("backtest", "--resume", "cut", "--runs", tmp_path / "runs")
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(walked[0])


@slow
@posix
def test_a_process_that_is_killed_is_replaced_and_changes_nothing(walked, prices, tmp_path):
    work = tmp_path / "runs/.partial/cut"
    arguments = command(prices, *OPTIONS, "--jobs", 2, "--name", "cut")
    with started(arguments, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: results_in(work), process)
        victim = max(children_of(process), key=lambda child: child.memory_info().rss)
        victim.kill()
        messages = process.communicate(timeout=240)[1]
    assert process.returncode == 0, messages
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(walked[0])


@slow
def test_a_full_disk_is_one_line_that_says_where_and_how_to_go_on(prices, run_cli, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(TaskResults, "keep", full)
    result = run_cli("backtest", prices, *OPTIONS, "--jobs", 1, "--runs", tmp_path, "--name", "cut", code=1)
    line = result.stderr.splitlines()[-1]
    assert line.startswith(f"Error: {tmp_path / '.partial/cut'}: {os.strerror(errno.ENOSPC)}; what is done is kept.")
    assert line.endswith(f"stockrnn backtest --resume cut --runs {tmp_path}")


@slow
def test_resume_works_on_nothing_and_on_a_finished_run(walked, prices, run_cli, tmp_path):
    again = ("backtest", prices, *OPTIONS, "--runs", tmp_path, "--name", "cut", "--resume", "--json")
    # As a process leaves it that was killed while it read prices.
    (tmp_path / ".partial/cut/prices").mkdir(parents=True)
    begun = run_cli(*again)
    assert bytes_of(tmp_path / "cut") == bytes_of(walked[0])
    for arguments in (again, ("backtest", "--resume", "cut", "--runs", tmp_path, "--json")):
        repeated = run_cli(*arguments)
        assert repeated.stdout == begun.stdout
        assert "is finished" in repeated.stderr
    assert bytes_of(tmp_path / "cut") == bytes_of(walked[0])
    other = run_cli(*again, "--set", "train.epochs=1", code=2)
    assert "made with other prices or options" in other.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_a_training_is_not_gone_on_with_as_a_backtest(smoke_run, run_cli):
    result = run_cli("backtest", "--resume", smoke_run.name, "--runs", smoke_run.parent, code=2)
    assert "is a training and no backtest" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_backtest_is_not_gone_on_with_as_a_training(walked, run_cli):
    run = walked[0]
    result = run_cli("train", "--resume", run.name, "--runs", run.parent, code=2)
    assert "is a backtest and no training" in result.stderr
    assert f"stockrnn backtest --resume {run.name}" in result.stderr


def test_an_unfinished_training_names_the_command_that_goes_on_with_it(tmp_path, run_cli):
    work = tmp_path / ".partial/mine"
    work.mkdir(parents=True)
    (work / "job.json").write_text("{}")
    message = run_cli("backtest", "--resume", "mine", "--runs", tmp_path, code=2).stderr
    assert f"stockrnn train --resume mine --runs {tmp_path}" in message
    assert message.count("\n") == 1
    assert work.is_dir()


def test_what_was_never_begun_and_is_not_described_cannot_be_gone_on_with(run_cli, tmp_path):
    result = run_cli("backtest", "--resume", "nothing", "--runs", tmp_path, code=4)
    assert "stockrnn backtest makes one" in result.stderr
    assert list(tmp_path.iterdir()) == []


@slow
def test_tasks_that_fail_are_named_while_the_rest_goes_on_and_are_tried_again(
    walked, prices, run_cli, tmp_path, monkeypatch
):
    store = tmp_path / "store"
    original = workflow._stage
    hidden = []

    def hide_one_ticker(local, notify, function, *arguments):
        value = original(local, notify, function, *arguments)
        if function == "prepare_backtest":
            (name,) = [file.name for file in value.files if file.ticker == "BBB"]
            hidden.append((store / name).rename(tmp_path / name))
        return value

    with monkeypatch.context() as patched:
        patched.setattr(workflow, "_stage", hide_one_ticker)
        backtest = ("backtest", prices, *OPTIONS, "--store", store, "--runs", tmp_path / "runs", "--name", "cut")
        result = run_cli(*backtest, "--json", code=1)
    document = json.loads(result.stdout)
    assert set(document) == set(walked[1])
    failed = {(*each["tickers"], each["fold"], each["seed"]) for each in document["failed"]}
    assert failed == {("BBB", fold, seed) for fold in (1, 2, 3) for seed in (1, None)}
    assert document["run"] is None
    assert "BBB, fold " in result.stderr.splitlines()[-1]
    assert "--resume cut" in result.stderr.splitlines()[-1]
    assert len(results_in(tmp_path / "runs/.partial/cut")) == TASKS // 2
    hidden[0].rename(store / hidden[0].name)
    run_cli("backtest", "--resume", "cut", "--runs", tmp_path / "runs")
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(walked[0])


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


@slow
def test_ctrl_c_while_prices_are_read_leaves_nothing(tmp_path, prices):
    with started(command(prices, *OPTIONS), cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        wait_until((tmp_path / "runs/.partial").exists, process)
        os.killpg(process.pid, signal.SIGINT)
        output, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert messages.strip() == "Error: interrupted"
    time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
