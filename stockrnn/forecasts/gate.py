"""The gate: how far a network's forecast may leave the naive one, chosen on sessions that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from stockrnn.arrays import Floats
from stockrnn.forecasts.table import Forecast

# Shares of the network's move away from the naive forecast.
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# A share over 0 has to gain this many standard errors on the sessions it is chosen on.
_CLEAR = 1.3
# Fewer stretches without overlap than this prove nothing.
_FEWEST_STRETCHES = 8


def choose_gate(network: Floats, naive: Floats, actual: Floats, days: Sequence[object]) -> float:
    """Choose the share whose squared log error is smallest, 0 unless the gain over the naive forecast is clear.

    Clear is a gain of 1.3 standard errors on eight stretches at least: by chance alone, a gate opens one time in ten.

    Args:
        network: Point forecasts, of shape (rows, horizon).
        naive: The naive ones, of the same shape.
        actual: What came true, of the same shape; NaN where it is not known.
        days: The session of the origin of each row: rows of one day count as one.
    """
    move, truth = np.log(_positive(network) / naive), np.log(actual / naive)
    errors = {share: _daily((share * move - truth) ** 2, days) for share in SHARES}
    if not len(errors[0.0]):
        return 0.0
    best = min(SHARES, key=lambda share: errors[share].mean())
    gain, horizon = errors[0.0] - errors[best], network.shape[1]
    if len(gain) < _FEWEST_STRETCHES * horizon:
        return 0.0
    return best if gain.mean() > _CLEAR * _standard_error(gain, horizon) else 0.0


def _standard_error(gain: Floats, horizon: int) -> float:
    """Return the standard error of the mean of daily values whose forecasts overlap for so many sessions.

    Source: Newey and West, "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent Covariance
        Matrix" (1987), with twice the overlap as lags: fewer leave out half of what neighbours share.
    """
    centred, lags = gain - gain.mean(), 2 * (horizon - 1)
    variance = np.mean(centred**2)
    for lag in range(1, min(lags, len(gain) - 1) + 1):
        variance += 2 * (1 - lag / (lags + 1)) * np.mean(centred[lag:] * centred[:-lag]) * (1 - lag / len(gain))
    # A few stretches tell less of their own spread than many days do.
    stretches = len(gain) / horizon
    return float(np.sqrt(max(variance, 0.0) / len(gain) * stretches / (stretches - 1)))


def pass_gate(forecast: Forecast, naive: Floats, share: float) -> Forecast:
    """Return a forecast that keeps this share of its way from the naive one, in log price; its quantiles move along.

    Args:
        forecast: The network's.
        naive: The naive point forecasts, of shape (origins, horizon).
        share: From 0 to 1.
    """
    if share == 1.0:
        return forecast
    values = naive * (_positive(forecast.values) / naive) ** share
    shift = values / _positive(forecast.values)
    quantiles = None if forecast.quantiles is None else forecast.quantiles * shift[..., None]
    return replace(forecast, values=values, quantiles=quantiles)


def _positive(values: Floats) -> Floats:
    # A level network may forecast nothing or less; its logarithm has to be some number.
    return cast("Floats", np.maximum(values, 1e-8))


def _daily(errors: Floats, days: Sequence[object]) -> Floats:
    """Return the mean error of each day on which anything is known."""
    by_row = np.full(len(errors), np.nan)
    known = np.isfinite(errors)
    some = known.any(axis=1)
    by_row[some] = np.where(known, errors, 0.0)[some].sum(axis=1) / known[some].sum(axis=1)
    _, place = np.unique(np.asarray(days)[some], return_inverse=True)
    return np.bincount(place, by_row[some]) / np.bincount(place) if some.any() else by_row[some]
