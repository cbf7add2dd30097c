from __future__ import annotations

import numpy as np

from stockrnn.forecasts.intervals import IssuedForecasts
from stockrnn.forecasts.table import LEVELS


def issued(scores: np.ndarray, first: int = 0, volatility: float = 1.0, price: float = 1.0) -> IssuedForecasts:
    """Return forecasts of one price, one a day and horizon, that were out by these scores, of shape (days, horizon)."""
    days, horizon = scores.shape
    origins = np.arange(first, first + days)
    return IssuedForecasts(
        forecast=np.full(scores.shape, price),
        actual=price * np.exp(volatility * scores),
        volatility=np.full(days, volatility),
        origins=origins,
        sessions=origins[:, None] + np.arange(1, horizon + 1),
    )


def nothing(horizon: int = 1) -> IssuedForecasts:
    return issued(np.empty((0, horizon)))


def shares_below(test: IssuedForecasts, quantiles: np.ndarray) -> np.ndarray:
    """Return the share of actual values below each quantile of horizon 1, of shape (19,)."""
    return (test.actual[:, 0, None] <= quantiles[:, 0]).mean(axis=0)


def with_quantiles(test: IssuedForecasts, widths: np.ndarray) -> IssuedForecasts:
    """Return the same with log quantiles at these distances from the point, of shape (19,)."""
    assert widths.shape == (len(LEVELS),)
    logs = np.log(test.forecast)[:, :, None] + test.volatility[:, None, None] * widths
    return IssuedForecasts(np.exp(logs), test.actual, test.volatility, test.origins, test.sessions)
