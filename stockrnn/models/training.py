"""Fit a network to windows: with progress, early stopping, and an interruption that keeps the last finished epoch.

The order of the windows and the dropout of an epoch depend on the seed and the epoch's number alone, so that a training
that goes on from a saved state gives the weights of one that was never interrupted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from stockrnn.config import TrainConfig
from stockrnn.models.engines import training_model
from stockrnn.models.fused_adam import FusedAdam
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows

Arrays = list[npt.NDArray[Any]]

_OPTIMIZERS = {
    "adam": FusedAdam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
# Batches in one call of TensorFlow: enough to hide the call, few enough for Ctrl-C and the bar to answer.
_STEPS_A_CALL = 16
# Random numbers that one epoch may draw before it would repeat those of the next.
_DRAWS_AN_EPOCH = 1 << 20


@dataclass(frozen=True)
class TrainingState:
    """Everything that a training goes on from, after a finished epoch.

    Attributes:
        weights: The network's.
        optimizer: The optimiser's variables.
        best_weights: Those of the epoch with the smallest validation loss; empty without early stopping.
        history: Losses a finished epoch.
    """

    weights: Arrays
    optimizer: Arrays
    best_weights: Arrays = field(default_factory=list)
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class TrainingOutcome:
    """What training gave beside the weights.

    Attributes:
        state: After the last finished epoch.
        engine: What computed the layers: `fused` or `keras`.
        interrupted: The user stopped it; the network holds the last finished epoch.
    """

    state: TrainingState
    engine: str
    interrupted: bool = False

    @property
    def history(self) -> list[dict[str, float]]:
        """Losses a finished epoch."""
        return self.state.history


# Hears of each finished epoch; what is to be kept can be saved from it.
StateHook = Callable[[TrainingState], None]


def train_network(
    network: keras.Sequential,
    samples: TrainingSamples,
    train: TrainConfig,
    seed: int,
    on_epoch: StateHook,
    start: TrainingState | None = None,
) -> TrainingOutcome:
    """Fit a network in place.

    Args:
        network: From (windows, lookback, features) to the targets of the windows.
        samples: What it learns from, and what early stopping watches.
        train: Epochs, batches, optimiser, loss, clipping.
        seed: Orders the windows and draws the dropout of each epoch.
        on_epoch: Called after each epoch.
        start: What an earlier training left; None begins anew.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch was finished.
    """
    fast = training_model(network, train.truncate_steps)
    steps = math.ceil(len(samples.windows) / train.batch_size)
    fast.model.compile(
        optimizer=_optimizer(train), loss=train.loss, jit_compile=False, steps_per_execution=min(steps, _STEPS_A_CALL)
    )
    keeper = _EpochKeeper(network, train, seed, on_epoch)
    done = keeper.restore(fast.model, start) if start else 0
    interrupted = False
    try:
        if not keeper.is_finished:
            fast.model.fit(
                _shuffled_batches(samples.windows, train, seed, done),
                validation_data=_batches(samples.validation, train.batch_size) if samples.validation else None,
                initial_epoch=done,
                epochs=train.epochs,
                steps_per_epoch=steps,
                callbacks=[keeper],
                shuffle=False,  # the batches shuffle themselves
                verbose=0,
            )
    except KeyboardInterrupt:
        if keeper.state is None:
            raise
        interrupted = True
    state = keeper.finish()
    return TrainingOutcome(state, fast.engine, interrupted)


class _EpochKeeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep the state after each epoch, report it, and stop when the validation loss no longer falls."""

    def __init__(self, network: keras.Sequential, train: TrainConfig, seed: int, on_epoch: StateHook) -> None:
        super().__init__()
        self.network = network
        self.train_config = train
        self.seed = seed
        self.on_state = on_epoch
        self.state: TrainingState | None = None
        self.best_weights: Arrays = []

    def restore(self, model: keras.Model, start: TrainingState) -> int:
        """Take up an earlier state, and return how many epochs are behind it."""
        self.network.set_weights(start.weights)
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(model.optimizer.variables, start.optimizer, strict=True):
            variable.assign(value)
        self.state, self.best_weights = start, start.best_weights
        return len(start.history)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train."""
        if self.state is None:
            return False
        history, patience = self.state.history, self.train_config.early_stopping
        losses = [epoch["val_loss"] for epoch in history] if patience else []
        return len(history) >= self.train_config.epochs or (
            bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Draw this epoch's dropout from the seed and the epoch alone."""
        del logs
        dropouts = [layer for layer in self.network.layers if isinstance(layer, keras.layers.Dropout)]
        for number, layer in enumerate(dropouts):
            start = [self.seed * 1009 + number & 0xFFFFFFFF, epoch * _DRAWS_AN_EPOCH & 0xFFFFFFFF]
            layer.seed_generator.state.assign(np.array(start, dtype=np.uint32))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep what a training goes on from."""
        del epoch
        losses = {name: float(value) for name, value in (logs or {}).items()}
        history = [*(self.state.history if self.state else []), losses]
        weights = self.network.get_weights()
        if self.train_config.early_stopping and losses["val_loss"] <= min(past["val_loss"] for past in history):
            self.best_weights = weights
        optimizer = [np.array(variable) for variable in self.model.optimizer.variables]
        self.state = TrainingState(weights, optimizer, self.best_weights, history)
        self.on_state(self.state)
        self.model.stop_training = self.is_finished

    def finish(self) -> TrainingState:
        """Give the network its last finished or best weights."""
        assert self.state is not None
        self.network.set_weights(self.best_weights or self.state.weights)
        return self.state


def _optimizer(train: TrainConfig) -> keras.optimizers.Optimizer:
    """Make the optimiser, which clips the gradient first: by the norm of all weights' gradients together, or by value.

    The norm of all together keeps the gradient's direction; Keras' `clipnorm` would shorten each weight's by itself.

    Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks (2013), algorithm 1.
    """
    return _OPTIMIZERS[train.optimizer](
        learning_rate=train.learning_rate,
        global_clipnorm=train.clip_norm or None,
        clipvalue=train.clip_value or None,
    )


def _shuffled_batches(windows: Windows, train: TrainConfig, seed: int, first_epoch: int) -> tf.data.Dataset:
    """Gather the windows of each epoch, from `first_epoch` (0 is the first) on, in an order of its own."""
    origins = tf.constant(windows.origins)

    def epoch(number: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(origins, seed=tf.stack([tf.constant(seed, tf.int64), number]))
        return tf.data.Dataset.from_tensor_slices(order).batch(train.batch_size)

    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    return epochs.flat_map(epoch).map(_gatherer(windows)).prefetch(2)


def _batches(windows: Windows, batch_size: int) -> tf.data.Dataset:
    """Gather windows batch by batch, in their order."""
    return tf.data.Dataset.from_tensor_slices(windows.origins).batch(batch_size).map(_gatherer(windows)).prefetch(2)


def _gatherer(windows: Windows) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    features, target = tf.constant(windows.features), tf.constant(windows.target)
    steps, ahead = tf.constant(windows.input_steps()), tf.constant(windows.target_steps().ravel())
    target_shape = (-1, *windows.target_steps().shape)

    def gather(origins: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        targets = tf.gather(target, origins[:, None] + ahead)
        return tf.gather(features, origins[:, None] + steps), tf.reshape(targets, target_shape)

    return gather
