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

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

CHANCE = 0.5
NETWORKS = ("feed_forward_last", "feed_forward_window", "simple_rnn", "lstm", "gru")
# Of a sequence: the value and the marker.
CHANNELS = 2

Tensor = Any


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
