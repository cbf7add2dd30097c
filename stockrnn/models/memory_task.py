"""Measure how far back networks remember: a value shown once, recalled through noise.

Every step shows +1 or -1, each as likely, and a marker. The first step is the cue: its marker is 1. The `lag` steps
after it are noise of the same +1 and -1, with marker 0. After the last step the network says which of the two the cue
was; who guesses is right half of the time. Sequences are drawn afresh and never seen twice, so that the accuracy while
training is that on unseen sequences.

Sources: the latch problem of Bengio, Simard and Frasconi, Learning Long-Term Dependencies with Gradient Descent is
Difficult (1994); noise and signal on the same channel, experiment 3 of Hochreiter and Schmidhuber, Long Short-Term
Memory (1997). Gradients are clipped by norm as in Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent
Neural Networks (2013).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from stockrnn.cores import usable_cores
from stockrnn.models.engines import training_model
from stockrnn.models.runtime import seed_keras

CHANCE = 0.5
NETWORKS = ("feed_forward_last", "feed_forward_window", "simple_rnn", "lstm", "gru")

_CELLS = {"simple_rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
_CHANNELS = 2
# Batches between two looks at the accuracy.
_ROUND = 25
_TEST_SEQUENCES = 2000
# Number of the batch that is tested on; training never gets there.
_TEST_NUMBER = 2**31 - 1

Tensor = Any
# Weights, and Adam's means of their gradients and of the squares.
State = list[list[Tensor]]


@dataclass(frozen=True)
class MemoryTask:
    """What is trained, and for how long: the same for every network and lag.

    Attributes:
        lags: Steps between the cue and the answer.
        seeds: One training each: first weights and sequences.
        units: Width of the one hidden layer.
        batch_size: Sequences a batch.
        batches: At most; a training ends before when it recalls `enough`.
        steps: At most, lag + 1 a batch: no lag costs much more time than another.
        enough: Accuracy over a round of fresh batches.
        learning_rate: Of Adam.
        clip_norm: Of all gradients together.
    """

    lags: tuple[int, ...]
    seeds: tuple[int, ...]
    units: int
    batch_size: int = 32
    batches: int = 1000
    steps: int = 25_000
    enough: float = 0.99
    learning_rate: float = 0.01
    clip_norm: float = 1.0

    @property
    def trainings(self) -> int:
        """How many trainings it takes."""
        return len(NETWORKS) * len(self.lags) * len(self.seeds)

    def most_batches(self, lag: int) -> int:
        """Return how many batches a training on this lag may take."""
        return min(self.batches, self.steps // (lag + 1))


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


def draw_sequences(count: int, lag: int | Tensor, seed: Tensor) -> tuple[Tensor, Tensor]:
    """Draw sequences and their labels.

    Args:
        count: Sequences.
        lag: Steps between the cue and the answer.
        seed: Two integers; the same ones draw the same sequences.

    Returns:
        Inputs of shape (count, lag + 1, 2), value and marker; labels of shape (count, 1), 1.0 where the cue is +1.
    """
    ones = tf.random.stateless_uniform([count, lag + 1], seed, 0, 2, dtype=tf.int32)
    values = tf.cast(2 * ones - 1, tf.float32)
    marker = tf.tile(tf.one_hot(0, lag + 1)[None], [count, 1])
    return tf.stack([values, marker], axis=-1), tf.cast(ones[:, :1], tf.float32)


def measure_memory(task: MemoryTask, on_recall: RecallHook) -> list[Recall]:
    """Train every network on every lag with every seed; the same task gives the same accuracies.

    Args:
        task: What is trained.
        on_recall: Hears of each finished training.

    Returns:
        One recall a training, in the order of networks, lags and seeds.
    """
    trainers = _trainers(task)
    # The longest first, so that no core is left alone with a long one at the end.
    jobs = [(*key, seed) for key in sorted(trainers, key=lambda key: -key[1]) for seed in task.seeds]
    stop = threading.Event()
    recalls = []
    with ThreadPoolExecutor(usable_cores()) as pool:
        running = [
            pool.submit(_train, task, trainers[network, lag], (network, lag, seed), stop) for network, lag, seed in jobs
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


@dataclass(frozen=True)
class _Trainer:
    """A network's training as functions of nothing but tensors, which any thread may call.

    Attributes:
        starts: Weights and optimiser state before training, by seed.
        train: (state, lag, seed, number of the first batch, batches) to (state, share recalled).
        test: (state, lag, seed) to the share recalled of unseen sequences.
    """

    starts: dict[int, State]
    train: Callable[..., tuple[State, Tensor]]
    test: Callable[..., Tensor]


def _train(task: MemoryTask, trainer: _Trainer, job: tuple[str, int, int], stop: threading.Event) -> Recall:
    network, lag, seed = job
    state, steps = trainer.starts[seed], tf.constant(lag)
    batches, most, share = 0, task.most_batches(lag), 0.0
    started = time.perf_counter()
    while batches < most and share < task.enough and not stop.is_set():
        count = min(_ROUND, most - batches)
        state, recalled = trainer.train(state, steps, tf.constant(seed), tf.constant(batches), tf.constant(count))
        share = float(recalled)
        batches += count
    seconds = time.perf_counter() - started
    return Recall(network, lag, seed, float(trainer.test(state, steps, tf.constant(seed))), seconds, batches)


def _trainers(task: MemoryTask) -> dict[tuple[str, int], _Trainer]:
    """Build a trainer for each network and lag; only the network that sees the whole window at once needs one a lag."""
    trainers = {}
    for network in NETWORKS:
        shared = None
        for lag in task.lags:
            if shared is None or network == "feed_forward_window":
                shared = _trainer(task, network, lag)
            trainers[network, lag] = shared
    return trainers


def _trainer(task: MemoryTask, network: str, lag: int) -> _Trainer:
    starts = {}
    for seed in task.seeds:
        seed_keras(seed)
        plain = _build(network, task.units, lag)
        weights = [tf.constant(value) for value in plain.get_weights()]
        zeros = [tf.zeros_like(weight) for weight in weights]
        starts[seed] = [weights, zeros, zeros]
    return _compile(task, training_model(plain).model, starts)


def _build(network: str, units: int, lag: int) -> keras.Sequential:
    """Build a network from sequences (sequences, steps, 2) to the logit of a cue of +1."""
    if network in _CELLS:
        layers = [keras.Input((None, _CHANNELS)), _CELLS[network](units)]
    else:
        steps = 1 if network == "feed_forward_last" else lag + 1
        layers = [keras.Input((steps, _CHANNELS)), keras.layers.Flatten(), keras.layers.Dense(units, "relu")]
    return keras.Sequential([*layers, keras.layers.Dense(1)])


def _compile(task: MemoryTask, model: keras.Model, starts: dict[int, State]) -> _Trainer:
    steps_seen = model.input_shape[1]  # None is all
    constants = [variable.value for variable in model.non_trainable_variables]  # seeds that nothing here draws from

    def logits_of(weights: list[Tensor], inputs: Tensor) -> Tensor:
        seen = inputs if steps_seen is None else inputs[:, -steps_seen:]
        return model.stateless_call(weights, constants, tf.ensure_shape(seen, (None, steps_seen, _CHANNELS)))[0]

    def step(state: State, lag: Tensor, seed: Tensor, number: Tensor) -> tuple[State, Tensor]:
        inputs, labels = draw_sequences(task.batch_size, lag, tf.stack([seed, number]))
        with tf.GradientTape() as tape:
            tape.watch(state[0])
            logits = logits_of(state[0], inputs)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, state[0]), task.clip_norm)
        return _adam(state, gradients, tf.cast(number + 1, tf.float32), task.learning_rate), _share(labels, logits)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def train(state: State, lag: Tensor, seed: Tensor, first: Tensor, count: Tensor) -> tuple[State, Tensor]:
        def body(done: Tensor, total: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
            state, share = step(state, lag, seed, first + done)
            return done + 1, total + share, state

        _, total, state = tf.while_loop(lambda done, *_: done < count, body, (0, 0.0, state), parallel_iterations=1)
        return state, total / tf.cast(count, tf.float32)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def test(state: State, lag: Tensor, seed: Tensor) -> Tensor:
        inputs, labels = draw_sequences(_TEST_SEQUENCES, lag, tf.stack([seed, _TEST_NUMBER]))
        return _share(labels, logits_of(state[0], inputs))

    # Traced here: the threads that train must not spend their time on it.
    start, number = next(iter(starts.values())), tf.constant(0)
    train.get_concrete_function(start, number, number, number, number)
    test.get_concrete_function(start, number, number)
    return _Trainer(starts, train, test)


def _adam(state: State, gradients: list[Tensor], number: Tensor, rate: float) -> State:
    """Move weights and moments on by batch `number`, from 1.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1, with its constants.
    """
    weights, means, squares = state
    means = [0.9 * mean + 0.1 * gradient for mean, gradient in zip(means, gradients, strict=True)]
    squares = [0.999 * square + 0.001 * gradient**2 for square, gradient in zip(squares, gradients, strict=True)]
    scale = rate * tf.sqrt(1 - 0.999**number) / (1 - 0.9**number)
    moved = [w - scale * m / (tf.sqrt(v) + 1e-8) for w, m, v in zip(weights, means, squares, strict=True)]
    return [moved, means, squares]


def _share(labels: Tensor, logits: Tensor) -> Tensor:
    """Return the share of sequences whose cue was recalled."""
    return tf.reduce_mean(tf.cast(tf.equal(logits > 0, labels > 0), tf.float32))
