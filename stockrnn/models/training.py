"""Fit a network to windows: with progress, early stopping, and an interruption that keeps the last finished epoch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stockrnn.config import TrainConfig
from stockrnn.errors import RunFolderError
from stockrnn.samples.windows import Float32s, Windows

# Number of the finished epoch (from 1) and its losses, `loss` and, with validation, `val_loss`.
EpochHook = Callable[[int, dict[str, float]], None]

_OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


@dataclass(frozen=True)
class TrainingOutcome:
    """What training gave beside the weights.

    Attributes:
        history: Losses a finished epoch.
        interrupted: The user stopped it; the network holds the last finished epoch.
    """

    history: list[dict[str, float]]
    interrupted: bool


def train_network(
    network: keras.Model,
    windows: Windows,
    validation: Windows | None,
    train: TrainConfig,
    seed: int,
    on_epoch: EpochHook,
) -> TrainingOutcome:
    """Fit a network in place.

    Args:
        network: From (windows, lookback, features) to (windows, outputs).
        windows: What it learns from.
        validation: What early stopping watches; None without.
        train: Epochs, batches, optimiser, loss, clipping.
        seed: Orders the windows of each epoch.
        on_epoch: Called after each epoch.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch was finished.
    """
    network.compile(optimizer=_optimizer(train), loss=train.loss, jit_compile=False)
    keeper = _EpochKeeper(on_epoch)
    callbacks: list[keras.callbacks.Callback] = [keeper]
    if train.early_stopping:
        callbacks.append(keras.callbacks.EarlyStopping(patience=train.early_stopping, restore_best_weights=True))
    interrupted = False
    try:
        network.fit(
            _batches(windows, train.batch_size, seed=seed),
            validation_data=_batches(validation, train.batch_size) if validation else None,
            epochs=train.epochs,
            callbacks=callbacks,
            shuffle=False,  # the batches shuffle themselves
            verbose=0,
        )
    except KeyboardInterrupt:
        if not keeper.history:
            raise
        network.set_weights(keeper.weights)
        interrupted = True
    return TrainingOutcome(keeper.history, interrupted)


def load_network(path: Path) -> keras.Model:
    """Load a saved network; nothing in the file is executed.

    Raises:
        RunFolderError: Keras cannot read the file.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise RunFolderError(f"{path}: Keras cannot read this network ({str(error).splitlines()[0]})") from error


def predict_windows(network: keras.Model, inputs: Float32s) -> Float32s:
    """Return the network's outputs for inputs of shape (windows, lookback, features)."""
    batches = (inputs[start : start + 32] for start in itertools.count(0, 32))
    outputs = [network.predict_on_batch(batch) for batch in itertools.takewhile(len, batches)]
    return np.concatenate(outputs) if outputs else np.empty((0, 1), dtype=np.float32)


class _EpochKeeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep the weights of the last finished epoch, and report it."""

    def __init__(self, on_epoch: EpochHook) -> None:
        super().__init__()
        self.on_epoch_done = on_epoch
        self.history: list[dict[str, float]] = []
        self.weights: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        losses = {name: float(value) for name, value in (logs or {}).items()}
        self.weights = self.model.get_weights()
        self.history.append(losses)
        self.on_epoch_done(epoch + 1, losses)


def _optimizer(train: TrainConfig) -> keras.optimizers.Optimizer:
    return _OPTIMIZERS[train.optimizer](
        learning_rate=train.learning_rate,
        clipnorm=train.clip_norm or None,
        clipvalue=train.clip_value or None,
    )


def _batches(windows: Windows, batch_size: int, seed: int | None = None) -> tf.data.Dataset:
    """Gather windows batch by batch, in a new order each epoch when there is a seed."""
    features, target = tf.constant(windows.features), tf.constant(windows.target)
    steps, ahead = tf.constant(windows.input_steps()), tf.constant(windows.target_steps().ravel())
    target_shape = (-1, *windows.target_steps().shape)

    def gather(origins: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        targets = tf.gather(target, origins[:, None] + ahead)
        return tf.gather(features, origins[:, None] + steps), tf.reshape(targets, target_shape)

    origins = tf.data.Dataset.from_tensor_slices(windows.origins)
    if seed is not None:
        origins = origins.shuffle(len(windows), seed=seed)
    return origins.batch(batch_size).map(gather).prefetch(2)
