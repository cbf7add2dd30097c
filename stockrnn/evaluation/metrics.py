"""Metrics of one forecaster, in price units or, pooled over tickers, on 100 x log price.

Formulas: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006), unless a function names another source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Floats, Forecasts

# The forecaster without a direction of its own.
LAST_CLOSE = "last_close"


@dataclass(frozen=True)
class Score:
    """One row of the scores: a ticker (None: pooled), a forecaster and a horizon.

    Attributes:
        ticker: None for all tickers pooled, on 100 x log price.
        forecaster: Its name.
        horizon: Sessions ahead.
        rows: Forecasts that were judged.
        rmse: Root mean squared error.
        mae: Mean absolute error.
        mape: Mean absolute error in per cent of the actual value.
        mase: Mean absolute error over that of the last value in the training years, one session ahead.
        skill: 1 - rmse / rmse of the best naive forecaster.
        direction: Share of rows on the actual side of the last close; None for the last close itself.
        crps: Continuous ranked probability score, as twice the mean pinball loss; None for point forecasters.
        crps_pct: The same on 100 x log price.
        coverage90: Share of actual values from the 5 % to the 95 % quantile; None for point forecasters.
    """

    ticker: str | None
    forecaster: str
    horizon: int
    rows: int
    rmse: float
    mae: float
    mape: float
    mase: float | None
    skill: float | None
    direction: float | None
    crps: float | None
    crps_pct: float | None
    coverage90: float | None


@dataclass(frozen=True)
class Yardstick:
    """What scores are measured against, taken from the training years.

    Attributes:
        best_naive: The naive forecaster whose RMSE was smallest there, by horizon.
        naive_mae: Mean absolute step of the target there by ticker (None: pooled, on 100 x log price).
    """

    best_naive: Mapping[int, str]
    naive_mae: Mapping[str | None, float]


def rmse(errors: Floats) -> float:
    """Return the root mean squared error of errors of shape (rows,)."""
    return float(np.sqrt(np.mean(errors**2)))


def crps_from_quantiles(actual: Floats, quantiles: Floats) -> float:
    """Return the CRPS as twice the mean pinball loss over 19 quantiles.

    Args:
        actual: Of shape (rows,).
        quantiles: Of shape (rows, 19), for levels 0.05 to 0.95.

    Source: Gneiting and Ranjan, "Comparing density forecasts using threshold- and quantile-weighted scoring rules" (2011).
    """
    over = actual[:, None] - quantiles
    levels = np.array(LEVELS)
    return float(2 * np.mean(np.maximum(levels * over, (levels - 1) * over)))


def direction_share(forecast: Floats, actual: Floats, last_close: Floats) -> float | None:
    """Return the share of rows whose forecast is on the actual side of the last close.

    None where the last close is not known, or is what is forecast. Against the last open the sign would be known
    beforehand on most days, because the next open is near the last close.
    """
    known = np.isfinite(last_close)
    if not known.any() or np.array_equal(forecast[known], last_close[known]):
        return None
    return float(np.mean(np.sign(forecast - last_close)[known] == np.sign(actual - last_close)[known]))


def score_forecasts(forecasts: Forecasts, last_closes: pd.Series | None, yardstick: Yardstick) -> list[Score]:
    """Score every forecaster, by ticker and horizon, and pooled when there are several tickers.

    Args:
        forecasts: The forecasts table; rows whose actual value is not known are left out.
        last_closes: Close by (ticker, session), None when the prices have none.
        yardstick: What the scores are measured against.

    Returns:
        Scores in the order of forecasters in the table; pooled ones first.
    """
    known = forecasts[forecasts["actual"].notna()]
    closes = np.full(len(known), np.nan)
    if last_closes is not None:
        closes = last_closes.reindex(pd.MultiIndex.from_frame(known[["ticker", "origin"]])).to_numpy()
    known = known.assign(last_close=closes)
    groups: list[tuple[str | None, Forecasts]] = [
        (str(name), rows) for name, rows in known.groupby("ticker", sort=False)
    ]
    if len(groups) > 1:
        groups.insert(0, (None, _on_log_scale(known)))
    return [score for ticker, rows in groups for score in _score_ticker(ticker, rows, yardstick)]


def _on_log_scale(forecasts: Forecasts) -> Forecasts:
    prices = ["forecast", "actual", "last_close", *QUANTILE_COLUMNS]
    # A forecast of nothing has no logarithm; a hundred-millionth stands for it and costs it dearly.
    return forecasts.assign(**{name: 100 * np.log(np.maximum(forecasts[name], 1e-8)) for name in prices})


def _score_ticker(ticker: str | None, forecasts: Forecasts, yardstick: Yardstick) -> list[Score]:
    groups: list[tuple[int, str, Forecasts]] = [
        (int(str(horizon)), str(name), rows)
        for horizon, of_horizon in forecasts.groupby("horizon")
        for name, rows in of_horizon.groupby("forecaster", sort=False)
    ]
    errors = {(horizon, name): rmse((rows["forecast"] - rows["actual"]).to_numpy()) for horizon, name, rows in groups}
    return [
        _score_rows(
            ticker,
            name,
            horizon,
            rows,
            errors.get((horizon, yardstick.best_naive.get(horizon, ""))),
            yardstick.naive_mae.get(ticker),
        )
        for horizon, name, rows in groups
    ]


def _score_rows(
    ticker: str | None, forecaster: str, horizon: int, rows: Forecasts, best_rmse: float | None, naive_mae: float | None
) -> Score:
    actual, forecast = rows["actual"].to_numpy(), rows["forecast"].to_numpy()
    error = forecast - actual
    mae = float(np.mean(np.abs(error)))
    prices = np.exp(actual / 100) if ticker is None else actual
    misses = np.abs(np.exp(forecast / 100) - prices) if ticker is None else np.abs(error)
    return Score(
        ticker=ticker,
        forecaster=forecaster,
        horizon=horizon,
        rows=len(rows),
        rmse=rmse(error),
        mae=mae,
        mape=float(100 * np.mean(misses / np.abs(prices))),
        mase=mae / naive_mae if naive_mae else None,
        skill=1 - rmse(error) / best_rmse if best_rmse else None,
        direction=direction_share(forecast, actual, rows["last_close"].to_numpy()),
        **_distribution_scores(ticker, rows, actual),
    )


def _distribution_scores(ticker: str | None, rows: Forecasts, actual: Floats) -> dict[str, float | None]:
    quantiles = rows[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64)
    inside = (actual >= quantiles[:, 0]) & (actual <= quantiles[:, -1])
    coverage = float(np.mean(inside)) if np.isfinite(quantiles[:, [0, -1]]).all() else None
    if not np.isfinite(quantiles).all():
        return {"crps": None, "crps_pct": None, "coverage90": coverage}
    crps = crps_from_quantiles(actual, quantiles)
    percent = crps
    if ticker is not None:
        percent = crps_from_quantiles(100 * np.log(actual), 100 * np.log(np.maximum(quantiles, 1e-8)))
    return {"crps": crps, "crps_pct": percent, "coverage90": coverage}
