"""What forecasts are measured against, decided on the training years alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stockrnn.evaluation.metrics import Yardstick
from stockrnn.forecasts.table import Forecasts
from stockrnn.prices.table import Prices, row_spans


def make_yardstick(training: Prices, target: str, naive: Forecasts) -> Yardstick:
    """Choose the best naive forecaster and the scale of MASE.

    Args:
        training: Prices of the training years, validation included.
        target: The price column that is forecast.
        naive: Forecasts of the naive forecasters within these years.
    """
    return Yardstick(_best_by_horizon(naive), _naive_mae(training, target))


def _best_by_horizon(naive: Forecasts) -> dict[int, str]:
    # On log prices, because dollars do not add up over tickers; for one ticker the order is the same but for tiny gaps.
    error = np.log(np.maximum(naive["forecast"], 1e-8)) - np.log(naive["actual"])
    squared = (error**2).groupby([naive["horizon"], naive["forecaster"]], sort=False).mean()
    return {int(horizon): str(squared[horizon].idxmin()) for horizon in squared.index.unique(level=0)}


def _naive_mae(training: Prices, target: str) -> dict[str | None, float]:
    values = training[target].to_numpy()
    by_ticker: dict[str | None, float] = {}
    log_steps = []
    for ticker, rows in row_spans(training).items():
        by_ticker[ticker] = float(np.mean(np.abs(np.diff(values[rows])))) if rows.stop - rows.start > 1 else np.nan
        log_steps.append(100 * np.abs(np.diff(np.log(values[rows]))))
    by_ticker[None] = float(np.mean(np.concatenate(log_steps)))
    return {name: scale for name, scale in by_ticker.items() if pd.notna(scale) and scale > 0}
