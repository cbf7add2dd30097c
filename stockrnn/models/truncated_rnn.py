"""Truncated backpropagation through time: the state goes through the whole window, the gradient back through a stretch.

A window is cut into stretches of `truncate_steps` sessions, counted from its end, so that the newest stretch is whole and
the oldest one takes the remainder. With 60 sessions and 25 steps:

    sessions   1 ... 10 | 11 ... 35 | 36 ... 60
    state      ---------> ----------> --------->     carried over each border as it is
    gradient   <------- | <-------- | <---------     stopped at each border, in every layer

A forecast after the last session moves the weights by what the newest stretch says of them, and older sessions through
the state alone, as a constant. With a target at every session, each stretch learns from its own targets.

Source: Williams and Peng, An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network Trajectories (1990).
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

Tensor = Any  # tf.Tensor or a symbolic one


class TruncatedRNN(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Run a recurrent Keras layer of any cell with truncated gradients; for training only, never saved.

    Args:
        layer: A built layer that runs forwards. It stays the plain model's: nothing is copied.
        truncate_steps: Sessions in a stretch.
    """

    def __init__(self, layer: keras.layers.RNN, truncate_steps: int) -> None:
        super().__init__()
        cell = _TruncatedCell(layer.cell, truncate_steps)
        self.loop = keras.layers.RNN(cell, return_sequences=layer.return_sequences)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Tell the cell how many steps there are."""
        self.loop.cell.steps = input_shape[1]
        self.loop.build(input_shape)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Give the shape that the plain layer gives."""
        shape: tuple[int | None, ...] = self.loop.compute_output_shape(input_shape)
        return shape

    def call(self, sequence: Tensor, training: bool = False) -> Tensor:  # (batch, lookback, features)
        """Give what the plain layer gives."""
        return self.loop(sequence, training=training)


class _TruncatedCell(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A cell that stops the gradient of its state before the first step of a stretch; one state more counts the steps left.

    One loop with a switch in it: a loop a stretch would cost Keras a second each to trace.
    """

    def __init__(self, cell: keras.layers.Layer, truncate_steps: int) -> None:
        super().__init__()
        self.cell = cell
        self.truncate_steps = truncate_steps
        self.steps = 0
        self.state_size = [*_listed(cell.state_size), 1]
        self.output_size = cell.output_size
        self.built = True  # the cell is

    def get_initial_state(self, batch_size: Tensor = None) -> list[Tensor]:
        """Give the cell's own states and the steps left."""
        states = _listed(self.cell.get_initial_state(batch_size=batch_size))
        return [*states, tf.fill((batch_size, 1), tf.cast(self.steps, self.compute_dtype))]

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """Make one step."""
        *before, left = states
        border = tf.math.floormod(left, float(self.truncate_steps)) == 0
        carried = [tf.where(border, tf.stop_gradient(state), state) for state in before]
        output, after = self.cell(inputs, carried, training=training)
        return output, [*_listed(after), left - 1]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
