"""Backpropagation through time, looked at: the gradient of the loss at every lag and in every recurrent layer.

A layer of Keras hides its states between the steps, so the stack is run step by step here with the same cells and weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stockrnn.arrays import Float32s
from stockrnn.config_sections import ModelConfig, TrainConfig, WindowConfig
from stockrnn.models.architectures import build_network
from stockrnn.models.lag_norms import Clipping, GradientFlow, LagNorms, median_flow
from stockrnn.models.runtime import seed_keras

# Clipping that is shown where the run has none.
_EXAMPLE_CLIP_NORM = 1.0
# Recurrent weights of the cell that is made to explode: an orthogonal matrix times this.
EXPLODING_GAIN = 2.0
_CELLS = ("simple_rnn", "lstm", "gru")


@dataclass(frozen=True)
class _Track:
    """The states of one recurrent layer by session, oldest first, while a tape watches."""

    layer: str
    of: str
    states: list[tf.Tensor]
    backwards: bool = False


def gradient_flow(
    name: str, network: keras.Sequential, inputs: Float32s, targets: Float32s, train: TrainConfig
) -> GradientFlow:
    """Return the norm of the gradient of the loss with respect to input and states, by lag and layer.

    Each norm is that of one window's loss, over the features or units of one session, averaged over the windows. Where
    every session of a window has a target, the loss is that of the newest session. Dropout is off.

    Args:
        name: What network it is.
        network: Plain Keras layers.
        inputs: Scaled windows, of shape (windows, lookback, features).
        targets: Scaled, of shape (windows, outputs).
        train: Names the loss and the clipping.
    """
    windows = tf.convert_to_tensor(inputs)
    with tf.GradientTape() as tape:
        tape.watch(windows)
        outputs, tracks = _run(network, windows)
        loss = tf.reduce_sum(_losses(outputs, tf.convert_to_tensor(targets), train.loss))
    weights = network.trainable_variables
    values = [variable.value for variable in weights]
    sources = [windows, [track.states for track in tracks], values]
    to_input, to_states, to_weights = tape.gradient(loss, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    by_lag = [LagNorms("input", "input", _mean_norms(to_input))]
    for track, gradients in zip(tracks, to_states, strict=True):
        by_lag.append(LagNorms(track.layer, track.of, _mean_norms(tf.stack(gradients, axis=1)), track.backwards))
    means = [np.asarray(tf.convert_to_tensor(each), np.float64) / len(inputs) for each in to_weights]
    return GradientFlow(name, tuple(by_lag), clip_gradients(means, train))


def compare_cells(
    model: ModelConfig,
    window: WindowConfig,
    samples: tuple[Float32s, Float32s],
    train: TrainConfig,
    seeds: Sequence[int],
) -> list[GradientFlow]:
    """Return the gradients of untrained simple RNN, LSTM and GRU of one size, each the median over seeds.

    The last one is a simple RNN whose recurrent weights are `EXPLODING_GAIN` times too large: what clipping is for.

    Args:
        model: Layers and units; cell and directions are replaced.
        window: Lookback and strategy.
        samples: Scaled windows of shape (windows, lookback, features), and targets of shape (windows, outputs).
        train: Names the loss and the clipping.
        seeds: One network a cell and seed.
    """
    inputs, targets = samples
    flows = []
    for name, cell, gain in [
        *((cell, cell, 1.0) for cell in _CELLS),
        ("simple_rnn, too large", "simple_rnn", EXPLODING_GAIN),
    ]:
        alike = model.model_copy(update={"cell": cell, "bidirectional": False})
        found = []
        for seed in seeds:
            seed_keras(seed)
            network = build_network(alike, window, inputs.shape[2], targets.shape[1])
            _scale_recurrent_weights(network, gain)
            found.append(gradient_flow(name, network, inputs, targets, train))
        flows.append(median_flow(name, found))
    return flows


def clip_gradients(gradients: Sequence[np.ndarray], train: TrainConfig) -> Clipping:
    """Return what the clipping of a config does to the gradients of the weights, or a norm of 1 where it has none."""
    before = _global_norm(gradients)
    largest = max(float(np.linalg.norm(each)) for each in gradients)
    if train.clip_value:
        clipped = [np.clip(each, -train.clip_value, train.clip_value) for each in gradients]
        return Clipping("value", train.clip_value, True, before, _global_norm(clipped), largest)
    limit = train.clip_norm or _EXAMPLE_CLIP_NORM
    # As training does: by the norm of all weights together.
    clipped = [each * min(1.0, limit / max(before, 1e-300)) for each in gradients]
    return Clipping("norm", limit, bool(train.clip_norm), before, _global_norm(clipped), largest)


def _global_norm(gradients: Sequence[np.ndarray]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(each))) for each in gradients)))


def _mean_norms(gradients: tf.Tensor) -> np.ndarray:
    """Return the norms of gradients of shape (windows, sessions, width) by lag, newest first, averaged over the windows."""
    norms = np.linalg.norm(np.asarray(gradients, np.float64), axis=-1)
    reversed_means: np.ndarray = norms.mean(axis=0)[::-1]
    return reversed_means


def _losses(outputs: tf.Tensor, targets: tf.Tensor, loss: str) -> tf.Tensor:
    """Return the loss of each window, of shape (windows,)."""
    return getattr(keras.losses, loss)(tf.cast(targets, outputs.dtype), outputs)


def _run(network: keras.Sequential, values: tf.Tensor) -> tuple[tf.Tensor, list[_Track]]:
    """Run a network step by step; return what it says of the sessions after the origin, and the states on the way."""
    tracks: list[_Track] = []
    number, reads_window = 0, True
    every_step = False
    for layer in network.layers:
        if isinstance(layer, keras.layers.RepeatVector):
            reads_window = False  # what follows steps over the forecast
        if reads_window and isinstance(layer, keras.layers.Bidirectional | keras.layers.RNN):
            number += 1
            values, states = _step_through(layer, values, f"layer {number}")
            tracks += states
            every_step = bool(layer.return_sequences)
        else:
            values = layer(values, training=False)
    if every_step and reads_window:
        values = values[:, -1]
    return tf.reshape(values, (tf.shape(values)[0], -1)), tracks


def _step_through(layer: keras.layers.Layer, values: tf.Tensor, name: str) -> tuple[tf.Tensor, list[_Track]]:
    if isinstance(layer, keras.layers.Bidirectional):
        ahead, tracks = _direction(layer.forward_layer, values, f"{name} forward")
        later, others = _direction(layer.backward_layer, values, f"{name} backward")
        return tf.concat([ahead, later], axis=-1), tracks + others
    return _direction(layer, values, name)


def _direction(layer: keras.layers.RNN, values: tf.Tensor, name: str) -> tuple[tf.Tensor, list[_Track]]:
    steps = tf.unstack(values, axis=1)
    if layer.go_backwards:
        steps = steps[::-1]
    states = [tf.zeros((tf.shape(values)[0], layer.units), values.dtype) for _ in _sizes(layer.cell)]
    history = []
    for step in steps:
        _, states = layer.cell.call(step, states, training=False)
        history.append(states)
    by_state: list[list[Any]] = [list(each) for each in zip(*history, strict=True)]
    if layer.go_backwards:
        by_state = [each[::-1] for each in by_state]
    names = ("hidden state", "cell state")
    tracks = [_Track(name, of, each, layer.go_backwards) for of, each in zip(names, by_state, strict=False)]
    outputs = by_state[0]
    last = outputs[0] if layer.go_backwards else outputs[-1]
    return (tf.stack(outputs, axis=1) if layer.return_sequences else last), tracks


def _scale_recurrent_weights(network: keras.Sequential, gain: float) -> None:
    for layer in network.layers:
        if gain != 1 and isinstance(layer, keras.layers.RNN):
            layer.cell.recurrent_kernel.assign(gain * layer.cell.recurrent_kernel)


def _sizes(cell: keras.layers.Layer) -> list[int]:
    size = cell.state_size
    return list(size) if isinstance(size, list | tuple) else [size]
