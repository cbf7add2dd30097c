"""Intervals for the rows of a forecasts table, from rows of the same forecaster whose actual values are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.adaptive import adaptive_conformal
from stockrnn.forecasts.intervals import FEWEST_SCORES, NEVER, Days, IssuedForecasts, joined, split_conformal
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.table import Prices
from stockrnn.samples.volatility import ANY_VOLATILITY, ewma_volatility

Method = Literal["split", "adaptive"]

# A forecast of nothing has no logarithm.
_LEAST_FORECAST = 1e-8


def with_intervals(
    test: Forecasts, calibration: Forecasts, prices: Prices, method: Method = "adaptive", own_quantiles: bool = True
) -> Forecasts:
    """Return forecasts-table rows with quantiles from how far earlier forecasts were out; the point forecast stays.

    Args:
        test: Rows of one forecaster. Their actual values are learnt from once the session is over, by `adaptive` only.
        calibration: Rows of the same forecaster for earlier sessions.
        prices: The prices table in which each origin is a row.
        method: `split`: the calibration's scores for good; `adaptive`: the newest scores, with levels that learn.
        own_quantiles: Correct the rows' quantiles where there are any; False makes intervals of the point forecasts.
    """
    earlier = issued_forecasts(calibration, prices, own_quantiles)
    later = issued_forecasts(test, prices, own_quantiles)
    conformal = split_conformal if method == "split" else adaptive_conformal
    return _filled(test, conformal(earlier, later))


def learnt_intervals(
    past: Forecasts, past_prices: Prices, future: Forecasts, prices: Prices, own_quantiles: bool = True
) -> tuple[Forecasts, Forecasts]:
    """Return rows of sessions to come with the quantiles that adapting through the past has led to, and the past's.

    Args:
        past: Rows of one forecaster with their actual values, such as a run's test sessions.
        past_prices: The prices table in which their origins are rows.
        future: Rows of the same forecaster for sessions to come, further ahead than those of the past if need be.
        prices: The prices table in which their origins are rows.
        own_quantiles: Correct the rows' quantiles where all have them; False makes intervals of the point forecasts.

    Returns:
        The rows of the future, and those of the past whose quantiles were learnt from enough forecasts before them.
    """
    earlier = issued_forecasts(past, past_prices, own_quantiles)
    later = issued_forecasts(future, prices, own_quantiles)
    if earlier.forecast.ndim != later.forecast.ndim:
        earlier, later = issued_forecasts(past, past_prices, False), issued_forecasts(future, prices, False)
    # What came true is in the past's rows; they are test rows here, to learn from.
    nothing = replace(earlier, **{name: getattr(earlier, name)[:0] for name in vars(earlier)})
    quantiles = adaptive_conformal(nothing, joined(earlier, later))
    count = len(earlier.origins)
    return _filled(future, quantiles[count:]), _filled(past, quantiles[:count])[_after_enough(past)]


def _after_enough(past: Forecasts) -> npt.NDArray[np.bool_]:
    """Say of which rows enough forecasts as far ahead had come true by their origins."""
    enough = np.zeros(len(past), dtype=bool)
    origins, sessions = _whole_numbers(past["origin"]), _whole_numbers(past["session"])
    for horizon in past["horizon"].unique():
        own = (past["horizon"] == horizon).to_numpy()
        enough[own] = np.searchsorted(np.sort(sessions[own]), origins[own], side="right") >= FEWEST_SCORES
    return enough


def issued_forecasts(table: Forecasts, prices: Prices, own_quantiles: bool = True) -> IssuedForecasts:
    """Return forecasts-table rows of one forecaster as arrays, a row a ticker and origin in the order of their first rows.

    Args:
        table: The rows.
        prices: The prices table in which each origin is a row; nothing after an origin is read.
        own_quantiles: Take the quantiles where all rows have them, not the points.

    Raises:
        ValueError: There are rows of several forecasters, or an origin is not in the prices.
    """
    forecasters = table["forecaster"].unique()
    if len(forecasters) > 1:
        raise ValueError(f"expected rows of one forecaster, found {', '.join(forecasters)}")
    rows, steps, keys = _places(table)
    shape = (len(keys), int(table["horizon"].max()) if len(table) else 0)
    places = prices.index.get_indexer(keys)
    if (places < 0).any():
        raise ValueError(f"the origin {keys[places < 0][0]} is not in the prices")
    volatility = ewma_volatility(prices)[places] if len(keys) else np.empty(0)
    sessions = np.full(shape, NEVER)
    sessions[rows, steps] = _whole_numbers(table["session"])
    quantiles = table[list(QUANTILE_COLUMNS)].to_numpy(dtype=np.float64)
    has_quantiles = own_quantiles and len(table) > 0 and bool(np.isfinite(quantiles).all())
    values = quantiles if has_quantiles else table["forecast"].to_numpy(dtype=np.float64)
    forecast, actual = np.full((*shape, *values.shape[1:]), np.nan), np.full(shape, np.nan)
    forecast[rows, steps] = np.maximum(values, _LEAST_FORECAST)
    actual[rows, steps] = table["actual"].to_numpy(dtype=np.float64)
    return IssuedForecasts(
        forecast=forecast,
        actual=actual,
        volatility=np.where(np.isfinite(volatility), volatility, ANY_VOLATILITY),
        origins=_whole_numbers(keys.get_level_values("session")),
        sessions=sessions,
    )


def _places(table: Forecasts) -> tuple[Positions, Positions, pd.MultiIndex]:
    """Return where each row goes: which ticker and origin, which horizon; and the tickers and origins."""
    keys = pd.MultiIndex.from_frame(table[["ticker", "origin"]], names=["ticker", "session"])
    rows, unique = pd.factorize(keys)
    return (
        rows.astype(np.int64),
        table["horizon"].to_numpy(dtype=np.int64) - 1,
        pd.MultiIndex.from_tuples(unique, names=keys.names) if len(unique) else keys,
    )


def _whole_numbers(sessions: pd.Series | pd.Index) -> Days:
    return sessions.to_numpy().astype("datetime64[us]").astype(np.int64)


def _filled(table: Forecasts, quantiles: Floats) -> Forecasts:
    rows, steps, _ = _places(table)
    filled = table.copy()
    filled[list(QUANTILE_COLUMNS)] = quantiles[rows, steps]
    return filled
