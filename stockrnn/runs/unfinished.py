"""Work in progress: where it lies, what began it, and the command that goes on with it."""

from __future__ import annotations

import shlex
from pathlib import Path

from stockrnn.errors import ConfigError

PARTIAL_FOLDER = ".partial"
# What the work of each command is described by, in its work folder.
WORK_FILES = {"train": "job.json", "backtest": "backtest.json"}


def resume_command(run: Path, command: str = "train") -> str:
    """Return the command that goes on with an interrupted run."""
    elsewhere = "" if run.parent == Path("runs") else f" --runs {shlex.quote(str(run.parent))}"
    return f"stockrnn {command} --resume {shlex.quote(run.name)}{elsewhere}"


def refuse_other_work(runs: Path, name: str, command: str) -> None:
    """Refuse to go on by one command with what another one left unfinished.

    Raises:
        ConfigError: It did; names the right one.
    """
    found = begun_by(runs / PARTIAL_FOLDER / name)
    if found not in (None, command):
        kind, other = ("training", "backtest") if found == "train" else ("backtest", "training")
        raise ConfigError(
            f"{runs / PARTIAL_FOLDER / name} is an unfinished {kind} and no {other}; go on with it by: "
            f"{resume_command(runs / name, found)}"
        )


def begun_by(work: Path) -> str | None:
    """Return the command that a work folder was begun by; None where it tells none."""
    return next((command for command, file in WORK_FILES.items() if (work / file).is_file()), None)
