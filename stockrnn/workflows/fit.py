"""Fit the networks of a config to prices: what train, backtest and audit share."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.interruption import noted_interruption
from stockrnn.models.architectures import build_network
from stockrnn.models.runtime import seed_keras
from stockrnn.models.saving import load_state, predict_windows, save_state
from stockrnn.models.training import TrainingOutcome, TrainingState, train_network
from stockrnn.prices.table import Prices
from stockrnn.runs.folder import model_file_name, state_file_name
from stockrnn.samples.samples import TrainingSamples, WindowLayout, fit_scalings, make_windows, origins_for
from stockrnn.samples.splits import Split
from stockrnn.samples.windows import Windows
from stockrnn.workflows.ensemble import SeedHook, TrainedSeed
from stockrnn.workflows.job import TrainJob

_SECONDS_BETWEEN_SAVES = 2.0


def train_seed(work: Path, job: TrainJob, number: int, on_seed: SeedHook) -> TrainedSeed:
    """Train the network of one seed, from where an earlier training left it, and forecast the test sessions with it.

    Args:
        work: Where its state is kept while it trains, and the network is saved.
        job: What is trained on what.
        number: Which of the seeds, from 0.
        on_seed: Gives what hears of each epoch.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch was finished.
    """
    config = job.config
    samples = make_samples(job.prices, config, job.split)
    network, outcome = fit_seed(samples, config, number, on_seed, work)
    with noted_interruption() as stop_asked:
        network.save(work / model_file_name(number))
        forecaster = NetworkForecaster([partial(predict_windows, network)], samples.scalings, config)
        origins = origins_for(job.prices, job.split.test, config.window.lookback, config.window.horizon, read_from=None)
        forecast = forecaster.forecast(job.prices, origins, config.window.horizon)
    return TrainedSeed(
        seed=config.train.seeds[number],
        history=outcome.history,
        engine=outcome.engine,
        interrupted=outcome.interrupted,
        windows=len(samples.windows),
        scalings=samples.scalings,
        forecasts=forecast.values,
        is_last=outcome.interrupted or stop_asked(),
    )


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


def fit_seed(
    samples: TrainingSamples, config: Config, number: int, on_seed: SeedHook, folder: Path
) -> tuple[Any, TrainingOutcome]:
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
    return network, outcome
