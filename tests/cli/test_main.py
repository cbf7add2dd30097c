from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from stockrnn import __version__
from stockrnn.cli.main import COMMANDS, cli

HEAVY = ("tensorflow", "keras", "pandas", "matplotlib", "sklearn", "pydantic", "yfinance")


def python(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False, **options
    )


@pytest.mark.parametrize("option", ["--help", "--version", "train --help"])
def test_help_and_version_import_nothing_heavy(option):
    code = (
        "import sys\nfrom stockrnn.cli.main import cli\n"
        f"cli({option.split()}, standalone_mode=False)\n"
        f"print('heavy:', [name for name in {HEAVY} if name in sys.modules])"
    )
    assert "heavy: []" in python(code).stdout


def test_help_answers_at_once():
    def seconds():
        before = os.times()
        subprocess.run([sys.executable, "-m", "stockrnn", "--help"], check=True, capture_output=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    # Of the processor, and the fastest of several: another process may have the machine meanwhile.
    assert 0 < min(seconds() for _ in range(5)) < 0.3


def test_the_version_is_the_packages(run_cli):
    assert run_cli("--version").stdout == f"stockrnn, version {__version__}\n"


def test_without_a_command_the_help_is_shown(run_cli):
    assert "Commands:" in run_cli().stdout


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help_with_an_example(run_cli, command):
    output = run_cli(command.name, "--help").stdout
    assert f"stockrnn {command.name} " in output.split("Example")[1]


@pytest.mark.parametrize("args", [["nonsense"], ["train", "--nonsense"], ["predict"], ["predict", "x", "--days", "0"]])
def test_a_usage_error_is_one_line_on_stderr_and_exit_code_2(run_cli, args):
    result = run_cli(*args, code=2)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_a_bug_keeps_its_traceback(monkeypatch, run_cli):
    monkeypatch.setattr(cli.commands["evaluate"], "callback", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_cli("evaluate", "somewhere")


@pytest.mark.slow
def test_another_keras_backend_in_the_environment_is_one_line_and_then_tensorflow(tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-m", "stockrnn", "train", "--config", "smoke", "--set", "train.epochs=1"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)
    assert [line for line in result.stderr.splitlines() if "epoch" not in line] == [
        "KERAS_BACKEND=jax is not supported: using tensorflow"
    ]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_keeps_the_last_finished_epoch_in_a_whole_run_folder(tmp_path, run_cli):
    command = [sys.executable, "-m", "stockrnn", "train", "--config", "smoke", "--set", "train.epochs=100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert "epoch 1 of" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in messages.splitlines()[-1]
    assert "Traceback" not in messages
    assert "last close" in output
    epochs = int(messages.rsplit("after epoch ", 1)[1].split(".")[0])
    history = (tmp_path / "runs/smoke/history.csv").read_text().splitlines()
    assert len(history) == 1 + epochs
    assert "last close" in run_cli("evaluate", tmp_path / "runs/smoke").stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_before_the_first_epoch_leaves_nothing(tmp_path):
    code = (
        "import os, signal\nimport stockrnn.workflows.train as train\n"
        "train.prepare = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"
        "from stockrnn.cli.main import cli\ncli(['train', '--config', 'smoke'])"
    )
    result = python(code, cwd=tmp_path)
    assert result.returncode == 130
    assert result.stderr.strip() == "Error: interrupted"
    assert list(tmp_path.iterdir()) == []
