"""A small backtest for the tests: two tickers, a network each, three folds; and processes that are ended by their id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from stockrnn.prices.csv_writer import write_prices_csv

OPTIONS = (
    "--config", "smoke", "--from", "2017-01-01", "--to", "2017-06-30", "--refit-every", "44", "--pool", "each",
    "--set", "train.epochs=2",
)  # fmt: skip
FITS = 6
TASKS = 2 * FITS  # each with its naive forecasts


def write_walk(build, path: Path) -> Path:
    """Write prices of two tickers."""
    write_prices_csv(build(420, tickers=("AAA", "BBB"), first="2016-01-01").reset_index(), path)
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "stockrnn", "backtest", *map(str, arguments)]


@contextmanager
def started(arguments: list[str], **options) -> Iterator[subprocess.Popen]:
    """Start a process in a group of its own, and end what is left of it and of its children."""
    with subprocess.Popen(arguments, text=True, start_new_session=True, **options) as process:
        children: list[psutil.Process] = []
        try:
            yield process
            children = children_of(process)
        finally:
            for each in [*children, *children_of(process)]:
                end(each.pid)
            end(process.pid)


def end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children_of(process: subprocess.Popen) -> list[psutil.Process]:
    """Return the running processes that a process has started, those that they started too."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_until(true: Callable[[], object], process: subprocess.Popen, seconds: float = 120) -> None:
    """Wait until something is so, or the process has ended."""
    end_at = time.monotonic() + seconds
    while not true() and process.poll() is None and time.monotonic() < end_at:
        time.sleep(0.02)


def results_in(work: Path) -> list[Path]:
    """Return the results of finished tasks in a work folder."""
    return sorted(path for path in work.glob("tasks/*/*") if not path.name.startswith("."))


def bytes_of(run: Path) -> dict[str, bytes]:
    """Return the content of every file of a run folder."""
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()}
