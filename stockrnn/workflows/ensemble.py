"""Train one network a seed: one after the other, or each in a process of one thread, with the same results."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from stockrnn.errors import UnfinishedError
from stockrnn.interruption import unheard_interruption
from stockrnn.messages import Notify
from stockrnn.runs.unfinished import resume_command
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.seed_worker import start_worker, train_in_worker
from stockrnn.workflows.trained_seed import EpochHook, SeedHook, TrainedSeed

_SECONDS_TO_HEAR = 0.5
# Short, so that nobody waits for the listener at the end.
_SECONDS_BETWEEN_LOOKS = 0.05


def train_seeds(work: Path, job: TrainJob, processes: int, notify: Notify, on_seed: SeedHook) -> list[TrainedSeed]:
    """Train the network of every seed of a job; an interruption keeps what has a finished epoch.

    Args:
        work: The work folder, which holds the job.
        job: What is trained on what.
        processes: How many networks at a time.
        notify: Hears one line when the environment asks for another Keras backend.
        on_seed: Gives what hears of each epoch of a seed.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch of the first network was finished.
        UnfinishedError: A process died.
    """
    count = len(job.config.train.seeds)
    if min(processes, count) > 1:
        return _in_processes(work, job, min(processes, count), on_seed)
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    from stockrnn.workflows.fit import train_seed

    trained: list[TrainedSeed] = []
    for number in range(count):
        try:
            trained.append(train_seed(work, job, number, on_seed))
        except KeyboardInterrupt:
            if not trained:
                raise
            break
        if trained[-1].is_last:
            break
    return trained


def _in_processes(work: Path, job: TrainJob, processes: int, on_seed: SeedHook) -> list[TrainedSeed]:
    # A fresh interpreter each: TensorFlow does not survive a fork.
    context = multiprocessing.get_context("spawn")
    epochs = context.Queue()
    listener = _Listener(epochs, job, on_seed)
    listener.start()
    futures: list[concurrent.futures.Future[TrainedSeed]] = []
    interrupted = False
    with concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=context, initializer=start_worker, initargs=(epochs,)
    ) as pool:
        try:
            with unheard_interruption():
                futures = [pool.submit(train_in_worker, work, number) for number in range(len(job.config.train.seeds))]
            concurrent.futures.wait(futures)
        except KeyboardInterrupt:
            interrupted = True
            # Again and again: a process that has only begun to start does not hear it.
            while concurrent.futures.wait(futures, timeout=_SECONDS_TO_HEAR).not_done:
                _interrupt_workers(futures)
    listener.stop()
    if listener.failure:
        raise listener.failure
    return _finished(futures, interrupted, work)


def _finished(
    futures: Sequence[concurrent.futures.Future[TrainedSeed]], interrupted: bool, work: Path
) -> list[TrainedSeed]:
    trained = []
    for future in futures:
        try:
            trained.append(future.result())
        except (KeyboardInterrupt, concurrent.futures.CancelledError):
            break  # the networks of a run are those of its first seeds
        except concurrent.futures.process.BrokenProcessPool as error:
            if interrupted:
                break
            raise UnfinishedError(
                "a training process died, for want of memory perhaps; go on, with fewer --jobs, by "
                f"{resume_command(work.parent.parent / work.name)}"
            ) from error
    if not trained:
        raise KeyboardInterrupt
    return trained


def _interrupt_workers(futures: Sequence[concurrent.futures.Future[TrainedSeed]]) -> None:
    for future in futures:
        future.cancel()
    # Ctrl-C reaches all processes of a terminal; a signal sent to this one alone has to be passed on.
    for process in multiprocessing.active_children():
        with suppress(OSError):
            if process.pid is not None and os.name != "nt":
                os.kill(process.pid, signal.SIGINT)


class _Listener(threading.Thread):
    """Tell the hooks of the epochs that the processes send, until it is stopped and nothing is left to hear."""

    def __init__(self, epochs: Any, job: TrainJob, on_seed: SeedHook) -> None:
        super().__init__(daemon=True)
        self.epochs = epochs
        self.job = job
        self.on_seed = on_seed
        self.hooks: dict[int, EpochHook] = {}
        self.failure: Exception | None = None
        self.is_stopping = threading.Event()

    def stop(self) -> None:
        """End when what was sent is heard. Nothing is put into the queue for it: a process that died may hold its lock."""
        self.is_stopping.set()
        self.join(timeout=10)

    def run(self) -> None:
        """Go on listening after a hook has failed: processes that nobody hears do not end."""
        while True:
            try:
                message = self.epochs.get(timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                if self.is_stopping.is_set():
                    return
                continue
            if self.failure is None:
                try:
                    self._tell(*message)
                except Exception as error:
                    self.failure = error

    def _tell(self, number: int, epoch: int, losses: dict[str, float]) -> None:
        if number not in self.hooks:
            self.hooks[number] = self.on_seed(self.job.config.train.seeds[number], number)
        self.hooks[number](epoch, losses)
