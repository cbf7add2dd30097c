"""Which tickers are trained on and forecast in which fold of a backtest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from stockrnn.errors import PriceDataError
from stockrnn.messages import Notify, first_few
from stockrnn.prices.table import tickers_of
from stockrnn.samples.folds import Fold, fold_tickers, forecast_tickers, only_tickers
from stockrnn.workflows.backtest_job import Pool
from stockrnn.workflows.held_out import check_windows, trainable_alone
from stockrnn.workflows.job import TrainJob

_MOST_SHOWN = 5


def trainable_folds(
    checked: TrainJob, folds: Sequence[Fold], pool: Pool, notify: Notify
) -> list[tuple[Fold, list[str]]]:
    """Return the folds that have something to train on and to forecast, each with its tickers, and tell what is left out.

    One network for all learns of every ticker that has enough sessions, also of one that stops trading: that was not
    known on the day of the refit. A ticker by itself needs something to forecast too.

    Args:
        checked: The job of a training on the same prices.
        folds: All folds.
        pool: One network for all tickers together, or one for each.
        notify: Hears notes.

    Raises:
        PriceDataError: No fold has any; says what the first of them lacks.
    """
    window = checked.config.window.lookback, checked.config.window.horizon
    needed = sum(window) if checked.config.needs_own_training or pool == "each" else 0
    kept, lacking = [], []
    forecast: set[str] = set()
    for fold in folds:
        tickers = fold_tickers(checked.prices, fold, window, needed)
        own = replace(checked, prices=only_tickers(checked.prices, tickers), split=fold.split, fold=fold)
        ahead = set(tickers).intersection(forecast_tickers(checked.prices, fold, window))
        try:
            kept.append((fold, _usable(own, tickers, ahead, pool)))
        except PriceDataError as problem:
            lacking.append(f"{_named(fold, tickers or tickers_of(checked.prices))}: {problem}")
        else:
            forecast.update(ahead)
    if not kept:
        first = lacking[0] if lacking else "no fold has sessions to forecast"
        raise PriceDataError(f"{first}; choose other years with --from and --to, or give more prices")
    _tell(checked, kept, lacking, forecast, notify)
    return kept


def _usable(job: TrainJob, tickers: list[str], forecast: Collection[str], pool: Pool) -> list[str]:
    """Return the tickers of a fold that are trained on, together or each by itself.

    Raises:
        PriceDataError: The fold cannot be trained on them, or has nothing to forecast.
    """
    if not tickers:
        both = job.config.window.lookback + job.config.window.horizon
        raise PriceDataError(f"no ticker has {both} sessions to train on (lookback + horizon)")
    check_windows(job)
    if not forecast:
        raise PriceDataError("no ticker that can be trained on has a session to forecast")
    if pool == "together":
        return tickers
    alone = [name for name in trainable_alone(job) if name in forecast]
    if not alone:
        raise PriceDataError("no ticker by itself has sessions for each use of the validation and one to forecast")
    return alone


def _named(fold: Fold, tickers: Sequence[str]) -> str:
    first, last = fold.split.test
    return f"fold {fold.number} ({first:%Y-%m-%d} to {last:%Y-%m-%d}; {first_few(tickers, _MOST_SHOWN)})"


def _tell(
    checked: TrainJob,
    kept: Sequence[tuple[Fold, list[str]]],
    lacking: Sequence[str],
    forecast: Collection[str],
    notify: Notify,
) -> None:
    """Say which folds are left out, and which tickers in all folds or in some, or are nowhere forecast."""
    for text in lacking[:_MOST_SHOWN]:
        notify(f"Note: left out: {text}.")
    if len(lacking) > _MOST_SHOWN:
        notify(f"Note: left out: {len(lacking) - _MOST_SHOWN} more folds.")
    counts = dict.fromkeys(tickers_of(checked.prices), 0)
    for _, tickers in kept:
        for name in tickers:
            counts[name] += 1
    texts = {
        "left out for want of sessions in every fold": [name for name, count in counts.items() if not count],
        "with enough sessions in some folds only": [
            f"{name} (in {count} of {len(kept)})" for name, count in counts.items() if 0 < count < len(kept)
        ],
        "trained on, and without a session to forecast in any fold": [
            name for name, count in counts.items() if count and name not in forecast
        ],
    }
    for text, names in texts.items():
        if names:
            notify(f"Note: {text}: {first_few(names, _MOST_SHOWN)}.")
