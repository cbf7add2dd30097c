"""One step of training, and one of validation, each compiled by TensorFlow once for batches of any size.

A step is given the origins of its windows and gathers them itself, so that no more than a batch is ever copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from stockrnn.samples.windows import Positions, Windows

Tensor = Any  # tf.Tensor
# From the origins of a batch to the mean loss of its windows.
Step = Callable[[Positions], Tensor]

_LOSSES = {
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}
_ORIGINS = [tf.TensorSpec((None,), tf.int64)]


def training_step(model: keras.Model, windows: Windows, loss: str, optimizer: keras.optimizers.Optimizer) -> Step:
    """Compile a step that moves the weights against the gradient of the loss.

    Args:
        model: From (windows, lookback, features) to the targets of the windows.
        windows: What the origins are rows of.
        loss: Its name in the config.
        optimizer: Moves the trainable weights.
    """
    forward = _forward(model, windows, loss, training=True)
    weights = model.trainable_variables

    @tf.function(input_signature=_ORIGINS, autograph=False)  # type: ignore[untyped-decorator]
    def step(origins: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            mean_loss = forward(origins)
        optimizer.apply(tape.gradient(mean_loss, weights), weights)
        return mean_loss

    return step  # type: ignore[no-any-return]


def validation_step(model: keras.Model, windows: Windows, loss: str) -> Step:
    """Compile a step that only looks; arguments as those of `training_step`."""
    forward = _forward(model, windows, loss, training=False)
    return tf.function(forward, input_signature=_ORIGINS, autograph=False)  # type: ignore[no-any-return]


def _forward(model: keras.Model, windows: Windows, loss: str, training: bool) -> Callable[[Tensor], Tensor]:
    features, target = tf.constant(windows.features), tf.constant(windows.target)
    steps, ahead = tf.constant(windows.input_steps()), tf.constant(windows.target_steps().ravel())
    target_shape = (-1, *windows.target_steps().shape)
    inputs_shape = (None, windows.lookback, features.shape[1])
    loss_of = _LOSSES[loss]()

    def forward(origins: Tensor) -> Tensor:
        inputs = tf.ensure_shape(tf.gather(features, origins[:, None] + steps), inputs_shape)
        targets = tf.reshape(tf.gather(target, origins[:, None] + ahead), target_shape)
        return loss_of(targets, model(inputs, training=training))

    return forward
