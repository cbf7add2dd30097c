"""How often given intervals held what came true, and how wide they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.evaluation.suspicions.distributions import interval_columns
from stockrnn.forecasts.table import Forecasts


@dataclass(frozen=True)
class IntervalScore:
    """One interval of one forecaster.

    Attributes:
        ticker: None for all tickers together.
        forecaster: Its name.
        horizon: Sessions ahead.
        level: The share that it promises to hold.
        rows: Forecasts with this interval.
        coverage: The share that it held.
        width_pct: Its mean width, as 100 x log of upper over lower bound.
    """

    ticker: str | None
    forecaster: str
    horizon: int
    level: float
    rows: int
    coverage: float
    width_pct: float


def score_intervals(forecasts: Forecasts, quantiles: pd.DataFrame) -> list[IntervalScore]:
    """Score the central intervals that quantiles make, by ticker, forecaster and horizon; all tickers first where there are several.

    Args:
        forecasts: The forecasts table.
        quantiles: The quantiles as given, a column a level, ascending; the same rows.
    """
    actual, bounds = forecasts["actual"].to_numpy(), quantiles.to_numpy(dtype=np.float64)
    columns = interval_columns(quantiles.columns.to_numpy(dtype=np.float64))
    keys = forecasts[["ticker", "forecaster", "horizon"]].assign(place=np.arange(len(forecasts)))
    groups: list[tuple[str | None, pd.DataFrame]] = [
        (str(name), rows) for name, rows in keys.groupby("ticker", sort=False, observed=True)
    ]
    if len(groups) > 1:
        groups.insert(0, (None, keys))
    scores = []
    for ticker, rows in groups:
        for name, mine in rows.groupby(["forecaster", "horizon"], sort=False, observed=True):
            forecaster, horizon = str(name[0]), int(str(name[1]))
            places = mine["place"].to_numpy()
            for level, low, high in columns:
                interval = bounds[places][:, [low, high]]
                there = np.isfinite(interval).all(axis=1)
                if there.any():
                    held = _held(actual[places][there], interval[there])
                    scores.append(IntervalScore(ticker, forecaster, horizon, level, int(there.sum()), *held))
    return scores


def _held(actual: Floats, interval: Floats) -> tuple[float, float]:
    inside = (actual >= interval[:, 0]) & (actual <= interval[:, 1])
    widths = 100 * np.diff(np.log(np.maximum(interval, 1e-8)), axis=1)
    return float(inside.mean()), float(widths.mean())
