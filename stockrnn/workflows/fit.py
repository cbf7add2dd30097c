"""Fit the networks of a config to prices: what train, backtest and audit share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras
from stockrnn.models.training import EpochHook, TrainingOutcome, predict_windows, train_network
from stockrnn.prices.table import Prices
from stockrnn.samples.samples import Scalings, WindowLayout, fit_scalings, make_windows, origins_for
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Windows

# Seed, its number from 0; gives what hears of each epoch.
SeedHook = Callable[[int, int], EpochHook]


@dataclass(frozen=True)
class TrainingSamples:
    """What networks learn from.

    Attributes:
        windows: Windows of the sessions that are fitted.
        validation: Windows of the sessions that are watched; None without.
        scalings: The scaling of each ticker, fitted on the sessions that are fitted.
    """

    windows: Windows
    validation: Windows | None
    scalings: Scalings


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


def fit_seeds(samples: TrainingSamples, config: Config, on_seed: SeedHook) -> list[FittedNetwork]:
    """Fit one network a seed; an interruption keeps what is finished.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch of the first network was finished.
    """
    fitted: list[FittedNetwork] = []
    for number, seed in enumerate(config.train.seeds):
        try:
            fitted.append(fit_seed(samples, config, seed, on_seed(seed, number)))
        except KeyboardInterrupt:
            if not fitted:
                raise
            fitted[-1] = replace(fitted[-1], outcome=replace(fitted[-1].outcome, interrupted=True))
        if fitted[-1].outcome.interrupted:
            break
    return fitted


def fit_seed(samples: TrainingSamples, config: Config, seed: int, on_epoch: EpochHook) -> FittedNetwork:
    """Build and fit the network of one seed."""
    seed_keras(seed)
    network = build_network(config.model, config.window, len(config.feature_columns), config.outputs)
    outcome = train_network(network, samples.windows, samples.validation, config.train, seed, on_epoch)
    return FittedNetwork(seed, network, outcome)


def forecaster_of(fitted: Sequence[FittedNetwork], scalings: Scalings, config: Config) -> NetworkForecaster:
    """Return the forecaster that averages fitted networks."""
    return NetworkForecaster([partial(predict_windows, each.network) for each in fitted], scalings, config)
