"""What a backtest does before its tasks and after them, in a process of its own: its parent holds no prices."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.table import sessions_of, tickers_of
from stockrnn.prices.ticker_files import read_ticker_files, write_ticker_files
from stockrnn.reports.figures import save_forecast_figures
from stockrnn.runs.content import RunContent, write_content
from stockrnn.runs.folder import FIGURES_FOLDER, load_run
from stockrnn.samples.folds import WalkForward, fold_tickers, only_tickers, walk_forward_folds
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
from stockrnn.workflows.fold_forecasts import FoldForecasts, mean_forecasts
from stockrnn.workflows.preparation import TrainRequest, prepare
from stockrnn.workflows.tasks import TaskResults

Notify = Callable[[str], None]


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
    config, prices = checked.config, checked.prices
    window = (config.window.lookback, config.window.horizon)
    folds = walk_forward_folds(sessions_of(prices), checked.split, config.data, request.plan, window)
    known = {fold.number: fold_tickers(prices, fold, *window) for fold in folds}
    used = sorted(set().union(*known.values()))
    if not used:
        raise PriceDataError(
            f"no ticker has {sum(window)} sessions to train on (lookback + horizon) before a session to test it on; "
            "choose other years with --from and --to or give more prices"
        )
    left_out = sorted(set(tickers_of(prices)) - set(used))
    if left_out:
        more = f" and {len(left_out) - 5} more" if len(left_out) > 5 else ""
        notify(f"Note: left out for want of sessions to train on in any fold: {', '.join(left_out[:5])}{more}.")
        prices = only_tickers(prices, used)
    places = {ticker: place for place, ticker in enumerate(tickers_of(prices))}
    pooled = (PooledFold(fold, tuple(places[name] for name in known[fold.number])) for fold in folds)
    store = request.store or str((work / PRICES_FOLDER).resolve())
    job = BacktestJob(
        config=config,
        plan=request.plan,
        pool=request.pool,
        files=tuple(write_ticker_files(prices, store)),
        folds=tuple(each for each in pooled if each.tickers),
        sources=checked.sources,
        adjust=checked.adjust,
        calendar=checked.calendar,
        store=request.store,
    )
    job.write(work, request.train.place)
    return job


def conclude_backtest(work: Path, notify: Notify) -> JudgedBacktest:
    """Join the results of all tasks, judge them and write the run into a folder of its name within the work folder."""
    del notify
    job, _ = read_backtest(work.parent.parent, work)
    prices = read_ticker_files(job.files, job.location(work))
    forecasts, history, engine = _joined(job, FoldTasks(job, job.location(work)), TaskResults(work / TASKS_FOLDER))
    split = _whole_split(job)
    judgement = judge(prices, forecasts, job.config, split)
    run = work / work.name
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    content = RunContent(
        kind="backtest",
        config=job.config,
        prices=prices,
        sources=job.sources,
        adjust=job.adjust,
        calendar=job.calendar,
        split=split,
        scalings={},
        seeds=job.config.train.seeds,
        histories=[],
        forecasts=forecasts,
        judgement=judgement.to_json(),
        facts={"folds": job.folds_json(), "plan": vars(job.plan), "pool": job.pool, "engine": engine, "key": job.key},
        history=history,
    )
    write_content(run, content)
    save_forecast_figures(forecasts, run / FIGURES_FOLDER)
    return read_judged(run, lambda _: None)


def _joined(job: BacktestJob, tasks: FoldTasks, results: TaskResults) -> tuple[Forecasts, pd.DataFrame, str]:
    parts: list[Forecasts] = []
    history: list[dict[str, Any]] = []
    engine = ""
    for of_fold in tasks.by_fold():
        seeds = [FoldForecasts.read(results.path(task)) for task in of_fold]
        parts.append(mean_forecasts(seeds))
        engine = seeds[0].engine
        for task, done in zip(of_fold, seeds, strict=True):
            names = {
                "fold": task.arguments["fold"]["number"],
                "seed": job.config.train.seeds[task.arguments["number"]],
            }
            if job.pool == "each":
                names = {"ticker": task.arguments["tickers"][0][0], **names}
            history += [{**names, "epoch": epoch, **losses} for epoch, losses in enumerate(done.history, start=1)]
    joined = pd.concat(parts, ignore_index=True)
    order = {name: number for number, name in enumerate(dict.fromkeys(joined["forecaster"]))}
    places = joined["forecaster"].map(order)
    by = joined.assign(place=places).sort_values(["place", "ticker", "origin", "horizon"], kind="stable")
    return by.drop(columns="place").reset_index(drop=True), pd.DataFrame(history), engine


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
    return JudgedBacktest(document["key"], config, split, judgement, document["folds"])
