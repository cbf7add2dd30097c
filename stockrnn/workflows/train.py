"""The main job: from prices to a judged run folder."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.table import Forecasts, tabulate
from stockrnn.prices.reader import ReadOptions
from stockrnn.prices.table import Prices, check_columns, row_spans, sessions_of
from stockrnn.recipes import Recipe
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.content import RunContent, write_content
from stockrnn.runs.folder import FIGURES_FOLDER, RunPlace, finish_run, model_file_name, unfinished_run
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Split, split_at_border, split_sessions
from stockrnn.workflows.evaluate import Judgement, judge, naive_forecasts
from stockrnn.workflows.loading import load_prices, load_train_and_test

if TYPE_CHECKING:
    from stockrnn.workflows.fit import SeedHook

Notify = Callable[[str], None]


@dataclass(frozen=True)
class TrainRequest:
    """What is to be trained on what.

    Attributes:
        recipe: The config and its name.
        place: Where the run goes.
        prices: Price files, or nothing for those that the recipe names.
        test: Price files that come after the others and are the test sessions.
        options: What the files cannot say themselves.
    """

    recipe: Recipe
    place: RunPlace
    prices: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    options: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class TrainJob:
    """Checked input: from here on nothing is wrong with what the user gave.

    Attributes:
        config: The config.
        prices: Prices of the tickers that can be trained on.
        sources: Where they came from.
        split: Which sessions are trained and tested on.
    """

    config: Config
    prices: Prices
    sources: tuple[str, ...]
    split: Split


@dataclass(frozen=True)
class TrainFacts:
    """How a training went.

    Attributes:
        seconds: How long it took.
        epochs: Finished epochs of the network with the most.
        windows: Windows an epoch.
        engine: What computed the layers.
        interrupted: The user stopped it.
    """

    seconds: float
    epochs: int
    windows: int
    engine: str
    interrupted: bool


@dataclass(frozen=True)
class TrainResult:
    """A finished run: its folder, what was trained on what, how it went, and what it is worth."""

    run: Path
    job: TrainJob
    facts: TrainFacts
    judgement: Judgement


def prepare(request: TrainRequest, notify: Notify) -> TrainJob:
    """Read and check everything that a training needs; TensorFlow is not needed for it.

    Raises:
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
    """
    config, recipe = request.recipe.config, request.recipe
    sources = request.prices or config.data.prices
    needed = config.window.lookback + config.window.horizon
    if request.test:
        read, border = load_train_and_test(sources, request.test, request.options)
    else:
        read, border = load_prices(sources, request.options), None
    for note in read.notes:
        notify(f"Warning: {note.text}")
    columns = dict.fromkeys((*config.feature_columns, config.target.column))
    if "close" in read.prices.columns:
        columns["close"] = None  # every forecast is compared with the last close
    check_columns(read.prices, columns, ", ".join(sources))
    sessions = sessions_of(read.prices)
    if border is not None:
        after = sessions > border
        split = split_at_border(sessions[~after], sessions[after], config.data, needed, config.window.horizon)
    else:
        split, notes = split_sessions(sessions, config.data, needed, recipe.split_is_chosen, config.window.horizon)
        for sentence in notes:
            notify(f"Note: {sentence}.")
    prices = _trainable(read.prices, split, needed, notify)
    if not len(origins_for(prices, split.test, config.window.lookback, config.window.horizon, read_from=None)):
        raise PriceDataError(
            f"no ticker that can be trained on has sessions from {split.test[0]:%Y-%m-%d} to {split.test[1]:%Y-%m-%d} "
            "to test on; choose other years with data.train and data.test"
        )
    return TrainJob(config, prices, (*sources, *request.test), split)


def _trainable(prices: Prices, split: Split, needed: int, notify: Notify) -> Prices:
    days = prices.index.get_level_values("session")
    counts = {
        ticker: int(((days[rows] >= split.fit[0]) & (days[rows] <= split.fit[1])).sum())
        for ticker, rows in row_spans(prices).items()
    }
    short = [ticker for ticker, count in counts.items() if count < needed]
    if not short:
        return prices
    if len(short) == len(counts):
        most = max(counts.values())
        raise PriceDataError(
            f"no ticker has {needed} sessions to train on (lookback + horizon); the longest has {most}"
        )
    names = ", ".join(short[:5]) + (f" and {len(short) - 5} more" if len(short) > 5 else "")
    notify(f"Note: left out for want of {needed} training sessions (lookback + horizon): {names}.")
    return prices[~prices.index.get_level_values("ticker").isin(short)]


def train(request: TrainRequest, notify: Notify, on_seed: SeedHook) -> TrainResult:
    """Train a recipe's networks, judge them and write the run folder.

    All input is checked, and the folder made, before TensorFlow is loaded.

    Args:
        request: What is to be trained on what.
        notify: Hears warnings and notes.
        on_seed: Gives what hears of each epoch of a seed.

    Raises:
        ConfigError: A run of this name exists.
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
        KeyboardInterrupt: Interrupted before anything was worth keeping.
    """
    with unfinished_run(request.place) as work:
        job = prepare(request, notify)
        return _train_into(work, job, request.place, notify, on_seed)


def _train_into(work: Path, job: TrainJob, place: RunPlace, notify: Notify, on_seed: SeedHook) -> TrainResult:
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    from stockrnn.workflows.fit import fit_seeds, forecaster_of, make_samples

    samples = make_samples(job.prices, job.config, job.split)
    started = time.perf_counter()
    fitted = fit_seeds(samples, job.config, on_seed)
    facts = TrainFacts(
        seconds=round(time.perf_counter() - started, 3),
        epochs=max(len(each.outcome.history) for each in fitted),
        windows=len(samples.windows),
        engine="keras",
        interrupted=fitted[-1].outcome.interrupted,
    )
    forecasts = _forecast_test(job, forecaster_of(fitted, samples.scalings, job.config))
    judgement = judge(job.prices, forecasts, job.config, job.split)
    for number, each in enumerate(fitted):
        each.network.save(work / model_file_name(number))
    write_content(
        work,
        RunContent(
            kind="train",
            config=job.config,
            prices=job.prices,
            sources=job.sources,
            split=job.split,
            scalings=samples.scalings,
            seeds=[each.seed for each in fitted],
            histories=[each.outcome.history for each in fitted],
            forecasts=forecasts,
            judgement=judgement.to_json(),
            facts=dataclasses.asdict(facts),
        ),
    )
    save_forecast_figures(forecasts, work / FIGURES_FOLDER)
    return TrainResult(finish_run(work, place), job, facts, judgement)


def _forecast_test(job: TrainJob, network: NetworkForecaster) -> Forecasts:
    config, target = job.config, job.config.target.column
    horizon = config.window.horizon
    origins = origins_for(job.prices, job.split.test, config.window.lookback, horizon, read_from=None)
    own = tabulate(network.forecast(job.prices, origins, horizon), job.prices, origins, target)
    return pd.concat([own, naive_forecasts(job.prices, origins, config)], ignore_index=True)
