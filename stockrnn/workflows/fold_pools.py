"""Which tickers can be trained on and forecast in which fold of a backtest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from stockrnn.errors import PriceDataError
from stockrnn.prices.table import tickers_of
from stockrnn.samples.folds import Fold, fold_tickers, only_tickers
from stockrnn.workflows.backtest_job import Pool
from stockrnn.workflows.held_out import check_windows, trainable_alone
from stockrnn.workflows.job import TrainJob

Notify = Callable[[str], None]

_MOST_NAMES = 5


def trainable_folds(
    checked: TrainJob, folds: Sequence[Fold], pool: Pool, notify: Notify
) -> list[tuple[Fold, list[str]]]:
    """Return the folds that have something to train on, each with its tickers, and tell what is left out.

    Args:
        checked: The job of a training on the same prices.
        folds: All folds.
        pool: One network for all tickers together, or one for each.
        notify: Hears notes.

    Raises:
        PriceDataError: No fold has any; says what the first of them lacks.
    """
    window = checked.config.window
    needed = window.lookback + window.horizon if checked.config.needs_own_training or pool == "each" else 0
    kept, lacking = [], []
    for fold in folds:
        tickers = fold_tickers(checked.prices, fold, (window.lookback, window.horizon), needed)
        own = replace(checked, prices=only_tickers(checked.prices, tickers), split=fold.split, fold=fold)
        problem = _problem(own, tickers)
        alone = [] if problem else trainable_alone(own) if pool == "each" else tickers
        if alone:
            kept.append((fold, alone))
        else:
            nobody = "no ticker by itself has sessions for each use of the validation"
            lacking.append(f"{_named(fold, tickers or tickers_of(checked.prices))}: {problem or nobody}")
    if not kept:
        first = lacking[0] if lacking else "no fold has sessions to forecast"
        raise PriceDataError(f"{first}; choose other years with --from and --to, or give more prices")
    _tell(checked, kept, lacking, notify)
    return kept


def _problem(job: TrainJob, tickers: Sequence[str]) -> str | None:
    """Return why a fold cannot be trained on these tickers together."""
    if not tickers:
        both = job.config.window.lookback + job.config.window.horizon
        return f"no ticker has {both} sessions to train on (lookback + horizon) before a session to test it on"
    try:
        check_windows(job)
    except PriceDataError as error:
        return str(error)
    return None


def _named(fold: Fold, tickers: Sequence[str]) -> str:
    first, last = fold.split.test
    return f"fold {fold.number} ({first:%Y-%m-%d} to {last:%Y-%m-%d}; {_some(tickers)})"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _tell(checked: TrainJob, kept: Sequence[tuple[Fold, list[str]]], lacking: Sequence[str], notify: Notify) -> None:
    """Say which folds are left out, and which tickers in all folds or in some."""
    for text in lacking[:_MOST_NAMES]:
        notify(f"Note: left out: {text}.")
    if len(lacking) > _MOST_NAMES:
        notify(f"Note: left out: {len(lacking) - _MOST_NAMES} more folds.")
    counts = dict.fromkeys(tickers_of(checked.prices), 0)
    for _, tickers in kept:
        for name in tickers:
            counts[name] += 1
    nowhere = [name for name, count in counts.items() if not count]
    sometimes = [f"{name} (in {count} of {len(kept)})" for name, count in counts.items() if 0 < count < len(kept)]
    if nowhere:
        notify(f"Note: left out for want of sessions to train on in any fold: {_some(nowhere)}.")
    if sometimes:
        notify(f"Note: with enough sessions to train on and to forecast in some folds only: {_some(sometimes)}.")
