"""Steps of training and of validation, compiled by TensorFlow once for any samples of the same layout.

They are given the rows, which stay where they are, and the origins of the windows, which they gather themselves, so that
no more than a batch is ever copied. Several steps are one call: a small network takes longer to be called than to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from stockrnn.models.objectives import Objective
from stockrnn.samples.windows import Windows, steps_before

Tensor = Any  # tf.Tensor
# Features, targets and, where rows count differently, weights: tensors of shape (rows, features), (rows, outputs), (rows,).
Rows = tuple[Tensor, ...]
# From the origins of batches, of shape (batches, size), and the rows to the mean loss of each batch.
Steps = Callable[..., Tensor]
# From the origins of a batch and the rows to the mean loss of its windows.
_Step = Callable[..., Tensor]


@dataclass(frozen=True)
class StepLayout:
    """All that a step must know of windows before it sees any.

    Attributes:
        lookback: Sessions in a window.
        features: Values a session.
        outputs: Targets a session.
        every_step: Every session of a window has targets, not only the last one.
        warm_up: First steps of a window that count nothing.
        weighted: Rows have weights.
    """

    lookback: int
    features: int
    outputs: int
    every_step: bool
    warm_up: int
    weighted: bool

    @classmethod
    def of(cls, windows: Windows) -> StepLayout:
        """Return the layout of windows."""
        widths = windows.features.shape[1], windows.row_targets.shape[1]
        return cls(windows.lookback, *widths, windows.every_step, windows.warm_up, windows.weights is not None)

    def signature(self) -> list[Any]:
        """Return what steps are called with: any number of batches of any size, and any number of rows."""
        rows = [(None, self.features), (None, self.outputs), *([(None,)] if self.weighted else [])]
        return [tf.TensorSpec((None, None), tf.int64), *(tf.TensorSpec(shape, tf.float32) for shape in rows)]


def rows_of(windows: Windows) -> Rows:
    """Return the rows of windows as steps take them."""
    arrays = [windows.features, windows.row_targets, *([] if windows.weights is None else [windows.weights])]
    return tuple(tf.constant(array) for array in arrays)


def training_steps(
    model: keras.Model, layout: StepLayout, objective: Objective, optimizer: keras.optimizers.Optimizer
) -> Steps:
    """Compile steps that move the weights against the gradient of the loss.

    Args:
        model: From (windows, lookback, features) to the outputs of the windows.
        layout: How the windows lie.
        objective: What is made small; what it has to learn itself is moved too.
        optimizer: Moves the trainable weights.
    """
    forward = _forward(model, layout, objective, training=True)
    weights = [*model.trainable_variables, *objective.variables]

    def step(origins: Tensor, *rows: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            mean_loss = forward(origins, *rows)
        optimizer.apply(tape.gradient(mean_loss, weights), weights)
        return mean_loss

    return _one_after_the_other(step, layout)


def validation_steps(model: keras.Model, layout: StepLayout, objective: Objective) -> Steps:
    """Compile steps that only look; arguments as those of `training_steps`."""
    return _one_after_the_other(_forward(model, layout, objective, training=False), layout)


def _one_after_the_other(step: _Step, layout: StepLayout) -> Steps:
    @tf.function(input_signature=layout.signature(), autograph=False)  # type: ignore[untyped-decorator]
    def steps(batches: Tensor, *rows: Tensor) -> Tensor:
        count = tf.shape(batches)[0]

        def take(number: Tensor, losses: Any) -> tuple[Tensor, Any]:
            return number + 1, losses.write(number, step(batches[number], *rows))

        begin = (0, tf.TensorArray(tf.float32, count))
        _, losses = tf.while_loop(lambda number, _: number < count, take, begin, parallel_iterations=1)
        return losses.stack()

    return steps  # type: ignore[no-any-return]


def _forward(model: keras.Model, layout: StepLayout, objective: Objective, training: bool) -> _Step:
    input_steps = tf.constant(steps_before(layout.lookback))
    inputs_shape = (None, layout.lookback, layout.features)

    def forward(origins: Tensor, features: Tensor, row_targets: Tensor, *weights: Tensor) -> Tensor:
        rows = origins[:, None] + input_steps
        inputs = tf.ensure_shape(tf.gather(features, rows), inputs_shape)
        aimed = rows[:, layout.warm_up :] if layout.every_step else origins
        outputs = model(inputs, training=training)
        counted = outputs[:, layout.warm_up :] if layout.every_step else outputs
        return objective(tf.gather(row_targets, aimed), counted, tf.gather(weights[0], aimed) if weights else None)

    return forward
