"""Fit the networks of a config to prices: what train, backtest and audit share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stockrnn.arrays import Positions
from stockrnn.config import Config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.table import Forecast
from stockrnn.interruption import noted_interruption
from stockrnn.models.kept_networks import KeptNetworks, new_network
from stockrnn.models.saving import load_state, predict_windows, save_state
from stockrnn.models.trainable import TrainableNetwork
from stockrnn.models.training import TrainingOutcome, TrainingState, train_network
from stockrnn.runs.folder import model_file_name, state_file_name
from stockrnn.samples.encoding import Encoding, fit_encoding
from stockrnn.samples.samples import TrainingSamples, WindowLayout, make_windows, origins_for
from stockrnn.samples.splits import Part, Split
from stockrnn.samples.windows import Windows
from stockrnn.workflows.held_out import held_out_origins, origins_tested, watched_part
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.trained_seed import EpochHook, SeedHook, TrainedSeed

_SECONDS_BETWEEN_SAVES = 2.0


@dataclass(frozen=True)
class FittedNetwork:
    """A network with what was fitted beside it, and how its training went."""

    network: Any
    encoding: Encoding
    outcome: TrainingOutcome
    windows: int


def train_seed(
    work: Path | None, job: TrainJob, number: int, on_seed: SeedHook, kept: KeptNetworks | None = None
) -> TrainedSeed:
    """Train the network of one seed, from where an earlier training left it, and forecast the test sessions with it.

    Args:
        work: Where its state is kept while it trains, and the network is saved; None keeps nothing but the forecasts.
        job: What is trained on what.
        number: Which of the seeds, from 0.
        on_seed: Gives what hears of each epoch.
        kept: Networks of earlier trainings, to be trained again; not where an interruption is to leave a network.

    Raises:
        KeyboardInterrupt: Interrupted before the first epoch was finished.
    """
    seed = job.config.train.seeds[number]
    on_epoch = on_seed(seed, number)
    fitted = fit_seed(job, number, on_epoch, work, kept)
    history = fitted.outcome.history
    with noted_interruption() as stop_asked:
        held_out, proven = _held_out_forecast(job, fitted), fitted.encoding.expected is not None
    interrupted = fitted.outcome.interrupted or stop_asked()
    if job.config.train.refit_epochs and not interrupted:
        fitted, history, interrupted = _refitted(fitted, job, number, on_epoch, work, kept)
    with noted_interruption() as stop_asked:
        if work:
            fitted.network.save(work / model_file_name(number))
        forecast = _forecast(job, fitted, origins_tested(job))
    return TrainedSeed(
        seed=seed,
        history=history,
        engine=fitted.outcome.engine,
        interrupted=interrupted,
        windows=fitted.windows,
        encoding=fitted.encoding,
        head=fitted.outcome.head,
        test=forecast,
        held_out=held_out,
        proven=proven,
        is_last=interrupted or stop_asked(),
    )


def _refitted(
    first: FittedNetwork,
    job: TrainJob,
    number: int,
    on_epoch: EpochHook,
    work: Path | None,
    kept: KeptNetworks | None,
) -> tuple[FittedNetwork, list[dict[str, float]], bool]:
    """Return the network of the refit, the losses of both fits, and whether the refit was interrupted."""
    history = first.outcome.history
    try:
        again = refit_seed(job, number, _after(len(history), on_epoch), work, kept)
    except KeyboardInterrupt:
        return first, history, True  # what was fitted first is worth keeping
    losses = [{"refit_loss": epoch["loss"]} for epoch in again.outcome.history]
    return again, [*history, *losses], again.outcome.interrupted


def _held_out_forecast(job: TrainJob, fitted: FittedNetwork) -> Forecast | None:
    """Forecast the validation sessions that nothing was fitted to: a refit will have seen them."""
    origins = held_out_origins(job)
    return _forecast(job, fitted, origins) if len(origins) else None


def _forecast(job: TrainJob, fitted: FittedNetwork, origins: Positions) -> Forecast:
    heads = [fitted.outcome.head] if fitted.outcome.head else []
    forecaster = NetworkForecaster([partial(predict_windows, fitted.network)], fitted.encoding, job.config, heads)
    return forecaster.forecast(job.prices, origins, job.config.window.horizon)


def make_samples(job: TrainJob, split: Split) -> TrainingSamples:
    """Make the training samples; no price after the training years is looked at.

    Args:
        job: What is trained on what.
        split: Which sessions are fitted and watched.
    """
    known, config = job.prices[job.prices.index.get_level_values("session") <= split.train[1]], job.config
    encoding = fit_encoding(known, config, job.features, split.fit)
    layout = WindowLayout(config.window.lookback, config.targets_every_step, config.train.warm_up, config.train.stride)

    def windows(part: Part, counted: Part | None) -> Windows:
        origins = origins_for(known, part, layout.lookback, config.outputs, read_from=split.fit[0])
        return make_windows(known, encoding, origins, layout, counted)

    watched = watched_part(known, config, split)
    return TrainingSamples(windows(split.fit, None), windows(watched, watched) if watched else None, encoding)


def fit_seed(
    job: TrainJob, number: int, on_epoch: EpochHook, folder: Path | None, kept: KeptNetworks | None = None
) -> FittedNetwork:
    """Build and fit the network of the seed with this number, from where an earlier training left it."""
    state_file = folder / state_file_name(number) if folder else None
    return _fit(make_samples(job, job.split), job.config, number, on_epoch, state_file, kept)


def refit_seed(
    job: TrainJob, number: int, on_epoch: EpochHook, folder: Path | None, kept: KeptNetworks | None = None
) -> FittedNetwork:
    """Fit a new network to all training sessions, those of the validation included."""
    config = job.config
    shorter = config.train.model_copy(update={"epochs": config.train.refit_epochs, "early_stopping": 0})
    refitted = config.model_copy(update={"train": shorter})
    state_file = folder / state_file_name(number, refit=True) if folder else None
    return _fit(make_samples(job, job.split.unwatched), refitted, number, on_epoch, state_file, kept)


def _after(epochs: int, on_epoch: EpochHook) -> EpochHook:
    """Count on from the epochs that there were already."""
    return lambda epoch, losses: on_epoch(epochs + epoch, losses)


def _fit(
    samples: TrainingSamples,
    config: Config,
    number: int,
    on_epoch: EpochHook,
    state_file: Path | None,
    kept: KeptNetworks | None,
) -> FittedNetwork:
    seed = config.train.seeds[number]
    network = new_network(config, samples, seed) if kept is None else kept.network(config, samples, seed)
    saved = time.monotonic()

    def on_state(state: TrainingState) -> None:
        nonlocal saved
        # Short epochs are not worth a file each.
        if state_file and time.monotonic() - saved >= _SECONDS_BETWEEN_SAVES:
            save_state(state_file, state)
            saved = time.monotonic()
        on_epoch(len(state.history), state.history[-1])

    start = load_state(state_file) if state_file and state_file.is_file() else None
    outcome = train_network(network, samples, config.train, seed, on_state, start)
    if state_file:
        save_state(state_file, outcome.state)
    plain = network.network if isinstance(network, TrainableNetwork) else network
    return FittedNetwork(plain, samples.encoding, outcome, len(samples.windows))
