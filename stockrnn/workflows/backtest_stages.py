"""What a backtest does before its tasks and after them, in a process of its own: its parent holds no prices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import Forecasts
from stockrnn.messages import Notify
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.prices.ticker_files import read_ticker_files, write_ticker_files
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.content import RunContent, write_content
from stockrnn.runs.folder import FIGURES_FOLDER, load_run
from stockrnn.samples.encoding import Encoding, output_layout
from stockrnn.samples.features import available_features
from stockrnn.samples.folds import WalkForward, only_tickers, walk_forward_folds
from stockrnn.samples.splits import Split
from stockrnn.workflows.backtest_job import (
    PRICES_FOLDER,
    TASKS_FOLDER,
    BacktestJob,
    FoldTasks,
    Pool,
    PooledFold,
    read_backtest,
)
from stockrnn.workflows.evaluate import Judgement, evaluate, judge
from stockrnn.workflows.fold_forecasts import FoldNetwork, combined_forecasts, fold_job, read_naive
from stockrnn.workflows.fold_pools import trainable_folds
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.preparation import TrainRequest, prepare
from stockrnn.workflows.tasks import TaskResults


@dataclass(frozen=True)
class BacktestRequest:
    """What is to be tested on what.

    Attributes:
        train: The recipe, the prices and the place of the run.
        plan: How to walk through the test sessions.
        pool: One network for all tickers together, or one for each.
        store: Where workers are to find the prices; None is the work folder.
    """

    train: TrainRequest
    plan: WalkForward
    pool: Pool = "together"
    store: str | None = None


@dataclass(frozen=True)
class JudgedBacktest:
    """What is in the run folder of a backtest."""

    key: str
    config: Config
    split: Split
    judgement: Judgement
    folds: list[dict[str, Any]]
    gates: list[float | None]


def prepare_backtest(work: Path, request: BacktestRequest, notify: Notify) -> BacktestJob:
    """Read and check all input, and lay it down for the tasks.

    Args:
        work: The work folder.
        request: What is to be tested on what.
        notify: Hears warnings and notes.

    Raises:
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
    """
    checked = prepare(request.train, notify, late_tickers=True)
    config, window = checked.config, (checked.config.window.lookback, checked.config.window.horizon)
    every = walk_forward_folds(sessions_of(checked.prices), checked.split, config.data, request.plan, window)
    folds = trainable_folds(checked, every, request.pool, notify)
    used = sorted(set().union(*(tickers for _, tickers in folds)))
    places = {ticker: place for place, ticker in enumerate(used)}
    store = request.store or str((work / PRICES_FOLDER).resolve())
    job = BacktestJob(
        config=config,
        plan=request.plan,
        pool=request.pool,
        files=tuple(write_ticker_files(only_tickers(checked.prices, used), store)),
        folds=tuple(PooledFold(fold, tuple(places[name] for name in tickers)) for fold, tickers in folds),
        sources=checked.sources,
        adjust=checked.adjust,
        calendar=checked.calendar,
        features=_features_of(checked, request.pool),
        store=request.store,
    )
    job.write(work, request.train.place)
    return job


def _features_of(checked: TrainJob, pool: Pool) -> tuple[str, ...]:
    # A ticker by itself has no pool to read the means of.
    return available_features(checked.features, checked.prices.columns, 1)[0] if pool == "each" else checked.features


def conclude_backtest(work: Path, run: Path, notify: Notify) -> JudgedBacktest:
    """Join the results of all tasks, judge them and write the run into a new folder."""
    del notify
    job, _ = read_backtest(work.parent.parent, work)
    prices = read_ticker_files(job.files, job.location(work))
    joined = _joined(job, prices, FoldTasks(job, job.location(work)), TaskResults(work / TASKS_FOLDER))
    split = _whole_split(job)
    judgement = judge(prices, joined.forecasts, Terms.of(job.config, split))
    run.mkdir()
    content = RunContent(
        kind="backtest",
        config=job.config,
        prices=prices,
        sources=job.sources,
        adjust=job.adjust,
        calendar=job.calendar,
        split=split,
        encoding=Encoding(job.config.feature_columns, job.features, output_layout(job.config), {}),
        heads=[],
        seeds=job.config.train.seeds,
        histories=[],
        forecasts=joined.forecasts,
        judgement=judgement.to_json(),
        facts={
            "folds": job.folds_json(),
            "plan": vars(job.plan),
            "pool": job.pool,
            "engine": joined.engine,
            "gates": joined.gates,
            "key": job.key,
        },
        history=joined.history,
        refits=job.refits(),
    )
    write_content(run, content)
    save_forecast_figures(joined.forecasts, run / FIGURES_FOLDER)
    return read_judged(run, lambda _: None)


@dataclass(frozen=True)
class _Joined:
    """The results of all tasks: forecasts, losses by epoch, what computed the layers, and the gate of each fold and pool."""

    forecasts: Forecasts
    history: pd.DataFrame
    engine: str
    gates: list[float | None]


def _joined(job: BacktestJob, prices: Prices, tasks: FoldTasks, results: TaskResults) -> _Joined:
    parts: list[Forecasts] = []
    gates: list[float | None] = []
    history: list[dict[str, Any]] = []
    engine = ""
    for pool in tasks.by_pool():
        seeds = [FoldNetwork.read(results.path(task)) for task in pool.seeds]
        own = only_tickers(prices, [file.ticker for file in pool.files])
        asked = fold_job(pool.naive.arguments["pool"], pool.fold, own)
        forecasts, gate = combined_forecasts(asked, seeds, read_naive(results.path(pool.naive)))
        parts.append(forecasts)
        gates.append(gate)
        engine = seeds[0].engine
        names = {"ticker": pool.files[0].ticker} if job.pool == "each" else {}
        for seed, done in zip(job.config.train.seeds, seeds, strict=True):
            row = {**names, "fold": pool.fold.number, "seed": seed}
            history += [{**row, "epoch": epoch, **losses} for epoch, losses in enumerate(done.history, start=1)]
    return _Joined(_in_order(pd.concat(parts, ignore_index=True)), pd.DataFrame(history), engine, gates)


def _in_order(forecasts: Forecasts) -> Forecasts:
    """Sort rows by forecaster, in the order of their first rows, ticker, origin and horizon."""
    order = {name: number for number, name in enumerate(dict.fromkeys(forecasts["forecaster"]))}
    placed = forecasts.assign(place=forecasts["forecaster"].map(order))
    placed = placed.sort_values(["place", "ticker", "origin", "horizon"], kind="stable")
    return placed.drop(columns="place").reset_index(drop=True)


def _whole_split(job: BacktestJob) -> Split:
    # What chooses the opponent and scales the scores was known before the first session that is tested.
    first, last = job.folds[0].fold.split, job.folds[-1].fold.split
    return Split(first.fit, first.validation, (first.test[0], last.test[1]))


def read_judged(run: Path, notify: Notify) -> JudgedBacktest:
    """Judge the forecasts in the run folder of a backtest.

    Raises:
        RunFolderError: It is missing or damaged.
    """
    del notify
    document = load_run(run).document
    config, split, judgement = evaluate(run)
    return JudgedBacktest(document["key"], config, split, judgement, document["folds"], document["gates"])
