"""Train one network a seed: one after the other, or each in a process of one thread, with the same results."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockrnn.errors import StockrnnError
from stockrnn.forecasts.table import Floats
from stockrnn.samples.samples import Scalings
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.seed_worker import start_worker, train_in_worker

# Number of a finished epoch, from 1, and its losses.
EpochHook = Callable[[int, dict[str, float]], None]
# Seed, its number from 0; gives what hears of each epoch.
SeedHook = Callable[[int, int], EpochHook]
Notify = Callable[[str], None]

_SECONDS_TO_HEAR = 0.5


@dataclass(frozen=True)
class TrainedSeed:
    """What the training of one seed gave; its network and its state are files in the work folder.

    Attributes:
        seed: The seed.
        history: Losses a finished epoch.
        engine: What computed the layers.
        interrupted: The user stopped it.
        windows: Windows an epoch.
        scalings: The fitted scaling of each ticker.
        forecasts: Forecasts of the test sessions, of shape (origins, horizon).
    """

    seed: int
    history: Sequence[Mapping[str, float]]
    engine: str
    interrupted: bool
    windows: int
    scalings: Scalings
    forecasts: Floats


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
        StockrnnError: A process died.
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
        if trained[-1].interrupted:
            break
    return trained


def _in_processes(work: Path, job: TrainJob, processes: int, on_seed: SeedHook) -> list[TrainedSeed]:
    # A fresh interpreter each: TensorFlow does not survive a fork.
    context = multiprocessing.get_context("spawn")
    epochs = context.Queue()
    listener = threading.Thread(target=_listen, args=(epochs, job, on_seed), daemon=True)
    listener.start()
    with concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=context, initializer=start_worker, initargs=(epochs,)
    ) as pool:
        with _deaf_to_interruptions():
            futures = [pool.submit(train_in_worker, work, number) for number in range(len(job.config.train.seeds))]
        try:
            concurrent.futures.wait(futures)
        except KeyboardInterrupt:
            # Again and again: a process that has only begun to start does not hear it.
            while concurrent.futures.wait(futures, timeout=_SECONDS_TO_HEAR).not_done:
                _interrupt_workers(futures)
    epochs.put(None)
    listener.join(timeout=10)
    return _finished(futures)


@contextmanager
def _deaf_to_interruptions() -> Iterator[None]:
    """Start processes that do not die of a Ctrl-C before they know what to do about it: they inherit the deafness."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _finished(futures: Sequence[concurrent.futures.Future[TrainedSeed]]) -> list[TrainedSeed]:
    trained = []
    for future in futures:
        try:
            trained.append(future.result())
        except (KeyboardInterrupt, concurrent.futures.CancelledError):
            break  # the networks of a run are those of its first seeds
        except concurrent.futures.process.BrokenProcessPool as error:
            raise StockrnnError("a training process died, for want of memory perhaps; try fewer --jobs") from error
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


def _listen(epochs: Any, job: TrainJob, on_seed: SeedHook) -> None:
    hooks: dict[int, EpochHook] = {}
    while (message := epochs.get()) is not None:
        number, epoch, losses = message
        if number not in hooks:
            hooks[number] = on_seed(job.config.train.seeds[number], number)
        hooks[number](epoch, losses)
