"""Fit the networks of a config to prices: what train, backtest and audit share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras
from stockrnn.models.saving import load_state, predict_windows, save_state
from stockrnn.models.training import TrainingOutcome, TrainingState, train_network
from stockrnn.prices.table import Prices
from stockrnn.runs.folder import state_file_name
from stockrnn.samples.samples import Scalings, TrainingSamples, WindowLayout, fit_scalings, make_windows, origins_for
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Windows

_SECONDS_BETWEEN_SAVES = 2.0

# Number of a finished epoch, from 1, and its losses.
EpochHook = Callable[[int, dict[str, float]], None]
# Seed, its number from 0; gives what hears of each epoch.
SeedHook = Callable[[int, int], EpochHook]


@dataclass(frozen=True)
class FittedNetwork:
    """A fitted Keras network, its seed, and how its training went."""

    seed: int
    network: Any
    outcome: TrainingOutcome


def make_samples(prices: Prices, config: Config, split: Split) -> TrainingSamples:
    """Make the training samples; no price after the training years is looked at.

    Args:
        prices: The prices table; later sessions are cut off here.
        config: The config.
        split: Which sessions are fitted and watched.
    """
    known = prices[prices.index.get_level_values("session") <= split.train[1]]
    scalings = fit_scalings(known, (*config.feature_columns, config.target.column), *split.fit)
    layout = WindowLayout(
        config.feature_columns, config.target.column, config.window.lookback, config.outputs, config.targets_every_step
    )

    def windows(part: tuple[pd.Timestamp, pd.Timestamp]) -> Windows:
        origins = origins_for(known, part, layout.lookback, layout.outputs, read_from=split.fit[0])
        return make_windows(known, scalings, origins, layout)

    return TrainingSamples(windows(split.fit), windows(split.validation) if split.validation else None, scalings)


def fit_seeds(samples: TrainingSamples, config: Config, on_seed: SeedHook, folder: Path) -> list[FittedNetwork]:
    """Fit one network a seed, one after the other; an interruption keeps what is finished.

    Args:
        samples: What they learn from.
        config: The config.
        on_seed: Gives what hears of each epoch.
        folder: Where the state of each training is kept, and gone on from.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch of the first network was finished.
    """
    fitted: list[FittedNetwork] = []
    for number in range(len(config.train.seeds)):
        try:
            fitted.append(fit_seed(samples, config, number, on_seed, folder))
        except KeyboardInterrupt:
            if not fitted:
                raise
            fitted[-1] = replace(fitted[-1], outcome=replace(fitted[-1].outcome, interrupted=True))
        if fitted[-1].outcome.interrupted:
            break
    return fitted


def fit_seed(samples: TrainingSamples, config: Config, number: int, on_seed: SeedHook, folder: Path) -> FittedNetwork:
    """Build and fit the network of the seed with this number, from where an earlier training left it."""
    seed, path = config.train.seeds[number], folder / state_file_name(number)
    seed_keras(seed)
    network = build_network(config.model, config.window, len(config.feature_columns), config.outputs)
    on_epoch = on_seed(seed, number)
    saved = time.monotonic()

    def on_state(state: TrainingState) -> None:
        nonlocal saved
        # Short epochs are not worth a file each.
        if time.monotonic() - saved >= _SECONDS_BETWEEN_SAVES:
            save_state(path, state)
            saved = time.monotonic()
        on_epoch(len(state.history), state.history[-1])

    start = load_state(path) if path.is_file() else None
    outcome = train_network(network, samples, config.train, seed, on_state, start)
    save_state(path, outcome.state)
    return FittedNetwork(seed, network, outcome)


def forecaster_of(fitted: Sequence[FittedNetwork], scalings: Scalings, config: Config) -> NetworkForecaster:
    """Return the forecaster that averages fitted networks."""
    return NetworkForecaster([partial(predict_windows, each.network) for each in fitted], scalings, config)
