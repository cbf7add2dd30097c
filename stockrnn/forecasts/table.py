"""The forecasts table: one row a ticker, origin, horizon and forecaster, in price units.

Columns: `ticker, origin, session, horizon, forecaster, target, forecast, q0.05 ... q0.95, actual`. The origin is the last
session whose prices were known; the session is the day that is forecast. Quantiles are null for point forecasters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.arrays import Floats, Positions
from stockrnn.prices.table import Prices

LEVELS = tuple(round(0.05 * step, 2) for step in range(1, 20))
QUANTILE_COLUMNS = tuple(f"q{level:.2f}" for level in LEVELS)
FORECAST_COLUMNS = (
    "ticker", "origin", "session", "horizon", "forecaster", "target", "forecast", *QUANTILE_COLUMNS, "actual",
)  # fmt: skip

Forecasts = pd.DataFrame


@dataclass(frozen=True)
class Forecast:
    """What one forecaster says at each origin.

    Attributes:
        forecaster: Its name, such as `network` or `last_close`.
        values: Forecasts in price units, of shape (origins, horizon).
        quantiles: Of shape (origins, horizon, 19), or None for a point forecaster.
    """

    forecaster: str
    values: Floats
    quantiles: Floats | None = None


def tabulate(forecast: Forecast, prices: Prices, origins: Positions, target: str) -> Forecasts:
    """Make forecasts-table rows for sessions that are in the prices, with what came true beside them.

    Args:
        forecast: The forecasts, in the order of the origins.
        prices: The prices table in which origin and session are rows of the same ticker.
        origins: Rows of the origins, of shape (origins,).
        target: The price column that is forecast.
    """
    horizon = forecast.values.shape[1]
    rows = (origins[:, None] + np.arange(1, horizon + 1)).ravel()
    sessions = prices.index.get_level_values("session").to_numpy()
    actual = prices[target].to_numpy()[rows]
    return _table(forecast, prices, origins, target, sessions[rows], actual)


def tabulate_future(
    forecast: Forecast, prices: Prices, origins: Positions, target: str, sessions: npt.NDArray[np.datetime64]
) -> Forecasts:
    """Make forecasts-table rows for sessions to come, of shape (origins, horizon); what comes true is not known."""
    return _table(forecast, prices, origins, target, sessions.ravel(), np.full(sessions.size, np.nan))


def _table(
    forecast: Forecast,
    prices: Prices,
    origins: Positions,
    target: str,
    sessions: npt.NDArray[np.datetime64],
    actual: Floats,
) -> Forecasts:
    horizon = forecast.values.shape[1]
    repeated = np.repeat(origins, horizon)
    quantiles = np.full((forecast.values.size, len(LEVELS)), np.nan)
    if forecast.quantiles is not None:
        quantiles = np.maximum(forecast.quantiles.reshape(-1, len(LEVELS)), 0.0)
    return pd.DataFrame(
        {
            "ticker": prices.index.get_level_values("ticker").to_numpy()[repeated],
            "origin": prices.index.get_level_values("session").to_numpy()[repeated],
            "session": sessions,
            "horizon": np.tile(np.arange(1, horizon + 1, dtype=np.int64), len(origins)),
            "forecaster": forecast.forecaster,
            "target": target,
            "forecast": np.maximum(forecast.values.ravel(), 0.0),
            **dict(zip(QUANTILE_COLUMNS, quantiles.T, strict=True)),
            "actual": actual,
        },
        columns=list(FORECAST_COLUMNS),
    )
