"""Train every network of the memory task, and hear how much each one recalls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import tensorflow as tf

from stockrnn.cores import usable_cores
from stockrnn.models.memory_steps import MemorySteps, memory_steps
from stockrnn.models.memory_task import NETWORKS, MemoryTask

# Batches between two looks at the accuracy.
_ROUND = 25


@dataclass(frozen=True)
class Recall:
    """What one training gave.

    Attributes:
        network: One of NETWORKS.
        lag: Steps between the cue and the answer.
        seed: Of this training.
        accuracy: Share of unseen sequences whose cue was recalled.
        seconds: Of training, with as many trainings at once as there are cores.
        batches: Trained on; fewer than the most where it recalled enough.
    """

    network: str
    lag: int
    seed: int
    accuracy: float
    seconds: float
    batches: int


RecallHook = Callable[[Recall], None]


def measure_memory(task: MemoryTask, on_recall: RecallHook) -> list[Recall]:
    """Train every network on every lag with every seed; the same task gives the same accuracies.

    Args:
        task: What is trained.
        on_recall: Hears of each finished training.

    Returns:
        One recall a training, in the order of networks, lags and seeds.
    """
    steps_of = _steps(task)
    # The longest first, so that no core is left alone with a long one at the end.
    jobs = [(*key, seed) for key in sorted(steps_of, key=lambda key: -key[1]) for seed in task.seeds]
    stop = threading.Event()
    recalls = []
    with ThreadPoolExecutor(usable_cores()) as pool:
        running = [
            pool.submit(_train, task, steps_of[network, lag], (network, lag, seed), stop) for network, lag, seed in jobs
        ]
        try:
            for done in as_completed(running):
                recalls.append(done.result())
                on_recall(recalls[-1])
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(recalls, key=lambda recall: (NETWORKS.index(recall.network), recall.lag, recall.seed))


def _train(task: MemoryTask, compiled: MemorySteps, job: tuple[str, int, int], stop: threading.Event) -> Recall:
    network, lag, seed = job
    state, steps = compiled.starts[seed], tf.constant(lag)
    batches, most, share = 0, task.most_batches(lag), 0.0
    started = time.perf_counter()
    while batches < most and share < task.enough and not stop.is_set():
        count = min(_ROUND, most - batches)
        state, recalled = compiled.train(state, steps, tf.constant(seed), tf.constant(batches), tf.constant(count))
        share = float(recalled)
        batches += count
    seconds = time.perf_counter() - started
    return Recall(network, lag, seed, float(compiled.test(state, steps, tf.constant(seed))), seconds, batches)


def _steps(task: MemoryTask) -> dict[tuple[str, int], MemorySteps]:
    """Build the training of each network and lag; only the network that sees the whole window at once needs one a lag."""
    steps_of = {}
    for network in NETWORKS:
        shared = None
        for lag in task.lags:
            if shared is None or network == "feed_forward_window":
                shared = memory_steps(task, network, lag)
            steps_of[network, lag] = shared
    return steps_of
