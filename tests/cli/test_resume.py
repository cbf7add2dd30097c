"""Interrupted trainings, and several seeds at a time, against trainings that ran through in one process."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from stockrnn.models.saving import load_network
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.folder import write_run_file
from stockrnn.workflows import train as training

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")

RECIPE = ["--config", "smoke", "--set", "model.dropout=0.3"]
TRAIN = [sys.executable, "-m", "stockrnn", "train", *RECIPE]


def stop_in_the_middle(tmp_path, stop, *options):
    """Start a long training in a process group of its own, and stop it once some of it is on disk."""
    command = [*TRAIN, "--set", "train.epochs=100000", "--name", "cut", *options]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=tmp_path, start_new_session=True
    ) as process:
        state = tmp_path / "runs/.partial/cut/state.npz"
        while not state.exists() and process.poll() is None:
            time.sleep(0.05)
        stop(process)
        messages = process.communicate(timeout=60)[1]
    return process.returncode, messages


def shorten(job, epochs):
    """Let an interrupted training end after so many epochs."""
    document = json.loads(job.read_text())
    document["config"]["train"]["epochs"] = epochs
    job.write_text(json.dumps(document))


def weights_of(run):
    return load_network(run / "model.keras").get_weights()


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_weights_of_one_that_ran_through(tmp_path, run_cli):
    stop_in_the_middle(tmp_path, lambda process: process.kill())
    work = tmp_path / "runs/.partial/cut"
    with np.load(work / "state.npz") as state:
        done = len(json.loads(state["history"].tobytes()))
    shorten(work / "job.json", done + 5)
    assert not (tmp_path / "runs/cut").exists()
    run_cli("train", "--resume", "cut", "--runs", tmp_path / "runs")
    run_cli("train", *RECIPE, "--set", f"train.epochs={done + 5}", "--name", "whole", "--runs", tmp_path / "runs")
    for resumed, whole in zip(weights_of(tmp_path / "runs/cut"), weights_of(tmp_path / "runs/whole"), strict=True):
        np.testing.assert_allclose(resumed, whole, atol=1e-6)
    assert len(pd.read_csv(tmp_path / "runs/cut/history.csv")) == done + 5
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["cut", "whole"]


@pytest.mark.slow
def test_a_training_that_ctrl_c_ended_goes_on_and_a_finished_one_does_not(tmp_path, run_cli):
    code, messages = stop_in_the_middle(tmp_path, lambda process: process.send_signal(signal.SIGINT))
    assert code == 130
    assert "stockrnn train --resume cut" in messages
    run = tmp_path / "runs/cut"
    done = len(pd.read_csv(run / "history.csv"))
    document = json.loads((run / "run.json").read_text())
    document["config"]["train"]["epochs"] = done + 2
    write_run_file(run, document)
    result = run_cli("train", "--resume", "cut", "--runs", tmp_path / "runs", "--json")
    assert json.loads(result.stdout)["epochs"] == done + 2
    assert not json.loads((run / "run.json").read_text())["interrupted"]
    assert "finished" in run_cli("train", "--resume", "cut", "--runs", tmp_path / "runs", code=2).stderr


@pytest.mark.slow
def test_a_training_that_is_killed_while_it_is_judged_or_drawn_goes_on(tmp_path, run_cli, monkeypatch):
    runs = tmp_path / "runs"

    def copied(forecasts, folder):
        # What a process leaves that is killed here.
        shutil.copytree(folder.parent, tmp_path / "killed")
        save_forecast_figures(forecasts, folder)

    with monkeypatch.context() as patched:
        patched.setattr(training, "save_forecast_figures", copied)
        run_cli("train", *RECIPE, "--name", "cut", "--runs", runs)
    files = {path.name for path in (runs / "cut").iterdir()}
    whole = (runs / "cut").rename(tmp_path / "whole")
    shutil.copytree(tmp_path / "killed", runs / ".partial" / "cut")
    run_cli("train", "--resume", "cut", "--runs", runs)
    assert (runs / "cut/forecasts.parquet").read_bytes() == (whole / "forecasts.parquet").read_bytes()
    assert {path.name for path in (runs / "cut").iterdir()} == files
    assert not {"job.json", "state.npz"} & files


@pytest.mark.slow
def test_a_full_disk_keeps_what_is_trained(tmp_path, run_cli, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "runs/prices.parquet")

    with monkeypatch.context() as patched:
        patched.setattr(training, "write_content", full)
        message = run_cli("train", *RECIPE, "--name", "cut", "--runs", tmp_path, code=1).stderr
    assert message.splitlines()[-1] == (
        "Error: runs/prices.parquet: No space left on device; what is trained is kept. "
        f"Go on with: stockrnn train --resume cut --runs {tmp_path}"
    )
    run_cli("train", "--resume", "cut", "--runs", tmp_path)
    assert (tmp_path / "cut/run.json").is_file()


def test_what_was_never_begun_cannot_be_gone_on_with(tmp_path, run_cli):
    assert "no run folder" in run_cli("train", "--resume", "nothing", "--runs", tmp_path, code=4).stderr


def test_an_unfinished_backtest_names_the_command_that_goes_on_with_it(tmp_path, run_cli):
    work = tmp_path / ".partial/mine"
    work.mkdir(parents=True)
    (work / "backtest.json").write_text("{}")
    message = run_cli("train", "--resume", "mine", "--runs", tmp_path, code=2).stderr
    assert f"stockrnn backtest --resume mine --runs {tmp_path}" in message
    assert message.count("\n") == 1
    assert work.is_dir()


def test_resume_takes_no_other_options(run_cli):
    assert "--resume" in run_cli("train", "--resume", "x", "--config", "smoke", code=2).stderr


@pytest.mark.slow
def test_an_unfinished_run_is_not_overwritten_without_force(tmp_path, run_cli):
    work = tmp_path / ".partial/mine"
    work.mkdir(parents=True)
    train = ("train", *RECIPE, "--set", "train.epochs=1", "--name", "mine", "--runs", tmp_path)
    # Nothing is in it yet that could be gone on with.
    beginning = run_cli(*train, code=2).stderr
    assert "--force" in beginning
    assert "--resume" not in beginning
    (work / "job.json").write_text("{}")
    assert "--resume mine" in run_cli(*train, code=2).stderr
    run_cli(*train, "--force")
    assert (tmp_path / "mine/run.json").is_file()


@pytest.mark.slow
def test_seeds_in_processes_give_the_bytes_of_seeds_one_after_the_other(tmp_path, run_cli):
    train = ("train", *RECIPE, "--seeds", 3, "--runs", tmp_path, "--json")
    one = json.loads(run_cli(*train, "--name", "one", "--jobs", 1).stdout)
    two = json.loads(run_cli(*train, "--name", "two", "--jobs", 2).stdout)
    assert (tmp_path / "one/forecasts.parquet").read_bytes() == (tmp_path / "two/forecasts.parquet").read_bytes()
    assert one["by_seed"] == two["by_seed"]
    assert [each["seed"] for each in one["by_seed"]] == [1, 2, 3]
    assert len({each["rmse"] for each in one["by_seed"]}) == 3


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["the parent", "all processes, as a terminal does", "all, twice"])
def test_ctrl_c_ends_all_processes_and_keeps_their_networks(tmp_path, run_cli, whom):
    def interrupt(process):
        for _ in range(2 if whom == "all, twice" else 1):
            process.send_signal(signal.SIGINT) if whom == "the parent" else os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.2)

    # A third seed waits for a process: it must not begin.
    code, messages = stop_in_the_middle(tmp_path, interrupt, "--seeds", "3", "--jobs", "2")
    assert code == 130, messages
    assert "Traceback" not in messages
    assert "seed 3" not in messages
    document = json.loads((tmp_path / "runs/cut/run.json").read_text())
    assert document["interrupted"]
    assert 1 <= len(document["seeds"]) <= 2
    assert "--resume cut" in messages
    run_cli("evaluate", tmp_path / "runs/cut")


@pytest.mark.slow
def test_ctrl_c_while_the_processes_start_leaves_nothing(tmp_path):
    command = [*TRAIN, "--set", "train.epochs=100000", "--seeds", "3", "--jobs", "2"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    ) as process:
        while not list(tmp_path.glob("runs/.partial/*/job.json")) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        output, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (output, messages.strip()) == ("", "Error: interrupted")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_processes_of_a_killed_training_end_with_it(tmp_path):
    stop_in_the_middle(tmp_path, lambda process: process.kill(), "--seeds", "2", "--jobs", "2")
    time.sleep(2)
    states = [path.stat().st_mtime_ns for path in sorted((tmp_path / "runs/.partial/cut").glob("state*.npz"))]
    time.sleep(5)  # they are saved every two seconds while somebody trains
    assert states
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "runs/.partial/cut").glob("state*.npz"))] == states
