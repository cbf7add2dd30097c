"""Fit a network to windows: with progress, early stopping, and an interruption that keeps the last finished epoch.

The order of the windows and the dropout of an epoch depend on the seed and the epoch's number alone, so that a training
that goes on from a saved state gives the weights of one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from stockrnn.arrays import Positions
from stockrnn.config_sections import TrainConfig
from stockrnn.models.objectives import DistributionObjective, as_arrays
from stockrnn.models.steps import Rows, Steps, rows_of
from stockrnn.models.trainable import TrainableNetwork
from stockrnn.samples.outputs import HeadValues
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.windows import Windows

Arrays = list[npt.NDArray[Any]]

# An interruption is heard between two calls.
_STEPS_A_CALL = 8
# Random numbers that one epoch may draw before it would repeat those of the next.
_DRAWS_AN_EPOCH = 1 << 20


@dataclass(frozen=True)
class TrainingState:
    """Everything that a training goes on from, after a finished epoch.

    Attributes:
        weights: The network's, and after them those of its head.
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
        head: What the head has learnt beside the network; None for a point.
        interrupted: The user stopped it; the network holds the last finished epoch.
    """

    state: TrainingState
    engine: str
    head: HeadValues | None = None
    interrupted: bool = False

    @property
    def history(self) -> list[dict[str, float]]:
        """Losses a finished epoch."""
        return self.state.history


# Hears of each finished epoch; what is to be kept can be saved from it.
StateHook = Callable[[TrainingState], None]


def train_network(
    network: keras.Model | TrainableNetwork,
    samples: TrainingSamples,
    train: TrainConfig,
    seed: int,
    on_epoch: StateHook,
    start: TrainingState | None = None,
) -> TrainingOutcome:
    """Fit a network in place.

    Args:
        network: From (windows, lookback, features) to the targets of the windows; what was compiled for samples of this
            layout and this training before is used again.
        samples: What it learns from, and what early stopping watches.
        train: Epochs, batches, optimiser, loss, clipping.
        seed: Orders the windows and draws the dropout of each epoch.
        on_epoch: Called after each epoch.
        start: What an earlier training left; None begins anew.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch was finished.
    """
    trainable = network if isinstance(network, TrainableNetwork) else TrainableNetwork(network, samples, train)
    trainable.begin(samples.windows, train)
    keeper = _EpochKeeper(trainable, train, on_epoch)
    if start:
        keeper.restore(start)
    interrupted = False
    try:
        if not keeper.is_finished:
            _run_epochs(trainable, samples, keeper, seed)
    except KeyboardInterrupt:
        if keeper.state is None:
            raise
        interrupted = True
    return TrainingOutcome(keeper.finish(), trainable.engine, keeper.head, interrupted)


def _run_epochs(trainable: TrainableNetwork, samples: TrainingSamples, keeper: _EpochKeeper, seed: int) -> None:
    """Train the epochs that are left, from the one after those that the keeper has."""
    train, windows, validation = keeper.train, samples.windows, samples.validation
    rows, watched_rows = rows_of(windows), rows_of(validation) if validation else ()
    while not keeper.is_finished:
        epoch = keeper.epochs
        _seed_dropout(trainable.network, seed, epoch)
        losses = {"loss": _mean_loss(trainable.learn, rows, _order(windows, seed, epoch), train.batch_size)}
        if trainable.look and validation:
            newest_first = validation.origins[::-1]
            watched = newest_first[:: validation.stride][::-1]
            losses["val_loss"] = _mean_loss(trainable.look, watched_rows, watched, train.batch_size)
        keeper.keep(losses)


def _order(windows: Windows, seed: int, epoch: int) -> Positions:
    """Return the origins of an epoch in their order: all of them, or one a stride from an offset that the epoch draws."""
    draw = [seed, epoch]
    offset = 0
    if windows.stride > 1:
        offset = int(tf.random.stateless_uniform([], draw, 0, min(windows.stride, len(windows.origins)), tf.int32))
    order: Positions = tf.random.experimental.stateless_shuffle(
        windows.origins[offset :: windows.stride], seed=draw
    ).numpy()
    return order


def _mean_loss(steps: Steps, rows: Rows, origins: Positions, batch_size: int) -> float:
    """Take a step a batch, and return the mean loss of all windows."""
    whole = len(origins) - len(origins) % batch_size
    starts = range(0, whole, batch_size * _STEPS_A_CALL)
    batches = [origins[:whole][start : start + batch_size * _STEPS_A_CALL].reshape(-1, batch_size) for start in starts]
    if whole < len(origins):
        batches.append(origins[None, whole:])
    losses = np.concatenate([steps(each, *rows) for each in batches])
    return float(np.average(losses, weights=np.concatenate([np.full(len(each), each.shape[1]) for each in batches])))


def _seed_dropout(network: keras.Model, seed: int, epoch: int) -> None:
    """Let the dropout of an epoch follow from the seed and the epoch alone."""
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    for number, layer in enumerate(dropouts):
        start = [seed * 1009 + number & 0xFFFFFFFF, epoch * _DRAWS_AN_EPOCH & 0xFFFFFFFF]
        layer.seed_generator.state.assign(np.array(start, dtype=np.uint32))


class _EpochKeeper:
    """Keep the state after each epoch, report it, and know when the validation loss no longer falls."""

    def __init__(self, trainable: TrainableNetwork, train: TrainConfig, on_epoch: StateHook) -> None:
        self.network, self.objective, self.optimizer = trainable.network, trainable.objective, trainable.optimizer
        self.train = train
        self.on_epoch = on_epoch
        self.state: TrainingState | None = None

    def restore(self, start: TrainingState) -> None:
        """Take up an earlier state."""
        self._set_weights(start.weights)
        for variable, value in zip(self.optimizer.variables, start.optimizer, strict=True):
            variable.assign(value)
        self.state = start

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return len(self.state.history) if self.state else 0

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train."""
        if self.state is None:
            return False
        history, patience = self.state.history, self.train.early_stopping
        losses = [epoch["val_loss"] for epoch in history] if patience else []
        return len(history) >= self.train.epochs or (
            bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience
        )

    def keep(self, losses: dict[str, float]) -> None:
        """Keep what a training goes on from after a finished epoch."""
        history = [*(self.state.history if self.state else []), losses]
        weights = [*self.network.get_weights(), *as_arrays(self.objective.variables)]
        best = self.state.best_weights if self.state else []
        if self.train.early_stopping and losses["val_loss"] <= min(past["val_loss"] for past in history):
            best = weights
        optimizer = [np.array(variable) for variable in self.optimizer.variables]
        self.state = TrainingState(weights, optimizer, best, history)
        self.on_epoch(self.state)

    def finish(self) -> TrainingState:
        """Give the network its last finished or best weights."""
        assert self.state is not None
        self._set_weights(self.state.best_weights or self.state.weights)
        return self.state

    @property
    def head(self) -> HeadValues | None:
        """What the head has learnt."""
        return self.objective.values() if isinstance(self.objective, DistributionObjective) else None

    def _set_weights(self, weights: Arrays) -> None:
        own = len(weights) - len(self.objective.variables)
        self.network.set_weights(weights[:own])
        for variable, value in zip(self.objective.variables, weights[own:], strict=True):
            variable.assign(value)
