"""The main job: from prices to a judged run folder."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.table import Forecasts, tabulate
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.content import RunContent, write_content
from stockrnn.runs.folder import FIGURES_FOLDER, RunPlace, finish_run, model_file_name, state_file_name, unfinished_run
from stockrnn.samples.samples import origins_for
from stockrnn.workflows.evaluate import Judgement, judge, naive_forecasts
from stockrnn.workflows.preparation import Notify, TrainJob, TrainRequest, prepare

if TYPE_CHECKING:
    from stockrnn.workflows.fit import SeedHook


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
    fitted = fit_seeds(samples, job.config, on_seed, work)
    facts = TrainFacts(
        seconds=round(time.perf_counter() - started, 3),
        epochs=max(len(each.outcome.history) for each in fitted),
        windows=len(samples.windows),
        engine=fitted[0].outcome.engine,
        interrupted=fitted[-1].outcome.interrupted,
    )
    forecasts = _forecast_test(job, forecaster_of(fitted, samples.scalings, job.config))
    judgement = judge(job.prices, forecasts, job.config, job.split)
    for number, each in enumerate(fitted):
        each.network.save(work / model_file_name(number))
        if not facts.interrupted:
            # Nothing is left to go on with.
            (work / state_file_name(number)).unlink()
    write_content(
        work,
        RunContent(
            kind="train",
            config=job.config,
            prices=job.prices,
            sources=job.sources,
            adjust=job.adjust,
            calendar=job.calendar,
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
