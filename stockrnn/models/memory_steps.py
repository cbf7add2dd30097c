"""The trainings of the memory task as compiled functions: a network, its batches, and Adam's steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import tensorflow as tf

from stockrnn.models.engines import training_model
from stockrnn.models.memory_task import CHANNELS, MemoryTask, Tensor, draw_sequences
from stockrnn.models.runtime import seed_keras

_CELLS = {"simple_rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
_TEST_SEQUENCES = 2000
# Number of the batch that is tested on; training never gets there.
_TEST_NUMBER = 2**31 - 1

# Weights, and Adam's means of their gradients and of the squares.
State = list[list[Tensor]]


@dataclass(frozen=True)
class MemorySteps:
    """A network's training as functions of nothing but tensors, which any thread may call.

    Attributes:
        starts: Weights and optimiser state before training, by seed.
        train: (state, lag, seed, number of the first batch, batches) to (state, share recalled).
        test: (state, lag, seed) to the share recalled of unseen sequences.
    """

    starts: dict[int, State]
    train: Callable[..., tuple[State, Tensor]]
    test: Callable[..., Tensor]


def memory_steps(task: MemoryTask, network: str, lag: int) -> MemorySteps:
    """Build and compile the training of a network.

    Args:
        task: What is trained.
        network: One of NETWORKS.
        lag: Of the sequences; only the network that sees the whole window at once is made for one lag alone.
    """
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
        layers = [keras.Input((None, CHANNELS)), _CELLS[network](units)]
    else:
        steps = 1 if network == "feed_forward_last" else lag + 1
        layers = [keras.Input((steps, CHANNELS)), keras.layers.Flatten(), keras.layers.Dense(units, "relu")]
    return keras.Sequential([*layers, keras.layers.Dense(1)])


def _compile(task: MemoryTask, model: keras.Model, starts: dict[int, State]) -> MemorySteps:
    steps_seen = model.input_shape[1]  # None is all
    constants = [variable.value for variable in model.non_trainable_variables]  # seeds that nothing here draws from

    def logits_of(weights: list[Tensor], inputs: Tensor) -> Tensor:
        seen = inputs if steps_seen is None else inputs[:, -steps_seen:]
        return model.stateless_call(weights, constants, tf.ensure_shape(seen, (None, steps_seen, CHANNELS)))[0]

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
    return MemorySteps(starts, train, test)


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
