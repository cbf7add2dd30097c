"""What a process does that was started for tasks: one at a time, on one thread, until its parent ends."""

from __future__ import annotations

import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from stockrnn.errors import StockrnnError
from stockrnn.versions import versions_here

_SECONDS_BETWEEN_LOOKS = 0.5
# Bytes that a process may grow by, beyond what its first task left, before it is renewed.
_MOST_GROWTH = 2_000_000_000

# A worker of a cluster may have several threads; a seed is for all of a process.
_ONE_TASK = threading.Lock()


@dataclass(frozen=True)
class Answer:
    """What came of a task: the content of its file, or else what went wrong, in a line."""

    content: bytes | None
    problem: str = ""


@dataclass(frozen=True)
class StageAnswer:
    """What came of a stage: what it returns, or else the user's error, and what it had to say meanwhile."""

    value: Any
    messages: tuple[str, ...]
    error: StockrnnError | None = None


def perform(function: str, arguments: Mapping[str, Any], versions: Mapping[str, str]) -> Answer:
    """Do a task.

    Args:
        function: What does it, as `module:name`.
        arguments: What it is called with.
        versions: Those that the results must be computed with.
    """
    from threadpoolctl import threadpool_limits

    strange = {name: found for name, found in versions_here().items() if versions.get(name, found) != found}
    if strange:
        name, found = next(iter(strange.items()))
        return Answer(None, f"a worker on {platform.node()} has {name} {found}, expected {versions.get(name)}")
    with _ONE_TASK, threadpool_limits(1):
        try:
            return Answer(_function(function)(**arguments))
        except StockrnnError as error:
            return Answer(None, str(error))
        except Exception as error:
            return Answer(None, f"{type(error).__name__}: {error} ({_place_of(error)})")


def perform_stage(function: Callable[..., Any], arguments: tuple[Any, ...]) -> StageAnswer:
    """Do a stage of a job, which says what it has to say through its last argument.

    Args:
        function: What does it.
        arguments: What it is called with, before a function that hears messages.
    """
    messages: list[str] = []
    with _ONE_TASK:
        try:
            return StageAnswer(function(*arguments, messages.append), tuple(messages))
        except StockrnnError as error:
            return StageAnswer(None, tuple(messages), error)


def _function(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "nowhere" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name} line {trace.tb_lineno}"


def start_worker(parent: int) -> None:
    """Begin a process of this machine: Ctrl-C is for its parent, with which it ends.

    Args:
        parent: The process id of the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _allow_growth()
    if os.name != "nt":
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _allow_growth() -> None:
    """Let a process of loky's grow by what tasks need: else loky would take TensorFlow for a leak and renew it at each fit."""
    from joblib.externals.loky import process_executor

    process_executor._MAX_MEMORY_LEAK_SIZE = _MOST_GROWTH  # noqa: SLF001  # there is no public way


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGKILL)
