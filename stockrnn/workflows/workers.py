"""Who does tasks: processes of this machine, or the workers of a Dask cluster, both through joblib."""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from stockrnn.errors import ConfigError, NetworkError
from stockrnn.interruption import delayed_interruption
from stockrnn.workflows.scheduler import SECONDS_TO_CONNECT, check_scheduler

# A process that has nothing to do for so long ends.
_IDLE_SECONDS = 600
_SECONDS_WITHOUT_WORKERS = 60
_TASKS_A_CORE = 2


class WorkerLostError(Exception):
    """A process ended while it had a task."""


class Workers(Protocol):
    """Who does tasks."""

    def capacity(self) -> int:
        """Return how many tasks may be handed out at a time.

        Raises:
            NetworkError: Nobody is at work any more.
        """

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand out a call, whose future raises `WorkerLostError` when its process ends."""

    def check(self) -> None:
        """Look whether anybody is still at work.

        Raises:
            NetworkError: Nobody is.
        """


@contextmanager
def local_processes(count: int) -> Iterator[LocalProcesses]:
    """Give processes of this machine, which are ended after the block.

    Args:
        count: How many.
    """
    _start_trackers()
    workers = LocalProcesses(count)
    # The pool tells of a process that it renews because it grew, and of a size that is asked for while it ends.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        warnings.filterwarnings("ignore", message="Trying to resize an executor with running jobs")
        try:
            yield workers
        finally:
            workers.close()


def _start_trackers() -> None:
    """Start the processes that track semaphores, loky's and Python's, which else let Ctrl-C through while workers start.

    When workers are killed, loky's warns of semaphores that are gone already: nothing that a user could mend.
    """
    with delayed_interruption():  # half an import would be in the way of whoever ends the processes
        from multiprocessing import resource_tracker

        from joblib.externals.loky.backend import resource_tracker as loky_tracker

        given = os.environ.get("PYTHONWARNINGS")
        os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [given, "ignore:resource_tracker:UserWarning"]))
        try:
            loky_tracker.ensure_running()
            if os.name != "nt":
                resource_tracker.ensure_running()
        finally:
            if given is None:
                del os.environ["PYTHONWARNINGS"]
            else:
                os.environ["PYTHONWARNINGS"] = given


@dataclass(frozen=True)
class LocalProcesses:
    """Processes that joblib's loky starts; one that dies takes those beside it along, and all are started again.

    All are of one pool, which takes the size that is asked for last and keeps its processes as far as that allows.
    """

    count: int

    def capacity(self) -> int:
        """Return how many tasks keep them at work."""
        return _TASKS_A_CORE * self.count

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand out a call."""
        with delayed_interruption():
            try:
                future = self._pool().submit(function, *arguments)
            except BrokenProcessPool:  # it broke after it was looked at: the next one is whole
                future = self._pool().submit(function, *arguments)
        return _with_losses_told(future, BrokenProcessPool)

    def check(self) -> None:
        """Do nothing: the pool itself tells of a process that ended."""

    def close(self) -> None:
        """End them, whatever they do."""
        self._pool().shutdown(wait=True, kill_workers=True)

    def _pool(self) -> Any:
        from joblib.externals.loky import get_reusable_executor

        from stockrnn.workflows.task_worker import start_worker

        return get_reusable_executor(
            max_workers=self.count, timeout=_IDLE_SECONDS, initializer=start_worker, initargs=(os.getpid(),)
        )


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """Give the workers of a Dask cluster.

    Args:
        address: Of the scheduler, such as `tcp://host:8786`.

    Raises:
        ConfigError: Dask is not installed, or this is no address.
        NetworkError: There is no scheduler, or none of its workers.
    """
    try:
        from dask.distributed import Client
    except ImportError:
        raise ConfigError("--cluster needs Dask: pip install 'stockrnn[cluster]'") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it has to say, our errors say in a line
    check_scheduler(address)
    client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    try:
        with _ClusterWorkers.of(client, address) as workers:
            yield workers
    finally:
        client.close()


class _ClusterWorkers:
    """The workers of a cluster, reached through joblib's dask backend.

    Its `submit` is used as it is, and not `joblib.Parallel`, which waits for ever for a task whose workers died.
    """

    def __init__(self, client: Any, backend: Any, address: str) -> None:
        self.client = client
        self.backend = backend
        self.address = address
        self.seen_workers = time.monotonic()
        self.cores = 0

    @classmethod
    @contextmanager
    def of(cls, client: Any, address: str) -> Iterator[_ClusterWorkers]:
        from joblib import parallel_backend

        with parallel_backend("dask", client=client) as (backend, _):
            backend.start_call()
            try:
                yield cls(client, backend, address)
            finally:
                backend.stop_call()

    def capacity(self) -> int:
        self.check()
        # One at least, so that a cluster whose workers are still to come has something to wait for.
        return max(_TASKS_A_CORE * self._cores(), 1)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        from dask.distributed import KilledWorker

        future = self.backend.submit(_Calls([(function, arguments, {})]), lambda _: None)
        return _with_losses_told(future, KilledWorker, lambda done: self.backend.retrieve_result_callback(done)[0])

    def check(self) -> None:
        if self.client.status != "running":
            raise NetworkError(f"--cluster {self.address}: the scheduler no longer answers")
        if time.monotonic() - self.seen_workers > _SECONDS_WITHOUT_WORKERS and not self._cores():
            raise NetworkError(
                f"--cluster {self.address}: no worker for {_SECONDS_WITHOUT_WORKERS} s; start one by: dask worker {self.address}"
            )

    def _cores(self) -> int:
        with suppress(
            OSError, RuntimeError
        ):  # a scheduler that is busy answers later; one that is gone is told of by the client
            self.cores = sum(self.client.ncores().values())
        if self.cores:
            self.seen_workers = time.monotonic()
        return self.cores


@dataclass(frozen=True)
class _Calls:
    """Calls as joblib hands them to a backend: function, arguments, named arguments."""

    items: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]


def _with_losses_told(
    future: Future[Any], lost: type[BaseException], unwrap: Callable[[Any], Any] = lambda value: value
) -> Future[Any]:
    """Return a future that says in our words that a process ended."""
    told: Future[Any] = Future()

    def tell(done: Future[Any]) -> None:
        try:
            told.set_result(unwrap(done.result()))
        except lost:
            told.set_exception(WorkerLostError("its process died, for want of memory perhaps"))
        except BaseException as error:
            told.set_exception(error)

    future.add_done_callback(tell)
    return told
