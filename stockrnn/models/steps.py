"""One step of training, and one of validation, each compiled by TensorFlow once for any samples of the same layout.

A step is given the rows, which stay where they are, and the origins of its windows, which it gathers itself, so that no
more than a batch is ever copied.
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
# From the origins of a batch and the rows to the mean loss of its windows.
Step = Callable[..., Tensor]


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
        """Return what a step is called with: any number of origins, and any number of rows."""
        rows = [(None, self.features), (None, self.outputs), *([(None,)] if self.weighted else [])]
        return [tf.TensorSpec((None,), tf.int64), *(tf.TensorSpec(shape, tf.float32) for shape in rows)]


def rows_of(windows: Windows) -> Rows:
    """Return the rows of windows as a step takes them."""
    arrays = [windows.features, windows.row_targets, *([] if windows.weights is None else [windows.weights])]
    return tuple(tf.constant(array) for array in arrays)


def training_step(
    model: keras.Model, layout: StepLayout, objective: Objective, optimizer: keras.optimizers.Optimizer
) -> Step:
    """Compile a step that moves the weights against the gradient of the loss.

    Args:
        model: From (windows, lookback, features) to the outputs of the windows.
        layout: How the windows lie.
        objective: What is made small; what it has to learn itself is moved too.
        optimizer: Moves the trainable weights.
    """
    forward = _forward(model, layout, objective, training=True)
    weights = [*model.trainable_variables, *objective.variables]

    @tf.function(input_signature=layout.signature(), autograph=False)  # type: ignore[untyped-decorator]
    def step(origins: Tensor, *rows: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            mean_loss = forward(origins, *rows)
        optimizer.apply(tape.gradient(mean_loss, weights), weights)
        return mean_loss

    return step  # type: ignore[no-any-return]


def validation_step(model: keras.Model, layout: StepLayout, objective: Objective) -> Step:
    """Compile a step that only looks; arguments as those of `training_step`."""
    forward = _forward(model, layout, objective, training=False)
    return tf.function(forward, input_signature=layout.signature(), autograph=False)  # type: ignore[no-any-return]


def _forward(model: keras.Model, layout: StepLayout, objective: Objective, training: bool) -> Step:
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
