"""The main job: from prices to a judged run folder."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.config_sections import TrainConfig
from stockrnn.errors import StockrnnError, StoppedError, UnfinishedError
from stockrnn.evaluation.judged_rows import log_percent
from stockrnn.evaluation.metrics import rmse
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import Forecasts, tabulate
from stockrnn.interruption import noted_interruption
from stockrnn.messages import Notify
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.content import RunContent, write_content
from stockrnn.runs.folder import FIGURES_FOLDER, STATE_FILES, state_file_name
from stockrnn.runs.places import RunPlace, finish_run, unfinished_run
from stockrnn.runs.unfinished import resume_command
from stockrnn.workflows.combining import combine_seeds
from stockrnn.workflows.ensemble import train_seeds
from stockrnn.workflows.evaluate import Judgement, judge, naive_forecasts
from stockrnn.workflows.held_out import origins_tested
from stockrnn.workflows.job import JOB_FILE, TrainJob, read_job, resumed_work, write_job
from stockrnn.workflows.preparation import TrainRequest, prepare
from stockrnn.workflows.trained_seed import SeedHook, TrainedSeed


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
    """A finished run.

    Attributes:
        run: Its folder.
        job: What was trained on what.
        facts: How it went.
        judgement: What it is worth.
        by_seed: What each network is worth alone, where there are several.
        gate: The share of the way from the naive forecast that is kept; None without a gate.
        expected: The networks start from the moves that a regression expects.
    """

    run: Path
    job: TrainJob
    facts: TrainFacts
    judgement: Judgement
    by_seed: Sequence[dict[str, float]] = ()
    gate: float | None = None
    expected: bool = False


@dataclass(frozen=True)
class TrainHooks:
    """Who hears of a training, and how much of the machine it may take.

    Attributes:
        notify: Hears warnings and notes.
        on_seed: Given the training's config, gives what hears of the epochs of a seed.
        processes: How many networks are trained at a time, each in a process of its own.
    """

    notify: Notify
    on_seed: Callable[[TrainConfig], SeedHook]
    processes: int = 1


def train(request: TrainRequest, hooks: TrainHooks) -> TrainResult:
    """Train a recipe's networks, judge them and write the run folder.

    All input is checked, and the folder made, before TensorFlow is loaded.

    Args:
        request: What is to be trained on what.
        hooks: Who hears of it.

    Raises:
        ConfigError: A run of this name exists.
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
        UnfinishedError: What is trained cannot be saved or judged, for want of space perhaps.
        KeyboardInterrupt: Interrupted before anything was worth keeping.
        StoppedError: Interrupted when only seeds after the first had a finished epoch.
    """
    with unfinished_run(request.place, STATE_FILES) as work:
        job = prepare(request, hooks.notify)
        write_job(work, job, request.place)
        with _trained_is_kept(work):
            return _train_into(work, job, request.place, hooks)


def resume(runs: Path, name: str, hooks: TrainHooks) -> TrainResult:
    """Go on with an interrupted training, to what it would have given without the interruption.

    Args:
        runs: The folder of all runs.
        name: The interrupted run.
        hooks: Who hears of it.

    Raises:
        RunFolderError: There is no such run, or it is damaged.
        ConfigError: The run is finished.
    """
    with resumed_work(runs, name) as (work, place), _trained_is_kept(work):
        return _train_into(work, read_job(work), place, hooks)


@contextmanager
def _trained_is_kept(work: Path) -> Iterator[None]:
    """Say how to go on with what is trained, whatever ends the block: Ctrl-C, a full disk, a bug."""
    try:
        yield
    except UnfinishedError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        if not any(work.glob(STATE_FILES)):
            raise
        command = resume_command(work.parent.parent / work.name)
        if isinstance(error, KeyboardInterrupt):
            raise StoppedError(f"{_interrupted(work)} is kept. Go on with: {command}") from None
        if isinstance(error, OSError):
            where = f"{error.filename or work}: {error.strerror or error}"
            raise UnfinishedError(f"{where}; what is trained is kept. Go on with: {command}") from error
        if isinstance(error, StockrnnError):
            raise type(error)(f"{error}; what is trained is kept: with that mended, go on with: {command}") from error
        error.add_note(f"What is trained is kept. Go on with: {command}")
        raise


def _interrupted(work: Path) -> str:
    if (work / state_file_name(0)).is_file():
        return "interrupted; what is trained"
    return (
        "interrupted before an epoch of the first seed was finished, so there is no run yet; "
        "what is trained of other seeds"
    )


def _train_into(work: Path, job: TrainJob, place: RunPlace, hooks: TrainHooks) -> TrainResult:
    started = time.perf_counter()
    trained = train_seeds(work, job, hooks.processes, hooks.notify, hooks.on_seed(job.config.train))
    # One that was interrupted before its refit reads prices in another way than those that were not; the networks of a
    # run are those of its first seeds.
    trained = list(itertools.takewhile(lambda each: each.encoding == trained[0].encoding, trained))
    facts = TrainFacts(
        seconds=round(time.perf_counter() - started, 3),
        epochs=max(len(each.history) for each in trained),
        windows=trained[0].windows,
        engine=trained[0].engine,
        interrupted=any(each.interrupted for each in trained) or len(trained) < len(job.config.train.seeds),
    )
    if facts.interrupted:
        hooks.notify("Interrupted: judging and keeping what is trained.")
    with noted_interruption():
        return _keep(work, job, place, trained, facts)


def _keep(work: Path, job: TrainJob, place: RunPlace, trained: Sequence[TrainedSeed], facts: TrainFacts) -> TrainResult:
    """Judge what is trained, and make a run of it."""
    combined, terms = combine_seeds(job, trained), Terms.of(job.config, job.split)
    naive = naive_forecasts(job.prices, origins_tested(job), terms)
    forecasts = pd.concat([combined.forecasts, naive], ignore_index=True)
    judgement = judge(job.prices, forecasts, terms)
    spread = [_seed_score(job, each) for each in trained] if len(trained) > 1 else []
    recorded = {**dataclasses.asdict(facts), "gate": combined.gate, "by_seed": spread}
    work_files = [JOB_FILE, *([] if facts.interrupted else _state_files(len(trained)))]
    write_content(work, _content(job, trained, forecasts, judgement, recorded), work_files)
    save_forecast_figures(forecasts, work / FIGURES_FOLDER)
    run = finish_run(work, place)
    for name in work_files:
        # Only now: a process that is killed before leaves all that --resume goes on with.
        (run / name).unlink(missing_ok=True)
    expected = trained[0].encoding.expected is not None
    return TrainResult(run, job, facts, judgement, spread, combined.gate, expected)


def _state_files(seeds: int) -> list[str]:
    return [state_file_name(number, refit) for number in range(seeds) for refit in (False, True)]


def _content(
    job: TrainJob, trained: Sequence[TrainedSeed], forecasts: Forecasts, judgement: Judgement, facts: dict[str, Any]
) -> RunContent:
    return RunContent(
        kind="train",
        config=job.config,
        prices=job.prices,
        sources=job.sources,
        adjust=job.adjust,
        calendar=job.calendar,
        split=job.split,
        encoding=trained[0].encoding,
        heads=[each.head for each in trained if each.head],
        seeds=[each.seed for each in trained],
        histories=[each.history for each in trained],
        forecasts=forecasts,
        judgement=judgement.to_json(),
        facts=facts,
    )


def _seed_score(job: TrainJob, trained: TrainedSeed) -> dict[str, float]:
    """Return how much a network alone misses by; of several tickers in log per cent, because their prices do not add up."""
    forecasts = tabulate(trained.test, job.prices, origins_tested(job), job.config.target.column)
    forecast, actual = (forecasts[name].to_numpy(dtype=np.float64) for name in ("forecast", "actual"))
    if len(set(forecasts.loc[np.isfinite(actual), "ticker"])) > 1:
        forecast, actual = log_percent(forecast), log_percent(actual)
    error = forecast - actual
    return {"seed": trained.seed, "rmse": rmse(error[np.isfinite(error)])}
