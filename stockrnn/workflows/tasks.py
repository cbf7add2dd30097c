"""Work in small tasks, done by processes here or on a cluster; each result is on disk as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from stockrnn.runs.folder import json_digest
from stockrnn.versions import versions_here
from stockrnn.workflows.task_worker import Answer, perform
from stockrnn.workflows.workers import WorkerLostError, Workers

# As often as this a task may fail; the last try is made alone, so that no task answers for what another did to its process.
TRIES = 3

_SECONDS_BETWEEN_LOOKS = 2.0


@dataclass(frozen=True)
class Task:
    """A piece of work that any process can do, and whose result depends on nothing but what is written here.

    Attributes:
        label: What it is, in words, such as `AAPL, fold 3, seed 1`.
        function: What does it, as `module:name`: called with the arguments, gives the bytes of a file.
        arguments: JSON values.
        places: JSON values that say where something lies and have no part in the result.
    """

    label: str
    function: str
    arguments: Mapping[str, Any]
    places: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        """The SHA-256 of the function, its arguments and the versions of what computes it."""
        content = [self.function, dict(self.arguments), versions_here()]
        return json_digest(content)


@dataclass(frozen=True)
class FailedTask:
    """A task that failed as often as it may, and why it did so last."""

    task: Task
    problem: str


@dataclass(frozen=True)
class TaskResults:
    """The results of finished tasks, a file each, named by the key of its task."""

    folder: Path

    def path(self, task: Task) -> Path:
        """Return where the result of a task is, or will be."""
        key = task.key
        return self.folder / key[:2] / key

    def has(self, task: Task) -> bool:
        """Return whether a task is done."""
        return self.path(task).is_file()

    def keep(self, task: Task, content: bytes) -> None:
        """Write a result whole or not at all."""
        path = self.path(task)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)


def run_tasks(
    tasks: Iterable[Task], results: TaskResults, workers: Workers, on_done: Callable[[Task], None]
) -> list[FailedTask]:
    """Do the tasks that have no result yet; one that fails is tried again after the others.

    Args:
        tasks: The tasks, made one by one as they are needed.
        results: Where the results are kept.
        workers: Who does them.
        on_done: Hears of each task whose result was kept.

    Returns:
        The tasks that failed three times.

    Raises:
        NetworkError: The cluster is no longer there.
    """
    missing: Iterable[Task] = (task for task in tasks if not results.has(task))
    failed: list[FailedTask] = []
    for tries in range(1, TRIES + 1):
        failed = []
        for task, answer in _answers(iter(missing), workers, alone=tries == TRIES):
            if answer.content is None:
                failed.append(FailedTask(task, answer.problem))
                continue
            results.keep(task, answer.content)
            on_done(task)
        missing = [each.task for each in failed]
    return failed


def _answers(tasks: Iterator[Task], workers: Workers, alone: bool) -> Iterator[tuple[Task, Answer]]:
    """Give each task with its answer as it comes; no more tasks are handed out than keep all hands at work."""
    running: dict[Future[Answer], Task] = {}
    while True:
        free = (1 if alone else workers.capacity()) - len(running)
        for task in islice(tasks, max(free, 0)):
            running[workers.submit(perform, task.function, {**task.arguments, **task.places}, versions_here())] = task
        if not running:
            return
        done, _ = wait(running, timeout=_SECONDS_BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
        if not done:
            workers.check()
        for future in done:
            yield running.pop(future), _answer_of(future)


def _answer_of(future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except WorkerLostError as error:
        return Answer(None, str(error))
    except Exception as error:  # whatever keeps an answer from coming, such as a package that a worker lacks
        return Answer(None, f"{type(error).__name__}: {error}")
