"""A backtest that is ended on the way goes on with what is missing, and nothing changes a byte of it."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import time

import psutil
import pytest

from stockrnn.workflows import backtest as workflow
from stockrnn.workflows.tasks import TaskResults
from tests.workflows.walking import (
    OPTIONS,
    TASKS,
    bytes_of,
    children_of,
    command,
    results_in,
    started,
    wait_until,
)

slow = pytest.mark.slow
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for another process")


@pytest.fixture
def half_done(tmp_path, walk_csv):
    """A backtest of which `stop` was told to end the processes when some tasks were done; its messages."""

    def begin(stop, jobs=1):
        work = tmp_path / "runs/.partial/cut"
        arguments = command(walk_csv, *OPTIONS, "--jobs", jobs, "--name", "cut")
        with started(arguments, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            wait_until(lambda: len(results_in(work)) >= 2, process)
            stop(process)
            messages = process.communicate(timeout=60)[1]
        assert 2 <= len(results_in(work)) < TASKS
        return process.returncode, messages

    return begin


@slow
def test_several_processes_give_the_same_bytes_as_one(walked, walk_csv, run_cli, tmp_path):
    run_cli("backtest", walk_csv, *OPTIONS, "--jobs", 2, "--runs", tmp_path, "--name", "cut")
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
def test_a_process_that_is_killed_is_replaced_and_changes_nothing(walked, walk_csv, tmp_path):
    work = tmp_path / "runs/.partial/cut"
    arguments = command(walk_csv, *OPTIONS, "--jobs", 2, "--name", "cut")
    with started(arguments, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: results_in(work), process)
        victim = max(children_of(process), key=lambda child: child.memory_info().rss)
        victim.kill()
        messages = process.communicate(timeout=240)[1]
    assert process.returncode == 0, messages
    assert bytes_of(tmp_path / "runs/cut") == bytes_of(walked[0])


@slow
def test_a_full_disk_is_one_line_that_says_where_and_how_to_go_on(walk_csv, run_cli, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(TaskResults, "keep", full)
    result = run_cli("backtest", walk_csv, *OPTIONS, "--jobs", 1, "--runs", tmp_path, "--name", "cut", code=1)
    line = result.stderr.splitlines()[-1]
    assert line.startswith(f"Error: {tmp_path / '.partial/cut'}: {os.strerror(errno.ENOSPC)}; what is done is kept.")
    assert line.endswith(f"stockrnn backtest --resume cut --runs {tmp_path}")


@slow
def test_resume_works_on_nothing_and_on_a_finished_run(walked, walk_csv, run_cli, tmp_path):
    again = ("backtest", walk_csv, *OPTIONS, "--runs", tmp_path, "--name", "cut", "--resume", "--json")
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
    walked, walk_csv, run_cli, tmp_path, monkeypatch
):
    store = tmp_path / "store"
    original = workflow._stage
    hidden = []

    def hide_one_ticker(local, notify, function, *arguments):
        value = original(local, notify, function, *arguments)
        if function is workflow.stages.prepare_backtest:
            (name,) = [file.name for file in value.files if file.ticker == "BBB"]
            hidden.append((store / name).rename(tmp_path / name))
        return value

    with monkeypatch.context() as patched:
        patched.setattr(workflow, "_stage", hide_one_ticker)
        backtest = ("backtest", walk_csv, *OPTIONS, "--store", store, "--runs", tmp_path / "runs", "--name", "cut")
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
def test_ctrl_c_while_prices_are_read_leaves_nothing(tmp_path, walk_csv):
    with started(command(walk_csv, *OPTIONS), cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        wait_until((tmp_path / "runs/.partial").exists, process)
        os.killpg(process.pid, signal.SIGINT)
        output, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert messages.strip() == "Error: interrupted"
    time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
