"""Scores of forecasters, in price units or, pooled over tickers, on 100 x log price.

Formulas: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006), unless a function names another source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.arrays import Floats
from stockrnn.evaluation.alignment import best_lag
from stockrnn.evaluation.direction import direction_p, direction_share, majority_share
from stockrnn.evaluation.judged_rows import (
    JudgedRows,
    JudgedTable,
    distribution_rows,
    groups_of,
    judged_table,
    log_percent,
)
from stockrnn.evaluation.quantile_metrics import coverage_of_90, crps_from_quantiles, pit_counts, width_of_90
from stockrnn.forecasts.table import Forecasts


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
        r2: Out of sample, 1 - mean squared error / that of the last close (of the last value, without a close).
        majority: Share of rows of the most frequent actual direction.
        direction_p: One-sided p-value of the direction; None where it cannot be tested.
        lag: The shift, in sessions, at which the forecast correlates best with the actual price; see `best_lag`.
        pinball: Mean pinball loss over the 19 levels; None for point forecasters.
        width90: Mean distance from the 5 % to the 95 % quantile; None for point forecasters.
        pit: Rows in each of the 20 equally likely ranges between the quantiles; None for point forecasters.
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
    r2: float | None = None
    majority: float | None = None
    direction_p: float | None = None
    lag: int | None = None
    pinball: float | None = None
    width90: float | None = None
    pit: tuple[int, ...] | None = None


@dataclass(frozen=True)
class YearScore(Score):
    """A score of the sessions of one calendar year."""

    year: int = field(kw_only=True)


@dataclass(frozen=True)
class Yardstick:
    """What scores are measured against, taken from the training years.

    Attributes:
        best_naive: The naive forecaster whose RMSE was smallest there, by horizon.
        naive_mae: Mean absolute step of the target there by ticker (None: pooled, on 100 x log price).
        best_band: The band whose CRPS was smallest there, by horizon; nothing where there are no bands.
        losses: What both were chosen by, by forecaster and horizon: the mean squared error on 100 x log price, and of bands
            the mean pinball loss on it.
        unit: What a session is called; see `session_unit`.
    """

    best_naive: Mapping[int, str]
    naive_mae: Mapping[str | None, float]
    best_band: Mapping[int, str] = field(default_factory=dict)
    losses: Mapping[tuple[str, int], float] = field(default_factory=dict)
    unit: str = "session"


def rmse(errors: Floats) -> float:
    """Return the root mean squared error of errors of shape (rows,)."""
    return float(np.sqrt(np.mean(errors**2)))


def score_forecasts(forecasts: Forecasts, last_closes: pd.Series | None, yardstick: Yardstick) -> list[Score]:
    """Score every forecaster, by ticker and horizon, and pooled when there are several tickers.

    Args:
        forecasts: The forecasts table; rows whose actual value is not known are left out.
        last_closes: Close by (ticker, session), None when the prices have none.
        yardstick: What the scores are measured against.

    Returns:
        Scores in the order of forecasters in the table; pooled ones first.
    """
    return list(_scores(judged_table(forecasts, last_closes), yardstick))


def score_by_year(forecasts: Forecasts, last_closes: pd.Series | None, yardstick: Yardstick) -> list[YearScore]:
    """Score every forecaster as `score_forecasts` does, for each calendar year of the sessions that were forecast."""
    table = judged_table(forecasts, last_closes)
    years = table.rows.session.astype("datetime64[Y]").astype(np.int64) + 1970
    return [
        YearScore(**asdict(score), year=year)
        for year, rows in groups_of(years)
        for score in _scores(JudgedTable(table.rows.at(rows), table.tickers, table.forecasters), yardstick)
    ]


def _scores(table: JudgedTable, yardstick: Yardstick) -> Iterator[Score]:
    rows = table.rows
    if len(table.tickers) > 1:
        yield from _score_ticker(None, rows.on_log_scale(), table.forecasters, yardstick)
    for number, positions in groups_of(rows.ticker):
        yield from _score_ticker(table.tickers[number], rows.at(positions), table.forecasters, yardstick)


def _score_ticker(
    ticker: str | None, rows: JudgedRows, forecasters: tuple[str, ...], yardstick: Yardstick
) -> Iterator[Score]:
    for horizon, positions in groups_of(rows.horizon):
        ahead = rows.at(positions)
        groups = {forecasters[number]: ahead.at(some) for number, some in groups_of(ahead.forecaster)}
        best = groups.get(yardstick.best_naive.get(horizon, ""))
        best_rmse = rmse(best.forecast - best.actual) if best else None
        last_value = groups.get("last_value")
        for name, own in groups.items():
            yield Score(
                ticker=ticker,
                forecaster=name,
                horizon=horizon,
                **_point_scores(ticker, own, best_rmse, yardstick.naive_mae.get(ticker)),
                r2=_r2(own, last_value),
                **_direction_scores(own, horizon),
                **_distribution_scores(ticker, own),
            )


def _point_scores(
    ticker: str | None, rows: JudgedRows, best_rmse: float | None, naive_mae: float | None
) -> dict[str, Any]:
    error = rows.forecast - rows.actual
    mae = float(np.mean(np.abs(error)))
    prices = np.exp(rows.actual / 100) if ticker is None else rows.actual
    misses = np.abs(np.exp(rows.forecast / 100) - prices) if ticker is None else np.abs(error)
    return {
        "rows": len(error),
        "rmse": rmse(error),
        "mae": mae,
        "mape": float(100 * np.mean(misses / np.abs(prices))),
        "mase": mae / naive_mae if naive_mae else None,
        "skill": 1 - rmse(error) / best_rmse if best_rmse else None,
    }


def _r2(rows: JudgedRows, last_value: JudgedRows | None) -> float | None:
    """Return the out-of-sample R2 against no change, on the rows whose last close is known.

    Source: Campbell and Thompson, "Predicting excess stock returns out of sample" (2008), with no change in the place of the
    mean of the past.
    """
    known = np.isfinite(rows.last_close)
    if known.any():
        error, naive_error = (rows.forecast - rows.actual)[known], (rows.last_close - rows.actual)[known]
    elif last_value is not None:
        error, naive_error = rows.forecast - rows.actual, last_value.forecast - last_value.actual
    else:
        return None
    naive = float(np.mean(naive_error**2))
    return 1 - float(np.mean(error**2)) / naive if naive else None


def _direction_scores(rows: JudgedRows, horizon: int) -> dict[str, Any]:
    return {
        "direction": direction_share(rows.forecast, rows.actual, rows.last_close),
        "majority": majority_share(rows.actual, rows.last_close),
        "direction_p": direction_p(rows, horizon),
        "lag": best_lag(rows, horizon),
    }


def _distribution_scores(ticker: str | None, rows: JudgedRows) -> dict[str, Any]:
    actual, quantiles = rows.actual, rows.quantiles
    whole = distribution_rows(quantiles)
    if not len(whole):
        nothing: dict[str, Any] = dict.fromkeys(("crps", "crps_pct", "coverage90", "pinball", "width90", "pit"))
        if not np.isfinite(quantiles[:, [0, -1]]).all():
            return nothing
        # A single interval, as other tools give it, has its coverage and width.
        return {**nothing, "coverage90": coverage_of_90(actual, quantiles), "width90": width_of_90(quantiles)}
    actual, quantiles = actual[whole], quantiles[whole]
    crps = crps_from_quantiles(actual, quantiles)
    percent = crps if ticker is None else crps_from_quantiles(log_percent(actual), log_percent(quantiles))
    return {
        "crps": crps,
        "crps_pct": percent,
        "coverage90": coverage_of_90(actual, quantiles),
        "pinball": crps / 2,
        "width90": width_of_90(quantiles),
        "pit": pit_counts(actual, quantiles),
    }
