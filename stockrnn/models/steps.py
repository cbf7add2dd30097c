"""One step of training, and one of validation, each compiled by TensorFlow once for batches of any size.

A step is given the origins of its windows and gathers them itself, so that no more than a batch is ever copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from stockrnn.models.objectives import Objective
from stockrnn.samples.windows import Positions, Windows

Tensor = Any  # tf.Tensor
# From the origins of a batch to the mean loss of its windows.
Step = Callable[[Positions], Tensor]

_ORIGINS = [tf.TensorSpec((None,), tf.int64)]


def training_step(
    model: keras.Model, windows: Windows, objective: Objective, optimizer: keras.optimizers.Optimizer
) -> Step:
    """Compile a step that moves the weights against the gradient of the loss.

    Args:
        model: From (windows, lookback, features) to the outputs of the windows.
        windows: What the origins are rows of.
        objective: What is made small; what it has to learn itself is moved too.
        optimizer: Moves the trainable weights.
    """
    forward = _forward(model, windows, objective, training=True)
    weights = [*model.trainable_variables, *objective.variables]

    @tf.function(input_signature=_ORIGINS, autograph=False)  # type: ignore[untyped-decorator]
    def step(origins: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            mean_loss = forward(origins)
        optimizer.apply(tape.gradient(mean_loss, weights), weights)
        return mean_loss

    return step  # type: ignore[no-any-return]


def validation_step(model: keras.Model, windows: Windows, objective: Objective) -> Step:
    """Compile a step that only looks; arguments as those of `training_step`."""
    forward = _forward(model, windows, objective, training=False)
    return tf.function(forward, input_signature=_ORIGINS, autograph=False)  # type: ignore[no-any-return]


def _forward(model: keras.Model, windows: Windows, objective: Objective, training: bool) -> Callable[[Tensor], Tensor]:
    features, row_targets = tf.constant(windows.features), tf.constant(windows.row_targets)
    steps, target_steps = tf.constant(windows.input_steps()), tf.constant(windows.target_steps())
    inputs_shape = (None, windows.lookback, features.shape[1])
    weights = _row_weights(windows)

    def forward(origins: Tensor) -> Tensor:
        rows = origins[:, None] + steps
        inputs = tf.ensure_shape(tf.gather(features, rows), inputs_shape)
        aimed = rows[:, windows.warm_up :] if windows.every_step else origins + target_steps
        outputs = model(inputs, training=training)
        counted = outputs[:, windows.warm_up :] if windows.every_step else outputs
        return objective(tf.gather(row_targets, aimed), counted, None if weights is None else tf.gather(weights, aimed))

    return forward


def _row_weights(windows: Windows) -> Tensor | None:
    return None if windows.weights is None else tf.constant(windows.weights)
