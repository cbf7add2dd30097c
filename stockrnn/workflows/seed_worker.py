"""A process that trains the networks of some seeds of a job, on one thread, and can be told to stop."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockrnn.workflows.job import read_job

if TYPE_CHECKING:
    from stockrnn.workflows.trained_seed import EpochHook, TrainedSeed


class _Worker:
    """What a process knows between two seeds: where it tells of its epochs, and whether it was told to stop."""

    def __init__(self, epochs: Any) -> None:
        self.epochs = epochs
        self.is_training = False
        self.is_stopped = False
        self.is_telling = False
        self.is_put_off = False

    def stop(self, signum: int, frame: object) -> None:
        """Interrupt the training, once: what follows it, the saving, is not to be interrupted."""
        del signum, frame
        training, self.is_training, self.is_stopped = self.is_training, False, True
        if training and self.is_telling:
            self.is_put_off = True  # a queue that is interrupted while it takes something never ends
        elif training:
            raise KeyboardInterrupt

    def train(self, work: Path, number: int) -> TrainedSeed:
        """Train one seed; none after the signal to stop, which reaches a process in whatever it does."""
        from stockrnn.models.runtime import start_keras

        start_keras(lambda _: None, threads=1)
        from stockrnn.workflows.fit import train_seed

        try:
            self.is_training = True
            if self.is_stopped:
                raise KeyboardInterrupt
            trained: TrainedSeed = train_seed(work, read_job(work), number, self._report)
        finally:
            self.is_training = False
        self.is_stopped = self.is_stopped or trained.is_last
        return trained

    def _report(self, seed: int, number: int) -> EpochHook:
        del seed

        def tell(epoch: int, losses: dict[str, float]) -> None:
            self.is_telling = True
            self.epochs.put((number, epoch, losses))
            self.is_telling = False
            if self.is_put_off:
                self.is_put_off = False
                raise KeyboardInterrupt

        return tell


# The one of this process; the functions of a pool have no other way to find it.
_WORKER: list[_Worker] = []


def start_worker(epochs: Any) -> None:
    """Begin a process of the pool.

    Args:
        epochs: Queue that takes the number of a seed, the number of its finished epoch and the losses.
    """
    _WORKER.append(_Worker(epochs))
    signal.signal(signal.SIGINT, _WORKER[0].stop)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """End where the parent was killed: nobody would take what is trained, and a resumption would train it too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def train_in_worker(work: Path, number: int) -> TrainedSeed:
    """Train the seed with this number, from 0, of the job in a work folder.

    Raises:
        KeyboardInterrupt: Interrupted before its first epoch was finished.
    """
    return _WORKER[0].train(work, number)
