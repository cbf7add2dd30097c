"""The naive forecasters: what a forecast must beat to be worth anything.

Each is called with the prices, the rows of the origins and a horizon, and reads no row after an origin.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stockrnn.arrays import Floats, Positions
from stockrnn.forecasts.table import Forecast
from stockrnn.prices.table import Prices, row_spans

# Their names, which no other forecaster of a table may have.
BASELINES = ("last_value", "last_close", "drift", "moving_average")

NaiveForecaster = Callable[[Prices, str, Positions, int], Forecast]


def last_value(prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
    """Repeat the last value of the target itself."""
    return Forecast("last_value", _repeated(prices[target].to_numpy()[origins], horizon))


def last_close(prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
    """Repeat the last close, the newest price that there is, whatever the target."""
    del target
    return Forecast("last_close", _repeated(prices["close"].to_numpy()[origins], horizon))


def drift(prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
    """Go on along the straight line from the first known value to the last one.

    Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (2021), section 5.2.
    """
    values = prices[target].to_numpy()
    first_row = _first_rows(prices)[origins]
    known = np.maximum(origins - first_row, 1)
    slope = (values[origins] - values[first_row]) / known
    steps = np.arange(1, horizon + 1)
    return Forecast("drift", values[origins][:, None] + slope[:, None] * steps)


def moving_average(sessions: int) -> NaiveForecaster:
    """Return the forecaster that repeats the mean of the last so many values of the target (fewer at the start)."""

    def forecast(prices: Prices, target: str, origins: Positions, horizon: int) -> Forecast:
        means = prices.groupby(level="ticker", sort=False)[target].rolling(sessions, min_periods=1).mean().to_numpy()
        return Forecast("moving_average", _repeated(means[origins], horizon))

    return forecast


def naive_forecasters(prices: Prices, target: str, average_sessions: int) -> list[NaiveForecaster]:
    """Return the naive forecasters that these prices allow, each one once.

    For a close target the last value is the last close and only that is returned; without a close there is none.
    """
    last = [last_close] if target == "close" else [last_value]
    if target != "close" and "close" in prices.columns:
        last.append(last_close)
    return [*last, drift, moving_average(average_sessions)]


def _repeated(values: Floats, horizon: int) -> Floats:
    return np.repeat(values[:, None], horizon, axis=1)


def _first_rows(prices: Prices) -> Positions:
    first = np.empty(len(prices), dtype=np.int64)
    for rows in row_spans(prices).values():
        first[rows] = rows.start
    return first
