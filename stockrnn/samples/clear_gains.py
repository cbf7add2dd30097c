"""Whether a gain on so many days is more than chance, where what is gained on neighbouring days is partly the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Floats

# Fewer stretches without overlap than this prove nothing.
_FEWEST_STRETCHES = 8


def daily_means(values: Floats, days: Sequence[object] | npt.NDArray[np.generic]) -> Floats:
    """Return the mean of each day on which anything is known, in the order of the days.

    Args:
        values: Of shape (rows, horizon); NaN where not known.
        days: The day of each row: rows of one day count as one.
    """
    by_row = np.full(len(values), np.nan)
    known = np.isfinite(values)
    some = known.any(axis=1)
    by_row[some] = np.where(known, values, 0.0)[some].sum(axis=1) / known[some].sum(axis=1)
    _, place = np.unique(np.asarray(days)[some], return_inverse=True)
    return np.bincount(place, by_row[some]) / np.bincount(place) if some.any() else by_row[some]


def is_clear(gain: Floats, horizon: int, standard_errors: float) -> bool:
    """Say whether the mean gain of a day is above so many of its standard errors, on eight stretches at least.

    Args:
        gain: What was gained on each day, in the order of time.
        horizon: Sessions ahead: forecasts of so many neighbouring days overlap.
        standard_errors: How many.
    """
    if len(gain) < _FEWEST_STRETCHES * horizon:
        return False
    return bool(gain.mean() > standard_errors * _standard_error(gain, horizon))


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
